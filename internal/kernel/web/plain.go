package web

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// errPlain says how to get HTTPS, for the command line.
var errPlain = errors.New(`answers must not cross a network in the clear, so plain HTTP is served on this machine only (127.0.0.1). For HTTPS, choose one:
  --domain survey.example.org      a certificate is obtained and renewed by itself; ports 80 and 443 have to lead here
  --cert FILE --key FILE           your own certificate, read again whenever it changes
  --behind-proxy 10.0.0.2          a proxy at that address speaks HTTPS (one on this machine may use 127.0.0.1); see deploy/nginx and deploy/caddy`)

// shared is the space providers use inside their networks (RFC 6598), which is as private as that of RFC 1918.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// CheckPlain gives the reason why plain HTTP may not be served on an address, or nil: on loopback it always may, on a private
// address only for proxies that were named, on a public one never. An address of all interfaces counts as each of them.
func CheckPlain(listen string, proxies []netip.Prefix) error {
	return checkPlain(listen, proxies, net.InterfaceAddrs)
}

func checkPlain(listen string, proxies []netip.Prefix, interfaces func() ([]net.Addr, error)) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", listen, err)
	}
	if strings.EqualFold(host, "localhost") {
		return nil
	}
	addr, err := netip.ParseAddr(host)
	addr = addr.Unmap().WithZone("")
	switch {
	case err == nil && addr.IsLoopback():
		return nil
	case len(proxies) == 0:
		return fmt.Errorf("--listen %s: %w", listen, errPlain)
	case host == "" || err == nil && addr.IsUnspecified():
		return checkInterfaces(listen, addr.Is4(), interfaces)
	case err != nil:
		return fmt.Errorf("--listen %s: behind a proxy, give the address as a number, such as 10.0.0.5:8080", listen)
	case !private(addr):
		return fmt.Errorf("--listen %s is a public address: between the proxy and Adili answers would cross the internet in the clear; "+
			"listen on 127.0.0.1 or a private address, or give --cert and --key too", listen)
	}
	return nil
}

// checkInterfaces refuses to listen on all interfaces when one of them has a public address.
func checkInterfaces(listen string, only4 bool, interfaces func() ([]net.Addr, error)) error {
	all, err := interfaces()
	if err != nil {
		return fmt.Errorf("--listen %s: listing the addresses of this machine: %w", listen, err)
	}
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue // no address of IP
		}
		if addr := prefix.Addr().Unmap(); !private(addr) && !addr.IsLoopback() && (addr.Is4() || !only4) {
			return fmt.Errorf("--listen %s includes the public address %s: name the private address the proxy uses instead", listen, addr)
		}
	}
	return nil
}

func private(addr netip.Addr) bool {
	return addr.IsPrivate() || addr.IsLinkLocalUnicast() || shared.Contains(addr)
}

// ParseProxies reads the list of --behind-proxy: addresses and networks of the proxies in front. The words "loopback" and
// "true" stand for this machine, which is trusted anyway, and give nothing.
func ParseProxies(list []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range list {
		text = strings.TrimSpace(text)
		if slices.Contains([]string{"", "true", "loopback", "localhost"}, text) {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, aerr := netip.ParseAddr(text)
			if aerr != nil {
				return nil, fmt.Errorf("--behind-proxy %s is no address or network, such as 10.0.0.2 or 10.0.0.0/28", text)
			}
			addr = addr.Unmap().WithZone("")
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		// Whoever is in a trusted network may say to be anybody; a list of everybody is a mistake.
		if prefix.Bits() < 8 {
			return nil, fmt.Errorf("--behind-proxy %s is far too wide: name the addresses of the proxies", text)
		}
		if !prefix.Addr().IsLoopback() {
			all = append(all, prefix.Masked())
		}
	}
	return all, nil
}
