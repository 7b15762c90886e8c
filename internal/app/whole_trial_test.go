package app

import (
	"bytes"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/internal/backup"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"
)

// remark is what somebody writes in an answer that must be gone later.
const remark = "Xanadu, the shed behind gate four"

// remarking chooses the first option of each question and writes the remark.
func remarking(_ string, options []phone.Option) []string {
	if len(options) == 0 {
		return []string{remark}
	}
	return []string{options[0].Value}
}

// reader is a respondent's transport that sees to it that every page says
// something.
type reader struct {
	http.RoundTripper
	t     *testing.T
	mark  string
	pages int
}

// RoundTrip implements http.RoundTripper.
func (r *reader) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := r.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if r.pages++; !strings.Contains(html.UnescapeString(string(body)), r.mark) {
		r.t.Errorf("%s %s does not say %q", request.Method, request.URL.Path, r.mark)
	}
	return answer, nil
}

// A round is tried out: everybody can answer, every page says that it is a
// pilot, and once the round itself is open nothing of it is left: no file, no
// row, no byte in the database's files or in a backup, no word but in the trail.
func TestWholeTrial(t *testing.T) {
	engines(t, func(t *testing.T, database string) {
		h := newHome(t, database, 1)
		ready, _ := plan2(h)
		s := h.serve()
		d := signIn(t, s.base, deskEmail, deskPassword)
		pass := url.Values{"passphrase": {roundtest.Passphrase}, "again": {roundtest.Passphrase}}
		answer := d.send(t, "/staff/rounds/"+ready+"/pilot", "application/x-www-form-urlencoded", strings.NewReader(pass.Encode()))
		answer.Body.Close()
		pilot := regexp.MustCompile(`^/staff/rounds/(r_\w+)/fieldwork$`).FindStringSubmatch(answer.Header.Get("Location"))
		if pilot == nil || pilot[1] == ready {
			t.Fatalf("starting a pilot: %s, leads to %q", answer.Status, answer.Header.Get("Location"))
		}
		h.round = pilot[1]
		h.tryOut(s.base)
		during := unpackBackup(t, h.backup(), h.key)
		if !holds(during, pilot[1]) {
			t.Error("a backup made during the pilot lacks it: this test proves nothing")
		}
		h.marked(d, "rounds.pilot_mark", "", "/fieldwork", "/close")
		if status, said := d.close(t, pilot[1], roundtest.Passphrase); status != http.StatusSeeOther {
			t.Fatalf("closing the pilot: %d: %s", status, said)
		}
		h.marked(d, "report.pilot", "/report", "/report/method")
		file, _ := d.get(t, "/staff/rounds/"+pilot[1]+"/report/items.csv")
		if file.StatusCode == http.StatusOK && !strings.Contains(file.Header.Get("Content-Disposition"), "pilot") {
			t.Errorf("a table of the pilot is called %q", file.Header.Get("Content-Disposition"))
		}
		if _, body := d.get(t, "/staff/rounds"); strings.Contains(body, pilot[1]) {
			t.Error("the list of rounds has the pilot")
		}
		if status, said := d.open(t, ready); status != http.StatusSeeOther {
			t.Fatalf("opening the round: %d: %s", status, said)
		}
		for _, page := range []string{"", "/report", "/fieldwork"} {
			if answer, _ := d.get(t, "/staff/rounds/"+pilot[1]+page); answer.StatusCode != http.StatusNotFound {
				t.Errorf("%s of the pilot: %s", page, answer.Status)
			}
		}
		if status, _ := get(t, s.base+"/en/s/"+pilot[1]); status != http.StatusNotFound {
			t.Errorf("the pilot's address: status %d", status)
		}
		if _, page := get(t, s.base+"/en/s/"+ready); strings.Contains(page, "PILOT") {
			t.Error("the round says that it is a pilot")
		}
		h.gone(h.backup())
		s.stop()
		h.gone(h.backup())
	})
}

// plan2 makes a round that can be opened, beside the open one of the home.
func plan2(h *home) (ready, draft string) {
	h.t.Helper()
	h.work(time.Now(), func(a *App) error {
		basics, ctx := roundtest.Basics(), h.t.Context()
		basics.Iteration, basics.Name, basics.Populations = 7, "Round two", []form.Population{form.Official}
		r, err := a.Survey.CreateRound(ctx, roundtest.Manager, basics)
		if err != nil {
			return err
		}
		frame := survey.Frame{Dimensions: []string{"region"}, Cells: []survey.Cell{{Values: []string{"All"}, People: 300}}}
		if err := a.Survey.SaveFrame(ctx, roundtest.Manager, r.ID, form.Official, frame); err != nil {
			return err
		}
		ready = r.ID
		_, err = a.Survey.MakeCodes(ctx, roundtest.Manager, r.ID, form.Official, code.ByLink, map[int]int{1: 50})
		return err
	})
	return ready, draft
}

// tryOut answers the pilot in each language through its link.
func (h *home) tryOut(base string) {
	h.t.Helper()
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, lang := range []string{"en", "fr", "es", "pt", "ar", "ru", "zh"} {
		client := phone.NewClient(1)
		r := &reader{RoundTripper: client.Transport, t: h.t, mark: catalogue.Printer(lang).T("respond.pilot")}
		client.Transport = r
		p := phone.New(client, base)
		p.Plain = true
		if err := p.Answer(h.t.Context(), lang, h.round, "official", "", remarking); err != nil {
			h.t.Fatal(err)
		}
		if _, err := p.Get(h.t.Context(), "/"+lang+"/s/"+h.round+"/privacy"); err != nil {
			h.t.Error(err)
		}
		if r.pages < 5 {
			h.t.Errorf("only %d pages in %s", r.pages, lang)
		}
	}
}

