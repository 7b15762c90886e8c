package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// trusts reports whether a peer's words about the reader are believed: a proxy on this machine, or one that was named.
func (s *Server) trusts(peer string) bool {
	if loopback(peer) {
		return true
	}
	addr, ok := parseAddr(peer)
	return ok && slices.ContainsFunc(s.options.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// admit says why a request is refused before anything else is looked at; status 0 lets it in. Where proxies were named, plain
// HTTP is for them alone: whoever came past them would send answers over the network in the clear. Where hosts were named, no
// other is answered, so that nobody can make this program write an address of theirs into a link.
func (s *Server) admit(r *http.Request) (status int, text string) {
	if r.URL.Path == healthPath || r.URL.Path == readyPath {
		return 0, "" // who asks for these knows neither name nor proxy
	}
	if r.TLS == nil && len(s.options.Proxies) > 0 && !s.trusts(r.RemoteAddr) {
		return http.StatusForbidden, "This address is for the proxy in front of Adili only. Use the address that begins with https.\n" +
			"For whoever runs it: the proxy that sent this is not among those of behind-proxy.\n"
	}
	if len(s.options.Hosts) == 0 {
		return 0, ""
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if loopback(host) && loopback(r.RemoteAddr) || slices.ContainsFunc(s.options.Hosts, func(known string) bool { return strings.EqualFold(known, strings.TrimSuffix(host, ".")) }) {
		return 0, ""
	}
	return http.StatusMisdirectedRequest, "There is no site of this name here.\n"
}

// BaseURL gives scheme and host of the address the reader used, without a slash at the end, for links that are to be copied
// from a page. Readers get plain HTTP on loopback only, so everything else is https, also behind a proxy that does not say so.
func (r *Request) BaseURL() string {
	if r.server.options.Secure || r.TLS != nil || r.server.forwardedHTTPS(r.Request) || !loopback(r.Host) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// ClientKey gives a key for rate limits on staff pages: the address, or its first 64 bits in IPv6. It must not be stored or
// logged. Behind a trusted proxy it is the address the proxy saw, and "" when the proxy does not tell, or saw another proxy:
// all clients would be one otherwise, and each could lock out the others. On all other pages it is "": who reads them is not
// to be known.
func (r *Request) ClientKey() string {
	if !r.route.staff() {
		return ""
	}
	peer, proxied := r.RemoteAddr, r.server.trusts(r.RemoteAddr)
	if proxied {
		peer = forwarded(r.Request, "X-Forwarded-For")
	}
	addr, ok := parseAddr(peer)
	switch {
	case proxied && !ok, ok && r.server.trusts(addr.String()):
		return ""
	case !ok:
		return peer
	case addr.Is4():
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// forwardedHTTPS reports whether a trusted proxy says that the reader came by https.
func (s *Server) forwardedHTTPS(r *http.Request) bool {
	return s.trusts(r.RemoteAddr) && strings.EqualFold(forwarded(r, "X-Forwarded-Proto"), "https")
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
