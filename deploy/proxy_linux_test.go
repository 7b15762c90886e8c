package deploy

import (
	"crypto/x509"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/survey/respond"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/roundtest"
)

// site is Adili behind a proxy, with what the proxy told it.
type site struct {
	server *http.Server
	addr   string
	round  string
	codes  []code.Code

	mu   sync.Mutex
	told map[string]http.Header // by path, of the last request
	host string
}

func newSite(t *testing.T) *site {
	t.Helper()
	service, clk := roundtest.Service(t, dbtest.SQLite(t, roundtest.Migrate))
	catalogue, err := i18n.Load(web.Messages(), survey.Messages(), respond.Messages())
	if err != nil {
		t.Fatal(err)
	}
	shell := web.New(web.Options{Catalogue: catalogue, Clock: clk, Hosts: []string{name}})
	shell.Mount(respond.New(service).Routes()...)
	shell.Mount(web.Route{Method: "GET", Pattern: "/staff/sign-in", Permission: web.Public, Handle: func(r *web.Request) (web.Reply, error) {
		return web.File("key", "text/plain", nil), nil
	}}, web.Route{Method: "POST", Pattern: "/staff/upload", Permission: web.Public, MaxBody: 9 << 20, Handle: func(r *web.Request) (web.Reply, error) {
		n, err := io.Copy(io.Discard, r.Body)
		return web.File("size", "text/plain", []byte(fmt.Sprint(n))), err
	}})
	round, made := roundtest.Open(t, service, code.ByCard, 3)
	s := &site{round: round, codes: made[form.Official], told: make(map[string]http.Header)}
	inner := shell.Handler()
	s.server = web.Quiet("", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.told[r.URL.Path], s.host = r.Header.Clone(), r.Host
		s.mu.Unlock()
		inner.ServeHTTP(w, r)
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	go func() { _ = s.server.Serve(l) }()
	t.Cleanup(func() { s.server.Close() })
	return s
}

const name = "survey.example.org" // as in the files

// proxy is one in front of a site.
type proxy struct {
	https, http string
	folder      string // of all it may write to
	roots       *x509.CertPool
}

// need skips the test where a program is absent, and fails it where CI is set.
func need(t *testing.T, program, remedy string) string {
	t.Helper()
	for _, folder := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/bin") {
		path := filepath.Join(folder, program)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed (%s)", program, remedy)
	}
	t.Skipf("%s is not installed (%s)", program, remedy)
	return ""
}

// prepare makes the proxy's folder with a certificate in it.
func prepare(t *testing.T) *proxy {
	t.Helper()
	p := &proxy{https: acmetest.FreeAddress(t), http: acmetest.FreeAddress(t), folder: t.TempDir(), roots: x509.NewCertPool()}
	cert, key, err := acmetest.SelfSigned(name)
	if err != nil {
		t.Fatal(err)
	}
	p.roots.AppendCertsFromPEM(cert)
	p.write(t, "cert.pem", string(cert))
	p.write(t, "key.pem", string(key))
	return p
}

func (p *proxy) write(t *testing.T, file, text string) string {
	t.Helper()
	path := filepath.Join(p.folder, file)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// run starts the proxy's program, with its output in a file, until the test ends or this process does.
func (p *proxy) run(t *testing.T, program string, arguments ...string) {
	t.Helper()
	out, err := os.Create(filepath.Join(p.folder, "output.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	const watch = `"$@" </dev/null & pid=$!; cat >/dev/null; kill -TERM $pid; wait $pid`
	c := exec.Command("/bin/sh", append([]string{"-c", watch, "sh", program}, arguments...)...)
	c.Dir, c.Stdout, c.Stderr = p.folder, out, out
	c.Env = append(os.Environ(), "HOME="+p.folder, "XDG_DATA_HOME="+p.folder, "XDG_CONFIG_HOME="+p.folder)
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = c.Wait() // says that it was ended
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.https)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(out.Name()) // only to say more
			t.Fatalf("%s does not answer: %v\n%s", program, err, text)
		}
	}
}

// replace changes what stands in the file, which must be there.
func replace(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the file no longer holds %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// read reads a file of this folder.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// nginx starts nginx with our file, changed by change, inside a main file like Debian's, which logs all it can.
func nginx(t *testing.T, addr string, change func(string) string) *proxy {
	t.Helper()
	program := need(t, "nginx", "apt-get install nginx-light")
	p := prepare(t)
	text := regexp.MustCompile(`(?m)^\s*listen \[::\].*\n`).ReplaceAllString(read(t, "nginx/adili.conf"), "") // not every machine has IPv6
	text = replace(t, text, "listen 80", "listen "+p.http, "listen 443", "listen "+p.https, "server 127.0.0.1:8080", "server "+addr,
		"/etc/letsencrypt/live/survey.example.org/fullchain.pem", p.folder+"/cert.pem", "/etc/letsencrypt/live/survey.example.org/privkey.pem", p.folder+"/key.pem")
	p.write(t, "adili.conf", change(text))
	for _, folder := range []string{"body", "proxy"} {
		if err := os.Mkdir(filepath.Join(p.folder, folder), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(p.folder, folder), 0o777); err != nil { // a worker is somebody else than root
			t.Fatal(err)
		}
	}
	main := p.write(t, "nginx.conf", replace(t, `daemon off; worker_processes 2; pid FOLDER/pid; error_log FOLDER/error.log info;
events { worker_connections 256; }
http {
	access_log FOLDER/access.log combined; gzip on; server_tokens on;
	client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy; fastcgi_temp_path FOLDER/fastcgi; uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
	include FOLDER/adili.conf;
}`, "FOLDER", p.folder))
	// t.TempDir is for its owner only; a worker that is somebody else must be able to walk to its folders.
	for dir := p.folder; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.run(t, program, "-c", main, "-p", p.folder, "-e", filepath.Join(p.folder, "start.log"))
	return p
}

// caddy starts Caddy with our file, changed by change.
func caddy(t *testing.T, addr string, change func(string) string) *proxy {
	t.Helper()
	program := need(t, "caddy", "apt-get install caddy")
	p := prepare(t)
	port := func(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
	text := replace(t, read(t, "caddy/Caddyfile"), "reverse_proxy 127.0.0.1:8080", "reverse_proxy "+addr,
		"\nsurvey.example.org {\n", "\nsurvey.example.org {\n\tbind 127.0.0.1\n\ttls cert.pem key.pem\n",
		"\n{\n", "\n{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\tskip_install_trust\n\thttp_port "+port(p.http)+"\n\thttps_port "+port(p.https)+"\n")
	p.run(t, program, "run", "--adapter", "caddyfile", "--config", p.write(t, "Caddyfile", change(text)))
	return p
}

// files reads all that the proxy may have written, by path.
func (p *proxy) files(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(p.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[path] = read(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
