package backup_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/instrument"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
	"adili/internal/survey/respond"
	"adili/internal/testkit/roundtest"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// A thief of the backup and its key learns no more than one of the live server: 300 known answers go in by the way a
// phone uses, in a known order, and everything in the backup is searched for what ties an answer to a code, an address, a
// time or its place in the order.
func TestBackupRevealsNothing(t *testing.T) {
	const answers = 300
	s := start(t, t.TempDir(), "")
	catalogue, err := i18n.Load(web.Messages(), survey.Messages(), respond.Messages())
	if err != nil {
		t.Fatal(err)
	}
	pages := web.New(web.Options{Catalogue: catalogue, Clock: clock.Fixed(roundtest.Now)})
	pages.Mount(respond.New(s.survey).Routes()...)
	round, codes := roundtest.Open(t, s.survey, code.ByLink, answers)
	server := httptest.NewServer(pages.Handler())
	defer server.Close()
	began := time.Now()
	chance := rand.New(rand.NewPCG(3, 4))
	sent := slices.Clone(codes[form.Official])
	chance.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
	sent = sent[:answers]
	label := chance.Perm(answers) // what the answers say is unrelated to when they came
	for i, c := range sent {
		answer(t, server, round, c, label[i])
	}
	inside := contents(t, s.make())
	for name, content := range inside {
		text := plain(name, content)
		upper := bytes.ToUpper(text)
		for _, c := range sent {
			if bytes.Contains(upper, []byte(c.String())) || bytes.Contains(text, []byte(c.Groups())) {
				t.Fatalf("%s holds the code %s", name, c)
			}
		}
		for _, trace := range []string{"127.0.0.1", "[::1]", "Go-http-client", "Mozilla", strings.TrimPrefix(server.URL, "http://"), "marker in an open answer"} {
			if bytes.Contains(text, []byte(trace)) {
				t.Errorf("%s holds %q", name, trace)
			}
		}
		for s := began.Unix(); s <= time.Now().Unix(); s++ { // seconds, and the front of milli- and microseconds
			if bytes.Contains(text, []byte(fmt.Sprint(s))) {
				t.Errorf("%s holds the second %d", name, s)
			}
		}
		for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
			if bytes.Contains(text, []byte(began.UTC().Format(layout))) {
				t.Errorf("%s holds %q", name, began.UTC().Format(layout))
			}
		}
	}
	folder := filepath.Join(s.data, "rounds", round)
	live, err := os.ReadFile(filepath.Join(folder, "answers.box"))
	if err != nil {
		t.Fatal(err)
	}
	stored := open(t, folder, round, slots(t, inside["files/rounds/"+round+"/answers.box"]))
	wantUnrelated(t, "the order of answers and that of arrival", stored, place(label))
	wantUnrelated(t, "the order of answers and that on the live server", stored, place(open(t, folder, round, slots(t, live))))
	wantUnrelated(t, "the order of used codes and that of arrival", usedCodes(t, inside, sent), place(identity(answers)))
}

