package trust

import (
	"net"
	"net/url"
	"strings"
)

// Loopback says whether a host, without its port, is this machine: localhost, or an address of the loopback network. A
// name that only begins like such an address is another machine's.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return ip != nil && ip.IsLoopback()
}

// LoopbackAddress is Loopback for host:port, or for a host alone.
func LoopbackAddress(address string) bool {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return Loopback(host)
	}
	return Loopback(address)
}

// kustomer ends the hosts of all orgs (https://developer.kustomer.com/kustomer-api-docs/reference/introduction).
const kustomer = ".kustomerapp.com"

// Kustomers says whether a host is one of Kustomer's own.
func Kustomers(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, kustomer) && len(host) > len(kustomer)
}

// Origin is an address as far as it says who answers: scheme, host and port. "" where it is no address.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port)
}
