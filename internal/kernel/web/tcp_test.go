package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// listen serves the fixture on a real connection, as limits of net/http show only there.
func listen(t *testing.T, f fixture) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := f.HTTPServer("")
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

// exchange sends raw bytes, closes the sending side, and gives the status line of the answer.
func exchange(t *testing.T, addr, raw string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(c, raw) // the server may refuse half-way
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line)
}

func TestHeaderLimit(t *testing.T) {
	addr := listen(t, newFixture(t, nil))
	raw := "GET /en/about HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 32<<10) + "\r\n\r\n"
	if got := exchange(t, addr, raw); got != "HTTP/1.1 431 Request Header Fields Too Large" {
		t.Errorf("got %q", got)
	}
}

func TestCutOffUploadsLeaveNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f := newFixture(t, nil)
	addr := listen(t, f)
	form := "POST /en/s/abc HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\na=" + strings.Repeat("x", 30_000)
	file := "POST /staff/upload HTTP/1.1\r\nHost: x\r\nCookie: __Host-adili=manager\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\n" + strings.Repeat("x", 100_000)
	before := runtime.NumGoroutine()
	for i := range 300 {
		raw := form
		if i%10 == 0 {
			raw = file
		}
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, raw)
		_ = c.Close()
	}
	var left []string
	for range 250 { // the last ones are still being noticed
		left, _ = filepath.Glob(filepath.Join(os.TempDir(), "*"))
		if runtime.NumGoroutine() <= before+2 && len(left) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before+2 || len(left) != 0 {
		t.Errorf("%d goroutines, before it were %d; files left behind: %v", n, before, left)
	}
	resp, err := http.Post("http://"+addr+"/en/s/abc", "application/x-www-form-urlencoded", strings.NewReader("a=7"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); string(body) != "got 7" {
		t.Errorf("later answer: %q", body)
	}
	if log := f.log.String(); strings.Contains(log, "127.0.0.1") || strings.Contains(log, "/s/") {
		t.Errorf("log:\n%s", log)
	}
}

func TestCompression(t *testing.T) {
	f := newFixture(t, nil)
	addr := listen(t, f)
	get := func(url string) (int, string) {
		req, err := http.NewRequest("GET", "http://"+addr+url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return len(body), resp.Header.Get("Content-Encoding")
	}
	total := 0
	for _, url := range []string{"/ar/s/abc", f.assets.address["adili.css"], f.assets.address["adili.js"]} {
		n, coding := get(url)
		if coding != "gzip" {
			t.Errorf("%s is sent as %q", url, coding)
		}
		t.Logf("%s: %d bytes", url, n)
		total += n
	}
	// The frame leaves most of the 40 KiB of a first load to the questionnaire.
	if total > 12<<10 {
		t.Errorf("an empty answering page takes %d bytes with everything", total)
	}
	if _, coding := get("/healthz"); coding != "" {
		t.Error("three bytes are compressed")
	}
}
