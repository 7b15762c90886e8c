package app

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"adili/form"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"
)

// foreign is the address that browsers of these tests seem to have.
const foreign = "203.0.113.77"

// browser is somebody at a browser, who comes by way of a proxy on this
// machine.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
}

// newBrowser gives a browser that trusts the certificates in roots besides.
func newBrowser(t *testing.T, base string, roots []byte) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t, base, &http.Client{
		Jar: jar, Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// shown is an answer to a browser.
type shown struct {
	status   int
	location string
	body     string
	header   http.Header
}

// get opens a page.
func (b *browser) get(path string) shown {
	b.t.Helper()
	return b.ask(http.MethodGet, path, nil)
}

// post sends a form.
func (b *browser) post(path string, values url.Values) shown {
	b.t.Helper()
	return b.ask(http.MethodPost, path, values)
}

func (b *browser) ask(method, path string, values url.Values) shown {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set("X-Forwarded-For", foreign)
	request.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
	answer, err := b.client.Do(request)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return shown{answer.StatusCode, answer.Header.Get("Location"), string(text), answer.Header}
}

// want fails unless the answer has the status and every part.
func (s shown) want(t *testing.T, status int, parts ...string) shown {
	t.Helper()
	if s.status != status {
		t.Fatalf("status %d, want %d; leads to %q\n%s", s.status, status, s.location, said(s.body))
	}
	text := html.UnescapeString(s.body)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the page lacks %q:\n%s", part, said(s.body))
		}
	}
	return s
}

// leads fails unless the answer leads to a page.
func (s shown) leads(t *testing.T, path string) shown {
	t.Helper()
	s.want(t, http.StatusSeeOther)
	if s.location != path {
		t.Fatalf("leads to %q, want %q", s.location, path)
	}
	return s
}

var (
	tags   = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// said is what stands on a page.
func said(body string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(body, " ")), " "))
}

// hidden gives the value of a hidden field.
func (s shown) hidden(t *testing.T, name string) string {
	t.Helper()
	found := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(s.body)
	if found == nil {
		t.Fatalf("no field %s:\n%s", name, said(s.body))
	}
	return html.UnescapeString(found[1])
}

// notice is the text that a page shows apart, such as a secret or a link.
var notice = regexp.MustCompile(`<bdi class="code"[^>]*>([^<]*)</bdi>`)

// coded gives what a page shows apart.
func (s shown) coded(t *testing.T) (all []string) {
	t.Helper()
	for _, found := range notice.FindAllStringSubmatch(s.body, -1) {
		all = append(all, html.UnescapeString(found[1]))
	}
	if len(all) == 0 {
		t.Fatalf("nothing is shown apart:\n%s", said(s.body))
	}
	return all
}

// enrolApp sets up an authenticator app, as somebody must who may do nothing
// else yet. It gives the app's secret and the recovery codes.
func (b *browser) enrolApp(next string) (secret string, recovery []string) {
	b.t.Helper()
	offer := b.get("/staff/enrol/app").want(b.t, http.StatusOK)
	secret = strings.ReplaceAll(offer.coded(b.t)[0], " ", "")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		b.t.Fatalf("secret %q: %v", secret, err)
	}
	wrong := fmt.Sprintf("%06d", (atoi(b.t, code)+7)%1000000)
	values := url.Values{"state": {offer.hidden(b.t, "state")}, "code": {wrong}, "next": {next}}
	b.post("/staff/enrol/app", values).want(b.t, http.StatusBadRequest)
	values.Set("code", code)
	done := b.post("/staff/enrol/app", values).want(b.t, http.StatusOK)
	return secret, done.coded(b.t)
}

func atoi(t *testing.T, digits string) (n int) {
	t.Helper()
	if _, err := fmt.Sscanf(strings.TrimLeft(digits, "0")+" ", "%d", &n); err != nil && strings.Trim(digits, "0") != "" {
		t.Fatal(err)
	}
	return n
}

// newDatabase is the address of a fresh PostgreSQL database.
func newDatabase(t *testing.T) string {
	t.Helper()
	return pgtest.Create(t, pgtest.URL(t), "whole"+strings.ToLower(rand.Text()), "", false)
}

