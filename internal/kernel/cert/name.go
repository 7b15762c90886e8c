package cert

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// domains brings names into the form they have in certificates, and refuses those no authority can check by a visit.
func domains(list []string) ([]string, error) {
	var names []string
	for _, given := range list {
		name, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimSpace(given), "."))
		switch {
		case strings.HasPrefix(given, "*."):
			return nil, fmt.Errorf("--domain %s: a certificate for all names of a domain cannot be obtained this way; name each, or use --cert and --key", given)
		case err != nil || name == "":
			return nil, fmt.Errorf("--domain %q is not the name of a server", given)
		}
		if _, err := netip.ParseAddr(name); err == nil || name == "localhost" {
			return nil, fmt.Errorf("--domain %s: certificates are obtained for names in the DNS", given)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// hostname takes the port off a host and writes it as certificates do.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
