package app

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/people"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"
)

// unavailable reports whether a form was refused with status 503.
func unavailable(err error) bool {
	refusal, ok := errors.AsType[*phone.StatusError](err)
	return ok && refusal.Status == http.StatusServiceUnavailable
}

// The account of the desk.
const (
	deskEmail    = "manager@customs.example"
	deskPassword = "long enough for anybody"
)

// plan makes n rounds that can be opened, one whose frame can still be
// changed, and an account for the desk.
func plan(t *testing.T, data, url string, n int) (ready []string, draft string) {
	t.Helper()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := Open(t.Context(), Config{Data: data, Database: url, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	fatal(err)
	defer func() { fatal(a.Close()) }()
	_, _, err = a.People.Create(t.Context(), people.NewPerson{Email: deskEmail, Name: "Manager", Role: people.Manager, Password: deskPassword})
	fatal(err)
	for i := range n + 1 {
		basics := roundtest.Basics()
		basics.Iteration, basics.Populations = i+2, []form.Population{form.Official}
		r, err := a.Survey.CreateRound(t.Context(), roundtest.Manager, basics)
		fatal(err)
		frame := survey.Frame{Dimensions: []string{"region"}, Cells: []survey.Cell{{Values: []string{"All"}, People: 300}}}
		fatal(a.Survey.SaveFrame(t.Context(), roundtest.Manager, r.ID, form.Official, frame))
		if draft = r.ID; i < n {
			_, err = a.Survey.MakeCodes(t.Context(), roundtest.Manager, r.ID, form.Official, code.ByLink, map[int]int{1: 100})
			fatal(err)
			ready = append(ready, r.ID)
		}
	}
	return ready, draft
}

// desk is a manager who is signed in.
type desk struct {
	base, cookie string
}

// signIn makes a desk, whose cookie is empty if the password was wrong.
func signIn(t *testing.T, base, email, password string) *desk {
	t.Helper()
	d := &desk{base: base}
	answer := d.send(t, "/staff/sign-in", "application/x-www-form-urlencoded",
		strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		return d
	}
	var cookies []string
	for _, c := range answer.Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	d.cookie = strings.Join(cookies, "; ")
	return d
}

// desk signs in, which must work.
func (p *process) desk(t *testing.T) *desk {
	t.Helper()
	d := signIn(t, p.base, deskEmail, deskPassword)
	if d.cookie == "" {
		t.Fatal("signing in does not work")
	}
	return d
}

// in reports whether the session is alive.
func (d *desk) in(t *testing.T) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.base+"/staff/rounds", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", d.cookie)
	answer, err := noRedirect.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// noRedirect is a client that shows redirects.
var noRedirect = &http.Client{
	Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send posts a body.
func (d *desk) send(t *testing.T, path, kind string, body io.Reader) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Cookie", d.cookie)
	answer, err := noRedirect.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// post posts a body and gives the status and the heading of the page.
func (d *desk) post(t *testing.T, path, kind string, body io.Reader) (status int, said string) {
	t.Helper()
	answer := d.send(t, path, kind, body)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, strings.Join(saying.FindAllString(string(text), -1), " ")
}

// saying is what says on a page what happened.
var saying = regexp.MustCompile(`<h1[^>]*>[^<]*|role="alert"[^\n]*\n[^\n]*`)

// open opens a round.
func (d *desk) open(t *testing.T, round string) (status int, page string) {
	t.Helper()
	values := url.Values{"passphrase": {roundtest.Passphrase}, "again": {roundtest.Passphrase}, "confirm": {"yes"}}
	return d.post(t, "/staff/rounds/"+round+"/open", "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

// close closes a round.
func (d *desk) close(t *testing.T, round, passphrase string) (status int, page string) {
	t.Helper()
	values := url.Values{"passphrase": {passphrase}, "confirm": {"yes"}}
	return d.post(t, "/staff/rounds/"+round+"/close", "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

// upload sends a frame as a file.
func (d *desk) upload(t *testing.T, round string) (status int, page string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile("file", "frame.csv")
	if err == nil {
		_, err = io.WriteString(file, "region,people\nNorth,300\nSouth,400\n")
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return d.post(t, "/staff/rounds/"+round+"/official/frame/upload", w.FormDataContentType(), &body)
}

// sendAll sends forms that must be taken at the first try.
func sendAll(t *testing.T, forms []phone.Final) {
	t.Helper()
	for i, f := range forms {
		if err := f.Send(t.Context()); err != nil {
			t.Fatalf("form %d of %d: %v", i, len(forms), err)
		}
	}
}
