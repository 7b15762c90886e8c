package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// unpack gives the entries of a backup by name, in order.
func unpack(t testing.TB, data []byte) (names []string, content map[string]string) {
	t.Helper()
	plain, err := age.Decrypt(bytes.NewReader(data), key)
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := zstd.NewReader(plain)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	content = map[string]string{}
	for entries := tar.NewReader(decoder); ; {
		h, err := entries.Next()
		if err == io.EOF {
			return names, content
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(now) || h.Mode != 0o600 || h.Uid != 0 || h.Uname != "" {
			t.Errorf("%s tells more than it must: %v", h.Name, h)
		}
		data, err := io.ReadAll(entries)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		content[h.Name] = string(data)
	}
}

// What stands in a backup, as the guide says.
func TestFormat(t *testing.T) {
	p := newPlace(t, "", 12000) // enough for a second chunk
	if err := os.WriteFile(filepath.Join(p.data, "people.key"), []byte("a key file"), 0o600); err != nil {
		t.Fatal(err)
	}
	names, content := unpack(t, p.make(files{"rounds/round_1/answers.box": "sealed"}))
	want := "manifest.json tables/audit_entry/000001.jsonl tables/book/000001.jsonl tables/book/000002.jsonl " +
		"tables/loan/000001.jsonl files/people.key files/rounds/round_1/answers.box end.json"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("entries %s,\nwant %s", got, want)
	}
	for name, parts := range map[string][]string{
		"manifest.json": {
			`"format": 1`, `"program": "v1.2.3"`, `"made": "2026-10-05T02:30:00Z"`, `"engine": "sqlite"`, `"shelf": 2`, `"audit": 1`,
			`"name": "price",` + "\n\t\t\t\t\t" + `"type": "float"`, `"passing": [` + "\n\t\t" + `"shelf_session"`, `"id": "round_1"`,
		},
		"tables/book/000001.jsonl": {
			`["book-000000",0,0,true,"","{\"n\":[0],\"title\":\"Überschrift 0\"}","B"]` + "\n",
			`["book-000001",1000,0.3333333333333333,false,"AP8=",`,
		},
		"end.json": {`"book": 12000`, `"loan": 4000`, `"sha256": "`},
	} {
		for _, part := range parts {
			if !strings.Contains(content[name], part) {
				t.Errorf("%s lacks %s:\n%.2000s", name, part, content[name])
			}
		}
	}
	for name, text := range content {
		if strings.Contains(text, "a session that must not be kept") {
			t.Errorf("%s holds a session", name)
		}
	}
	if left, err := filepath.Glob(filepath.Join(p.data, spoolFolder)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	entries, err := audit.Entries(t.Context(), p.db.Read(), 1, 10)
	if err != nil || len(entries) != 1 || entries[0].Action != "backup.made" {
		t.Errorf("the audit trail has %v, %v", entries, err)
	}
}

func TestManifestOfOpenRounds(t *testing.T) {
	p := newPlace(t, "", 1)
	b := p.backup(someFiles)
	b.Name = func(_ context.Context, id string) (string, error) { return "Round " + id[len(id)-1:], nil }
	var out bytes.Buffer
	m, err := b.Make(t.Context(), &out, recipients())
	if err != nil || fmt.Sprint(m.Open) != "[{round_1 Round 1}]" {
		t.Errorf("open rounds %v, %v", m.Open, err)
	}
	if !strings.Contains(m.Warning(), "destroy this backup") {
		t.Errorf("the warning is %q", m.Warning())
	}
}

// failAfter fails after so many bytes, as a full disk does.
type failAfter struct{ left int }

var errFull = errors.New("no space left")

func (w *failAfter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Whatever goes wrong, it is told, nothing stays behind, and the next backup works.
func TestMakeFails(t *testing.T) {
	p := newPlace(t, "", 100)
	b := p.backup(someFiles)
	broken := errors.New("the round's files cannot be read")
	source := func(f func(put func(string, int64, io.Reader) error, snapshot func() error) error) Source {
		return sourceFunc(f)
	}
	b2 := func(s Source) func() error {
		return func() error {
			_, err := p.backup(s).Make(t.Context(), io.Discard, recipients())
			return err
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, f := range map[string]func() error{
		"nothing taken": func() error { _, err := b.Make(t.Context(), &failAfter{0}, recipients()); return err },
		"full disk":     func() error { _, err := b.Make(t.Context(), &failAfter{2000}, recipients()); return err },
		"no recipients": func() error { _, err := b.Make(t.Context(), io.Discard, nil); return err },
		"cancelled":     func() error { _, err := b.Make(ended, io.Discard, recipients()); return err },
		"source fails":  b2(source(func(_ func(string, int64, io.Reader) error, s func() error) error { return errors.Join(s(), broken) })),
		"no snapshot":   b2(source(func(func(string, int64, io.Reader) error, func() error) error { return nil })),
		"two snapshots": b2(source(func(_ func(string, int64, io.Reader) error, s func() error) error { return errors.Join(s(), s()) })),
		"bad file name": b2(files{"../x": ""}),
		"file too short": b2(source(func(put func(string, int64, io.Reader) error, s func() error) error {
			return errors.Join(s(), put("a/b", 4, strings.NewReader("abc")))
		})),
		"file twice": b2(source(func(put func(string, int64, io.Reader) error, s func() error) error {
			return errors.Join(s(), put("a/b", 1, strings.NewReader("a")), put("a/b", 1, strings.NewReader("a")))
		})),
	} {
		if err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := os.Stat(filepath.Join(p.data, spoolFolder)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: left behind what was copied (%v)", name, err)
		}
	}
	if _, err := b.Make(t.Context(), io.Discard, recipients()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	waits, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	c, err := b.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Begin(waits); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two at once: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

type sourceFunc func(put func(name string, size int64, r io.Reader) error, snapshot func() error) error

func (f sourceFunc) Copy(_ context.Context, put func(name string, size int64, r io.Reader) error, snapshot func() error) ([]string, error) {
	return nil, f(put, snapshot)
}

// What lies on the disk while a backup is made is of no use without the key in memory.
func TestSpoolIsSealed(t *testing.T) {
	p := newPlace(t, "", 1)
	c, err := p.backup(files{"rounds/round_1/form.key": "a very secret key"}).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	data, err := os.ReadFile(filepath.Join(p.data, spoolFolder, "0"))
	if err != nil || len(data) < 100 || bytes.Contains(data, []byte("secret")) {
		t.Errorf("%d bytes, %v: %q", len(data), err, data)
	}
	// What a crash left is removed by the next.
	if err := os.WriteFile(filepath.Join(p.data, spoolFolder, "77"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := newSpool(p.data)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// A backup that was cut off anywhere, or altered anywhere, is refused as such.
func TestDamagedIsRefused(t *testing.T) {
	p := newPlace(t, "", 300)
	box := make([]byte, 150_000) // as sealed answers are: it cannot be compressed
	rand.NewChaCha8([32]byte{}).Read(box)
	good := p.make(files{"rounds/round_1/answers.box": string(box)})
	if _, err := Verify(t.Context(), from(good), identities()); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, data []byte, keys ...string) {
		t.Helper()
		_, err := Verify(t.Context(), from(data), identities())
		e, ok := errs.Find(err)
		if !ok || e.Kind != errs.Invalid {
			t.Fatalf("%s: %v", what, err)
		}
		for _, key := range keys {
			if e.Key == key {
				return
			}
		}
		t.Fatalf("%s: %v, want one of %v", what, err, keys)
	}
	// age's header ends with a line that begins with three dashes; then come 16 bytes and blocks of 64 KiB with 16 bytes each.
	dashes := bytes.Index(good, []byte("\n--- ")) + 1
	payload := dashes + bytes.IndexByte(good[dashes:], '\n') + 1 + 16
	cut := map[int]bool{len(good) - 1: true}
	for n := range len(good) {
		if block := (n - payload + 1) % (64<<10 + 16); n < payload+20 || block >= 0 && block <= 2 || n%16384 == 0 {
			cut[n] = true
		}
	}
	for n := range cut {
		refused(fmt.Sprintf("cut off after %d of %d bytes", n, len(good)), good[:n], "backup.damaged", "backup.not_backup")
	}
	flipped := bytes.Clone(good)
	for n := 0; n < len(good); n += 1 + n/25 {
		flipped[n] ^= 1 << (n % 8)
		refused(fmt.Sprintf("bit of byte %d altered", n), flipped, "backup.damaged", "backup.not_backup", "backup.wrong_key")
		flipped[n] = good[n]
	}
	refused("a byte too many", append(bytes.Clone(good), 0), "backup.damaged")
	refused("twice", append(bytes.Clone(good), good...), "backup.damaged")
	refused("a picture", []byte("\x89PNG\r\n\x1a\n not at all"), "backup.not_backup")
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(t.Context(), from(good), []age.Identity{other}); err == nil || !strings.Contains(err.Error(), "backup.wrong_key") {
		t.Errorf("another key: %v", err)
	}
}

// A backup whose writer went away before the end does not pass for one, whatever it managed to close.
func TestHalfWrittenIsRefused(t *testing.T) {
	p := newPlace(t, "", 2000)
	c, err := p.backup(someFiles).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, after := range []int{0, 1000, 3000, 20_000, 100_000} {
		var out bytes.Buffer
		s, err := seal(&out, recipients())
		if err != nil {
			t.Fatal(err)
		}
		a := newArchive(t.Context(), &cutter{s, after}, now)
		if err := c.write(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil { // both outer layers are whole
			t.Fatal(err)
		}
		_, err = Verify(t.Context(), from(out.Bytes()), identities())
		if e, ok := errs.Find(err); !ok || e.Key != "backup.damaged" {
			t.Errorf("after %d bytes: %v", after, err)
		}
	}
}

// cutter drops everything after so many bytes.
type cutter struct {
	w    io.Writer
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	keep := p[:min(len(p), c.left)]
	c.left -= len(keep)
	_, err := c.w.Write(keep)
	return len(p), err
}

func TestMessages(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range sources {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Split(string(source), `"`) {
			if strings.HasPrefix(word, "backup.") && !strings.HasSuffix(file, "_test.go") && !catalogue.Printer("en").Has(word) &&
				word != "backup.made" && word != "backup.restored" {
				t.Errorf("%s uses %s, which has no text", file, word)
			}
		}
	}
}
