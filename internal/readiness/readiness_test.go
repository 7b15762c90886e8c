package readiness

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// good gives probes that find nothing wrong.
func good() Probes {
	return Probes{
		Now: now, Version: Version{Program: "1.4.0", Built: noon.AddDate(0, -1, 0)}, Address: "https://survey.customs.example",
		HTTPS: func(context.Context) (HTTPS, error) {
			return HTTPS{Mode: ByACME, Names: []string{"survey.customs.example"}, End: noon.AddDate(0, 2, 0)}, nil
		},
		Reach:  func(context.Context) error { return nil },
		Others: func(context.Context) (time.Time, error) { return noon, nil },
		Database: func(context.Context) (Database, error) {
			return Database{Engine: "postgres", Version: "PostgreSQL 16.2", Major: 16, Size: 31_400_000, Writable: true, Used: 12, Limit: 100, Now: noon}, nil
		},
		Shared: func(context.Context) error { return nil },
		Backup: func(context.Context) (Backup, error) {
			return Backup{Place: "s3://bucket", Encrypted: true, Succeeded: noon.Add(-10 * time.Hour)}, nil
		},
		Mail:     func(context.Context) error { return nil },
		Accounts: func(context.Context) (Accounts, error) { return Accounts{Operators: 2}, nil },
		Rounds: func(context.Context) ([]Round, error) {
			return []Round{{Name: "Spring", Open: true, Retention: true}, {Name: "Old", Fault: errors.New("closed"), Retention: true}}, nil
		},
		Trail: func(context.Context) error { return nil },
		Jobs:  func(context.Context) ([]string, error) { return nil, nil },
	}
}

// of gives the finding of one check.
func of(t *testing.T, p Probes, key string) Finding {
	t.Helper()
	for _, f := range Check(t.Context(), p) {
		if f.Key == key {
			return f
		}
	}
	return Finding{}
}

func TestAllIsWell(t *testing.T) {
	p := good()
	findings := Check(t.Context(), p)
	if len(findings) != 18 {
		t.Errorf("%d findings", len(findings))
	}
	for _, f := range findings {
		if f.State != OK || f.Remedy != "" {
			t.Errorf("%+v", f)
		}
	}
	if Worst(findings) != OK {
		t.Error("not ready")
	}
}

