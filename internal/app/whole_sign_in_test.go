package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/logtest"
	"adili/internal/testkit/mailtest"
	"adili/internal/testkit/oidctest"
)

// office is an administration that has set up everything for signing in.
type office struct {
	t      *testing.T
	site   string
	config string // file
	roots  []byte // of its certificate
	mail   *mailtest.Server
	dex    *oidctest.Provider

	secrets []string // whatever must be in no log
}

const (
	wholePassword = "a password of some length"
	otherPassword = "another password of length"
)

func newOffice(t *testing.T, database string) *office {
	t.Helper()
	folder := t.TempDir()
	listen := acmetest.FreeAddress(t)
	o := &office{t: t, site: "https://localhost" + listen[strings.LastIndexByte(listen, ':'):], secrets: []string{foreign}}
	o.mail = mailtest.New(t, mailtest.Options{User: "adili-mailer", Password: "the mail password"})
	o.dex = oidctest.Start(t, oidctest.Options{
		Clients: []oidctest.Client{{ID: "adili", Secret: "the client secret", Redirect: o.site + "/staff/oidc/return"}},
		People: []oidctest.Person{
			{ID: "1001", Email: "Amina@customs.example", Name: "Amina", Password: "dex one"},
			{ID: "1002", Email: "stranger@customs.example", Name: "Stranger", Password: "dex two"},
		},
	})
	var files secured
	files, o.roots = newCertificate(t)
	lines := []string{
		"data = " + quoted(filepath.Join(folder, "data")), "listen = " + quoted(listen), `http-listen = "none"`, "address = " + quoted(o.site),
		"cert = " + quoted(files.cert), "key = " + quoted(files.key),
		"smtp = " + quoted(o.mail.Address), `smtp-from = "adili@customs.example"`, `smtp-user = "adili-mailer"`,
		"smtp-password-file = " + quoted(put(t, filepath.Join(folder, "mail-password"), "the mail password\n")),
		"smtp-roots = " + quoted(put(t, filepath.Join(folder, "mail-roots.pem"), string(o.mail.Roots))),
		"oidc-issuer = " + quoted(o.dex.Issuer), `oidc-client-id = "adili"`, `oidc-label = "Customs account"`,
		"oidc-client-secret-file = " + quoted(put(t, filepath.Join(folder, "client-secret"), "the client secret\n")),
	}
	if database != "" {
		lines = append(lines, "database-file = "+quoted(put(t, filepath.Join(folder, "database"), database+"\n")))
	}
	o.config = put(t, filepath.Join(folder, "adili.toml"), strings.Join(lines, "\n")+"\n")
	o.secrets = append(o.secrets, "the mail password", "the client secret", wholePassword, otherPassword, "Ophelia", "Amina", "Stranger", "dex one")
	return o
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `\`, `\\`) + `"` }

// browser gives a fresh browser.
func (o *office) browser() *browser { return newBrowser(o.t, o.site, o.roots) }

// Everything about signing in, from the first start: the operator's second
// factor, an invitation by mail, the provider, and a lost telephone. The trail
// tells all of it, and the log nothing about anybody.
func TestWholeSignIn(t *testing.T) {
	engines(t, func(t *testing.T, database string) {
		o := newOffice(t, database)
		s := serveUntilEnd(t, "serve", "--config", o.config)
		if s.base != o.site || len(s.before) != 2 {
			t.Fatalf("serves at %s and prints %q", s.base, s.before)
		}
		operator := o.setUp(s.before[1])
		o.invite(operator, "Amina", "amina@customs.example", "manager")
		o.provider()
		o.analyst(operator)
		o.signInAgain(operator)
		o.lostTelephone(operator)
		o.trail()
		status, _, first := s.stop()
		if status != exitOK {
			t.Errorf("exit code %d", status)
		}
		second := o.noted()
		o.trail()
		o.silent(first + second)
	})
}

// setUp makes the first account by the link that the server printed. Nothing is
// open to it before the second factor.
func (o *office) setUp(link string) *browser {
	o.t.Helper()
	path := strings.TrimPrefix(link, o.site)
	b := o.browser()
	b.get(path).want(o.t, http.StatusOK)
	form := url.Values{"name": {"Ophelia"}, "email": {"ophelia@customs.example"}, "password": {wholePassword}, "again": {wholePassword}}
	b.post(path, form).leads(o.t, "/staff/enrol?lang=en")
	o.browser().get(path).want(o.t, http.StatusGone)
	for _, page := range []string{"/staff/", "/staff/people", "/staff/rounds", "/staff/trail", "/staff/ready", "/staff/account"} {
		to := b.get(page).want(o.t, http.StatusSeeOther).location
		if !strings.HasPrefix(to, "/staff/sign-in") {
			o.t.Errorf("%s leads to %s before the second factor", page, to)
		}
		if to = b.get(to).want(o.t, http.StatusSeeOther).location; !strings.HasPrefix(to, "/staff/enrol") {
			o.t.Errorf("%s leads to %s before the second factor", page, to)
		}
	}
	b.get("/staff/enrol").want(o.t, http.StatusOK, "passkey")
	secret, recovery := b.enrolApp("/staff/people")
	o.secrets = append(append(o.secrets, secret, path[strings.LastIndexByte(path, '/')+1:]), recovery...)
	b.get("/staff/people").want(o.t, http.StatusOK, "Ophelia")
	return b
}

var passwordLink = regexp.MustCompile(`https://\S+/staff/password/(\w+)\S*`)

// invite makes an account, whose owner gets a mail with a link.
func (o *office) invite(operator *browser, name, email, role string) (path string) {
	o.t.Helper()
	page := operator.post("/staff/people", url.Values{"name": {name}, "email": {email}, "role": {role}, "lang": {"fr"}}).want(o.t, http.StatusOK, email)
	if passwordLink.MatchString(page.body) {
		o.t.Error("the page shows the link that went out by mail")
	}
	m := o.mail.Next(o.t)
	found := passwordLink.FindStringSubmatch(m.Text)
	if len(m.To) != 1 || m.To[0] != email || found == nil || !strings.HasPrefix(found[0], o.site) || !strings.HasSuffix(found[0], "?lang=fr") {
		o.t.Fatalf("mail to %v:\n%s", m.To, m.Text)
	}
	o.secrets = append(o.secrets, found[1])
	return "/staff/password/" + found[1]
}

// provider signs the manager in by the provider, and nobody else.
func (o *office) provider() {
	o.t.Helper()
	manager := o.browser()
	manager.get("/staff/sign-in").want(o.t, http.StatusOK, "Customs account")
	query := o.atProvider(manager, "Amina@customs.example", "dex one")
	answer := manager.get("/staff/oidc/return?" + query.Encode())
	answer.leads(o.t, "/staff/rounds")
	manager.get("/staff/rounds").want(o.t, http.StatusOK)
	manager.get("/staff/people").want(o.t, http.StatusForbidden)
	manager.get("/staff/oidc/return?"+query.Encode()).want(o.t, http.StatusBadRequest) // the same answer once more

	stranger := o.browser()
	theirs := o.atProvider(stranger, "stranger@customs.example", "dex two")
	o.browser().get("/staff/oidc/return?"+theirs.Encode()).want(o.t, http.StatusBadRequest) // in another browser
	stranger.get("/staff/oidc/return?"+theirs.Encode()).want(o.t, http.StatusForbidden)
	stranger.get("/staff/").want(o.t, http.StatusSeeOther)

	again := o.browser()
	query = o.atProvider(again, "Amina@customs.example", "dex one")
	again.get("/staff/oidc/return?"+query.Encode()).want(o.t, http.StatusSeeOther)
	again.post("/staff/account/security/others", nil).want(o.t, http.StatusSeeOther)
	again.get("/staff/rounds").want(o.t, http.StatusOK)
	manager.get("/staff/rounds").want(o.t, http.StatusSeeOther)
}

// atProvider goes to the provider and gives what the browser is sent back with.
func (o *office) atProvider(b *browser, email, password string) url.Values {
	o.t.Helper()
	page := b.post("/staff/oidc/begin", url.Values{"next": {"/staff/rounds"}}).want(o.t, http.StatusOK)
	found := regexp.MustCompile(`href="(` + regexp.QuoteMeta(o.dex.Issuer) + `[^"]*)"`).FindStringSubmatch(page.body)
	if found == nil {
		o.t.Fatalf("the page does not lead to the provider:\n%s", page.body)
	}
	query, back := o.dex.SignIn(o.t, html.UnescapeString(found[1]), email, password)
	if !back {
		o.t.Fatal("the provider keeps the browser")
	}
	o.secrets = append(o.secrets, query.Get("code"), query.Get("state"))
	return query
}

// analyst follows the link in a mail, which serves once, and signs in with the
// password.
func (o *office) analyst(operator *browser) {
	o.t.Helper()
	path := o.invite(operator, "Zacharie", "zacharie@customs.example", "analyst")
	o.secrets = append(o.secrets, "Zacharie")
	b := o.browser()
	b.get(path+"?lang=fr").want(o.t, http.StatusOK, "Zacharie", `lang="fr"`)
	form := url.Values{"password": {otherPassword}, "again": {otherPassword}}
	b.post(path, form).leads(o.t, "/staff/")
	b.get("/staff/rounds").want(o.t, http.StatusOK)
	o.browser().get(path).want(o.t, http.StatusGone)
	fresh := o.browser()
	fresh.post("/staff/sign-in", url.Values{"email": {"zacharie@customs.example"}, "password": {wholePassword}}).want(o.t, http.StatusBadRequest)
	fresh.post("/staff/sign-in", url.Values{"email": {"ZACHARIE@customs.example"}, "password": {otherPassword}}).leads(o.t, "/staff/")
}

// signInAgain signs the operator in with password and a recovery code, which
// serves once.
func (o *office) signInAgain(operator *browser) {
	o.t.Helper()
	operator.post("/staff/sign-out", nil).want(o.t, http.StatusSeeOther)
	operator.get("/staff/people").want(o.t, http.StatusSeeOther)
	recovery := o.secrets[slices.Index(o.secrets, "dex one")+3] // after the secret of the app and the link's token
	for _, again := range []bool{false, true} {
		b := operator
		if again {
			b = o.browser()
		}
		b.post("/staff/sign-in", url.Values{"email": {"ophelia@customs.example"}, "password": {wholePassword}}).want(o.t, http.StatusSeeOther)
		b.get("/staff/people").want(o.t, http.StatusSeeOther) // the password alone opens nothing
		answer := b.post("/staff/sign-in/second", url.Values{"code": {recovery}})
		if again {
			answer.want(o.t, http.StatusBadRequest)
		} else {
			answer.leads(o.t, "/staff/")
		}
	}
	operator.get("/staff/people").want(o.t, http.StatusOK)
}

// lostTelephone takes the operator's factors away at the server's command line
// while it serves, after which the operator begins anew.
func (o *office) lostTelephone(operator *browser) {
	o.t.Helper()
	out, _ := must(o.t, "user", "reset", "--factors", "Ophelia@customs.example", "--config", o.config)
	found := passwordLink.FindStringSubmatch(out)
	if found == nil || !strings.HasPrefix(found[0], o.site) {
		o.t.Fatalf("user reset prints %q", out)
	}
	o.secrets = append(o.secrets, found[1])
	operator.get("/staff/people").want(o.t, http.StatusSeeOther)
	b := o.browser()
	b.post("/staff/sign-in", url.Values{"email": {"ophelia@customs.example"}, "password": {wholePassword}}).want(o.t, http.StatusBadRequest)
	b.post("/staff/password/"+found[1], url.Values{"password": {wholePassword}, "again": {wholePassword}}).leads(o.t, "/staff/enrol?lang=en")
	b.get("/staff/people").want(o.t, http.StatusSeeOther)
	secret, recovery := b.enrolApp("/staff/")
	o.secrets = append(append(o.secrets, secret), recovery...)
	b.get("/staff/people").want(o.t, http.StatusOK)
	b.get("/staff/trail").want(o.t, http.StatusOK, "Ophelia")
}

// noted serves until the head of the trail is noted, as is done once a day.
func (o *office) noted() (log string) {
	o.t.Helper()
	s := serveUntilEnd(o.t, "serve", "--config", o.config)
	name := filepath.Join(filepath.Dir(o.config), "data", trailFile)
	for late := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(name); err == nil {
			break
		} else if time.Now().After(late) {
			o.t.Error("the head of the trail is not noted")
			break
		}
	}
	_, _, log = s.stop()
	if !strings.Contains(log, "trail verified") {
		o.t.Errorf("the log has no head of the trail:\n%s", log)
	}
	return log
}

