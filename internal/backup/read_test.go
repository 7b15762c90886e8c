package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"adili/internal/kernel/storage"

	"filippo.io/age"
)

var sampleColumns = []storage.Column{
	{Name: "n", Type: storage.Int}, {Name: "x", Type: storage.Float}, {Name: "s", Type: storage.Text},
	{Name: "b", Type: storage.Bool}, {Name: "raw", Type: storage.Bytes}, {Name: "j", Type: storage.JSON},
}

func TestRows(t *testing.T) {
	for _, row := range [][]any{
		{int64(math.MaxInt64), math.Pi, "text", true, []byte{0, 1}, "[]"},
		{int64(math.MinInt64), math.Inf(-1), "", false, []byte{}, `{"a":1}`},
		{nil, nil, nil, nil, nil, nil},
		{int64(0), math.SmallestNonzeroFloat64, "\x00\u2028<>&\"\\", true, []byte("x"), "null"},
		{int64(1), 1e300, "not \xff UTF-8", true, nil, `"x"`},
	} {
		w := newRowWriter()
		if err := w.add(row); err != nil {
			t.Fatal(err)
		}
		line := bytes.TrimSuffix(w.buffer.Bytes(), []byte("\n"))
		if bytes.ContainsAny(line, "\n") {
			t.Errorf("more than a line: %q", line)
		}
		got, err := parseRow(line, sampleColumns)
		if err != nil || !reflect.DeepEqual(got, row) {
			t.Errorf("%s became %#v, %v; want %#v", line, got, err, row)
		}
	}
	for _, line := range []string{
		``, `{}`, `[1,2,"",true,"",""`, `[1,2,"",true,"","0"] []`, `[1,2,"",true,"","0",7]`, `[1.5,2,"",true,"","0"]`, `["1",2,"",true,"","0"]`,
		`[1,"two","",true,"","0"]`, `[1,2,3,true,"","0"]`, `[1,2,"",1,"","0"]`, `[1,2,"",true,"?","0"]`, `[1,2,"",true,"","{"]`,
		`[9223372036854775808,2,"",true,"","0"]`, `[1,2,{"base65":""},true,"","0"]`, `[1,2,{"base64":"","x":1},true,"","0"]`, `[1,2,[],true,"","0"]`,
	} {
		if got, err := parseRow([]byte(line), sampleColumns); err == nil {
			t.Errorf("%s was taken for %v", line, got)
		}
	}
}

