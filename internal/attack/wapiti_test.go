//go:build long

package attack

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// wapitiModules are all of wapiti's but these: brute_login_form and nikto, which come with lists for other programs; buster,
// which guesses at folders; wapp, which names libraries; csrf, which looks for tokens in forms, where Adili looks at the
// request's origin (tested in internal/kernel/web).
const wapitiModules = "backup,blindsql,cookieflags,crlf,csp,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,sql,ssrf,xss,xxe"

// wapitiNoFault are findings that are none, with the reason.
var wapitiNoFault = map[string]string{
	"X-XSS-Protection is not set": "switches on a filter that browsers have given up because it could be used for attacks; the content security policy takes its place",
}

// finding is one of wapiti's.
type finding struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Info      string `json:"info"`
	Parameter string `json:"parameter"`
	Curl      string `json:"curl_command"`
}

// endpoint is what wapiti would have the program ask for, which must never happen.
func endpoint(t *testing.T) string {
	t.Helper()
	var mu sync.Mutex
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.UserAgent(), "Go-http-client") { // wapiti itself asks what came
			_, _ = io.WriteString(w, "{}")
			return
		}
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.URL.String())
	}))
	t.Cleanup(func() {
		s.Close()
		for _, address := range asked {
			t.Errorf("the program could be made to open %s", address)
		}
	})
	return s.URL + "/"
}

// scan runs wapiti through a gate, from the paths given.
func scan(t *testing.T, program string, g *gate, seconds string, paths ...string) {
	t.Helper()
	arguments := []string{
		"-u", g.URL + "/", "--scope", "domain", "-m", wapitiModules, "--no-bugreport", "--endpoint", endpoint(t),
		"--max-scan-time", seconds, "--max-attack-time", "45", "--max-links-per-page", "60", "--max-files-per-dir", "40",
		"--store-session", "session", "--store-config", "config", "-f", "json", "-o", "report.json", "-v", "1",
	}
	for _, path := range paths {
		arguments = append(arguments, "-s", g.URL+path)
	}
	folder, output := run(t, 25*time.Minute, program, arguments...)
	text, err := os.ReadFile(filepath.Join(folder, "report.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var report struct {
		Vulnerabilities, Anomalies map[string][]finding
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Vulnerabilities) < 10 {
		t.Fatalf("a report about %d sorts of fault only:\n%s", len(report.Vulnerabilities), output)
	}
	for _, group := range []map[string][]finding{report.Vulnerabilities, report.Anomalies} {
		for sort, findings := range group {
			for _, f := range findings {
				if wapitiNoFault[strings.TrimSpace(f.Info)] == "" {
					t.Errorf("%s: %s (%s %s, parameter %q)\n%s", sort, f.Info, f.Method, f.Path, f.Parameter, f.Curl)
				}
			}
		}
	}
}

func TestWapiti(t *testing.T) {
	program := tool(t, "wapiti")
	s := start(t)
	answering := "/en/s/" + s.OpenRound.ID
	t.Run("nobody", func(t *testing.T) {
		g := s.open(t, "", "")
		scan(t, program, g, "90", answering, "/fr"+strings.TrimPrefix(answering, "/en"), "/staff/sign-in")
		g.check(t, "GET "+answering, "POST "+answering, "POST /staff/sign-in")
	})
	t.Run("manager", func(t *testing.T) {
		g := s.open(t, s.Staff.Email, s.Staff.Password)
		scan(t, program, g, "180", "/staff/rounds", "/staff/rounds/new", "/staff/rounds/"+s.OpenRound.ID)
		g.check(t, "POST /staff/rounds/new", "GET /staff/rounds/"+s.OpenRound.ID+"/fieldwork", "POST /staff/rounds/"+s.OpenRound.ID+"/official/invitations")
	})
	t.Run("operator", func(t *testing.T) {
		g := s.open(t, s.Operator.Email, s.Operator.Password)
		scan(t, program, g, "60", "/staff/people")
		g.check(t, "GET /staff/people", "POST /staff/people")
	})
}

// What wapiti finds in a bad program is a finding here too: the reading of its report works.
func TestWapitiFinds(t *testing.T) {
	program := tool(t, "wapiti")
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<a href="/?q=x">a</a>`+r.URL.Query().Get("q"))
	}))
	defer bad.Close()
	folder, output := run(t, 5*time.Minute, program, "-u", bad.URL+"/", "-s", bad.URL+"/?q=x", "-m", "xss,http_headers", "--no-bugreport",
		"--store-session", "session", "--store-config", "config", "-f", "json", "-o", "report.json")
	text, err := os.ReadFile(filepath.Join(folder, "report.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var report struct{ Vulnerabilities map[string][]finding }
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	xss, headers := report.Vulnerabilities["Cross Site Scripting"], report.Vulnerabilities["HTTP Secure Headers"]
	if len(xss) == 0 || !slices.ContainsFunc(headers, func(f finding) bool { return strings.Contains(f.Info, "X-Frame-Options") }) {
		t.Errorf("planted faults are not found: %s", text)
	}
}