// trail verifies the trail, exports it, and verifies that by what the guide
// says.
func (o *office) trail() {
	o.t.Helper()
	out, _ := must(o.t, "trail", "verify", "--config", o.config)
	lines, _ := must(o.t, "trail", "export", "--config", o.config)
	actions, head := verifyExport(o.t, lines)
	if want := fmt.Sprintf("whole %d:%s\n", len(actions), head); out != want {
		o.t.Errorf("trail verify prints %q, want %q", out, want)
	}
	want := []string{
		"account.create Ophelia", "factor.add Ophelia", "factor.add Ophelia", "session.signin Ophelia",
		"account.create Ophelia", "invitation.sent Ophelia",
		"account.link Amina", "session.signin Amina", "session.signin Amina", "session.signout_others Amina",
		"account.create Ophelia", "invitation.sent Ophelia", "password.changed Zacharie", "session.signin Zacharie", "session.signin Zacharie",
		"session.signin Ophelia",
		"factor.remove console", "password.reset console", "password.changed Ophelia", "factor.add Ophelia", "factor.add Ophelia", "session.signin Ophelia",
	}
	if !slices.Equal(actions, want) {
		o.t.Errorf("the trail has\n%s\nwant\n%s", strings.Join(actions, "\n"), strings.Join(want, "\n"))
	}
	table, _ := must(o.t, "trail", "export", "--format", "csv", "--config", o.config)
	if n := strings.Count(table, "\n"); n != len(actions)+1 {
		o.t.Errorf("%d lines of CSV for %d entries", n, len(actions))
	}
	must(o.t, "trail", "verify", "--config", o.config, "--head", fmt.Sprintf("%d:%s", len(actions), head))
	fails(o.t, "written anew", "trail", "verify", "--config", o.config, "--head", fmt.Sprintf("%d:%064d", len(actions), 1))
	fails(o.t, "ends before", "trail", "verify", "--config", o.config, "--head", fmt.Sprintf("%d:%064d", len(actions)+9, 1))
	for _, secret := range append(o.secrets, "@", "%40") {
		if who := secret == "Ophelia" || secret == "Amina" || secret == "Zacharie"; !who && strings.Contains(lines, secret) {
			o.t.Errorf("the trail holds %q", secret)
		}
	}
}

