package deploy

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"adili/internal/demo/phone"
	"adili/internal/kernel/web"
)

// What nobody may find afterwards.
const (
	mark       = "marked-visitor"
	respondent = "127.77.1.9"
	staff      = "127.77.2.9"
)

// transport is a browser at an address of its own.
func (p *proxy) transport(version, from string) *http.Transport {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, p.https)
		},
		TLSClientConfig: &tls.Config{ServerName: name, RootCAs: p.roots}, ForceAttemptHTTP2: version == "2", DisableCompression: true,
	}
	if version != "2" {
		t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	return t
}

// marked says who it is with every request.
type marked struct{ *http.Transport }

func (m marked) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for _, header := range telling {
		r.Header.Set(header, mark)
	}
	return m.Transport.RoundTrip(r)
}

// telling are headers that tell who somebody is.
var telling = []string{"User-Agent", "Referer", "Cookie", "X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"}

// client is a respondent's.
func (p *proxy) client(version string) *http.Client {
	c := phone.NewClient(1)
	c.Transport, c.Timeout = marked{p.transport(version, respondent)}, 20*time.Second
	return c
}

// whole are visits that go well: a whole answer in each version of HTTP, and what the proxy told of them.
func (p *proxy) whole(t *testing.T, s *site) {
	t.Helper()
	for i, version := range []string{"1.1", "2"} {
		visitor := phone.New(p.client(version), "https://"+name)
		if err := visitor.Answer(t.Context(), "en", s.round, "official", s.codes[i].Groups(), phone.First); err != nil {
			t.Errorf("HTTP/%s: %v", version, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	told := s.told["/en/s/"+s.round]
	for _, header := range append(telling, "X-Forwarded-Proto") {
		got := told.Values(header)
		want := header == "X-Forwarded-Proto" && slices.Equal(got, []string{"https"}) ||
			header != "X-Forwarded-Proto" && !slices.ContainsFunc(got, func(v string) bool { return strings.Contains(v, mark) || strings.Contains(v, "127.77") })
		if !want {
			t.Errorf("the proxy told of a respondent %s: %q", header, got)
		}
	}
	if s.host != name {
		t.Errorf("the proxy asked for the host %q", s.host)
	}
}

// try sends one request and gives the status, 0 for none.
func (p *proxy) try(version, method, path string, body io.Reader) int {
	r, err := http.NewRequest(method, "https://"+name+path, body)
	if err != nil {
		return 0
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := p.client(version).Do(r)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// stream is a body whose length is not said.
type stream struct{ io.Reader }

// sizes are forms around and above what is taken.
func (p *proxy) sizes(t *testing.T, s *site) {
	t.Helper()
	path := "/en/s/" + s.round
	form := func(n int) io.Reader { return strings.NewReader("code=" + strings.Repeat(mark, n/len(mark))) }
	for _, version := range []string{"1.1", "2"} {
		for _, test := range []struct {
			body io.Reader
			want int
		}{
			{form(60_000), 400}, {stream{form(60_000)}, 400}, {form(90_000), 413}, {stream{form(90_000)}, 413},
			{form(300_000), 413}, {stream{form(300_000)}, 413},
		} {
			// A refusal may break the connection off before the sender has read it.
			if got := p.try(version, "POST", path, test.body); got != test.want && !(test.want == 413 && got == 0) {
				t.Errorf("HTTP/%s, a large form: status %d, want %d", version, got, test.want)
			}
		}
	}
}

// raw sends bytes, over TLS when secure, and goes away; half of the time without saying goodbye.
func (p *proxy) raw(t *testing.T, address string, secure bool, text string) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(respondent)}, Timeout: 5 * time.Second}
	for _, abrupt := range []bool{false, true} {
		c, err := dialer.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(700 * time.Millisecond)) // some wait for more for ever
		var to io.ReadWriter = c
		if secure {
			to = tls.Client(c, &tls.Config{ServerName: name, RootCAs: p.roots})
		}
		_, _ = io.WriteString(to, text) // it may be refused half-way
		if abrupt {
			time.Sleep(50 * time.Millisecond) // it has begun to be looked at
			_ = c.(*net.TCPConn).SetLinger(0) // a reset
		} else {
			_, _ = io.CopyN(io.Discard, to, 64)
		}
		c.Close()
	}
}

// odd are requests that are wrong, and some that end too early.
func (p *proxy) odd(t *testing.T, s *site) {
	t.Helper()
	path := "/en/s/" + s.round
	head := "POST " + path + " HTTP/1.1\r\nHost: " + name + "\r\nUser-Agent: " + mark + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for _, text := range []string{
		mark + "\r\n\r\n",
		"GET " + path + " HTTP/9.9\r\n\r\n",
		"GET /" + mark + "\x00 HTTP/1.1\r\nHost: " + name + "\r\n\r\n",
		"GET /../../" + mark + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n",
		"GET " + path + " HTTP/1.1\r\nHost: " + mark + ".example\r\n\r\n",
		"GET " + path + " HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET " + path + " HTTP/1.1\r\n\r\n",
		"GET " + path + " HTTP/1.1\r\nHost: " + name + "\r\nX-Long: " + strings.Repeat(mark, 4000) + "\r\n\r\n",
		"GET " + path + strings.Repeat(mark, 4000) + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n",
		"BREW " + path + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n",
		head + "Content-Length: x\r\n\r\n",
		head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		head + "Transfer-Encoding: " + mark + "\r\n\r\n",
		head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		head + "Content-Length: 60000\r\n\r\ncode=" + strings.Repeat(mark, 2000),
		head + "Transfer-Encoding: chunked\r\n\r\n7530\r\n" + strings.Repeat("x", 30000),
		head + "Content-Length: 900000\r\n\r\ncode=" + strings.Repeat(mark, 20000),
		"POST /staff/upload HTTP/1.1\r\nHost: " + name + "\r\nContent-Length: 9000000\r\n\r\n" + strings.Repeat(mark, 20000),
	} {
		p.raw(t, p.https, true, text)
	}
	for _, version := range []string{"1.1", "2"} {
		for _, q := range []string{"/en/" + mark, "/" + mark, "/en/s/" + mark, path + "?" + mark, "/robots.txt", "/assets/" + mark} {
			p.try(version, "GET", q, nil)
		}
		p.try(version, "PUT", path, strings.NewReader(mark))
	}
}

// handshakes are those that come to nothing.
func (p *proxy) handshakes(t *testing.T) {
	t.Helper()
	for _, text := range []string{
		mark, "GET / HTTP/1.1\r\nHost: " + name + "\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + mark,
		"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", "\x80\x2e\x01\x00\x02" + strings.Repeat("\x00", 50), "",
	} {
		p.raw(t, p.https, false, text)
	}
	for _, text := range []string{"GET /en/" + mark + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n", "GET / HTTP/1.1\r\nHost: " + mark + "\r\n\r\n", mark + "\r\n\r\n"} {
		p.raw(t, p.http, false, text)
	}
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(respondent)}, Timeout: 5 * time.Second}
	for _, c := range []*tls.Config{
		{ServerName: name, RootCAs: p.roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10},
		{ServerName: name, RootCAs: p.roots, MinVersion: tls.VersionTLS11, MaxVersion: tls.VersionTLS11},
		{ServerName: mark + ".example", RootCAs: p.roots},
		{RootCAs: p.roots, InsecureSkipVerify: true},
		{ServerName: name}, // refuses the certificate, and says so
		{ServerName: name, RootCAs: p.roots, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}},
		{ServerName: name, RootCAs: p.roots, CurvePreferences: []tls.CurveID{tls.CurveP521}},
		{ServerName: name, RootCAs: p.roots, NextProtos: []string{mark}},
	} {
		if conn, err := tls.DialWithDialer(dialer, "tcp", p.https, c); err == nil {
			_ = conn.Close()
		}
	}
}