// answer fills in a questionnaire from which the number can be read again.
func answer(t *testing.T, server *httptest.Server, round string, c code.Code, number int) {
	t.Helper()
	digit := number
	choose := func(_ string, options []phone.Option) []string {
		if len(options) == 0 {
			return []string{fmt.Sprintf("marker in an open answer %d", number)}
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

// contents opens a backup without the help of the package that made it.
func contents(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	outer, err := age.Decrypt(bytes.NewReader(data), key)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := zstd.NewReader(outer)
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	all := map[string][]byte{}
	for entries := tar.NewReader(inner); ; {
		h, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(roundtest.Now) {
			t.Errorf("%s has the time %v", h.Name, h.ModTime)
		}
		if all[h.Name], err = io.ReadAll(entries); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 8 {
		t.Fatalf("only %d entries to search", len(all))
	}
	return all
}

// plain adds to rows what their base64 stands for.
func plain(name string, content []byte) []byte {
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
			if s, ok := v.(string); ok {
				if raw, err := base64.StdEncoding.DecodeString(s); err == nil {
					out = append(append(out, '\n'), raw...)
				}
			}
		}
	}
	return out
}

// slots reads an answer file knowing only its format: a header of 4096 bytes, slots of checksum, mark and sealed answer.
func slots(t *testing.T, data []byte) (sealed [][]byte) {
	t.Helper()
	const magic = 12
	length := int(data[magic]) | int(data[magic+1])<<8
	salt, size := data[magic+4:magic+20], 16+32+length
	for at := 4096; at+size <= len(data); at += size {
		slot := data[at : at+size]
		sum := sha256.Sum256(slices.Concat(salt, slot[16:]))
		if bytes.Equal(sum[:16], slot[:16]) {
			sealed = append(sealed, slot[48:])
		}
	}
	return sealed
}

// open unlocks answers as only the passphrase can, and reads their numbers.
func open(t *testing.T, dir, round string, sealed [][]byte) (numbers []int) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "round.key"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := ballot.ParseKey(data)
	if err != nil {
		t.Fatal(err)
	}
	opener, err := k.Unlock(roundtest.Passphrase)
	if err != nil {
		t.Fatal(err)
	}
	q, err := form.Read(instrument.Official())
	if err != nil {
		t.Fatal(err)
	}
	q = q.WithOffices([]form.Choice{{ID: "g1"}, {ID: "g2"}})
	for _, s := range sealed {
		record, err := opener.Open("adili answers of round "+round, s)
		if err != nil {
			t.Fatal(err)
		}
		_, _, answers, err := paper.UnpackAnswers(record, map[form.Population]*form.Questionnaire{form.Official: q})
		if err != nil {
			t.Fatal(err)
		}
		n, power := 0, 1
		for _, it := range q.Items() {
			if it.Kind == form.Agreement && power < 625 {
				n += (int(answers[it.ID].Code) - 1) * power
				power *= 5
			}
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// usedCodes gives the arrival numbers of the codes marked as used, in the order of the rows.
func usedCodes(t *testing.T, all map[string][]byte, sent []code.Code) (numbers []int) {
	t.Helper()
	arrival := map[string]int{}
	for i, c := range sent {
		arrival[c.Selector()] = i
	}
	for name, content := range all {
		if !strings.HasPrefix(name, "tables/code/") {
			continue
		}
		for line := range bytes.Lines(content) {
			var row []any
			if err := json.Unmarshal(line, &row); err != nil {
				t.Fatal(err)
			}
			if selector, ok := row[1].(string); ok {
				if i, ok := arrival[selector]; ok {
					numbers = append(numbers, i)
				}
			}
		}
	}
	return numbers
}

// place gives for each number where it stands.
func place(numbers []int) map[int]int {
	at := make(map[int]int, len(numbers))
	for i, n := range numbers {
		at[n] = i
	}
	return at
}

func identity(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// wantUnrelated fails if the order of the numbers tells where they stand elsewhere: 0.225 is the two-sided 0.01 % point of
// Spearman's rho for 300 pairs.
func wantUnrelated(t *testing.T, what string, numbers []int, elsewhere map[int]int) {
	t.Helper()
	if len(numbers) != len(elsewhere) {
		t.Fatalf("%s: %d numbers, want %d", what, len(numbers), len(elsewhere))
	}
	var d2 float64
	for i, n := range numbers {
		at, ok := elsewhere[n]
		if !ok {
			t.Fatalf("%s: %d is not there", what, n)
		}
		d2 += float64(at-i) * float64(at-i)
	}
	n := float64(len(numbers))
	if rho := 1 - 6*d2/(n*(n*n-1)); math.Abs(rho) >= 0.225 {
		t.Errorf("%s correlate, rho = %.3f", what, rho)
	}
}