// verifyExport works the chain of an export out without the program, and gives
// each entry's action and actor, and the last hash.
func verifyExport(t *testing.T, lines string) (actions []string, head string) {
	t.Helper()
	head = strings.Repeat("0", 64)
	for line := range strings.Lines(lines) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		hash := entry["hash"]
		delete(entry, "hash")
		var canonical bytes.Buffer
		encoder := json.NewEncoder(&canonical)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(entry); err != nil {
			t.Fatal(err)
		}
		head = fmt.Sprintf("%x", sha256.Sum256([]byte(head+strings.TrimSuffix(canonical.String(), "\n"))))
		actions = append(actions, fmt.Sprint(entry["action"], " ", entry["actor"]))
		if hash != head || entry["seq"] != float64(len(actions)) {
			t.Fatalf("the export is broken at %s", line)
		}
	}
	return actions, head
}

// heads are the heads of the trail, which belong into the log.
var heads = regexp.MustCompile(`^[0-9a-f]{64}$`)

// silent fails if the log tells of anybody.
func (o *office) silent(log string) {
	o.t.Helper()
	for _, found := range logtest.Personal(log, heads, o.secrets...) {
		o.t.Errorf("the log holds %s", found)
	}
	if !strings.Contains(log, "/staff/password/{token}") {
		o.t.Errorf("the log does not say what was asked:\n%s", log)
	}
}
