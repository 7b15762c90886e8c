package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"adili/internal/testkit/acmetest"
)

// command runs a command line that ends by itself.
func command(t *testing.T, arguments ...string) (status int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	status = Run(ctx, arguments, &o, &e)
	return status, o.String(), e.String()
}

func TestCommandLine(t *testing.T) {
	data := t.TempDir()
	for _, c := range []struct {
		arguments string
		status    int
		out       string // must be in what is printed
		errOut    string
	}{
		{"version", exitOK, "adili ", ""},
		{"--help", exitOK, "with or endorsed by the World Customs Organization", ""},
		{"serve --help", exitOK, "--listen", ""},
		{"demo --help", exitOK, "--seed-only", ""},
		{"", exitUsage, "", "expected one of"},
		{"--nonsense", exitUsage, "", "--nonsense"},
		{"serve --nonsense", exitUsage, "", "--nonsense"},
		{"serve more", exitUsage, "", "more"},
		{"survey", exitUsage, "", "survey"},
		{"user reset", exitUsage, "", "email"},
		{"serve --listen 0.0.0.0:0", exitError, "", "answers must not cross a network in the clear"},
		{"serve --listen [::]:0", exitError, "", "on this machine only"},
		{"serve --listen :0", exitError, "", "on this machine only"},
		{"serve --listen 192.0.2.1:8080", exitError, "", "on this machine only"},
		{"serve --listen customs.example:8080", exitError, "", "on this machine only"},
		{"serve --listen 8080", exitError, "", "--listen 8080"},
		{"serve --listen 127.0.0.1:0 --admin-listen 0.0.0.0:0", exitError, "", "loopback"},
		{"serve --listen 127.0.0.1:0 --database mysql://x", exitError, "", "postgres://"},
		{"demo --listen 0.0.0.0:0", exitError, "", "on this machine only"},
		{"demo --listen :0 --seed-only", exitError, "", "on this machine only"},
	} {
		arguments := strings.Fields(c.arguments)
		if len(arguments) > 0 && (arguments[0] == "serve" || arguments[0] == "demo") {
			arguments = append(arguments, "--data", filepath.Join(data, arguments[0]))
		}
		status, out, errOut := command(t, arguments...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errOut, c.errOut) {
			t.Errorf("adili %s: exit code %d, want %d\n%s\n%s", c.arguments, status, c.status, out, errOut)
		}
		if c.status != exitOK && out != "" && c.status != exitUsage {
			t.Errorf("adili %s prints although it fails: %s", c.arguments, out)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "demo")); err == nil {
		t.Error("a demo that was refused leaves a folder behind")
	}
}

// serving is a command that serves in this process.
type serving struct {
	base   string
	before []string // lines before "ready"
	stop   func() (status int, rest, errOut string)
}

// start runs a command until it is ready.
func start(t *testing.T, arguments ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	errOut := &lockedBuffer{}
	ended := make(chan int, 1)
	go func() {
		status := Run(ctx, arguments, write, errOut)
		write.Close()
		ended <- status
	}()
	late := time.AfterFunc(time.Minute, func() { read.Close() })
	defer late.Stop()
	s := &serving{}
	var out []byte
	for one := make([]byte, 1); s.base == ""; {
		if _, err := read.Read(one); err != nil {
			cancel()
			t.Fatalf("adili %v ended before it was ready: %v\n%s\n%s", arguments, err, out, errOut)
		}
		if out = append(out, one[0]); one[0] != '\n' {
			continue
		}
		lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		if base, ok := strings.CutPrefix(lines[len(lines)-1], "ready "); ok {
			s.base, s.before = base, lines[:len(lines)-1]
		}
	}
	rest := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(read) // a pipe within the program gives no error
		rest <- string(text)
	}()
	s.stop = func() (int, string, string) {
		cancel()
		status := <-ended
		return status, <-rest, errOut.String()
	}
	return s
}

