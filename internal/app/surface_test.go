package app

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"adili/form"
	"adili/internal/demo"
	"adili/internal/demo/phone"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"

	"golang.org/x/net/html"
)

// account makes an account and signs in. The role of nobody is empty.
func (h *house) account(t *testing.T, role people.Role) *desk {
	t.Helper()
	if role == "" {
		return &desk{base: h.base}
	}
	email := string(role) + "@customs.example"
	if role != people.Manager { // there is one
		if _, _, err := h.People.Create(t.Context(), people.NewPerson{Email: email, Name: "Somebody", Role: role, Password: deskPassword}); err != nil {
			t.Fatal(err)
		}
	}
	d := signIn(t, h.base, email, deskPassword)
	if d.cookie == "" {
		t.Fatalf("%s cannot sign in", role)
	}
	return d
}

// get opens a page without following redirects.
func (d *desk) get(t *testing.T, path string) (answer *http.Response, body string) {
	t.Helper()
	return d.ask(t, http.MethodGet, path)
}

func (d *desk) ask(t *testing.T, method, path string) (answer *http.Response, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, d.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if d.cookie != "" {
		request.Header.Set("Cookie", d.cookie)
	}
	answer, err = noRedirect.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer, string(text)
}

// Every role, and nobody, at every route, as the permission table and the list
// of routes in the code say. Forms are sent empty and to rounds that are not
// there.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	h := newHouse(t, "")
	open, _ := roundtest.Open(t, h.Survey, code.ByLink, 1)
	for _, role := range append(people.Roles, "") {
		d := h.account(t, role)
		for _, r := range h.Web.Routes() {
			if slices.Contains(ends, r.Pattern) {
				continue
			}
			round := open
			if r.Method == http.MethodPost {
				round = "r_none"
			}
			path := strings.NewReplacer("{$}", "", "{lang}", "en", "{round}", round).Replace(r.Pattern)
			path = parameter.ReplaceAllString(path, "none")
			answer, _ := d.ask(t, r.Method, path)
			out := strings.HasPrefix(answer.Header.Get("Location"), web.SignInPath)
			switch {
			case r.Permission == web.Public || r.Permission == web.Respondent:
				if answer.StatusCode == 403 || answer.StatusCode >= 500 { // what is for half a session only sends others to sign in
					t.Errorf("%q is kept from %s %s: %s", role, r.Method, path, answer.Status)
				}
			case role == "":
				if !out {
					t.Errorf("nobody is let in at %s %s: %s", r.Method, path, answer.Status)
				}
			case r.Permission == web.SignedIn || people.May(role, r.Permission):
				if out || answer.StatusCode == 403 {
					t.Errorf("%s is kept from %s %s: %s", role, r.Method, path, answer.Status)
				}
			default:
				if answer.StatusCode != 403 {
					t.Errorf("%s is let in at %s %s: %s", role, r.Method, path, answer.Status)
				}
			}
		}
	}
}

// ends are the routes that end the session they are asked with.
var ends = []string{web.SignOutPath, "/staff/sign-in/again"}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// Every page that can be reached, by anybody and by each role, loads nothing
// from elsewhere and leads nowhere else, runs no script and uses no style that
// is not a file of ours, and says nothing of what serves it.
func TestPagesKeepToThemselves(t *testing.T) {
	s := stageDemo(t, small)
	kinds := 0
	for role, who := range map[people.Role]demo.Account{"": {}, people.Operator: s.file.Operator, people.Manager: s.file.Staff, people.Analyst: s.file.Analyst} {
		d := &desk{base: s.base}
		if role != "" {
			d = signIn(t, s.base, who.Email, who.Password)
		}
		seen := map[string]bool{}
		queue := []string{"/", "/en/", "/ar/", "/staff/", "/staff/sign-in", "/robots.txt", "/healthz", "/en/s/" + s.file.OpenRound.ID, "/en/nothing"}
		for len(queue) > 0 {
			path := queue[0]
			queue = queue[1:]
			kind := sameKind.ReplaceAllString(path, "r_")
			if seen[kind] {
				continue
			}
			seen[kind] = true
			answer, body := d.get(t, path)
			checkAnswer(t, path, answer, body)
			switch kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";"); kind {
			case "text/html":
				queue = append(queue, checkPage(t, path, body)...)
			case "text/css", "text/javascript":
				checkAsset(t, path, body)
			}
		}
		if role != "" && len(seen) < 20 {
			t.Errorf("%s has seen only %d kinds of pages", role, len(seen))
		}
		kinds += len(seen)
	}
	t.Logf("%d kinds of pages and files", kinds)
}