// engines runs f with SQLite, where the address is empty, and with PostgreSQL.
func engines(t *testing.T, f func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, "") })
	t.Run("postgres", func(t *testing.T) { f(t, newDatabase(t)) })
}

// put writes a file that only this user can read.
func put(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// secured is a server's certificate, of an authority of its own.
type secured struct{ cert, key, roots string }

// newCertificate makes a certificate for this machine.
func newCertificate(t *testing.T) (files secured, roots []byte) {
	t.Helper()
	cert, key, err := acmetest.SelfSigned("localhost")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	files.cert, files.key = put(t, filepath.Join(folder, "cert.pem"), string(cert)), put(t, filepath.Join(folder, "key.pem"), string(key))
	files.roots = files.cert
	return files, cert
}

// must runs a command that must succeed, and gives what it prints.
func must(t *testing.T, arguments ...string) (out, errOut string) {
	t.Helper()
	status, out, errOut := command(t, arguments...)
	if status != exitOK {
		t.Fatalf("adili %s: exit code %d\n%s\n%s", strings.Join(arguments, " "), status, out, errOut)
	}
	return out, errOut
}

// fails runs a command that must fail with the text on standard error.
func fails(t *testing.T, text string, arguments ...string) {
	t.Helper()
	status, out, errOut := command(t, arguments...)
	if status != exitError || !strings.Contains(errOut, text) {
		t.Errorf("adili %s: exit code %d, want %d and %q\n%s\n%s", strings.Join(arguments, " "), status, exitError, text, out, errOut)
	}
}

// serveUntilEnd runs a serving command until it is stopped, which may be asked
// for more than once, or the test ends.
func serveUntilEnd(t *testing.T, arguments ...string) *serving {
	t.Helper()
	s := start(t, arguments...)
	stop := s.stop
	var status int
	var rest, errOut string
	once := sync.OnceFunc(func() { status, rest, errOut = stop() })
	s.stop = func() (int, string, string) {
		once()
		return status, rest, errOut
	}
	t.Cleanup(once)
	return s
}

// home is a data folder, with its database, in which there are an account for
// the desk and an open round, and a key to backups of it.
type home struct {
	t              *testing.T
	data, database string
	key, recipient string // file, and public key
	round          string
	codes          []code.Code
}

// newHome makes one whose round takes answers today, with n link codes in each
// of two strata.
func newHome(t *testing.T, database string, n int) *home {
	t.Helper()
	h := &home{t: t, data: filepath.Join(t.TempDir(), "data"), database: database, key: filepath.Join(t.TempDir(), "key")}
	out, _ := must(t, "backup", "key", h.key)
	h.recipient = strings.TrimSpace(out)
	h.work(time.Now(), func(a *App) error {
		_, _, err := a.People.Create(t.Context(), people.NewPerson{Email: deskEmail, Name: "Manager", Role: people.Manager, Password: deskPassword})
		if err != nil {
			return err
		}
		h.round, h.codes, err = openMixed(t, a, n)
		return err
	})
	return h
}

// openMixed makes and opens a round with two strata and two offices.
func openMixed(t *testing.T, a *App, n int) (round string, codes []code.Code, err error) {
	day := func(days int) survey.Day {
		return survey.Day(time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly))
	}
	basics, ctx, by := roundtest.Basics(), t.Context(), roundtest.Manager
	basics.Opens, basics.Closes, basics.Populations = day(-2), day(30), []form.Population{form.Official}
	r, err := a.Survey.CreateRound(ctx, by, basics)
	if err != nil {
		return "", nil, err
	}
	cells := []survey.Cell{{Values: []string{"North"}, People: 2*n + 100}, {Values: []string{"South"}, People: 2*n + 50}}
	err = errors.Join(
		a.Survey.SaveFrame(ctx, by, r.ID, form.Official, survey.Frame{Dimensions: []string{"region"}, Cells: cells}),
		a.Survey.SaveChoices(ctx, by, r.ID, form.Official, survey.Choices{
			Selection: survey.Everyone, Stratify: "region", Margin: 0.05, Response: 0.6, DesignEffect: 1, Breakdown: survey.BreakdownStratum,
		}),
		a.Survey.SaveOffices(ctx, by, r.ID, form.Official, []survey.Office{{Label: "Port", People: 300}, {Label: "Airport", People: 200}}))
	if err != nil {
		return "", nil, err
	}
	batches, err := a.Survey.MakeCodes(ctx, by, r.ID, form.Official, code.ByLink, map[int]int{1: n, 2: n})
	if err != nil {
		return "", nil, err
	}
	for _, b := range batches {
		codes = append(codes, b.Codes...)
	}
	return r.ID, codes, a.Survey.OpenRound(ctx, by, r.ID, roundtest.Passphrase)
}