// Every way in which one thing can be wrong, and what is found then.
func TestFindings(t *testing.T) {
	fault := errors.New("fault")
	https := func(h HTTPS) func(*Probes) {
		return func(p *Probes) { p.HTTPS = func(context.Context) (HTTPS, error) { return h, nil } }
	}
	reach := func(err error) func(*Probes) {
		return func(p *Probes) { p.Reach = func(context.Context) error { return err } }
	}
	other := func(d time.Duration) func(*Probes) {
		return func(p *Probes) {
			p.Others = func(context.Context) (time.Time, error) { return noon.Add(d), nil }
		}
	}
	db := func(change func(*Database)) func(*Probes) {
		return func(p *Probes) {
			d, _ := p.Database(context.Background())
			change(&d)
			p.Database = func(context.Context) (Database, error) { return d, nil }
		}
	}
	made := func(b Backup) func(*Probes) {
		return func(p *Probes) { p.Backup = func(context.Context) (Backup, error) { return b, nil } }
	}
	ago := func(d time.Duration) Backup {
		return Backup{Place: "s3://b", Encrypted: true, Succeeded: noon.Add(-d)}
	}
	rounds := func(r Round) func(*Probes) {
		return func(p *Probes) { p.Rounds = func(context.Context) ([]Round, error) { return []Round{r}, nil } }
	}
	operators := func(a Accounts) func(*Probes) {
		return func(p *Probes) { p.Accounts = func(context.Context) (Accounts, error) { return a, nil } }
	}
	names := []string{"a.example"}
	tests := []struct {
		name   string
		change func(*Probes)
		key    string
		want   string // outcome
		words  string // in the English text
	}{
		{"old", func(p *Probes) { p.Version.Built = noon.AddDate(-1, -1, 0) }, "version", "old", "1 November 2025"},
		{"newer data", func(p *Probes) { p.Version.Data = 1 }, "version", "data_newer", "newer"},
		{"older data", func(p *Probes) { p.Version.Data = -1 }, "version", "data_older", "older"},
		{"no address", func(p *Probes) { p.Address = "" }, "address", "none", "No public address"},
		{"proxy", https(HTTPS{Mode: ByProxy}), "certificate", "proxy", "proxy"},
		{"loopback", https(HTTPS{Mode: Loopback}), "certificate", "loopback", "this machine only"},
		{"bad files", func(p *Probes) { p.HTTPS = func(context.Context) (HTTPS, error) { return HTTPS{}, fault } }, "certificate", "unusable", "fault"},
		{"none yet", https(HTTPS{Mode: ByACME, Names: names, Missing: names}), "certificate", "missing", "a.example: –"},
		{"refused", https(HTTPS{Mode: ByACME, Names: names, Missing: names, Failing: "no DNS"}), "certificate", "missing", "no DNS"},
		{"ended", https(HTTPS{Mode: ByFiles, Names: names, End: noon}), "certificate", "expired", "1 December 2026"},
		{"ends soon", https(HTTPS{Mode: ByFiles, Names: names, End: noon.AddDate(0, 0, 13)}), "certificate", "soon", "14 December"},
		{"renewal fails", https(HTTPS{Mode: ByACME, Names: names, End: noon.AddDate(0, 0, 20), Failing: "no DNS"}), "certificate", "failing", "no DNS"},
		{"no way there", reach(fault), "reach", "unknown", "fault"},
		{"somebody else", reach(fmt.Errorf("%w (404)", ErrOther)), "reach", "other", "404"},
		{"unknown authority", reach(fmt.Errorf("get: %w", x509.UnknownAuthorityError{})), "reach", "untrusted", "unknown authority"},
		{"another name", reach(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "a"}), "reach", "untrusted", ""},
		{"a little off", other(10 * time.Second), "clock", "off", "11 seconds"},
		{"behind", other(-10 * time.Second), "clock", "off", ""},
		{"wrong", other(time.Hour), "clock", "wrong", "3,601"},
		{"down", func(p *Probes) { p.Database = func(context.Context) (Database, error) { return Database{}, fault } }, "database", "down", "fault"},
		{"read-only", db(func(d *Database) { d.Writable = false }), "database", "read_only", ""},
		{"locale", db(func(d *Database) { d.Locale = "LATIN1 de_DE" }), "database", "locale", "LATIN1 de_DE"},
		{"ancient", db(func(d *Database) { d.Major = 12 }), "database", "ancient", "14 and later"},
		{"sqlite", db(func(d *Database) { d.Engine, d.Major = "sqlite", 0 }), "database", "ok", ""},
		{"crowded", db(func(d *Database) { d.Used = 80 }), "connections", "few", "80 of 100"},
		{"store gone", func(p *Probes) { p.Shared = func(context.Context) error { return fault } }, "shared", "down", "fault"},
		{"no backup", made(Backup{}), "backup", "none", ""},
		{"never", made(Backup{Place: "/b"}), "backup", "never", ""},
		{"failed", made(Backup{Place: "/b", Failed: fault, Succeeded: noon}), "backup", "failed", "fault"},
		{"late", made(ago(27 * time.Hour)), "backup", "late", "30 November"},
		{"old backup", made(ago(9 * 24 * time.Hour)), "backup", "old", "22 November"},
		{"plain", made(Backup{Place: "/b", Succeeded: noon}), "backup_place", "plain", ""},
		{"no mail", func(p *Probes) { p.Mail = nil }, "mail", "none", ""},
		{"mail refuses", func(p *Probes) { p.Mail = func(context.Context) error { return fault } }, "mail", "failed", "fault"},
		{"nobody", operators(Accounts{}), "accounts", "none", ""},
		{"alone", operators(Accounts{Operators: 1}), "accounts", "single", ""},
		{"unprotected", operators(Accounts{Operators: 3, Unprotected: []string{"Ada", "Max"}}), "accounts", "factor", "Ada, Max"},
		{"broken", rounds(Round{Name: "Spring", Open: true, Fault: fault, Retention: true}), "rounds", "broken", "Spring"},
		{"untold", rounds(Round{Name: "Spring", Untold: []string{"ar"}}), "languages", "missing", "Spring"},
		{"no end", rounds(Round{Name: "Spring"}), "retention", "missing", "Spring"},
		{"trail", func(p *Probes) { p.Trail = func(context.Context) error { return fault } }, "trail", "broken", "fault"},
		{"jobs", func(p *Probes) {
			p.Jobs = func(context.Context) ([]string, error) { return []string{"backup"}, nil }
		}, "jobs", "failing", "backup"},
	}
	catalogue := english(t)
	for _, test := range tests {
		p := good()
		test.change(&p)
		f := of(t, p, test.key)
		want := found(test.key, test.want)
		if f.Text != want.Text || f.State != want.State || f.Remedy != want.Remedy {
			t.Errorf("%s: %+v, want %+v", test.name, f, want)
			continue
		}
		if said := Say(catalogue, []Finding{f})[0]; !strings.Contains(said.Text, test.words) || strings.Contains(said.Text+said.Remedy, "no value") {
			t.Errorf("%s: %+v lacks %q", test.name, said, test.words)
		}
	}
}