// marked fails unless pages of the desk say that it is a pilot.
func (h *home) marked(d *desk, key string, pages ...string) {
	h.t.Helper()
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, lang := range []string{"en", "ar"} {
		for _, page := range pages {
			answer, body := d.get(h.t, "/staff/rounds/"+h.round+page+"?lang="+lang)
			if answer.StatusCode != http.StatusOK || !strings.Contains(html.UnescapeString(body), catalogue.Printer(lang).T(key)) {
				h.t.Errorf("%s in %s: %s and no mark:\n%s", page, lang, answer.Status, said(body))
			}
		}
	}
}

// holds reports whether a word stands in a backup outside the trail.
func holds(entries map[string][]byte, word string) bool {
	for name, content := range entries {
		if !strings.HasPrefix(name, "tables/audit_entry/") && (strings.Contains(name, word) || bytes.Contains(plainText(name, content), []byte(word))) {
			return true
		}
	}
	return false
}

// gone fails if something is left of the round in a backup, in the files, or in
// the tables.
func (h *home) gone(file string) {
	h.t.Helper()
	entries := unpackBackup(h.t, file, h.key)
	for _, word := range []string{h.round, remark, "Xanadu"} {
		if holds(entries, word) {
			h.t.Errorf("a backup holds %q", word)
		}
	}
	err := filepath.WalkDir(h.data, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if strings.Contains(path, h.round) {
			h.t.Errorf("%s is left", path)
		}
		content, err := os.ReadFile(path)
		if n := bytes.Count(content, []byte(h.round)); n > 0 && filepath.Base(path) != databaseFile && filepath.Base(path) != databaseFile+"-wal" {
			h.t.Errorf("%s holds the round's name", path)
		}
		if bytes.Contains(content, []byte("Xanadu")) {
			h.t.Errorf("%s holds an answer", path)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	db, err := openDatabase(h.t.Context(), Config{Data: h.data, Database: h.database})
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"population", "code", "fieldwork", "tally", "answer_box"} {
		n, err := storage.One(h.t.Context(), db.Read(), func(row storage.Row) (n int, err error) { return n, row.Scan(&n) },
			"SELECT COUNT(*) FROM "+table+" WHERE round_id = $1", h.round)
		if err != nil || n != 0 {
			h.t.Errorf("%d rows of the round are left in %s (%v)", n, table, err)
		}
	}
}

// The days pass until which the results of a round are kept. When the job has
// found them over on three days, the results are gone, and what is left says so.
func TestWholeRetention(t *testing.T) {
	engines(t, func(t *testing.T, database string) {
		h := newHome(t, database, 1)
		log, now := &lockedBuffer{}, time.Now()
		recipients, err := backup.ParseRecipients(h.recipient)
		if err != nil {
			t.Fatal(err)
		}
		clk := clock.Fixed(now)
		a, err := Open(t.Context(), Config{Data: h.data, Database: database, Clock: clk, Log: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		base, stop, err := a.answer()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop() })
		if err := phone.New(phone.NewClient(1), base).Answer(t.Context(), "en", h.round, "", h.codes[0].String(), remarking); err != nil {
			t.Fatal(err)
		}
		d := signIn(t, base, deskEmail, deskPassword)
		if status, said := d.close(t, h.round, roundtest.Passphrase); status != http.StatusSeeOther {
			t.Fatalf("closing: %d: %s", status, said)
		}
		r, _, err := a.Survey.Round(t.Context(), roundtest.Manager, h.round)
		if err != nil {
			t.Fatal(err)
		}
		know(t, a)
		var file bytes.Buffer
		for _, days := range []int{0, 1, 2, 3} { // from the last day on; a clock may be wrong, so the job has to be sure
			clk.Set(r.Time(r.Keep).AddDate(0, 0, days).Add(23 * time.Hour))
			if run := runJob(t, a, "retention"); run.Error != "" {
				t.Fatal(run.Error)
			}
			file.Reset()
			if _, err := a.Backup.Make(t.Context(), &file, recipients); err != nil {
				t.Fatal(err)
			}
			d = signIn(t, base, deskEmail, deskPassword)
			answer, body := d.get(t, "/staff/rounds/"+h.round+"/report")
			if want := map[bool]int{false: http.StatusOK, true: http.StatusGone}[days == 3]; answer.StatusCode != want {
				t.Errorf("%d days after the last one the report is %s, want %d:\n%s", days, answer.Status, want, said(body))
			}
		}
		if answer, body := d.get(t, "/staff/rounds"); answer.StatusCode != http.StatusOK || !strings.Contains(said(body), "Round one") {
			t.Errorf("the list of rounds: %s\n%s", answer.Status, said(body))
		}
		entries := unpackBackup(t, put(t, filepath.Join(t.TempDir(), "backup"), file.String()), h.key)
		for _, word := range []string{"Xanadu", h.codes[0].Selector()} {
			if holds(entries, word) {
				t.Errorf("a backup made later holds %q", word)
			}
		}
		if !holds(entries, h.round) {
			t.Error("nothing says that there was a round")
		}
		leftOf(t, h)
		out, _ := must(t, h.arguments("trail", "export")...)
		if actions, _ := verifyExport(t, out); len(actions) == 0 || actions[len(actions)-1] == "" || !strings.Contains(strings.Join(actions, "\n"), "round.expired system") {
			t.Errorf("the trail has %v", actions)
		}
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("the log says\n%s", log)
		}
	})
}

// leftOf fails if files or answers of the round are left.
func leftOf(t *testing.T, h *home) {
	t.Helper()
	for name, content := range contents(t, h.data) {
		if strings.Contains(name, h.round) || strings.Contains(content, "Xanadu") {
			t.Errorf("%s is left, or holds an answer", name)
		}
	}
}