// forged makes the inner layer of a backup, with the end that fits, and lets f spoil it.
func forged(t testing.TB, f func(m *Manifest, entries *[]entry, end *End)) []byte {
	t.Helper()
	m := Manifest{
		Format: format, Program: "x", Made: now, Engine: storage.SQLite, Versions: map[string]int64{"shelf": 1},
		Tables: []storage.Table{{Name: "book", Columns: []storage.Column{{Name: "id", Type: storage.Text}}}}, Files: []File{{"rounds/1/form.key", 3}},
	}
	entries := []entry{{chunkName("book", 1), "[\"a\"]\n[\"b\"]\n"}, {filePrefix + "rounds/1/form.key", "key"}}
	var out bytes.Buffer
	a := newArchive(t.Context(), &out, now)
	if f == nil {
		f = func(*Manifest, *[]entry, *End) {}
	}
	f(&m, &entries, &End{})
	if err := a.json(manifestName, m); err != nil {
		t.Fatal(err)
	}
	for _, table := range m.Tables {
		var text strings.Builder
		for _, e := range entries {
			if strings.HasPrefix(e.name, tablePrefix+table.Name+"/") {
				text.WriteString(e.content)
			}
		}
		a.end.Rows[table.Name] = int64(strings.Count(text.String(), "\n"))
		a.end.Sums[table.Name] = sumText(text.String())
	}
	for _, e := range entries {
		if err := a.entry(e.name, int64(len(e.content)), strings.NewReader(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	f(&m, &entries, &a.end)
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type entry struct{ name, content string }

func sumText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Everybody who knows the public key can make a backup. One that no Adili wrote is refused.
func TestForgedIsRefused(t *testing.T) {
	if _, err := readEntries(bytes.NewReader(forged(t, nil)), taker{}); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(m *Manifest, entries *[]entry, end *End){
		"another format":      func(m *Manifest, _ *[]entry, _ *End) { m.Format = 2 },
		"no format":           func(m *Manifest, _ *[]entry, _ *End) { m.Format = 0 },
		"a table twice":       func(m *Manifest, _ *[]entry, _ *End) { m.Tables = append(m.Tables, m.Tables[0]) },
		"a table with a path": func(m *Manifest, _ *[]entry, _ *End) { m.Tables[0].Name = "../book" },
		"a file that climbs":  func(m *Manifest, _ *[]entry, _ *End) { m.Files[0].Name = "rounds/../../x" },
		"an absolute file":    func(m *Manifest, _ *[]entry, _ *End) { m.Files[0].Name = "/etc/passwd" },
		"a hidden file":       func(m *Manifest, _ *[]entry, _ *End) { m.Files[0].Name = "rounds/.x" },
		"a drive":             func(m *Manifest, _ *[]entry, _ *End) { m.Files[0].Name = "c:x" },
		"a file twice":        func(m *Manifest, _ *[]entry, _ *End) { m.Files = append(m.Files, m.Files[0]) },
		"a file less":         func(_ *Manifest, e *[]entry, _ *End) { *e = (*e)[:1] },
		"a file more":         func(_ *Manifest, e *[]entry, _ *End) { *e = append((*e)[:2:2], entry{filePrefix + "more", "x"}) },
		"a longer file":       func(_ *Manifest, e *[]entry, _ *End) { (*e)[1].content = "keys" },
		"another order": func(_ *Manifest, e *[]entry, _ *End) {
			(*e)[0], (*e)[1] = entry{filePrefix + "rounds/1/form.key", "key"}, entry{chunkName("book", 1), "[\"a\"]\n"}
		},
		"a part missing":        func(_ *Manifest, e *[]entry, _ *End) { (*e)[0].name = chunkName("book", 2) },
		"a table that is not":   func(_ *Manifest, e *[]entry, _ *End) { (*e)[0].name = chunkName("boot", 1) },
		"a line without end":    func(_ *Manifest, e *[]entry, _ *End) { (*e)[0].content = "[\"a\"]" },
		"a row too wide":        func(_ *Manifest, e *[]entry, _ *End) { (*e)[0].content = "[\"a\",1]\n" },
		"a number for text":     func(_ *Manifest, e *[]entry, _ *End) { (*e)[0].content = "[1]\n" },
		"other row counts":      func(_ *Manifest, _ *[]entry, end *End) { end.Rows = map[string]int64{"book": 3} },
		"other sums":            func(_ *Manifest, _ *[]entry, end *End) { end.Sums = map[string]string{"book": "x"} },
		"other bytes":           func(_ *Manifest, _ *[]entry, end *End) { end.Bytes++ },
		"counts of more tables": func(_ *Manifest, _ *[]entry, end *End) { end.Rows = map[string]int64{"book": 2, "boot": 0} },
	} {
		if s, err := readEntries(bytes.NewReader(forged(t, f)), taker{}); err == nil {
			t.Errorf("%s was accepted: %+v", name, s)
		}
	}
	var link bytes.Buffer
	w := tar.NewWriter(&link)
	if err := errors.Join(w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: manifestName, Linkname: "/etc/passwd"}), w.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := readEntries(&link, taker{}); err == nil {
		t.Error("a link was accepted")
	}
}

// A file that is none of ours is not put into the data folder.
func TestForeignFilesAreRefused(t *testing.T) {
	p := newPlace(t, "", 3)
	for _, name := range []string{"adili.db", "lock", "adili.toml", "control.sock", "cert/key.pem", "rounds"} {
		data := p.make(files{name: "x"})
		target := newPlace(t, "", 0).target(false)
		before := tree(t, target.Data)
		if _, err := target.Restore(t.Context(), from(data), identities(), nil); errKey(err) != "backup.damaged" {
			t.Errorf("%s: %v", name, err)
		}
		if got := tree(t, target.Data); got != before {
			t.Errorf("%s: left behind %s", name, got)
		}
	}
}

// Whatever the inner layer holds, reading ends, and what is accepted is what its end says.
func FuzzEntries(f *testing.F) {
	f.Add(forged(f, nil))
	f.Add([]byte{})
	f.Add(forged(f, func(m *Manifest, e *[]entry, _ *End) { m.Files, *e = nil, nil }))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows := int64(0)
		s, err := readEntries(bytes.NewReader(data), taker{
			row:  func(string, []any) error { rows++; return nil },
			file: func(name string, r io.Reader) error { return checkName(name) },
		})
		if err == nil && s.Count() != rows {
			t.Errorf("accepted %d rows, its end says %d", rows, s.Count())
		}
	})
}

// Whatever the outer layers hold, it is an error and no panic.
func FuzzOuter(f *testing.F) {
	var out bytes.Buffer
	s, err := seal(&out, recipients())
	if err == nil {
		_, err = s.Write(forged(f, nil))
	}
	if err = errors.Join(err, s.Close()); err != nil {
		f.Fatal(err)
	}
	good := bytes.Clone(out.Bytes())
	f.Add(good)
	f.Add([]byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Verify(t.Context(), from(data), []age.Identity{key}); err == nil && !bytes.Equal(data, good) {
			t.Error("accepted something else")
		}
	})
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.adili")
	write := func(text string, fail error) error {
		return WriteFile(name, nil, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fail)
		})
	}
	want := func(content string) {
		t.Helper()
		data, err := os.ReadFile(name)
		entries, derr := os.ReadDir(dir)
		if string(data) != content || err != nil || derr != nil || len(entries) != 1 {
			t.Errorf("%q, %v; %v, %v", data, err, entries, derr)
		}
	}
	if err := write("first", nil); err != nil {
		t.Fatal(err)
	}
	want("first")
	if err := write("second", errFull); !errors.Is(err, errFull) {
		t.Errorf("a failure gives %v", err)
	}
	want("first")
	if err := write("third", nil); err != nil {
		t.Fatal(err)
	}
	want("third")
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	var out strings.Builder
	if err := WriteFile("-", &out, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil || out.String() != "x" {
		t.Errorf("to standard output %q, %v", out.String(), err)
	}
	if err := WriteFile(filepath.Join(dir, "no", "such"), nil, func(io.Writer) error { return nil }); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
