package app

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/demo"
	"adili/internal/kernel/i18n"
	"adili/internal/testkit/pgtest"
)

// TestDemoStartsOver interrupts the making of the demonstration, makes it
// whole, and makes nothing the third time.
func TestDemoStartsOver(t *testing.T) {
	database := pgtest.Create(t, pgtest.URL(t), "demo", "", false)
	data := filepath.Join(t.TempDir(), "data")
	arguments := []string{"demo", "--seed-only", "--data", data, "--database", database}
	run := func(ctx context.Context) (code int, out, errOut string) {
		var o, e bytes.Buffer
		code = Run(ctx, arguments, &o, &e)
		return code, o.String(), e.String()
	}
	short, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if code, _, said := run(short); code == exitOK {
		t.Fatalf("the first start was not interrupted: %s", said)
	}
	if state, err := demo.Look(data); err != nil || state != demo.Half {
		t.Fatalf("state %d, error %v", state, err)
	}
	code, out, said := run(t.Context())
	if code != exitOK || !strings.Contains(said, "made anew") || !strings.Contains(out, "manager@customs.example") {
		t.Fatalf("second start: code %d\n%s\n%s", code, out, said)
	}
	before, err := os.ReadFile(filepath.Join(data, demo.FileName))
	if err != nil {
		t.Fatal(err)
	}
	code, out, said = run(t.Context())
	after, err := os.ReadFile(filepath.Join(data, demo.FileName))
	if code != exitOK || said != "" || err != nil || !bytes.Equal(before, after) {
		t.Fatalf("third start: code %d, error %v\n%s", code, err, said)
	}
	if strings.Contains(out, "ready ") {
		t.Errorf("nothing is served, but it prints %s", out)
	}
	checkServedDemo(t, data, arguments)
	// The database now holds a demonstration that another folder must not take.
	arguments[3] = filepath.Join(t.TempDir(), "other")
	if code, _, said = run(t.Context()); code == exitOK || !strings.Contains(said, "not empty") {
		t.Fatalf("another folder: code %d\n%s", code, said)
	}
	if state, err := demo.Look(arguments[3]); err != nil || state != demo.Empty {
		t.Errorf("the other folder: state %d, error %v", state, err)
	}
}

// checkServedDemo serves the demonstration that is there, on an address of its
// own, which demo.json then names.
func checkServedDemo(t *testing.T, data string, arguments []string) {
	t.Helper()
	began := time.Now()
	s := start(t, append(slices.Delete(slices.Clone(arguments), 1, 2), "--listen", "127.0.0.1:0")...)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("ready after %v: was it made again?", took)
	}
	info, err := os.Stat(filepath.Join(data, demo.FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v (%v)", demo.FileName, info, err)
	}
	f, err := demo.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	if f.BaseURL != s.base || f.Health != s.base+"/healthz" {
		t.Errorf("%s names %s and %s, served is %s", demo.FileName, f.BaseURL, f.Health, s.base)
	}
	for kind, links := range f.OpenRound.Links {
		if len(links) != len(i18n.Languages) || len(f.OpenRound.Codes[kind]) < 200 {
			t.Errorf("%s: %d links and %d codes", kind, len(links), len(f.OpenRound.Codes[kind]))
		}
		for lang, link := range links {
			if status, page := get(t, link); status != http.StatusOK || !strings.Contains(page, `<html lang="`+lang+`"`) {
				t.Errorf("%s: status %d", link, status)
			}
		}
	}
	if len(f.OpenRound.Links) != 2 {
		t.Errorf("links for %d populations", len(f.OpenRound.Links))
	}
	for _, address := range append(slices.Collect(maps.Values(f.Reports)), s.base+f.SignIn.Address) {
		if status, _ := get(t, address); status != http.StatusOK && status != http.StatusSeeOther {
			t.Errorf("%s: status %d", address, status)
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(s.base+f.SignIn.Address, url.Values{f.SignIn.EmailField: {f.Staff.Email}, f.SignIn.PasswordField: {f.Staff.Password}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Set-Cookie"), "__Host-") {
		t.Errorf("signing in: status %d, cookie %q", answer.StatusCode, answer.Header.Get("Set-Cookie"))
	}
	if status, rest, errOut := s.stop(); status != exitOK || rest != "" {
		t.Errorf("code %d, after the ready line stands %q\n%s", status, rest, errOut)
	}
}
