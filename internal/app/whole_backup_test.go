package app

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"adili/internal/backup"
	"adili/internal/demo/phone"
	"adili/internal/testkit/roundtest"
)

// A round is backed up from SQLite while answers come in, goes on on PostgreSQL
// and comes back. Wherever it is closed, as many answers are counted and every
// page and table of the report is the same.
func TestWholeMoveByBackup(t *testing.T) {
	h := newHome(t, "", 60)
	s := h.serve()
	forms := walkAll(t, s.base, h.round, h.codes)
	sendAll(t, forms[:40])
	least, during, most := h.backupDuring(forms[40:])
	s.stop()
	quiet := h.backup()
	stayed, moved := h.restored(during, ""), h.restored(during, newDatabase(t))
	n := stayed.accepted()
	if m := moved.accepted(); n != m || n < 40+least || n > 40+most {
		t.Errorf("%d answers on SQLite and %d on PostgreSQL; %d were acknowledged before the backup and %d sent when it was made", n, m, 40+least, 40+most)
	}
	t.Logf("%d answers in the backup; %d were acknowledged before it was begun, %d sent when it was made", n, 40+least, 40+most)
	at := time.Now()
	report := stayed.report(at)
	sameReport(t, "on PostgreSQL", report, moved.report(at))
	sameReport(t, "back on SQLite", report, moved.restored(moved.backup(), "").report(at))

	whole, far := h.restored(quiet, ""), h.restored(quiet, newDatabase(t))
	if n, m := whole.accepted(), far.accepted(); n != len(forms) || m != len(forms) {
		t.Errorf("%d answers on SQLite and %d on PostgreSQL, want %d", n, m, len(forms))
	}
	there := far.restored(far.backup(), "") // while the round is open
	report = h.report(at)
	for where, other := range map[string]*home{"restored": whole, "restored on PostgreSQL": far, "back from PostgreSQL": there} {
		sameReport(t, where, report, other.report(at))
		other.work(at, func(a *App) error {
			checkNumbers(t, a, h.round, len(forms))
			return nil
		})
	}
}

// backupDuring sends the forms and has the server make a backup meanwhile. It
// gives how many were acknowledged before that, and how many were begun after.
func (h *home) backupDuring(forms []phone.Final) (least int, file string, most int) {
	h.t.Helper()
	var begun, acknowledged atomic.Int64
	var wg sync.WaitGroup
	next := make(chan phone.Final)
	for range 4 {
		wg.Go(func() {
			for f := range next {
				begun.Add(1)
				if err := f.Send(h.t.Context()); err != nil {
					h.t.Error(err)
				}
				acknowledged.Add(1)
			}
		})
	}
	some, made := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		for i, f := range forms {
			if i == len(forms)-10 {
				<-made
			}
			next <- f
			if i == len(forms)/4 {
				close(some)
			}
			time.Sleep(20 * time.Millisecond)
		}
		close(next)
	})
	<-some
	least = int(acknowledged.Load())
	file = h.backup()
	most = int(begun.Load())
	close(made)
	wg.Wait()
	return least, file, most
}

// report closes the round, if it is open, at the desk, and gives all pages and
// tables of its report in two languages.
func (h *home) report(at time.Time) map[string]string {
	h.t.Helper()
	all := map[string]string{}
	h.work(at, func(a *App) error {
		base, stop, err := a.answer()
		if err != nil {
			return err
		}
		defer stop()
		d := signIn(h.t, base, deskEmail, deskPassword)
		first := "/staff/rounds/" + h.round + "/report"
		if answer, _ := d.get(h.t, first); answer.StatusCode != http.StatusOK {
			if status, said := d.close(h.t, h.round, roundtest.Passphrase); status != http.StatusSeeOther {
				h.t.Fatalf("closing: status %d: %s", status, said)
			}
		}
		for _, lang := range []string{"en", "ar"} {
			queue := []string{first + "?lang=" + lang}
			for len(queue) > 0 {
				path := queue[0]
				queue = queue[1:]
				if _, seen := all[path]; seen {
					continue
				}
				answer, body := d.get(h.t, path)
				if answer.StatusCode != http.StatusOK {
					h.t.Fatalf("%s: %s", path, answer.Status)
				}
				all[path] = answer.Header.Get("Content-Type") + "\n" + body
				for _, link := range regexp.MustCompile(`href="(`+first+`/[^"#]*)`).FindAllStringSubmatch(body, -1) {
					queue = append(queue, link[1]+map[bool]string{false: "?lang=" + lang}[strings.Contains(link[1], "?")])
				}
			}
		}
		return nil
	})
	return all
}