func english(t testing.TB) *i18n.Printer { return printer(t, "en") }

func printer(t testing.TB, lang string) *i18n.Printer {
	t.Helper()
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.Printer(lang)
}

// What cannot be asked is left out; what fails to be found out is unknown, and the rest is told nevertheless.
func TestFailingProbes(t *testing.T) {
	bare := Check(t.Context(), Probes{Now: now})
	var keys []string
	for _, f := range bare {
		keys = append(keys, f.Key)
	}
	if got := strings.Join(keys, " "); got != "address clock mail zones" {
		t.Errorf("with nothing to ask: %s", got)
	}
	gone := errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(errors.New("gone"))
	p := good()
	p.Rounds = func(context.Context) ([]Round, error) { return nil, gone }
	p.Accounts = func(context.Context) (Accounts, error) { return Accounts{}, gone }
	p.Jobs = func(context.Context) ([]string, error) { return nil, gone }
	p.Trail = func(context.Context) error { return gone }
	p.Backup = func(context.Context) (Backup, error) { panic("oh") }
	unknown := 0
	for _, f := range Check(t.Context(), p) {
		if f.State == Unknown && f.Text == failedText {
			unknown++
			if said := Say(english(t), []Finding{f})[0]; !strings.Contains(said.Text, "gone") && !strings.Contains(said.Text, "oh") {
				t.Errorf("%+v", said)
			}
		}
	}
	if unknown != 8 { // rounds, languages, retention, accounts, jobs, trail, and backup twice
		t.Errorf("%d unknown", unknown)
	}
}

func TestHangingProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan bool)
		p := good()
		p.Mail = func(context.Context) error { <-free; return nil }
		began := time.Now()
		f := of(t, p, "mail")
		if f.State != Unknown || f.Text != lateText || time.Since(began) != lookLimit {
			t.Errorf("%+v after %v", f, time.Since(began))
		}
		close(free)
	})
}

func TestWorst(t *testing.T) {
	for _, test := range []struct {
		states []State
		want   State
	}{{nil, OK}, {[]State{OK, Unknown}, Unknown}, {[]State{Unknown, Warn, OK}, Warn}, {[]State{OK, Bad, Warn}, Bad}} {
		var findings []Finding
		for _, s := range test.states {
			findings = append(findings, Finding{State: s})
		}
		if got := Worst(findings); got != test.want {
			t.Errorf("%v: %s", test.states, got)
		}
	}
}

