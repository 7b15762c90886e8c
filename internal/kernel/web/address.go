package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// BaseURL gives scheme and host of the address the reader used, without a slash at the end, for links that are to be copied
// from a page. Plain HTTP is served on loopback only, so everything else is https, also behind a proxy that does not say so.
func (r *Request) BaseURL() string {
	if r.server.options.Secure || r.TLS != nil || forwardedHTTPS(r.Request) || !loopback(r.Host) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// ClientKey gives a key for rate limits on staff pages: the address, or its first 64 bits in IPv6. It must not be stored or
// logged. Behind a proxy on this machine it is the address the proxy saw, and "" when the proxy does not tell: all clients
// would be one otherwise, and each could lock out the others.
func (r *Request) ClientKey() string {
	peer := r.RemoteAddr
	if loopback(peer) {
		peer = forwarded(r.Request, "X-Forwarded-For")
	}
	addr, ok := parseAddr(peer)
	switch {
	case !ok && loopback(r.RemoteAddr), addr.IsLoopback():
		return ""
	case !ok:
		return peer
	case addr.Is4():
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// forwardedHTTPS reports whether a proxy on this machine says that the reader came by https.
func forwardedHTTPS(r *http.Request) bool {
	return loopback(r.RemoteAddr) && strings.EqualFold(forwarded(r, "X-Forwarded-Proto"), "https")
}

// forwarded gives the last value of a header: the one the nearest proxy added. Those before it are the sender's own words.
func forwarded(r *http.Request, name string) string {
	lines := r.Header.Values(name)
	if len(lines) == 0 {
		return ""
	}
	last := lines[len(lines)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

// loopback reports whether a host, with or without a port, is this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, ok := parseAddr(host)
	return strings.EqualFold(host, "localhost") || ok && addr.IsLoopback()
}

// parseAddr reads an address, with or without a port or brackets. IPv4 written as IPv6 becomes IPv4.
func parseAddr(s string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return addr.Unmap().WithZone(""), err == nil
}
