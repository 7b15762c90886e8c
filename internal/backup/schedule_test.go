package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/blob"
	"adili/internal/kernel/clock"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// stores runs f with a folder and with a bucket.
func stores(t *testing.T, f func(t *testing.T, address string, store blob.Store)) {
	open := func(t *testing.T, address string) blob.Store {
		t.Helper()
		store, err := blob.Open(address, blob.Keys{ID: "id", Secret: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	t.Run("folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "backups")
		f(t, dir+"/NAME", open(t, dir))
	})
	t.Run("bucket", func(t *testing.T) {
		backend := s3mem.New()
		if err := backend.CreateBucket("backups"); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(gofakes3.New(backend).Server())
		t.Cleanup(server.Close)
		f(t, "s3://backups/adili/NAME?endpoint="+server.URL, open(t, "s3://backups/adili?endpoint="+server.URL))
	})
}

func names(t *testing.T, store blob.Store) string {
	t.Helper()
	all, err := List(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range all {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

// A week of backups: a round opens on the second day and closes before the seventh.
func TestSchedule(t *testing.T) {
	stores(t, func(t *testing.T, address string, store blob.Store) {
		p := newPlace(t, "", 10)
		clk := clock.Fixed(now)
		b := p.backup(nil)
		b.Clock = clk
		s := b.NewSchedule(store, recipients(), 2, 30)
		if err := store.Put(t.Context(), "adili-notes.txt", strings.NewReader("mine"), 4); err != nil {
			t.Fatal(err)
		}
		for day, want := range []string{
			"adili-20261005T023000Z.adili",
			"adili-20261006T023000Z-open.adili adili-20261005T023000Z.adili",
			"adili-20261007T023000Z-open.adili adili-20261006T023000Z-open.adili adili-20261005T023000Z.adili",
			"adili-20261008T023000Z-open.adili adili-20261007T023000Z-open.adili adili-20261006T023000Z-open.adili adili-20261005T023000Z.adili",
			"adili-20261009T023000Z-open.adili adili-20261008T023000Z-open.adili adili-20261007T023000Z-open.adili adili-20261005T023000Z.adili",
			"adili-20261010T023000Z-open.adili adili-20261009T023000Z-open.adili adili-20261008T023000Z-open.adili adili-20261005T023000Z.adili",
			"adili-20261011T023000Z.adili adili-20261005T023000Z.adili",
			"adili-20261012T023000Z.adili adili-20261011T023000Z.adili",
		} {
			b.Source = files{}
			if day > 0 && day < 6 {
				b.Source = someFiles
			}
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := names(t, store); got != want {
				t.Errorf("day %d: %s,\nwant %s", day, got, want)
			}
			if st := s.Status(); !st.Good.Equal(clk.Now()) || st.Error != "" || st.Size == 0 {
				t.Errorf("day %d: status %+v", day, st)
			}
			clk.Advance(24 * time.Hour)
		}
		if r, err := store.Open(t.Context(), "adili-notes.txt"); err != nil {
			t.Errorf("somebody else's file is gone: %v", err)
		} else {
			r.Close()
		}
		// What is in the store can be restored from there.
		all, err := List(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		open, err := Locate(strings.Replace(address, "NAME", all[0].Name, 1), blob.Keys{ID: "id", Secret: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newPlace(t, "", 0).target(false).Restore(t.Context(), open, identities(), nil); err != nil {
			t.Error(err)
		}
	})
}

// unreliable is a store with something wrong.
type unreliable struct {
	blob.Store
	put    func(name string, r io.Reader) error
	delete error
}

func (u unreliable) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if u.put != nil {
		return u.put(name, r)
	}
	return u.Store.Put(ctx, name, r, size)
}

func (u unreliable) Delete(ctx context.Context, name string) error {
	if u.delete != nil {
		return u.delete
	}
	return u.Store.Delete(ctx, name)
}

// A backup that did not succeed is told as such, and removes nothing.
func TestScheduleFails(t *testing.T) {
	p := newPlace(t, "", 10)
	clk := clock.Fixed(now)
	good, err := blob.Open(t.TempDir(), blob.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the store is gone")
	run := func(store blob.Store, source Source) (Status, error) {
		b := p.backup(source)
		b.Clock = clk
		clk.Advance(time.Hour)
		s := b.NewSchedule(store, recipients(), 1, 0)
		err := s.Run(t.Context())
		return s.Status(), err
	}
	if _, err := run(good, files{}); err != nil {
		t.Fatal(err)
	}
	before := names(t, good)
	for name, store := range map[string]blob.Store{
		"gone at once": unreliable{good, func(string, io.Reader) error { return gone }, nil},
		"gone on the way": unreliable{good, func(_ string, r io.Reader) error {
			_, err := io.CopyN(io.Discard, r, 100)
			return errors.Join(err, gone)
		}, nil},
		"says it took it": unreliable{good, func(_ string, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }, nil},
		"took a part": unreliable{good, func(name string, r io.Reader) error {
			return errors.Join(good.Put(t.Context(), name, io.LimitReader(r, 100), -1), func() error { _, err := io.Copy(io.Discard, r); return err }())
		}, nil},
	} {
		all := names(t, good)
		st, err := run(store, files{})
		if err == nil || st.Error == "" || !st.Good.IsZero() || st.Tried.IsZero() {
			t.Errorf("%s: %+v, %v", name, st, err)
		}
		if name != "took a part" && names(t, good) != all {
			t.Errorf("%s: the store has %s", name, names(t, good))
		}
		if !strings.Contains(names(t, good), before) {
			t.Errorf("%s: the good one is gone: %s", name, names(t, good))
		}
	}
	if st, err := run(good, failing{}); err == nil || st.Error == "" || !strings.Contains(names(t, good), before) {
		t.Errorf("the files cannot be read: %+v, %v", st, err)
	}
	// The backup is good although an old one could not be removed.
	if st, err := run(unreliable{good, nil, gone}, files{}); !errors.Is(err, gone) || st.Good.IsZero() {
		t.Errorf("old ones stay: %+v, %v", st, err)
	}
	if st, err := run(good, lacking{"node-2"}); errKey(err) != "backup.missing" || st.Good.IsZero() || !strings.Contains(names(t, good), before) {
		t.Errorf("a node is away: %+v, %v, %s", st, err, names(t, good))
	}
	// The next good one clears up.
	if _, err := run(good, files{}); err != nil || strings.Contains(names(t, good), " ") {
		t.Errorf("afterwards: %v, %s", err, names(t, good))
	}
}

type failing struct{}

func (failing) Copy(context.Context, func(string, int64, io.Reader) error, func() error) ([]string, error) {
	return nil, errors.New("the files cannot be read")
}

type lacking []string

func (l lacking) Copy(_ context.Context, _ func(string, int64, io.Reader) error, snapshot func() error) ([]string, error) {
	return l, snapshot()
}

func TestOutdated(t *testing.T) {
	at := func(days int, open bool) Stored {
		return Stored{Name: fmt.Sprint(days, open), Made: now.AddDate(0, 0, -days), Open: open}
	}
	closed, open := func(d int) Stored { return at(d, false) }, func(d int) Stored { return at(d, true) }
	for name, c := range map[string]struct {
		all        []Stored
		keep, days int
		old        []int
	}{
		"no limits":                    {[]Stored{closed(0), closed(1), closed(400)}, 0, 0, nil},
		"by number":                    {[]Stored{closed(0), closed(1), closed(2), closed(3)}, 2, 0, []int{2, 3}},
		"by age":                       {[]Stored{closed(0), closed(1), closed(30), closed(31)}, 0, 30, []int{3}},
		"the newest stays":             {[]Stored{closed(90), closed(91)}, 0, 30, []int{1}},
		"three open ones":              {[]Stored{open(0), open(1), open(2), open(3), open(4), closed(5)}, 1, 0, []int{3, 4}},
		"open ones go after the round": {[]Stored{closed(0), open(1), open(2), closed(3)}, 0, 0, []int{1, 2}},
		"between two rounds":           {[]Stored{open(0), closed(1), open(2), closed(3)}, 0, 0, []int{2}},
		"open ones do not push out":    {[]Stored{open(0), open(1), closed(2), closed(3)}, 2, 0, nil},
		"open ones grow old as well":   {[]Stored{open(0), open(40)}, 0, 30, []int{1}},
		"none":                         {nil, 1, 1, nil},
	} {
		var want []Stored
		for _, i := range c.old {
			want = append(want, c.all[i])
		}
		if got := outdated(c.all, c.keep, c.days, now); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
