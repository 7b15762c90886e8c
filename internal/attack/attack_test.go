//go:build long

// Package attack runs known attack tools against the program: its pages against a demonstration, its TLS against a server of its
// own, all on this machine. These tests take minutes and are built with the tag long, as make test-full does, except the grading of headers.
// docs/guide/https.md lists what the tools say although it is no fault, each with its reason.
package attack

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/internal/demo"
	"adili/internal/testkit/acmetest"
)

// tool skips the test unless the program is there; where CI is set it must be.
func tool(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	text := program + " is not installed (apt-get install wapiti sqlmap slowhttptest testssl.sh)"
	if os.Getenv("CI") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
	return ""
}

// target is a demonstration being served.
type target struct {
	*demo.File
	command *exec.Cmd
	log     bytes.Buffer // read only after stop
}

// start makes a demonstration and serves it until the test ends.
func start(t *testing.T) *target {
	t.Helper()
	program := filepath.Join(t.TempDir(), "adili")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "adili/cmd/adili")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	data := filepath.Join(t.TempDir(), "demo")
	s := &target{command: exec.Command(program, "demo", "--data", data, "--listen", acmetest.FreeAddress(t))}
	s.command.Stderr = &s.log
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	late := time.AfterFunc(5*time.Minute, func() { _ = s.command.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if base, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			if s.File, err = demo.Load(data); err != nil || s.BaseURL != base {
				t.Fatalf("%s: %v", base, err)
			}
			return s
		}
	}
	t.Fatal("the demonstration ended before it was ready")
	return nil
}

// stop ends the demonstration and looks whether it took harm.
func (s *target) stop(t *testing.T) {
	_ = s.command.Process.Signal(os.Interrupt) // it may have ended, which Wait tells
	if err := s.command.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") {
			t.Errorf("in the log: %s", line)
		}
	}
}

// gate stands between a tool and the demonstration: it signs the tool in, keeps it from signing itself out, and counts.
type gate struct {
	*httptest.Server
	mu      sync.Mutex
	seen    map[string]int // requests that were answered, by method and path
	faults  []string       // answers of 500 and above
	cookies []string       // set outside the pages of staff
}

// open makes a gate for somebody, or for nobody when email is "".
func (s *target) open(t *testing.T, email, password string) *gate {
	t.Helper()
	to, err := url.Parse(s.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	session := ""
	if email != "" {
		session = s.signIn(t, email, password)
	}
	g := &gate{seen: make(map[string]int)}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.Out.Header.Set("X-Forwarded-Proto", "https") // as a proxy on this machine says
			if session != "" {
				r.Out.Header.Set("Cookie", session)
			}
		},
		ModifyResponse: g.note,
		ErrorLog:       log.New(io.Discard, "", 0), // of tools that break off reading
	}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/staff/sign-out", "/staff/account": // where a session ends
			http.NotFound(w, r)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gate) note(r *http.Response) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	path := r.Request.URL.Path
	g.seen[r.Request.Method+" "+path]++
	if r.StatusCode >= 500 {
		g.faults = append(g.faults, fmt.Sprintf("%s %.200s: %d", r.Request.Method, r.Request.URL, r.StatusCode))
	}
	if !strings.HasPrefix(path, "/staff/") && r.Header.Get("Set-Cookie") != "" {
		g.cookies = append(g.cookies, path)
	}
	return nil
}

// check says what the gate saw: faults, and whether the tool came as far as it should.
func (g *gate) check(t *testing.T, want ...string) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, fault := range g.faults {
		t.Errorf("a fault of the program: %s", fault)
	}
	for _, path := range g.cookies {
		t.Errorf("a cookie on %s", path)
	}
	total := 0
	for _, n := range g.seen {
		total += n
	}
	t.Logf("%d requests to %d addresses", total, len(g.seen))
	for _, w := range want {
		if g.seen[w] == 0 {
			t.Errorf("no request of %s: the tool did not get there", w)
		}
	}
}

// signIn gives the Cookie header of a new session.
func (s *target) signIn(t *testing.T, email, password string) string {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(s.BaseURL+s.SignIn.Address, url.Values{s.SignIn.EmailField: {email}, s.SignIn.PasswordField: {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	c := session(t, answer)
	return c.Name + "=" + c.Value
}

// run runs a tool in a folder of its own, and gives what it wrote. Tools that end with an error are judged by their reports.
func run(t *testing.T, limit time.Duration, program string, arguments ...string) (folder, output string) {
	t.Helper()
	folder = t.TempDir()
	c := exec.CommandContext(t.Context(), program, arguments...)
	c.Dir, c.WaitDelay = folder, 5*time.Second
	c.Env = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder, "TERM=dumb")
	late := time.AfterFunc(limit, func() { _ = c.Process.Kill() })
	defer late.Stop()
	out, err := c.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return folder, string(out)
}