// sameKind is what differs between pages of a kind.
var sameKind = regexp.MustCompile(`r_[0-9a-z]+`)

// checkAnswer looks at the headers and at what is said of the program.
func checkAnswer(t *testing.T, path string, answer *http.Response, body string) {
	t.Helper()
	for _, name := range []string{"Server", "X-Powered-By", "Via", "ETag", "X-Runtime", "Access-Control-Allow-Origin"} {
		if v := answer.Header.Get(name); v != "" {
			t.Errorf("%s: %s is %q", path, name, v)
		}
	}
	if !strings.HasPrefix(path, "/staff") && len(answer.Cookies()) > 0 {
		t.Errorf("%s sets a cookie", path)
	}
	for _, word := range []string{runtime.Version(), version(), "goroutine ", "/internal/"} {
		if strings.Contains(body, word) && path != "/staff/ready" { // tells operators what runs
			t.Errorf("%s says %q", path, word)
		}
	}
	if answer.StatusCode >= 500 {
		t.Errorf("%s: %s", path, answer.Status)
	}
}

// loads are the attributes by which a page has a browser fetch something, or
// send something.
var loads = []string{"src", "srcset", "poster", "data", "action", "formaction", "background", "ping", "manifest", "xlink:href", "icon"}

// checkPage looks at every element, and gives the addresses the page leads to.
func checkPage(t *testing.T, path, body string) (links []string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(body))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return links
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := tokens.Token()
		attributes := map[string]string{}
		for _, a := range token.Attr {
			attributes[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s: <%s %s=%q>", path, token.Data, a.Key, a.Val)
			}
		}
		switch token.Data {
		case "iframe", "object", "embed", "base", "style", "applet", "frame", "portal":
			t.Errorf("%s has a <%s>", path, token.Data)
		case "script":
			if attributes["src"] == "" {
				t.Errorf("%s has a script in the page", path)
			}
		case "meta":
			if strings.EqualFold(attributes["http-equiv"], "refresh") {
				t.Errorf("%s goes elsewhere by itself", path)
			}
		}
		for name, value := range attributes {
			if name != "href" && !slices.Contains(loads, name) || value == "" {
				continue
			}
			local, next := here(value)
			if !local {
				t.Errorf("%s: <%s %s=%q> is not of this site", path, token.Data, name, value)
			}
			if next && (name == "href" || name == "src") {
				links = append(links, value)
			}
		}
	}
}

// here reports whether an address is on the same site, and whether it is
// another page or file there.
func here(address string) (local, next bool) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return false, false
	case u.Scheme == "data" || u.Scheme == "mailto" || u.Scheme == "tel" || u.Scheme == "otpauth":
		return true, false
	case u.Scheme != "" || u.Host != "" || u.User != nil:
		return false, false
	}
	return true, strings.HasPrefix(u.Path, "/")
}

// elsewhere is an address in a style sheet or script.
var elsewhere = regexp.MustCompile(`@import|url\(\s*["']?(https?:)?//|\bhttps?://[^\s"']+|\bWebSocket\b|\bsendBeacon\b|\blocalStorage\b|\bindexedDB\b|\binnerHTML\b|\beval\(`)

func checkAsset(t *testing.T, path, body string) {
	t.Helper()
	for _, found := range elsewhere.FindAllString(body, -1) {
		if !strings.HasPrefix(found, "http://www.w3.org/") { // a name, not an address
			t.Errorf("%s has %q", path, found)
		}
	}
}

