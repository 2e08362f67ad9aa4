package attach

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"syscall"
	"time"
)

const (
	downloading = 2 * time.Minute // of one attachment
	redirects   = 5
)

var errPrivate = errors.New("the address is of a private network")

// download fetches a web address into a file that is gone once it is closed. Nothing is asked that the address, or one
// that it leads to, names in a private network: a row could read there what only this machine may.
func (s *Source) download(ctx context.Context, u *url.URL) (*Item, error) {
	ctx, cancel := context.WithTimeout(ctx, downloading)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, refusal("an address that can be asked")
	}
	client := s.client()
	defer client.CloseIdleConnections()
	answer, err := client.Do(q)
	switch {
	case errors.Is(err, errPrivate):
		return nil, refusal("an address of the internet; --attachment-urls any lets those of private networks be asked")
	case err != nil && ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, ctx.Err()
	case err != nil:
		return nil, refusal("an address that answers")
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, refusal("an address that gives the file; it answers with status %d", answer.StatusCode)
	}
	if err := s.fits(answer.ContentLength); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "muster-attachment-*")
	if err != nil {
		return nil, refusal("room for a temporary file")
	}
	kept := &temporary{file}
	_ = os.Remove(file.Name()) // where a file that is open can be: nothing of it stays, whatever becomes of us
	n, err := io.Copy(file, io.LimitReader(answer.Body, s.most()+1))
	if err == nil {
		err = s.fits(n)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		kept.Close()
		if own := (*Refusal)(nil); errors.As(err, &own) {
			return nil, own
		}
		return nil, refusal("an address that gives the whole file")
	}
	return &Item{Name(u.String()), typeOf(u.Path), n, kept}, nil
}

func (s *Source) client() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !s.Private && !public(at.Addr()) {
			return errPrivate
		}
		return nil
	}}
	return &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: time.Minute},
		CheckRedirect: func(q *http.Request, via []*http.Request) error {
			if len(via) >= redirects || q.URL.Scheme != "https" && q.URL.Scheme != "http" {
				return errors.New("it leads on and on")
			}
			return nil
		}}
}

// public says whether an address is one of the internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) // of providers (RFC 6598)
	nat64 := netip.MustParsePrefix("64:ff9b::/96")                    // holds any IPv4 address (RFC 6052)
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a) && !nat64.Contains(a)
}

// temporary is a file that is removed when it is closed.
type temporary struct{ *os.File }

func (t *temporary) Close() error {
	err := t.File.Close()
	if gone := os.Remove(t.Name()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
