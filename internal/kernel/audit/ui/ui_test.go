package ui

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/testkit/browsertest"
	"adili/internal/testkit/dbtest"

	"github.com/jba/templatecheck"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// door lets in whoever's token names a role.
type door struct{}

func (door) Session(_ context.Context, token string) (people.Person, error) {
	role, lang, _ := strings.Cut(token, "-")
	if role == "" {
		return people.Person{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	return people.Person{ID: "person_1", Name: "Ada", Role: people.Role(role), Lang: lang}, nil
}

// fixture is a server with the room.
type fixture struct {
	t      *testing.T
	db     *storage.DB
	notes  *audit.Notes
	server *web.Server
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	catalogue, err := i18n.Load(web.Messages(), Messages())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, db: dbtest.SQLite(t, audit.Migrate), notes: audit.NewNotes(filepath.Join(t.TempDir(), "trail.heads"))}
	f.server = web.New(web.Options{Catalogue: catalogue, People: door{}})
	room := New(f.db, Options{Notes: f.notes, Names: func(context.Context) (map[string]string, error) {
		return map[string]string{"round_1": "Spring <2026>"}, nil
	}})
	f.server.Mount(room.Routes()...)
	f.server.AddNav(room.Nav()...)
	return f
}

func (f *fixture) do(at time.Time, by audit.Actor, action, object string, detail ...string) {
	f.t.Helper()
	err := f.db.Write(f.t.Context(), func(tx storage.Querier) error {
		return audit.Append(f.t.Context(), tx, at, by, action, object, detail...)
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) alter(statement string) {
	f.t.Helper()
	err := f.db.Write(f.t.Context(), func(tx storage.Querier) error {
		_, err := tx.ExecContext(f.t.Context(), statement)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// get fetches a page as the role and checks the status.
func (f *fixture) get(role, address string, status int) string {
	f.t.Helper()
	r := httptest.NewRequest("GET", address, nil)
	r.Header.Set("Cookie", "__Host-adili="+role)
	w := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(w, r)
	text := w.Body.String()
	if w.Code != status {
		f.t.Fatalf("%s as %s: %d, want %d\n%s", address, role, w.Code, status, text)
	}
	if strings.Contains(text, "«") || strings.Contains(text, "no value") {
		f.t.Errorf("%s: a text is missing:\n%s", address, text)
	}
	return text
}

func wantWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("no %q in\n%s", word, text)
		}
	}
}

func TestCatalogue(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
}

func TestTemplate(t *testing.T) {
	if err := templatecheck.CheckHTMLStrict(newPage(files).Parts()); err != nil {
		t.Error(err)
	}
}

func TestWordsOfDetails(t *testing.T) {
	f := newFixture(t)
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	f.do(at, audit.System, "session.signin", "person_2", "method", "password+totp")
	f.do(at, audit.System, "codes.made", "round_1", "population", "official", "for", "card", "codes", "40")
	f.do(at, audit.System, "round.create", "round_1", "name", "link", "iteration", "1")
	text := f.get("operator", Path, 200)
	wantWords(t, text, "password · authenticator app", "officials", "card", "link")
	if text = f.get("operator-fr", Path, 200); !strings.Contains(text, "mot de passe · application d’authentification") || strings.Contains(text, ">lien<") {
		t.Errorf("in French:\n%s", text)
	}
}

func TestPage(t *testing.T) {
	f := newFixture(t)
	wantWords(t, f.get("operator", Path, 200), "Nothing has been written down yet", "0 entries, and the chain holds")
	f.do(noon, audit.Console, "account.create", "person_1", "role", "operator")
	f.do(noon.Add(24*time.Hour), audit.Actor{ID: "person_1", Name: "Ada"}, "session.signin", "person_1", "odd", "<b>")
	f.do(noon.Add(48*time.Hour), audit.Actor{ID: "person_1", Name: "Ada"}, "strange.thing", "round_1")
	text := f.get("operator", Path, 200)
	wantWords(t, text, "3 entries, and the chain holds", "1 December 2026", "12:00:00", "When (UTC)", "Somebody at the server’s console", "Made an account", "Role</bdi>: <bdi>operator",
		"odd</bdi>: <bdi>&lt;b&gt;", "strange.thing", "Spring &lt;2026&gt;", "round_1", `href="/staff/trail/trail.csv"`, `aria-current="page"`)
	if strings.Index(text, "3 December") > strings.Index(text, "1 December") {
		t.Error("not newest first")
	}
	for query, want := range map[string]int{
		"": 3, "person=console": 1, "person=person_1": 2, "action=account.create": 1, "from=2026-12-02": 2, "to=2026-12-02": 2,
		"from=2026-12-02&to=2026-12-02": 1, "from=%D9%A2%D9%A0%D9%A2%D9%A6-12-03": 1, "action=no.such": 0, "before=2": 1,
	} {
		if got := strings.Count(f.get("operator", Path+"?"+query, 200), `<th scope="row">`); got != want {
			t.Errorf("?%s shows %d entries, want %d", query, got, want)
		}
	}
	wantWords(t, f.get("operator", Path+"?action=no.such", 200), "No entry fits", "Show all")
	f.get("operator", Path+"?from=tomorrow", 400)
	f.get("operator", Path+"?before=x", 404)
	f.get("manager", Path, 403)
	f.get("analyst", Path+"/trail.csv", 403)
	f.get("", Path, 303)
}

func TestPagesOfFifty(t *testing.T) {
	f := newFixture(t)
	for i := range 120 {
		f.do(noon, audit.System, []string{"a.b", "c.d"}[i%2], strconv.Itoa(i))
	}
	seen, address := 0, Path+"?action=a.b&person=system"
	for address != "" {
		text := f.get("operator", address, 200)
		seen += strings.Count(text, `<th scope="row">`)
		older := regexp.MustCompile(`href="(/staff/trail\?[^"]*before=[^"]*)"`).FindStringSubmatch(text)
		if address = ""; older != nil {
			address = strings.ReplaceAll(older[1], "&amp;", "&")
		}
	}
	if seen != 60 {
		t.Errorf("%d entries on all pages, want 60", seen)
	}
}

func TestBrokenTrail(t *testing.T) {
	f := newFixture(t)
	for range 4 {
		f.do(noon, audit.System, "a.b", "")
	}
	if err := f.notes.Check(t.Context(), f.db.Read(), noon, discard()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ statement, want string }{
		{"DELETE FROM audit_entry WHERE seq = 4", "ends before entry 4"},
		{"UPDATE audit_entry SET object = 'x' WHERE seq = 3", "entry 3, or the order"},
		{"DELETE FROM audit_entry WHERE seq = 2", "entry 2 is missing"},
	} {
		f.alter(test.statement)
		wantWords(t, f.get("operator", Path, 200), test.want, "notice-warn", "who can write to the database")
	}
}

func TestDownload(t *testing.T) {
	f := newFixture(t)
	f.do(noon, audit.System, "a.b", "")
	for name, begins := range map[string]string{"trail.csv": "seq,at,actor_id,actor,", "trail.jsonl": `{"action":"a.b"`} {
		if text := f.get("operator", Path+"/"+name, 200); !strings.HasPrefix(text, begins) {
			t.Errorf("%s: %s", name, text)
		}
	}
	f.get("operator", Path+"/trail.xlsx", 404)
}

// Every action that the program writes down can be said in words.
func TestEveryActionHasWords(t *testing.T) {
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	actions := writtenActions(t, "../../../..")
	for _, known := range []string{"account.create", "round.frame", "cards.printed", "backup.made"} {
		if actions[known] == "" {
			t.Errorf("%s is not found among %v", known, actions)
		}
	}
	for action, where := range actions {
		if !catalogue.Printer("en").Has("audit.action." + action) {
			t.Errorf("%s: no words for %s in internal/kernel/audit/ui/message", where, action)
		}
	}
}

var actionForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// writtenActions finds the texts in the form of an action that calls which lead to the trail get, and constants of the ways
// that codes are handed out.
func writtenActions(t *testing.T, root string) map[string]string {
	t.Helper()
	called := regexp.MustCompile(`(?i)^(append|note|noteif|change|taken|audit|record|trail)$`)
	actions := make(map[string]string)
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil // somebody is writing in it: the compiler tells
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var texts []ast.Expr
			if call, ok := n.(*ast.CallExpr); ok && called.MatchString(name(call.Fun)) {
				texts = call.Args
			} else if constant, ok := n.(*ast.ValueSpec); ok && constant.Type != nil && name(constant.Type) == "HandOut" {
				texts = constant.Values
			}
			for _, e := range texts {
				if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
					if word, _ := strconv.Unquote(text.Value); actionForm.MatchString(word) && !strings.HasPrefix(word, "library.") { // those name a step to be undone
						actions[word] = set.Position(n.Pos()).String()
						break
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return actions
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// A look at the page on a phone, in each direction and colour.
func TestLook(t *testing.T) {
	f := newFixture(t)
	f.do(noon, audit.Console, "account.create", "person_1", "role", "operator")
	for i := range 12 {
		f.do(noon.Add(time.Duration(i)*time.Hour), audit.Actor{ID: "person_1", Name: "Ada Lovelace"}, []string{"session.signin", "account.disable", "factor.add"}[i%3], "person_k3x9q2ab7c1d5e8f2g4h", "kind", "passkey")
	}
	f.do(noon.Add(48*time.Hour), audit.System, "odd.thing", "round_1", "name", strings.Repeat("long ", 30))
	lang := ""
	pages := f.server.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Cookie", "__Host-adili=operator-"+lang)
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	for _, look := range []struct {
		lang          string
		width, height int64
		dark          bool
	}{{"en", 1280, 900, false}, {"en", 320, 700, false}, {"ar", 360, 740, true}, {"ru", 360, 740, false}, {"zh", 1280, 900, true}} {
		tab := browsertest.New(t, browsertest.Options{Width: look.width, Height: look.height, Mobile: look.width < 500, Dark: look.dark})
		lang = look.lang
		tab.Go(server.URL + Path)
		name := fmt.Sprintf("trail-%s-%d-%v", look.lang, look.width, look.dark)
		if !strings.Contains(tab.Text(), "Lovelace") {
			t.Fatalf("%s: not the page:\n%s", name, tab.Text())
		}
		tab.Picture(name)
		if faults := tab.Axe(); len(faults) > 0 {
			t.Errorf("%s:\n%s", name, strings.Join(faults, "\n"))
		}
		if tab.Sideways() {
			t.Errorf("%s is wider than the screen", name)
		}
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
