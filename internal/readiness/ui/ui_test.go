package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/readiness"
	"adili/internal/testkit/browsertest"

	"github.com/jba/templatecheck"
)

// door lets in whoever's token names a role.
type door struct{}

func (door) Session(_ context.Context, token string) (people.Person, error) {
	role, lang, _ := strings.Cut(token, "-")
	if role == "" {
		return people.Person{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	return people.Person{ID: "person_1", Name: "Ada", Role: people.Role(role), Lang: lang}, nil
}

func serve(t *testing.T, check func(context.Context) []readiness.Finding) http.Handler {
	t.Helper()
	catalogue, err := i18n.Load(web.Messages(), readiness.Messages())
	if err != nil {
		t.Fatal(err)
	}
	server := web.New(web.Options{Catalogue: catalogue, People: door{}})
	room := New(check)
	server.Mount(room.Routes()...)
	server.AddNav(room.Nav()...)
	return server.Handler()
}

func get(t *testing.T, h http.Handler, role string, status int) string {
	t.Helper()
	r := httptest.NewRequest("GET", Path, nil)
	r.Header.Set("Cookie", "__Host-adili="+role)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	text := w.Body.String()
	if w.Code != status || strings.Contains(text, "«") || strings.Contains(text, "no value") {
		t.Fatalf("as %s: %d, want %d\n%s", role, w.Code, status, text)
	}
	return text
}

// some gives findings of every state.
func some(context.Context) []readiness.Finding {
	now := func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }
	return readiness.Check(context.Background(), readiness.Probes{
		Now: now, Version: readiness.Version{Program: "1.4.0", Built: now().AddDate(-2, 0, 0)}, Address: "https://survey.customs.example",
		HTTPS: func(context.Context) (readiness.HTTPS, error) {
			return readiness.HTTPS{Mode: readiness.ByFiles, Names: []string{"survey.customs.example"}, End: now().AddDate(0, 0, 5)}, nil
		},
		Reach: func(context.Context) error { return errors.New("connection refused <b>") },
		Database: func(context.Context) (readiness.Database, error) {
			return readiness.Database{Engine: "postgres", Version: "PostgreSQL 16.2", Major: 16, Size: 31_400_000, Writable: true, Used: 12, Limit: 100, Now: now()}, nil
		},
		Backup: func(context.Context) (readiness.Backup, error) { return readiness.Backup{}, nil },
		Rounds: func(context.Context) ([]readiness.Round, error) { return nil, nil },
		Accounts: func(context.Context) (readiness.Accounts, error) {
			return readiness.Accounts{Operators: 2, Unprotected: []string{"Ada Lovelace"}}, nil
		},
	})
}

func TestTemplate(t *testing.T) {
	if err := templatecheck.CheckHTMLStrict(newPage(files).Parts()); err != nil {
		t.Error(err)
	}
}

func TestPage(t *testing.T) {
	h := serve(t, some)
	text := get(t, h, "operator", 200)
	for _, want := range []string{"Is my server ready?", "Do not open a round", "No backups are made", "backup-recipient", "Must be mended", "Ada Lovelace",
		"connection refused &lt;b&gt;", "PostgreSQL 16.2, 31 MB", "12 of 100 in use", `aria-current="page"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Index(text, `id="backup"`) > strings.Index(text, `id="certificate"`) || strings.Index(text, `id="certificate"`) > strings.Index(text, `id="reach"`) {
		t.Error("not the worst first")
	}
	get(t, h, "manager", 403)
	get(t, h, "analyst", 403)
	get(t, h, "", 303)
	fine := serve(t, func(context.Context) []readiness.Finding {
		return readiness.Check(context.Background(), readiness.Probes{Now: time.Now, Address: "https://a.example", Mail: func(context.Context) error { return nil },
			Others: func(context.Context) (time.Time, error) { return time.Now(), nil }})
	})
	if text := get(t, fine, "operator", 200); !strings.Contains(text, "The server is ready.") || strings.Contains(text, "notice-warn") {
		t.Errorf("all is well, and yet:\n%s", text)
	}
}

func TestClickingOftenChecksOnce(t *testing.T) {
	n := 0
	h := serve(t, func(context.Context) []readiness.Finding { n++; return []readiness.Finding{} })
	for range 5 {
		get(t, h, "operator", 200)
	}
	if n != 1 {
		t.Errorf("checked %d times", n)
	}
}

// A look at the page on a phone, in each direction and colour.
func TestLook(t *testing.T) {
	lang := ""
	pages := serve(t, some)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Cookie", "__Host-adili=operator-"+lang)
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	for _, look := range []struct {
		lang          string
		width, height int64
		dark          bool
	}{{"en", 1280, 900, false}, {"en", 320, 700, false}, {"ar", 360, 740, true}, {"fr", 360, 740, false}, {"zh", 1280, 900, true}} {
		tab := browsertest.New(t, browsertest.Options{Width: look.width, Height: look.height, Mobile: look.width < 500, Dark: look.dark})
		lang = look.lang
		tab.Go(server.URL + Path)
		name := fmt.Sprintf("ready-%s-%d-%v", look.lang, look.width, look.dark)
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