// Nobody who answers gets a cookie, on any page they see, in any way their
// visit can go.
func TestRespondentsGetNoCookie(t *testing.T) {
	h := newHouse(t, "")
	open, codes := roundtest.Open(t, h.Survey, code.ByLink, 1)
	seen := &cookieless{t: t, base: http.DefaultTransport}
	client := phone.NewClient(1)
	client.Transport = seen
	p := phone.New(client, h.base)
	p.Plain = true
	official, private := codes[form.Official][0].String(), codes[form.Private][0].String()
	for i, c := range []string{official, official, private, "0000000000000000", "not a code"} {
		if err := p.Answer(t.Context(), "ar", open, "", c, phone.First); (err == nil) != (i == 0 || i == 2) {
			t.Errorf("code %d: %v", i, err)
		}
	}
	for _, path := range []string{"/ar/s/" + open + "/privacy", "/ar/", "/ar/s/none", "/"} {
		answer, err := client.Get(h.base + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	if seen.answers < 30 {
		t.Errorf("only %d answers were looked at", seen.answers)
	}
}

// cookieless looks at every answer.
type cookieless struct {
	t       *testing.T
	base    http.RoundTripper
	answers int
}

// RoundTrip implements http.RoundTripper.
func (c *cookieless) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	c.answers++
	if v := answer.Header.Values("Set-Cookie"); len(v) > 0 {
		c.t.Errorf("%s %s sets a cookie: %q", r.Method, r.URL.Path, v)
	}
	if v := answer.Header.Get("Cache-Control"); v != "no-store" {
		c.t.Errorf("%s %s may be kept: %q", r.Method, r.URL.Path, v)
	}
	return answer, nil
}

// Addresses and methods that no page of ours has give nothing: no list of
// files, no file of the data folder, no insight into the process, no echo.
func TestNothingElseIsServed(t *testing.T) {
	s := newHouse(t, "")
	d := &desk{base: s.base}
	for _, path := range []string{
		"/assets", "/assets/", "/assets/../adili.db", "/assets/%2e%2e/adili.db", "/static/", "/data/", "/rounds/", "/adili.db", "/lock",
		"/.git/config", "/.git/HEAD", "/.env", "/.well-known/", "/adili.toml", "/debug/pprof/", "/debug/vars", "/metrics", "/server-status",
		"/staff/../../etc/passwd", "/staff/%2e%2e/%2e%2e/etc/passwd", "/en/..%2f..%2fetc%2fpasswd", "/en/s/..%2f..%2fadili.db", "//elsewhere.example/",
		"/index.php", "/wp-login.php", "/phpinfo.php", "/backup.tar.gz", "/en/s/none/answers.box", "/swagger.json", "/test", "/demo",
	} {
		answer, body := d.get(t, path)
		checkAnswer(t, path, answer, body)
		if location := answer.Header.Get("Location"); answer.StatusCode < 300 || strings.HasPrefix(location, "//") || strings.Contains(location, "://") {
			t.Errorf("%s: %s %s\n%.200s", path, answer.Status, location, body)
		}
	}
	for _, method := range []string{"TRACE", "TRACK", "DEBUG", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "MKCOL"} {
		for _, path := range []string{"/", "/en/", "/en/s/none", "/staff/", "/staff/sign-in", "/assets/none.css", "/nothing"} {
			request, err := http.NewRequestWithContext(t.Context(), method, s.base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Echo", "hear me")
			answer, err := noRedirect.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode < 300 || bytes.Contains(body, []byte("hear me")) {
				t.Errorf("%s %s: %s (%v)", method, path, answer.Status, err)
			}
		}
	}
}

// Whoever tries to sign in does not learn whether an account exists or has
// been disabled: the answers are the same to the letter.
func TestUnknownAccountsAreAlike(t *testing.T) {
	h := newHouse(t, "")
	const disabled, password = "gone@customs.example", "long enough for anybody"
	gone, _, err := h.People.Create(t.Context(), people.NewPerson{Email: disabled, Name: "Gone", Role: people.Analyst, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	disable(t, h.App, gone.ID)
	type seen struct {
		status int
		header string
		body   string
	}
	var all []seen
	tried := []string{deskEmail, "none@customs.example", disabled}
	for i, email := range tried {
		word := map[bool]string{true: password, false: "a wrong password of length"}[i == 2]
		answer := (&desk{base: h.base}).send(t, web.SignInPath, "application/x-www-form-urlencoded",
			strings.NewReader(url.Values{"email": {email}, "password": {word}}.Encode()))
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		answer.Header.Del("Date")
		answer.Header.Del("Content-Length") // the address stands in the form again
		var header bytes.Buffer
		if err := answer.Header.Write(&header); err != nil {
			t.Fatal(err)
		}
		all = append(all, seen{answer.StatusCode, header.String(), strings.ReplaceAll(string(body), html.EscapeString(email), "EMAIL")})
	}
	for i := range all {
		if all[i] != all[0] || all[i].status != 400 {
			t.Errorf("signing in as %s: %d, as %s: %d\n%s%s\n%s%s", tried[0], all[0].status, tried[i], all[i].status, all[0].header, all[0].body, all[i].header, all[i].body)
		}
	}
}

func disable(t *testing.T, a *App, id string) {
	if err := a.People.Disable(t.Context(), audit.Actor{Name: "console"}, id); err != nil {
		t.Fatal(err)
	}
}