func TestCatalogue(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
	used := map[string]bool{lateText: true, lateText + "_do": true, failedText: true, failedText + "_do": true, "readiness.nav": true, "readiness.nav_hint": true}
	for _, word := range []string{"title", "again", "do", "fine", "attention"} {
		used["readiness.page."+word] = true
	}
	for _, s := range []State{OK, Warn, Bad, Unknown} {
		used["readiness.state."+string(s)], used["readiness.sum."+string(s)] = true, true
	}
	for name := range outcomes {
		check, outcome, _ := strings.Cut(name, ".")
		f := found(check, outcome)
		used["readiness.title."+check], used[f.Text] = true, true
		if f.Remedy != "" {
			used[f.Remedy] = true
		}
	}
	text, err := fs.ReadFile(Messages(), "message/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for key := range all {
		if !used[key] {
			t.Errorf("nothing says %s", key)
		}
		delete(used, key)
	}
	for key := range used {
		t.Errorf("no words for %s", key)
	}
	for _, c := range checks {
		if _, ok := outcomes[c.key+".ok"]; !ok {
			t.Errorf("check %s has no outcomes", c.key)
		}
	}
}

func TestWrite(t *testing.T) {
	p := good()
	p.Backup = func(context.Context) (Backup, error) { return Backup{}, nil }
	p.Mail = func(context.Context) error {
		return errs.New(errs.Invalid, "readiness.page.again").Because(errors.New("technical"))
	}
	p.Reach = func(context.Context) error { return errors.New("connection refused") }
	findings := Check(t.Context(), p)
	var out strings.Builder
	if err := Write(&out, english(t), findings); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"[ ok  ] Version: Adili 1.4.0\n", "[ BAD ] Backup: No backups are made.\n        → Set “backup-to”", "[  ?  ] Reaching the address: ",
		"refuses: Look again\n", "[ ok  ] Database: PostgreSQL 16.2, 31 MB\n", "\nDo not open a round before this is mended.\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if Worst(findings) != Bad {
		t.Error("ready without a backup")
	}
	out.Reset()
	if err := Write(&out, printer(t, "ru"), findings); err != nil || !strings.Contains(out.String(), "[ BAD ] Резервная копия: Резервные копии не делаются.") {
		t.Errorf("%v\n%s", err, out.String())
	}
	out.Reset()
	if err := Write(&out, printer(t, "ar"), findings); err != nil || !strings.Contains(out.String(), "\u2068connection refused\u2069") {
		t.Errorf("%v\n%s", err, out.String())
	}
	out.Reset()
	if err := WriteJSON(&out, english(t), findings); err != nil {
		t.Fatal(err)
	}
	var seen struct {
		State    State
		Findings []Said
	}
	if err := json.Unmarshal([]byte(out.String()), &seen); err != nil || seen.State != Bad || len(seen.Findings) != len(findings) {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestBytes(t *testing.T) {
	for b, want := range map[Bytes]string{0: "0 B", 999: "999 B", 1000: "1 kB", 1500: "1.5 kB", 31_400_000: "31 MB", 999_600_000: "1 GB", 2_040_000_000: "2 GB", 9_960_000_000: "10 GB", 5e12: "5 TB", 5e15: "5,000 TB"} {
		if got := b.in(english(t)); got != want {
			t.Errorf("%d: %s, want %s", b, got, want)
		}
	}
	if got := Bytes(1500).in(printer(t, "fr")); got != "1,5 kB" {
		t.Error(got)
	}
}

func TestLanguage(t *testing.T) {
	for _, test := range []struct{ asked, all, messages, lang, want string }{
		{"", "", "", "", "en"}, {"fr", "", "", "ar_EG.UTF-8", "fr"}, {"", "", "", "pt_BR.UTF-8", "pt"}, {"xx", "", "", "ru", "ru"},
		{"", "C.UTF-8", "", "zh_CN.UTF-8", "en"}, {"", "", "", "xx_XX", "en"}, {"", "es_ES", "fr_FR", "zh_CN", "es"}, {"", "", "FR", "", "fr"},
	} {
		vars := map[string]string{"LC_ALL": test.all, "LC_MESSAGES": test.messages, "LANG": test.lang}
		lookup := func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
		if got := Language(test.asked, lookup); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