// unavailable are visits while Adili is down.
func (p *proxy) unavailable(t *testing.T, s *site) {
	t.Helper()
	s.server.Close()
	for _, version := range []string{"1.1", "2"} {
		if got := p.try(version, "GET", "/en/s/"+s.round, nil); got < 500 {
			t.Errorf("status %d while Adili is down", got)
		}
		if got := p.try(version, "POST", "/en/s/"+s.round, strings.NewReader("code="+mark)); got < 500 {
			t.Errorf("status %d while Adili is down", got)
		}
	}
}

// staffIsTold checks that the pages of staff learn the address, which their limits need, and take large files.
func (p *proxy) staffIsTold(t *testing.T, s *site) {
	t.Helper()
	client := http.Client{Transport: marked{p.transport("1.1", staff)}}
	answer, err := client.Get("https://" + name + "/staff/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	upload, err := client.Post("https://"+name+"/staff/upload", "application/octet-stream", io.LimitReader(endless{}, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer upload.Body.Close()
	if size, err := io.ReadAll(upload.Body); err != nil || string(size) != fmt.Sprint(8<<20) {
		t.Errorf("of an upload arrive %q, %v", size, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if told := s.told["/staff/sign-in"].Values("X-Forwarded-For"); !slices.Equal(told, []string{staff}) {
		t.Errorf("the address of staff is told as %q", told)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	copy(b, bytes.Repeat([]byte(mark), 1+len(b)/len(mark)))
	return len(b), nil
}

// watcher notes every file that appears in a folder, however short its life.
type watcher struct{ fd int }

func watch(t *testing.T, folders ...string) *watcher {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	for _, folder := range folders {
		if _, err := syscall.InotifyAddWatch(fd, folder, syscall.IN_CREATE); err != nil {
			t.Fatal(err)
		}
	}
	return &watcher{fd: fd}
}

// any reports whether a file appeared since it was asked last.
func (w *watcher) any() bool {
	n, err := syscall.Read(w.fd, make([]byte, 64<<10))
	return err == nil && n > 0
}

// everything is all of the above.
func (p *proxy) everything(t *testing.T, s *site) {
	t.Helper()
	p.whole(t, s)
	p.staffIsTold(t, s)
	p.sizes(t, s)
	p.odd(t, s)
	p.handshakes(t)
	p.unavailable(t, s)
}

// traces gives the files that changed, and what of the visits stands in them.
func traces(before, after map[string]string, s *site) (changed, found []string) {
	for _, path := range slices.Sorted(maps.Keys(after)) {
		added, ok := strings.CutPrefix(after[path], before[path])
		if ok && added == "" {
			continue
		}
		changed = append(changed, filepath.Base(path))
		for _, trace := range []string{mark, respondent, staff, s.round, "/staff", "/assets"} {
			if strings.Contains(added, trace) {
				found = append(found, filepath.Base(path)+": "+trace)
			}
		}
	}
	return changed, found
}

func same(text string) string { return text }

func TestNginxKeepsNothing(t *testing.T) {
	s := newSite(t)
	p := nginx(t, s.addr, same)
	before, temporary := p.files(t), watch(t, p.folder+"/body", p.folder+"/proxy")
	p.everything(t, s)
	if changed, found := traces(before, p.files(t), s); len(changed) != 0 {
		t.Errorf("nginx wrote into %v: %v", changed, found)
	}
	if temporary.any() {
		t.Error("nginx put a body into a file")
	}
}

// The test above would notice: without our lines nginx writes all of it down.
func TestNginxWouldKeep(t *testing.T) {
	s := newSite(t)
	p := nginx(t, s.addr, func(text string) string {
		return replace(t, text, "access_log off;", "", "error_log /dev/null crit;", "", "client_body_buffer_size 128k;", "client_body_buffer_size 8k;", "proxy_request_buffering off;", "")
	})
	before, temporary := p.files(t), watch(t, p.folder+"/body")
	p.everything(t, s)
	_, found := traces(before, p.files(t), s)
	for _, want := range []string{"access.log: " + mark, "access.log: " + respondent, "access.log: " + s.round, "error.log: " + mark, "error.log: " + respondent, "error.log: " + staff} {
		if !slices.Contains(found, want) {
			t.Errorf("not noticed: %s, only %v", want, found)
		}
	}
	if !temporary.any() {
		t.Error("a body in a file is not noticed")
	}
}

func TestCaddyKeepsNothing(t *testing.T) {
	s := newSite(t)
	p := caddy(t, s.addr, same)
	before := p.files(t)
	for deadline := time.Now().Add(10 * time.Second); before["autosave.json"] == "" && time.Now().Before(deadline); before = p.files(t) {
		time.Sleep(50 * time.Millisecond) // its own configuration, which it keeps a moment after it starts
	}
	p.everything(t, s)
	if changed, found := traces(before, p.files(t), s); len(changed) != 0 {
		t.Errorf("Caddy wrote into %v: %v", changed, found)
	}
}

func TestCaddyWouldKeep(t *testing.T) {
	s := newSite(t)
	p := caddy(t, s.addr, func(text string) string { return replace(t, text, "exclude http\n", "") })
	before := p.files(t)
	p.everything(t, s)
	if _, found := traces(before, p.files(t), s); !slices.Contains(found, "output.log: "+mark) || !slices.Contains(found, "output.log: "+respondent) {
		t.Errorf("not noticed: only %v", found)
	}
}

// A form goes to the other node when one fails, also when it fails half-way, and when it says that its database is gone; what
// staff send does not.
func TestNginxOtherNode(t *testing.T) {
	s := newSite(t)
	failing := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.Contains(r.URL.RawQuery, "503") {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		panic(http.ErrAbortHandler)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	bad := web.Quiet("", http.HandlerFunc(failing))
	go func() { _ = bad.Serve(l) }()
	t.Cleanup(func() { bad.Close() })
	p := nginx(t, s.addr, func(text string) string {
		// Without a pause for the bad node, so that it is asked every second time.
		return replace(t, text, "server "+s.addr+" max_fails=1 fail_timeout=10s;", "server "+l.Addr().String()+" max_fails=0; server "+s.addr+";")
	})
	for range 6 {
		for _, query := range []string{"", "?503"} {
			if got := p.try("2", "POST", "/en/s/"+s.round+query, strings.NewReader("code=x")); got != http.StatusBadRequest {
				t.Errorf("a form, one node failing%s: status %d", query, got)
			}
		}
	}
	failed := 0
	for range 6 {
		if got := p.try("2", "POST", "/staff/upload", strings.NewReader("x")); got >= 500 {
			failed++
		}
	}
	if failed == 0 {
		t.Error("what staff sent went to a second node")
	}
}