// get gives status and text of a page.
func get(t *testing.T, address string) (status int, page string) {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// logLine is one line of the log.
var logLine = regexp.MustCompile(`^time=\S+ level=[A-Z]+ msg=(\S+|"[^"]*")( [\w.]+=(\S+|"([^"\\]|\\.)*"))*$`)

// The first start prints the set-up link and "ready"; after the first account
// is made only "ready". Both streams can be read by programs.
func TestServe(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	admin := acmetest.FreeAddress(t)
	s := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--admin-listen", admin)
	if len(s.before) != 2 || !strings.HasPrefix(s.before[1], s.base+"/staff/setup/") {
		t.Fatalf("before the ready line stand %q", s.before)
	}
	if u, err := url.Parse(s.base); err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.Port() == "0" || u.Path != "" {
		t.Errorf("ready %s", s.base)
	}
	checkModes(t, data)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/en/": 200, "/metrics/": 404, "/staff/": 303, "/": 303} {
		if status, _ := get(t, s.base+path); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
	if _, page := get(t, s.base+"/metrics"); strings.Contains(page, "adili_") {
		t.Error("metrics on the public address")
	}
	get(t, s.base+"/en/s/r_none")
	get(t, s.base+"/en/s/r_none/privacy")
	checkMetrics(t, "http://"+admin)
	form := url.Values{"name": {"Operator"}, "email": {"operator@customs.example"}, "password": {"long enough for anybody"}, "again": {"long enough for anybody"}}
	answer, err := http.PostForm(s.before[1], form)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	status, rest, errOut := s.stop()
	if status != exitOK || rest != "" {
		t.Errorf("exit code %d, and after the ready line stands %q", status, rest)
	}
	for line := range strings.Lines(errOut) {
		if !logLine.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("no line of a log: %s", line)
		}
	}
	if strings.Contains(errOut, "r_none") || strings.Contains(errOut, "/s/") {
		t.Errorf("the log tells of respondents:\n%s", errOut)
	}
	s = start(t, "serve", "--data", data, "--listen", "localhost:0")
	if len(s.before) != 0 {
		t.Errorf("with an account made, before the ready line stand %q", s.before)
	}
	checkReset(t, data, s.base)
	if status, _, errOut := s.stop(); status != exitOK {
		t.Errorf("exit code %d\n%s", status, errOut)
	}
}

// checkModes fails if others on the machine may read the data.
func checkModes(t *testing.T, data string) {
	t.Helper()
	for path, want := range map[string]os.FileMode{data: 0o700, filepath.Join(data, "adili.db"): 0o600, filepath.Join(data, "rounds"): 0o700} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, want mode %o (%v)", path, info, want, err)
		}
	}
}

// checkMetrics looks at the series: of staff and of the program, none of
// respondents, and none that counts what they do.
func checkMetrics(t *testing.T, admin string) {
	t.Helper()
	status, text := get(t, admin+"/metrics")
	if status != http.StatusOK || !strings.Contains(text, "adili_build_info") || !strings.Contains(text, `route="GET /staff/`) {
		t.Errorf("/metrics: status %d\n%s", status, text)
	}
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(line, "{")
		name, _, _ = strings.Cut(name, " ")
		switch strings.TrimSpace(name) {
		case "#", "adili_build_info", "adili_start_time_seconds", "adili_staff_requests_total",
			"adili_staff_request_seconds_bucket", "adili_staff_request_seconds_sum", "adili_staff_request_seconds_count",
			"adili_database_up", "adili_database_writable", "adili_disk_free_bytes", "adili_disk_size_bytes",
			"adili_job_failing", "adili_job_failures_total", "adili_job_last_success_timestamp_seconds",
			"adili_mail_failures_total", "adili_signin_failures_total", "adili_round_open":
		default:
			t.Errorf("an unexpected series: %s", line)
		}
		if strings.Contains(line, "{lang}") || strings.Contains(line, "r_none") {
			t.Errorf("a series of respondents: %s", line)
		}
	}
	for _, path := range []string{"/", "/en/", "/staff/", "/debug/pprof/"} {
		if status, _ := get(t, admin+path); status != http.StatusNotFound {
			t.Errorf("%s on the admin address: status %d", path, status)
		}
	}
}

// checkReset resets passwords beside the serving program.
func checkReset(t *testing.T, data, base string) {
	t.Helper()
	status, out, errOut := command(t, "user", "reset", "nobody@customs.example", "--data", data)
	if status != exitError || out != "" || !strings.Contains(errOut, "nobody@customs.example") {
		t.Errorf("reset of nobody: exit code %d\n%s\n%s", status, out, errOut)
	}
	status, out, errOut = command(t, "user", "reset", "Operator@customs.example", "--data", data)
	link := regexp.MustCompile(`/staff/password/\S+`).FindString(out)
	if status != exitOK || link == "" || errOut != "" {
		t.Fatalf("reset: exit code %d\n%s\n%s", status, out, errOut)
	}
	if status, page := get(t, base+link); status != http.StatusOK || !strings.Contains(page, "<form") {
		t.Errorf("the link opens with status %d", status)
	}
	if status, _ := get(t, base+link[:len(link)-1]+"_"); status != http.StatusGone {
		t.Errorf("another link opens with status %d", status)
	}
	status, second, _ := command(t, "user", "reset", "operator@customs.example", "--data", data)
	if status != exitOK || second == out {
		t.Errorf("second reset: exit code %d, %s", status, second)
	}
	if status, _ := get(t, base+link); status != http.StatusGone {
		t.Errorf("after a second reset the first link opens with status %d", status)
	}
}

// A port that somebody else has is said so, and nothing is left running.
func TestServeOnTakenPort(t *testing.T) {
	first := start(t, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	defer first.stop()
	status, out, errOut := command(t, "serve", "--data", t.TempDir(), "--listen", strings.TrimPrefix(first.base, "http://"))
	if status != exitError || out != "" || !strings.Contains(errOut, "address already in use") {
		t.Errorf("exit code %d\n%s\n%s", status, out, errOut)
	}
}
