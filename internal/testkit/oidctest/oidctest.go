// Package oidctest runs dex, an OpenID Connect provider, for tests, and fills in its sign-in form as a browser would. The
// program is built from tools/dex, a module of its own, by the go command, which keeps it in its build cache.
//
// Where it cannot be built, for want of a network, the test is skipped in one line; with CI=true it fails.
package oidctest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Client is a program that may have people sign in.
type Client struct{ ID, Secret, Redirect string }

// Person is somebody with a password at the provider.
type Person struct{ ID, Email, Name, Password string }

// Options say what the provider knows.
type Options struct {
	Clients []Client
	People  []Person
	Life    time.Duration // of identity tokens; an hour when 0
}

// Provider is a running dex.
type Provider struct {
	Issuer string // its address, such as "http://127.0.0.1:5556/dex"

	program string
	options Options
	command *exec.Cmd
	stdin   io.Closer
	said    *bytes.Buffer
}

// Start builds dex if need be and starts it on a free port of this machine, until the test ends.
func Start(t testing.TB, options Options) *Provider {
	t.Helper()
	program, err := build()
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("dex cannot be built here: %v", err)
	}
	if err != nil {
		t.Fatalf("dex cannot be built: %v", err)
	}
	p := &Provider{program: program, options: options}
	p.start(t, "127.0.0.1:0")
	t.Cleanup(p.Stop)
	return p
}

// build gives the path of the program. The first time on a machine takes a minute or two.
var build = sync.OnceValues(func() (string, error) {
	folder, err := os.Getwd() // of the package under test
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "tools", "dex", "go.mod")); err == nil {
			break
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("no folder above holds tools/dex")
		}
		folder = filepath.Dir(folder)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var path, fault bytes.Buffer
	command := exec.CommandContext(ctx, "go", "tool", "-n", "dex")
	command.Dir = filepath.Join(folder, "tools", "dex")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	command.Stdout, command.Stderr = &path, &fault
	if err := command.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(fault.String()), "\n")
		return "", fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	return strings.TrimSpace(path.String()), nil
})

// start starts the program at an address; it ends when its standard input does, and so with this process.
func (p *Provider) start(t testing.TB, listen string) {
	t.Helper()
	settings, err := json.Marshal(map[string]any{
		"Listen": listen, "Clients": p.options.Clients, "People": p.options.People, "Life": int(p.options.Life / time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.said = new(bytes.Buffer)
	p.command = exec.Command(p.program)
	p.command.Stderr = p.said
	stdin, err := p.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(stdin, "%s\n", settings) // if it cannot be written, nothing is read below
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		p.Stop()
		t.Fatalf("dex did not start: %v\n%s", err, p.said)
	}
	p.Issuer = strings.TrimSpace(line)
}

// Stop ends the provider. What it knew of sign-ins under way, and its keys, are gone.
func (p *Provider) Stop() {
	if p.command == nil {
		return
	}
	p.stdin.Close()
	p.command.Wait() // how it ended does not matter
	p.command = nil
}

// Restart stops the provider, if it runs, and starts it at the same address with new keys.
func (p *Provider) Restart(t testing.TB) {
	t.Helper()
	p.Stop()
	u, err := url.Parse(p.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	p.start(t, u.Host)
}

// form finds where the provider's sign-in form goes to.
var form = regexp.MustCompile(`<form method="post" action="([^"]+)"`)

// SignIn follows the address that a program sends the browser to, fills in e-mail address and password, and gives the query
// that the provider sends the browser back with. When the provider keeps the browser, for a wrong password or a request
// that it does not like, there is none.
func (p *Provider) SignIn(t testing.TB, address, email, password string) (query url.Values, back bool) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := url.Parse(p.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == own.Host && strings.HasPrefix(r.URL.Path, own.Path+"/") {
			return nil
		}
		query, back = r.URL.Query(), true
		return http.ErrUseLastResponse
	}}
	page, at := fetch(t, func() (*http.Response, error) { return client.Get(address) })
	found := form.FindStringSubmatch(page)
	if back || found == nil {
		return query, back
	}
	action, err := at.Parse(html.UnescapeString(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, func() (*http.Response, error) {
		return client.PostForm(action.String(), url.Values{"login": {email}, "password": {password}})
	})
	return query, back
}

// fetch gives a page and where it is.
func fetch(t testing.TB, do func() (*http.Response, error)) (string, *url.URL) {
	t.Helper()
	answer, err := do()
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page), answer.Request.URL
}
