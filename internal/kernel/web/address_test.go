package web

import (
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestClientKey(t *testing.T) {
	proxies, err := ParseProxies([]string{"10.0.0.2", "2001:db8:9::/64"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		peer, forwarded, want string
	}{
		{"192.0.2.1:1234", "", "192.0.2.1"},
		{"192.0.2.1:1234", "198.51.100.7", "192.0.2.1"}, // no proxy of ours: the sender's own words
		{"10.0.0.3:1234", "198.51.100.7", "10.0.0.3"},
		{"[2001:db8:1:2:3::4]:1234", "", "2001:db8:1:2::/64"},
		{"[::ffff:192.0.2.1]:1234", "", "192.0.2.1"},
		{"127.0.0.1:1234", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.2:1234", "198.51.100.7", "198.51.100.7"},
		{"[::ffff:10.0.0.2]:1234", "198.51.100.7", "198.51.100.7"},
		{"[2001:db8:9::1]:1234", "198.51.100.7", "198.51.100.7"},
		{"[::1]:1234", "203.0.113.9, 198.51.100.7", "198.51.100.7"},
		{"10.0.0.2:1234", "203.0.113.9, 198.51.100.7", "198.51.100.7"},
		{"[::1]:1234", "203.0.113.9|198.51.100.7", "198.51.100.7"},
		{"127.0.0.1:1234", "198.51.100.7:4711", "198.51.100.7"},
		{"127.0.0.1:1234", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"},
		{"127.0.0.1:1234", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"},
		{"127.0.0.1:1234", "", ""},
		{"10.0.0.2:1234", "", ""},
		{"127.0.0.1:1234", "unknown", ""},
		{"127.0.0.1:1234", "198.51.100.7, unknown", ""},
		{"127.0.0.1:1234", "127.0.0.1", ""},
		{"127.0.0.1:1234", "203.0.113.9, 10.0.0.2", ""}, // what was before the other proxy may be made up
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.peer
		for value := range strings.SplitSeq(test.forwarded, "|") {
			r.Header.Add("X-Forwarded-For", value)
		}
		server := &Server{options: Options{Proxies: proxies}}
		if got := (&Request{Request: r, server: server, route: Route{Pattern: "/staff/sign-in"}}).ClientKey(); got != test.want {
			t.Errorf("from %s, forwarded for %q: %q, want %q", test.peer, test.forwarded, got, test.want)
		}
		if got := (&Request{Request: r, server: server, route: Route{Pattern: "/{lang}/s/{round}", Permission: Respondent}}).ClientKey(); got != "" {
			t.Errorf("a respondent has the key %q", got)
		}
	}
}

// Plain HTTP is for the proxies that were named, and only names that were given are answered.
func TestAdmit(t *testing.T) {
	proxies, err := ParseProxies([]string{"10.0.0.2"})
	if err != nil {
		t.Fatal(err)
	}
	both := func(o *Options) { o.Proxies, o.Hosts = proxies, []string{"survey.example.org", "xn--n1aaceg.example"} }
	for _, test := range []struct {
		change           func(*Options)
		peer, host, path string
		tls              bool
		want             int
	}{
		{nil, "192.0.2.1:1", "anything", "/en/", false, 200},
		{both, "10.0.0.2:1", "survey.example.org", "/en/", false, 200},
		{both, "10.0.0.2:1", "Survey.Example.org.:8443", "/en/", false, 200},
		{both, "127.0.0.1:1", "xn--n1aaceg.example", "/en/s/abc", false, 200},
		{both, "127.0.0.1:1", "localhost:8080", "/en/", false, 200},
		{both, "10.0.0.3:1", "survey.example.org", "/en/s/abc", false, 403},
		{both, "10.0.0.3:1", "survey.example.org", "/staff/sign-in", false, 403},
		{both, "10.0.0.3:1", "survey.example.org", "/assets/x.css", false, 403},
		{both, "192.0.2.1:1", "survey.example.org", "/en/", true, 200},
		{both, "192.0.2.1:1", "evil.example", "/en/", true, 421},
		{both, "10.0.0.2:1", "evil.example", "/staff/sign-in", false, 421},
		{both, "10.0.0.2:1", "localhost", "/en/", false, 421},
		{both, "10.0.0.2:1", "", "/en/", false, 421},
		{both, "10.0.0.3:1", "10.0.0.5", "/healthz", false, 200},
		{both, "10.0.0.3:1", "10.0.0.5", "/readyz", false, 200},
	} {
		f := newFixture(t, test.change)
		r, w := httptest.NewRequest("GET", test.path, nil), httptest.NewRecorder()
		r.RemoteAddr, r.Host = test.peer, test.host
		if test.tls {
			r.TLS = new(tls.ConnectionState)
		}
		f.handler.ServeHTTP(w, r)
		if w.Code != test.want || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%+v: %d", test, w.Code)
		}
		if log := f.log.String(); strings.Contains(log, "10.0.0.3") || strings.Contains(log, "evil") {
			t.Errorf("log:\n%s", log)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for _, test := range []struct {
		host, proto string
		tls, secure bool
		want        string
	}{
		{"survey.example.org", "", false, false, "https://survey.example.org"},
		{"survey.example.org", "http", false, false, "https://survey.example.org"},
		{"192.0.2.1:8080", "", false, false, "https://192.0.2.1:8080"},
		{"localhost:8080", "", false, false, "http://localhost:8080"},
		{"127.0.0.1:8080", "", false, false, "http://127.0.0.1:8080"},
		{"[::1]", "", false, false, "http://[::1]"},
		{"[::1]:8080", "http", false, false, "http://[::1]:8080"},
		{"localhost:8443", "https", false, false, "https://localhost:8443"},
		{"localhost:8443", "", true, false, "https://localhost:8443"},
		{"localhost:8443", "", false, true, "https://localhost:8443"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Host = "127.0.0.1:1234", test.host
		if test.proto != "" {
			r.Header.Set("X-Forwarded-Proto", test.proto)
		}
		if test.tls {
			r.TLS = new(tls.ConnectionState)
		}
		if got := (&Request{Request: r, server: &Server{options: Options{Secure: test.secure}}}).BaseURL(); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

func TestStrictTransportBehindProxy(t *testing.T) {
	f := newFixture(t, nil)
	for _, test := range []struct {
		peer, proto string
		want        bool
	}{{"127.0.0.1:1", "https", true}, {"127.0.0.1:1", "http", false}, {"127.0.0.1:1", "", false}, {"192.0.2.1:1", "https", false}} {
		r, w := httptest.NewRequest("GET", "/en/", nil), httptest.NewRecorder()
		r.RemoteAddr = test.peer
		r.Header.Set("X-Forwarded-Proto", test.proto)
		f.handler.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security") != ""; got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

func TestSurveyStart(t *testing.T) {
	f := newFixture(t, nil)
	fail := func(kind string) Handler { return func(*Request) (Reply, error) { return nil, failures[kind] } }
	f.Mount(
		Route{Method: "POST", Pattern: "/{lang}/s/{round}/altered", Permission: Respondent, Handle: fail("invalid")},
		Route{Method: "GET", Pattern: "/{lang}/s/{round}/over", Permission: Respondent, Handle: fail("gone")},
		Route{Method: "GET", Pattern: "/{lang}/sx/{round}", Permission: Respondent, Handle: fail("invalid")},
	)
	const link = `href="/fr/s/r_1">Aller à la première page de l’enquête</a>`
	for _, test := range []struct {
		q    request
		want bool
	}{
		{request{method: "POST", url: "/fr/s/r_1/altered"}, true},
		{request{method: "POST", url: "/fr/s/r_1", body: "a=%zz"}, true},
		{request{url: "/fr/s/r_1/over"}, false},
		{request{url: "/fr/sx/r_1"}, false},
		{request{url: "/fr/fail/invalid"}, false},
	} {
		if body := f.do(test.q).Body.String(); strings.Contains(body, link) != test.want || strings.Contains(body, "«web") {
			t.Errorf("%s %s: link to the survey %v, want %v\n%s", test.q.method, test.q.url, !test.want, test.want, body)
		}
	}
}
