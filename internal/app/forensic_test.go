package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/form"
	"adili/instrument"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"
)

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// databases are the addresses of a fresh database on each engine; empty is
// SQLite in the data folder.
func databases(t *testing.T, f func(t *testing.T, url string)) {
	t.Run(storage.SQLite, func(t *testing.T) { f(t, "") })
	t.Run(storage.Postgres, func(t *testing.T) {
		server := pgtest.URL(t)
		f(t, pgtest.Create(t, server, "t"+hex.EncodeToString([]byte(t.Name()))[:20], "", false))
	})
}

// The forensic test: 400 known answers go in by the way a phone uses. Then
// every file under the data folder, the log and the whole database are
// searched for anything that ties an answer to a code, an address or a time,
// before closing and after.
func TestNothingTiesAnAnswerToAPerson(t *testing.T) {
	databases(t, func(t *testing.T, url string) {
		const answers = 400
		data, log := t.TempDir(), &lockedBuffer{}
		a, err := Open(t.Context(), Config{
			Data: data, Database: url, Clock: clock.Fixed(roundtest.Now), Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		round, codes := roundtest.Open(t, a.Survey, code.ByLink, answers/2)
		server := httptest.NewServer(a.Web.Handler())
		defer server.Close()
		began := time.Now()
		sent := codes[form.Official]
		chance := rand.New(rand.NewPCG(1, 2))
		chance.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] }) // strata come mixed, as in life
		label := chance.Perm(answers)                                                     // what the answers say is unrelated to when they came
		for i, c := range sent {
			send(t, server, round, c, label[i])
		}
		hunt := func(when string) {
			t.Helper()
			traces := searchable(t, a, data, log)
			for name, content := range traces {
				searchCodes(t, when, name, content, sent)
				searchPlaces(t, when, name, content, server)
				if name != "log" {
					searchTimes(t, when, name, content, began, time.Now())
				}
			}
		}
		hunt("before closing")
		slots := slotOrder(t, filepath.Join(data, "rounds", round, "answers.box"))
		compareSides(t, a, round, slots)
		checkOrder(t, "in the answer file", label, slots.open(t, filepath.Join(data, "rounds", round), round))
		if err := a.Survey.CloseRound(t.Context(), roundtest.Manager, round, roundtest.Passphrase); err != nil {
			t.Fatal(err)
		}
		hunt("after closing")
		for _, mark := range slots.marks {
			for name, content := range searchable(t, a, data, log) {
				if bytes.Contains(content, mark) || strings.Contains(string(content), hex.EncodeToString(mark)) {
					t.Fatalf("after closing %s still holds the hash of a form", name)
				}
			}
		}
		checkOrder(t, "after closing", label, closedOrder(t, a, round))
	})
}

// send answers a questionnaire in which the arrival number can be recognised:
// its base-5 digits are the answers to the first agreement items.
func send(t *testing.T, server *httptest.Server, round string, c code.Code, number int) {
	t.Helper()
	digit := number
	choose := func(item string, options []phone.Option) []string {
		if len(options) == 0 { // an open answer
			return []string{fmt.Sprintf("remark %d in %s", number, item)}
		}
		if len(options) >= 5 && options[0].Value == "1" {
			v := digit % 5
			digit /= 5
			return []string{options[v].Value}
		}
		return nil
	}
	if err := phone.New(server.Client(), server.URL).Answer(t.Context(), "en", round, "", c.String(), choose); err != nil {
		t.Fatalf("answer %d: %v", number, err)
	}
}

// searchable is every file under the data folder, the log, and a dump of the
// database's tables.
func searchable(t *testing.T, a *App, data string, log *lockedBuffer) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"log": bytes.Clone(log.Bytes())}
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[strings.TrimPrefix(path, data)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all["tables"] = dump(t, a)
	if len(all) < 3 {
		t.Fatalf("only %d places to search", len(all))
	}
	return all
}