// work opens the program on the data for f, with the clock standing.
func (h *home) work(at time.Time, f func(a *App) error) {
	h.t.Helper()
	a, err := Open(h.t.Context(), Config{Data: h.data, Database: h.database, Clock: clock.Fixed(at), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := errors.Join(f(a), a.Close()); err != nil {
		h.t.Fatal(err)
	}
}

// arguments are those of a command on the data.
func (h *home) arguments(command ...string) []string {
	command = append(command, "--data", h.data)
	if h.database != "" {
		command = append(command, "--database", h.database)
	}
	return command
}

// serve serves until the end of the test, or until it is stopped.
func (h *home) serve(more ...string) *serving {
	h.t.Helper()
	return serveUntilEnd(h.t, append(h.arguments("serve", "--listen", "127.0.0.1:0", "--backup-recipient", h.recipient), more...)...)
}

// backup makes a backup, whether the program serves or not.
func (h *home) backup() (file string) {
	h.t.Helper()
	file = filepath.Join(h.t.TempDir(), "backup")
	_, said := must(h.t, h.arguments("backup", "--backup-recipient", h.recipient, file)...)
	if !strings.Contains(said, "written") {
		h.t.Errorf("backup says %q", said)
	}
	return file
}

// restored puts a backup into a new folder and database.
func (h *home) restored(file, database string) *home {
	h.t.Helper()
	fresh := *h
	fresh.data, fresh.database = filepath.Join(h.t.TempDir(), "data"), database
	out, said := must(h.t, fresh.arguments("restore", "--identity", h.key, file)...)
	if out != "restored\n" || !strings.Contains(said, "It is whole") {
		h.t.Errorf("restore prints %q and says %q", out, said)
	}
	return &fresh
}

// accepted counts the answers in the answer file and the codes that are used,
// which must be as many.
func (h *home) accepted() (n int) {
	h.t.Helper()
	h.work(time.Now(), func(a *App) error {
		used, err := storage.One(h.t.Context(), a.DB.Read(), func(row storage.Row) (n int, err error) { return n, row.Scan(&n) },
			"SELECT COUNT(*) FROM code WHERE state = 2 AND round_id = $1", h.round)
		if err != nil {
			return err
		}
		in, err := a.Survey.Intake(h.t.Context(), h.round)
		if err != nil {
			return err
		}
		if n = in.Taken(); n != used {
			h.t.Errorf("%d answers and %d used codes", n, used)
		}
		return nil
	})
	return n
}

const operatorEmail = "operator@customs.example"

// operatorSignsIn is the form of the operator.
var operatorSignsIn = url.Values{"email": {operatorEmail}, "password": {deskPassword}}

// makeOperator makes an operator's account, without a second factor yet.
func (h *home) makeOperator() {
	h.t.Helper()
	h.work(time.Now(), func(a *App) error {
		_, _, err := a.People.Create(h.t.Context(), people.NewPerson{Email: operatorEmail, Name: "Operator", Role: people.Operator, Password: deskPassword})
		return err
	})
}

// appCode is what an authenticator app shows so much later.
func appCode(t *testing.T, secret string, later time.Duration) string {
	t.Helper()
	text, err := totp.GenerateCode(secret, time.Now().Add(later))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