// sameReport fails if two reports differ in a byte.
func sameReport(t *testing.T, where string, want, got map[string]string) {
	t.Helper()
	tables := 0
	for path, text := range want {
		if strings.HasPrefix(text, "text/csv") {
			tables++
		}
		if got[path] != text {
			t.Errorf("%s: %s differs:\n%s\nwant\n%s", where, path, said(got[path]), said(text))
		}
	}
	if len(got) != len(want) || tables < 10 {
		t.Errorf("%s: %d pages of which %d are tables, want %d: %v", where, len(got), tables, len(want), slices.Sorted(maps.Keys(got)))
	}
}

// The forensic test over a backup that the server makes while it serves: it
// tells nothing that the live data hide.
func TestWholeBackupRevealsNothing(t *testing.T) {
	const answers = 400
	h := newHome(t, "", answers/2)
	p := &process{t: t, path: program(t), arguments: h.arguments("serve", "--listen", "127.0.0.1:0", "--backup-recipient", h.recipient)}
	t.Cleanup(p.kill)
	p.start()
	server := &httptest.Server{URL: p.base}
	chance := rand.New(rand.NewPCG(7, 8))
	chance.Shuffle(len(h.codes), func(i, j int) { h.codes[i], h.codes[j] = h.codes[j], h.codes[i] }) // strata come mixed, as in life
	forms := h.remarked(server.URL)
	label := chance.Perm(answers) // what the answers say is unrelated to when they came
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1100 * time.Millisecond)))
	began := time.Now()
	for _, n := range label {
		if err := forms[n].Send(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ended := time.Now()
	time.Sleep(time.Until(ended.Truncate(time.Second).Add(1100 * time.Millisecond)))
	file := h.backup()
	p.stop()
	entries := unpackBackup(t, file, h.key)
	for name, content := range entries {
		text := plainText(name, content)
		searchCodes(t, "in the backup", name, text, h.codes)
		searchPlaces(t, "in the backup", name, text, server)
		searchTimes(t, "in the backup", name, text, began, ended)
		for s := began.Truncate(time.Second); s.Before(ended); s = s.Add(time.Second) {
			if name != "files/"+trailFile && bytes.Contains(text, []byte(s.UTC().Format("15:04:05"))) { // the trail is looked at when it is due
				t.Errorf("%s holds the time %s", name, s.UTC().Format("15:04:05"))
			}
		}
		if bytes.Contains(text, []byte(remark)) {
			t.Errorf("%s holds what somebody wrote", name)
		}
	}
	folder := t.TempDir()
	put(t, filepath.Join(folder, "round.key"), string(entries["files/rounds/"+h.round+"/round.key"]))
	box := put(t, filepath.Join(folder, "answers.box"), string(entries["files/rounds/"+h.round+"/answers.box"]))
	inBackup := slotOrder(t, box).open(t, folder, h.round)
	checkOrder(t, "in the backup", label, inBackup)
	live := slotOrder(t, filepath.Join(h.data, "rounds", h.round, "answers.box")).open(t, folder, h.round)
	checkOrder(t, "in the backup, against the live file", live, inBackup)
	if left, err := filepath.Glob(filepath.Join(h.data, "backup-*")); err != nil || len(left) > 0 {
		t.Errorf("the backup leaves %v behind (%v)", left, err)
	}
}

// remarked fills in a questionnaire for each code, with a remark, up to the last
// button. The answers of each carry its place in the list.
func (h *home) remarked(base string) []phone.Final {
	h.t.Helper()
	p := phone.New(phone.NewClient(4), base)
	p.Plain = true
	forms := make([]phone.Final, len(h.codes))
	var wg sync.WaitGroup
	for first := range 4 {
		wg.Go(func() {
			for i := first; i < len(forms); i += 4 {
				number := numberer(i)
				v, err := p.Open(h.t.Context(), "en", h.round)
				if err == nil {
					err = v.Enter(h.t.Context(), h.codes[i].String())
				}
				if err == nil {
					err = v.WalkToSummary(h.t.Context(), func(item string, options []phone.Option) []string {
						if len(options) == 0 {
							return []string{remark}
						}
						return number(item, options)
					})
				}
				if err == nil {
					forms[i], err = v.Final()
				}
				if err != nil {
					h.t.Errorf("form %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	if h.t.Failed() {
		h.t.FailNow()
	}
	return forms
}

// unpackBackup opens a backup without the help of the package that made it.
func unpackBackup(t *testing.T, file, key string) map[string][]byte {
	t.Helper()
	identities, err := backup.ReadKeys(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	outer, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := zstd.NewReader(outer)
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	all, times := map[string][]byte{}, map[time.Time]bool{}
	for entries := tar.NewReader(inner); ; {
		h, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		times[h.ModTime] = true
		if all[h.Name], err = io.ReadAll(entries); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 6 || len(times) != 1 {
		t.Fatalf("%d entries with %d times", len(all), len(times))
	}
	return all
}

// plainText adds to rows what their base64 stands for.
func plainText(name string, content []byte) []byte {
	if !strings.HasSuffix(name, ".jsonl") {
		return content
	}
	out := bytes.Clone(content)
	for line := range bytes.Lines(content) {
		var row []any
		if json.Unmarshal(line, &row) != nil {
			continue
		}
		for _, v := range row {
			text, _ := v.(string)
			if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
				out = append(append(out, '\n'), raw...)
			}
		}
	}
	return out
}

// An operator's authenticator app serves where the backup is restored, and what
// is passing does not: sessions and one-time links.
func TestWholeAccountsMoveToo(t *testing.T) {
	h := newHome(t, "", 1)
	out, _ := must(t, h.arguments("user", "reset", deskEmail)...)
	link := regexp.MustCompile(`/staff/password/\w+`).FindString(out)
	h.makeOperator()
	s := h.serve()
	b := newBrowser(t, s.base, nil)
	b.post("/staff/sign-in", operatorSignsIn).want(t, http.StatusSeeOther)
	secret, recovery := b.enrolApp("/staff/")
	b.get("/staff/people").want(t, http.StatusOK)
	file := h.backup()
	b.get("/staff/people").want(t, http.StatusOK)
	s.stop()
	moved := h.restored(file, newDatabase(t))
	s = moved.serve()
	b.base = s.base
	b.get("/staff/people").want(t, http.StatusSeeOther)
	b.get(link).want(t, http.StatusGone)
	b.post("/staff/sign-in", operatorSignsIn).want(t, http.StatusSeeOther)
	b.post("/staff/sign-in/second", url.Values{"code": {appCode(t, secret, 30*time.Second)}}).leads(t, "/staff/")
	b.get("/staff/people").want(t, http.StatusOK)
	other := newBrowser(t, s.base, nil)
	other.post("/staff/sign-in", operatorSignsIn).want(t, http.StatusSeeOther)
	other.post("/staff/sign-in/second", url.Values{"code": {recovery[0]}}).leads(t, "/staff/")
	b.get("/staff/trail").want(t, http.StatusOK, "console")
	must(t, moved.arguments("trail", "verify")...)
}