// dump reads every table of the survey as text and raw bytes.
func dump(t *testing.T, a *App) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, table := range []string{"round", "population", "code", "fieldwork", "tally"} {
		rows, err := a.DB.Read().QueryContext(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new([]byte)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				out.Write(*v.(*[]byte))
				out.WriteByte('\n')
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return out.Bytes()
}

func searchCodes(t *testing.T, when, name string, content []byte, codes []code.Code) {
	t.Helper()
	upper := bytes.ToUpper(content)
	for _, c := range codes {
		if bytes.Contains(upper, []byte(c.String())) || bytes.Contains(upper, []byte(c.Groups())) {
			t.Fatalf("%s: %s holds the code %s", when, name, c)
		}
	}
}

// searchPlaces looks for the respondents' address and browser.
func searchPlaces(t *testing.T, when, name string, content []byte, server *httptest.Server) {
	t.Helper()
	for _, trace := range []string{"127.0.0.1", "[::1]", "Go-http-client", "Mozilla", strings.TrimPrefix(server.URL, "http://")} {
		if bytes.Contains(content, []byte(trace)) {
			t.Errorf("%s: %s holds %q", when, name, trace)
		}
	}
	if ip := net.ParseIP("127.0.0.1").To4(); name == "tables" && bytes.Contains(content, ip) {
		t.Errorf("%s: %s holds the address in binary", when, name)
	}
}

var clockTime = regexp.MustCompile(`\d{1,2}:\d{2}:\d{2}`)

// searchTimes looks for the time answers were given, in words and as seconds
// to microseconds since 1970.
func searchTimes(t *testing.T, when, name string, content []byte, from, to time.Time) {
	t.Helper()
	if m := clockTime.Find(content); m != nil && name == "tables" {
		t.Errorf("%s: %s holds a time of day: %s", when, name, m)
	}
	for _, text := range []string{from.UTC().Format("2006-01-02T15:04"), from.Format("2006-01-02 15:04"), to.UTC().Format("2006-01-02T15:04"), from.UTC().Format("15:04:")} {
		if name == "tables" && bytes.Contains(content, []byte(text)) {
			t.Errorf("%s: %s holds %q", when, name, text)
		}
	}
	for s := from.Unix(); s <= to.Unix(); s++ { // seconds, and the front of milli- and microseconds
		if bytes.Contains(content, []byte(fmt.Sprint(s))) {
			t.Errorf("%s: %s holds the second %d", when, name, s)
		}
	}
}

// slots are the filled slots of an answer file in file order.
type slots struct{ marks, sealed [][]byte }

// slotOrder reads an answer file knowing only its format: header of 4096
// bytes, slots of checksum, mark and sealed answer.
func slotOrder(t *testing.T, path string) slots {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const magic = 12
	sealed := int(data[magic]) | int(data[magic+1])<<8
	salt, size := data[magic+4:magic+20], 16+32+sealed
	var s slots
	for at := 4096; at+size <= len(data); at += size {
		slot := data[at : at+size]
		sum := sha256.Sum256(append(append([]byte{}, salt...), slot[16:]...))
		if bytes.Equal(sum[:16], slot[:16]) {
			s.marks = append(s.marks, slot[16:48])
			s.sealed = append(s.sealed, slot[48:])
		}
	}
	if len(s.marks) != 400 {
		t.Fatalf("%d answers in the file, want 400", len(s.marks))
	}
	return s
}

// compareSides fails if any value of the answer file stands in the database or
// the other way round.
func compareSides(t *testing.T, a *App, round string, s slots) {
	t.Helper()
	tables := dump(t, a)
	for _, mark := range s.marks {
		if bytes.Contains(tables, mark[:8]) {
			t.Fatal("a mark of the answer file stands in the database")
		}
	}
	var box bytes.Buffer
	for i := range s.marks {
		box.Write(s.marks[i])
		box.Write(s.sealed[i])
	}
	rows, err := a.DB.Read().QueryContext(t.Context(), "SELECT selector, salt, hash FROM code WHERE round_id = $1", round)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var selector string
		var salt, hash []byte
		if err := rows.Scan(&selector, &salt, &hash); err != nil {
			t.Fatal(err)
		}
		for _, value := range [][]byte{[]byte(selector)[:8], salt[:8], hash[:8]} {
			if bytes.Contains(box.Bytes(), value) {
				t.Fatal("a value of the code table stands in the answer file")
			}
		}
	}
	if n != 600 {
		t.Fatalf("%d codes compared, want 600", n)
	}
}

// open unlocks the answers as only the passphrase can, and gives their labels
// in file order.
func (s slots) open(t *testing.T, dir, round string) []int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "round.key"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ballot.ParseKey(data)
	if err != nil {
		t.Fatal(err)
	}
	opener, err := key.Unlock(roundtest.Passphrase)
	if err != nil {
		t.Fatal(err)
	}
	q, err := form.Read(instrument.Official())
	if err != nil {
		t.Fatal(err)
	}
	q = q.WithOffices([]form.Choice{{ID: "g1"}, {ID: "g2"}})
	var labels []int
	for _, sealed := range s.sealed {
		record, err := opener.Open("adili answers of round "+round, sealed)
		if err != nil {
			t.Fatal(err)
		}
		_, _, answers, err := paper.UnpackAnswers(record, map[form.Population]*form.Questionnaire{form.Official: q})
		if err != nil {
			t.Fatal(err)
		}
		labels = append(labels, number(q, answers))
	}
	return labels
}

// checkOrder fails if an answer is lacking or there twice, or if where it
// stands tells when it came: 0.165 is the two-sided 0.1 % point of Spearman's
// rho for 400 pairs.
func checkOrder(t *testing.T, where string, label, stored []int) {
	t.Helper()
	arrival := make(map[int]int, len(label))
	for i, l := range label {
		arrival[l] = i
	}
	var d2 float64
	seen := map[int]bool{}
	for at, l := range stored {
		when, ok := arrival[l]
		if !ok || seen[l] {
			t.Fatalf("%s: answer %d was never given or is there twice", where, l)
		}
		seen[l] = true
		d2 += float64(at-when) * float64(at-when)
	}
	if len(stored) != len(label) {
		t.Fatalf("%s: %d answers, want %d", where, len(stored), len(label))
	}
	n := float64(len(label))
	if rho := 1 - 6*d2/(n*(n*n-1)); math.Abs(rho) >= 0.165 {
		t.Errorf("%s: order and arrival correlate, rho = %.3f", where, rho)
	}
}

// closedOrder is the labels in the order of the closed records.
func closedOrder(t *testing.T, a *App, round string) []int {
	t.Helper()
	closed, err := a.Survey.Closed(t.Context(), roundtest.Manager, round)
	if err != nil {
		t.Fatal(err)
	}
	var labels []int
	for _, g := range closed.Groups {
		if g.Kind == form.Official {
			for _, r := range g.Responses {
				labels = append(labels, number(g.Questionnaire, r.Answers))
			}
		}
	}
	return labels
}

// number reads the label out of the first agreement items.
func number(q *form.Questionnaire, answers form.Answers) int {
	n, place := 0, 1
	for _, it := range q.Items() {
		if it.Kind == form.Agreement && place < 625 {
			n += (int(answers[it.ID].Code) - 1) * place
			place *= 5
		}
	}
	return n
}
