package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"adili/internal/kernel/i18n"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// each runs f on a fresh store of each sort.
func each(t *testing.T, f func(t *testing.T, s Store)) {
	t.Run("folder", func(t *testing.T) { f(t, open(t, filepath.Join(t.TempDir(), "made", "later"), Keys{})) })
	t.Run("bucket", func(t *testing.T) { f(t, open(t, fakeBucket(t)+"&region=eu-1", Keys{"id", "secret"})) })
	t.Run("prefix", func(t *testing.T) {
		f(t, open(t, strings.Replace(fakeBucket(t), "?", "/below/here?", 1), Keys{"id", "secret"}))
	})
}

// fakeBucket gives the address of an empty bucket in this process.
func fakeBucket(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("adili"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return "s3://adili?endpoint=" + server.URL
}

func open(t *testing.T, address string, keys Keys) Store {
	t.Helper()
	s, err := Open(address, keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s Store, name, content string) {
	t.Helper()
	if err := s.Put(t.Context(), name, strings.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s Store, name string) string {
	t.Helper()
	r, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func list(t *testing.T, s Store, prefix string) string {
	t.Helper()
	all, err := s.List(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range all {
		out = append(out, fmt.Sprintf("%s:%d", i.Name, i.Size))
	}
	return strings.Join(out, " ")
}

func TestStore(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		if got := list(t, s, ""); got != "" {
			t.Fatalf("a new store lists %q", got)
		}
		put(t, s, "rounds/b/two", "22")
		put(t, s, "rounds/a/one", "1")
		put(t, s, "rounds/a/empty", "")
		put(t, s, "roundsend", "333")
		put(t, s, "rounds/b/two", "again") // replaced
		for prefix, want := range map[string]string{
			"":           "rounds/a/empty:0 rounds/a/one:1 rounds/b/two:5 roundsend:3",
			"rounds/":    "rounds/a/empty:0 rounds/a/one:1 rounds/b/two:5",
			"rounds/a/":  "rounds/a/empty:0 rounds/a/one:1",
			"rounds/b/t": "rounds/b/two:5",
			"roundse":    "roundsend:3",
			"x":          "",
		} {
			if got := list(t, s, prefix); got != want {
				t.Errorf("List(%q) = %q, want %q", prefix, got, want)
			}
		}
		if got := read(t, s, "rounds/b/two") + read(t, s, "rounds/a/empty"); got != "again" {
			t.Errorf("read %q", got)
		}
		for range 2 { // the second finds nothing, which is no error
			if err := s.Delete(t.Context(), "rounds/b/two"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Open(t.Context(), "rounds/b/two"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opening a deleted file: %v", err)
		}
		if got := list(t, s, "rounds/b"); got != "" {
			t.Errorf("after deleting: %q", got)
		}
	})
}

func TestLargeFile(t *testing.T) {
	data := make([]byte, 2*partSize+12345)
	rand.NewChaCha8([32]byte{1}).Read(data)
	each(t, func(t *testing.T, s Store) {
		for _, size := range []int64{-1, int64(len(data))} {
			if err := s.Put(t.Context(), "large", struct{ io.Reader }{bytes.NewReader(data)}, size); err != nil {
				t.Fatal(err)
			}
			if got := read(t, s, "large"); got != string(data) {
				t.Fatalf("size %d: what came back differs", size)
			}
		}
	})
}

// What cannot be put whole is not put at all, and what was there before stays.
func TestAllOrNothing(t *testing.T) {
	broken := errors.New("the reader broke")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	long := strings.Repeat("x", partSize+5)
	cases := map[string]struct {
		ctx  context.Context
		r    io.Reader
		size int64
	}{
		"too few":           {t.Context(), strings.NewReader("abc"), 4},
		"too many":          {t.Context(), strings.NewReader("abc"), 2},
		"too few, parts":    {t.Context(), strings.NewReader(long), partSize + 6},
		"too many, parts":   {t.Context(), strings.NewReader(long), partSize + 4},
		"broken":            {t.Context(), io.MultiReader(strings.NewReader("abc"), failing{broken}), -1},
		"broken at the end": {t.Context(), io.MultiReader(strings.NewReader("abc"), failing{broken}), 3},
		"broken in parts":   {t.Context(), io.MultiReader(strings.NewReader(long), failing{broken}), -1},
		"cancelled":         {ended, strings.NewReader("abc"), 3},
	}
	each(t, func(t *testing.T, s Store) {
		put(t, s, "kept", "old")
		for name, c := range cases {
			for _, file := range []string{"kept", "new"} {
				if err := s.Put(c.ctx, file, c.r, c.size); err == nil {
					t.Errorf("%s: no error", name)
				}
			}
		}
		if got := list(t, s, ""); got != "kept:3" || read(t, s, "kept") != "old" {
			t.Errorf("the store holds %q", got)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestBadNames(t *testing.T) {
	bad := []string{"", ".", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", ".hidden", "a/.part-x", "a/b.", `a\b`, "c:x", "a b", "é", "a\x00b", strings.Repeat("a", 501)}
	each(t, func(t *testing.T, s Store) {
		for _, name := range bad {
			if err := s.Put(t.Context(), name, strings.NewReader("x"), 1); err == nil {
				t.Errorf("Put(%q) gave no error", name)
			}
			if _, err := s.Open(t.Context(), name); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Open(%q): %v", name, err)
			}
			if err := s.Delete(t.Context(), name); err == nil {
				t.Errorf("Delete(%q) gave no error", name)
			}
		}
		if got := list(t, s, ""); got != "" {
			t.Errorf("the store holds %q", got)
		}
	})
}

// Readers see one whole file or another, never a mixture.
func TestConcurrentPuts(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		put(t, s, "d/file", strings.Repeat("0", 10_000))
		var writers sync.WaitGroup
		for i := range 8 {
			writers.Go(func() {
				for range 10 {
					text := strings.Repeat(string(rune('a'+i)), 10_000)
					if err := s.Put(t.Context(), "d/file", strings.NewReader(text), 10_000); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 50 {
			if got := read(t, s, "d/file"); len(got) != 10_000 || strings.Trim(got, got[:1]) != "" {
				t.Fatalf("a mixture of %d bytes", len(got))
			}
		}
		writers.Wait()
		if got := list(t, s, ""); got != "d/file:10000" {
			t.Errorf("the store holds %q", got)
		}
	})
}

func TestMessages(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
	texts, err := fs.ReadFile(messages, "message/en.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"doc.go", "folder.go", "bucket.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Split(string(source), `"`) {
			if strings.HasPrefix(word, "blob.") && !slices.Contains(strings.Split(string(texts), `"`), word) {
				t.Errorf("%s uses %s, which has no text", file, word)
			}
		}
	}
}
