package kustomer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
)

// The causes an Error can have beside those of context and syscall. The transport's own texts are never passed on: they
// can quote an answer.
var (
	errCut        = errors.New("the connection was cut")
	errNoHost     = errors.New("no such host")
	errDNS        = errors.New("the host's address could not be looked up")
	errUntrusted  = errors.New("the host's TLS certificate is not trusted")
	errOtherHost  = errors.New("the host's TLS certificate is for another host")
	errExpired    = errors.New("the host's TLS certificate is expired or not yet valid")
	errNotTLS     = errors.New("the host does not speak TLS")
	errTransport  = errors.New("the connection failed")
	errUnreadable = errors.New("the answer is not what was asked for")
	errAddress    = errors.New("the request's address is malformed")
	errReadOnly   = errors.New("a viewer does not write")
	errRedirect   = errors.New("the answer is a redirect, which is not followed: the API key belongs to one host")
	errTooLong    = errors.New("the answer is longer than this program accepts")
)

// cause translates what a transport reports into an error whose text is known beforehand.
func cause(err error) error {
	var (
		errno     syscall.Errno
		dns       *net.DNSError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		record    tls.RecordHeaderError
		timeout   interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, errNotLoopback):
		return errNotLoopback
	case errors.Is(err, http.ErrSchemeMismatch):
		return errNotTLS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return context.DeadlineExceeded
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return errNoHost
		}
		return errDNS
	case errors.As(err, &host):
		return errOtherHost
	case errors.As(err, &invalid):
		if invalid.Reason == x509.Expired {
			return errExpired
		}
		return errUntrusted
	case errors.As(err, &authority):
		return errUntrusted
	case errors.As(err, &record):
		return errNotTLS
	case errors.As(err, &errno):
		return errno
	case errors.As(err, &timeout) && timeout.Timeout():
		return context.DeadlineExceeded
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errCut
	}
	return errTransport
}

// permanent reports a failure to connect that no second try will mend.
func permanent(err error) bool {
	switch err {
	case errNoHost, errUntrusted, errOtherHost, errExpired, errNotTLS, errNotLoopback, errAddress:
		return true
	}
	return false
}
