package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"

	"github.com/jba/templatecheck"
)

// fakeSessions knows a person for each role by the token that is its name.
type fakeSessions struct{}

func (fakeSessions) Session(_ context.Context, token string) (people.Person, error) {
	switch token {
	case "operator", "manager", "analyst":
		return people.Person{ID: "p_" + token, Name: "Ada", Email: token + "@example.org", Role: people.Role(token), Lang: "fr"}, nil
	case "broken":
		return people.Person{}, errs.New(errs.Unavailable, errs.Unavailable.Key())
	}
	return people.Person{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
}

// samplePage gives a page file for a layout.
func samplePage() fs.FS {
	return fstest.MapFS{"sample.html": {Data: []byte(`{{define "main"}}<h1>{{.Title}}</h1><p>{{.V.Name}}</p>{{range .V.List}}{{$.T "web.skip"}}{{.}}{{end}}{{end}}`)}}
}

type sample struct {
	Name string
	List []string
}

type fixture struct {
	*Server
	handler http.Handler
	log     *bytes.Buffer
}

func newFixture(t *testing.T, change func(*Options)) fixture {
	t.Helper()
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	options := Options{
		Catalogue: catalogue, People: fakeSessions{}, Logger: slog.New(slog.NewTextHandler(log, nil)),
		Clock: clock.Fixed(time.Date(2026, 12, 1, 13, 14, 15, 0, time.UTC)),
	}
	if change != nil {
		change(&options)
	}
	s := New(options)
	s.AddNav(NavItem{Key: "web.account", URL: "/staff/rounds", Permission: people.RoundView}, NavItem{Key: "web.start", URL: "/staff/people", Permission: people.AccountManage})
	staffPage := NewPage[sample](Staff, samplePage(), "sample.html")
	respondPage := NewPage[sample](Respond, samplePage(), "sample.html")
	publicPage := NewPage[sample](Public, samplePage(), "sample.html")
	show := func(p *Page[sample]) Handler {
		return func(r *Request) (Reply, error) { return p.Reply(r, "web.home.title", sample{Name: "<b>"}), nil }
	}
	form := func(r *Request) (Reply, error) {
		f, err := r.Form()
		if err != nil {
			return nil, err
		}
		return Text(200, "got "+f.Get("a")), nil
	}
	fail := func(r *Request) (Reply, error) { return nil, failures[r.PathValue("kind")] }
	crash := func(r *Request) (Reply, error) { panic("secret " + r.URL.Path) }
	s.Mount(
		Route{Method: "GET", Pattern: "/staff/rounds", Permission: people.RoundView, Handle: show(staffPage)},
		Route{Method: "POST", Pattern: "/staff/rounds", Permission: people.RoundPlan, Handle: func(*Request) (Reply, error) { return RedirectFlash("/staff/rounds", "web.skip"), nil }},
		Route{Method: "GET", Pattern: "/staff/sign-in", Permission: Public, Handle: show(staffPage)},
		Route{Method: "GET", Pattern: "/staff/me", Permission: SignedIn, Handle: show(staffPage)},
		Route{Method: "POST", Pattern: "/staff/session", Permission: Public, Handle: func(*Request) (Reply, error) { return StartSession(Redirect("/staff/"), "tok"), nil }},
		Route{Method: "GET", Pattern: "/staff/fail/{kind}", Permission: SignedIn, Handle: fail},
		Route{Method: "GET", Pattern: "/staff/crash/{x}", Permission: SignedIn, Handle: crash},
		Route{Method: "POST", Pattern: "/staff/upload", Permission: people.RoundPlan, Handle: upload, MaxBody: 2 << 20},
		Route{Method: "GET", Pattern: "/staff/file", Permission: people.RoundView, Handle: func(*Request) (Reply, error) { return File("réponses.csv", "text/csv", []byte("a,b")), nil }},
		Route{Method: "GET", Pattern: "/{lang}/s/{round}", Permission: Respondent, Handle: show(respondPage)},
		Route{Method: "POST", Pattern: "/{lang}/s/{round}", Permission: Respondent, Handle: form},
		Route{Method: "GET", Pattern: "/{lang}/fail/{kind}", Permission: Respondent, Handle: fail},
		Route{Method: "GET", Pattern: "/{lang}/crash/{x}", Permission: Respondent, Handle: crash},
		Route{Method: "GET", Pattern: "/{lang}/about", Permission: Public, Handle: show(publicPage)},
	)
	return fixture{Server: s, handler: s.Handler(), log: log}
}

var failures = map[string]error{
	"internal": errors.New("disk serial 4711"), "invalid": &errs.E{Kind: errs.Invalid, Key: errs.Invalid.Key(), Details: []errs.Detail{{File: "frame.csv", Row: 7, Field: "size", Key: "web.error.file"}}},
	"not_found": errs.New(errs.NotFound, "x"), "conflict": errs.New(errs.Conflict, "x"), "forbidden": errs.New(errs.Forbidden, "x"),
	"gone": errs.New(errs.Gone, "x"), "too_many": errs.New(errs.TooMany, "x"), "too_large": errs.New(errs.TooLarge, "x"),
	"unavailable": errs.New(errs.Unavailable, "store.full").Because(errors.New("disk serial 4711")),
}

// upload says the size of the file it got, and that no name of it is left in the temporary folder.
func upload(r *Request) (Reply, error) {
	f, err := r.File("file")
	if err != nil {
		return nil, err
	}
	b := make([]byte, f.Size)
	if _, err := f.ReadAt(b, 0); err != nil && err != io.EOF {
		return nil, err
	}
	return Text(200, f.Name+" "+string(b[:2])), nil
}

// request is one request of a test.
type request struct {
	method, url, token, body string
	header                   map[string]string
}

func (f fixture) do(q request) *httptest.ResponseRecorder {
	if q.method == "" {
		q.method = "GET"
	}
	r := httptest.NewRequest(q.method, q.url, strings.NewReader(q.body))
	if q.method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if q.token != "" {
		r.Header.Set("Cookie", sessionCookie+"="+q.token)
	}
	for k, v := range q.header {
		if v == "" {
			r.Header.Del(k)
			continue
		}
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w
}

func TestCatalogue(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
}

func TestTemplates(t *testing.T) {
	for _, layout := range []Layout{Staff, Public, Respond} {
		if err := templatecheck.CheckHTMLStrict(NewPage[problem](layout, layoutFiles, "layout/problem.html").Parts()); err != nil {
			t.Errorf("problem in %s: %v", layout, err)
		}
		if err := templatecheck.CheckHTMLStrict(NewPage[sample](layout, samplePage(), "sample.html").Parts()); err != nil {
			t.Errorf("sample in %s: %v", layout, err)
		}
	}
	if err := templatecheck.CheckHTMLStrict(NewPage[struct{}](Public, layoutFiles, "layout/home.html").Parts()); err != nil {
		t.Error(err)
	}
	typo := fstest.MapFS{"typo.html": {Data: []byte(`{{define "main"}}{{.V.Nmae}}{{end}}`)}}
	if err := templatecheck.CheckHTMLStrict(NewPage[sample](Staff, typo, "typo.html").Parts()); err == nil {
		t.Error("a misspelt field passes")
	}
}

func TestRoutesGolden(t *testing.T) {
	f := newFixture(t, nil)
	var b strings.Builder
	for _, r := range f.Routes() {
		b.WriteString(r.Method + " " + r.Pattern + " " + string(r.Permission) + "\n")
	}
	want, err := os.ReadFile("testdata/route.golden")
	if err != nil || b.String() != string(want) {
		t.Errorf("routes differ from testdata/route.golden (%v):\n%s", err, b.String())
	}
}

func TestMountRefuses(t *testing.T) {
	ok := func(*Request) (Reply, error) { return Text(200, ""), nil }
	for name, route := range map[string]Route{
		"no permission":       {Method: "GET", Pattern: "/staff/x", Handle: ok},
		"unknown permission":  {Method: "GET", Pattern: "/staff/x", Permission: "round.burn", Handle: ok},
		"no handler":          {Method: "GET", Pattern: "/staff/x", Permission: Public},
		"method":              {Method: "PUT", Pattern: "/staff/x", Permission: Public, Handle: ok},
		"action in public":    {Method: "GET", Pattern: "/{lang}/x", Permission: people.RoundView, Handle: ok},
		"respondent in staff": {Method: "GET", Pattern: "/staff/x", Permission: Respondent, Handle: ok},
		"no language":         {Method: "GET", Pattern: "/x", Permission: Public, Handle: ok},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: mounted", name)
				}
			}()
			newFixture(t, nil).Mount(route)
		}()
	}
}

// Text sends plain text with the status.
func Text(code int, s string) Reply {
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		plain(w, code, s)
		return nil
	})
}
