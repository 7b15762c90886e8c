package web

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestCheckPlain(t *testing.T) {
	inside := []string{"127.0.0.1/8", "::1/128", "172.17.0.2/16", "fe80::1/64"}
	outside := append([]string{"203.0.113.5/24"}, inside...)
	six := append([]string{"2001:db8::5/64"}, inside...)
	for _, test := range []struct {
		listen, proxies string
		interfaces      []string
		want            string // in the error, "" for none
	}{
		{"127.0.0.1:8080", "", nil, ""},
		{"[::1]:8080", "", nil, ""},
		{"localhost:8080", "", nil, ""},
		{"127.0.0.2:0", "10.0.0.2", nil, ""},
		{"10.0.0.5:8080", "", nil, "--domain"},
		{"10.0.0.5:8080", "loopback", nil, "--cert FILE --key FILE"},
		{":8080", "", inside, "--behind-proxy"},
		{"0.0.0.0:8080", "true", inside, "--behind-proxy"},
		{"survey.example.org:8080", "", nil, "--domain"},
		{"10.0.0.5:8080", "10.0.0.2", nil, ""},
		{"192.168.1.1:80", "10.0.0.0/28,192.168.1.9", nil, ""},
		{"[fd00::5]:8080", "fd00::2", nil, ""},
		{"100.64.3.4:8080", "100.64.0.1", nil, ""},
		{"203.0.113.5:8080", "10.0.0.2", nil, "public address"},
		{"[2001:db8::5]:8080", "10.0.0.2", nil, "public address"},
		{"[::ffff:203.0.113.5]:8080", "10.0.0.2", nil, "public address"},
		{"host.internal:8080", "10.0.0.2", nil, "as a number"},
		{":8080", "172.17.0.1", inside, ""},
		{"0.0.0.0:8080", "172.17.0.1", inside, ""},
		{"0.0.0.0:8080", "172.17.0.1", outside, "203.0.113.5"},
		{"0.0.0.0:8080", "172.17.0.1", six, ""},
		{"[::]:8080", "172.17.0.1", six, "2001:db8::5"},
		{":8080", "172.17.0.1", outside, "203.0.113.5"},
		{"8080", "10.0.0.2", nil, "--listen 8080"},
	} {
		proxies, err := ParseProxies(strings.Split(test.proxies, ","))
		if err != nil {
			t.Fatal(err)
		}
		err = checkPlain(test.listen, proxies, func() ([]net.Addr, error) {
			var all []net.Addr
			for _, text := range test.interfaces {
				ip, network, err := net.ParseCIDR(text)
				if err != nil {
					return nil, err
				}
				all = append(all, &net.IPNet{IP: ip, Mask: network.Mask})
			}
			return all, nil
		})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s behind %q: %v, want %q", test.listen, test.proxies, err, test.want)
		}
	}
	if err := CheckPlain("127.0.0.1:0", nil); err != nil {
		t.Error(err)
	}
	one, err := ParseProxies([]string{"10.0.0.2"})
	if err != nil {
		t.Fatal(err)
	}
	if err := checkPlain(":80", one, func() ([]net.Addr, error) { return nil, errors.New("no list") }); err == nil {
		t.Error("interfaces that cannot be listed are taken for private")
	}
}

func TestParseProxies(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "[]",
		"loopback":                    "[]",
		"true":                        "[]",
		"127.0.0.1, ::1, 127.0.0.0/8": "[]",
		"10.0.0.2":                    "[10.0.0.2/32]",
		"10.0.0.7/28, fd00::2":        "[10.0.0.0/28 fd00::2/128]",
		"::ffff:10.0.0.2":             "[10.0.0.2/32]",
		"0.0.0.0/0":                   "too wide",
		"::/0":                        "too wide",
		"proxy.internal":              "no address",
		"10.0.0.2:80":                 "no address",
	} {
		got, err := ParseProxies(strings.Split(text, ","))
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
			continue
		}
		var list []string
		for _, p := range got {
			list = append(list, p.String())
		}
		if s := "[" + strings.Join(list, " ") + "]"; s != want {
			t.Errorf("%q: %s, want %s", text, s, want)
		}
	}
}
