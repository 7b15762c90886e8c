package ballot

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What two machines took is one box, each form once, in a new order.
func TestMergeKeepsEachFormOnce(t *testing.T) {
	one, two := newBox(t, 8), newBox(t, 8)
	for i := range 300 {
		mark, sealed := answer(i)
		if i < 200 {
			if err := one.Put(mark, sealed); err != nil {
				t.Fatal(err)
			}
		}
		if i >= 150 {
			if err := two.Put(mark, sealed); err != nil {
				t.Fatal(err)
			}
		}
	}
	one.Close()
	two.Close()
	var all Collection
	for _, b := range []*Box{one, two} {
		if err := all.AddFile(b.path); err != nil {
			t.Fatal(err)
		}
	}
	if all.Len() != 300 {
		t.Errorf("%d answers, want 300", all.Len())
	}
	path := filepath.Join(t.TempDir(), "merged.box")
	if err := all.Create(path); err != nil {
		t.Fatal(err)
	}
	got := slots(t, path)
	checkShuffled(t, got)
	merged := reopen(t, path)
	if merged.ID() == one.ID() || merged.ID() == two.ID() {
		t.Error("the merged box passes for one it was made of")
	}
	mark, sealed := answer(170)
	if err := merged.Put(mark, sealed); err != nil || merged.Len() != 300 {
		t.Errorf("a form that is there: %v, %d answers", err, merged.Len())
	}
	slices.Sort(got)
	for i := range 300 {
		if i >= len(got) || got[i] != i {
			t.Fatalf("merged: %v", got)
		}
	}
}

// checkShuffled fails if place and number go together: 0.26 is about the
// two-sided 0.001 % point of the rank correlation of 300 pairs.
func checkShuffled(t *testing.T, got []int) {
	t.Helper()
	var d2 float64
	n := float64(len(got))
	for place, number := range got {
		d2 += float64(place-number) * float64(place-number)
	}
	if rho := 1 - 6*d2/(n*(n*n-1)); math.Abs(rho) > 0.26 {
		t.Errorf("order in the merged file and of arrival correlate: %.2f", rho)
	}
}

func TestMergeRefuses(t *testing.T) {
	var c Collection
	if err := c.Create(filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("a file of nothing was made")
	}
	if err := c.Add(bytes.NewReader(make([]byte, headerSize))); err == nil {
		t.Error("a file of zeros was read")
	}
	if err := c.Add(bytes.NewReader(nil)); err == nil {
		t.Error("an empty file was read")
	}
	small, large := newBox(t, 2), filepath.Join(t.TempDir(), "large.box")
	mark, sealed := answer(1)
	if err := small.Put(mark, sealed); err != nil {
		t.Fatal(err)
	}
	small.Close()
	if err := Create(large, testSize+1, 2); err != nil {
		t.Fatal(err)
	}
	b := reopen(t, large)
	if err := b.Put(mark, append(sealed, 0)); err != nil {
		t.Fatal(err)
	}
	b.Close()
	if err := c.AddFile(small.path); err != nil {
		t.Fatal(err)
	}
	if err := c.AddFile(large); err == nil {
		t.Error("answers of two sizes were put together")
	}
}

// The id stays when the file grows, and a file from before there were ids gets
// one that stays.
func TestBoxKeepsItsID(t *testing.T) {
	b := newBox(t, 1)
	id := b.ID()
	for i := range 20 {
		mark, sealed := answer(i)
		if err := b.Put(mark, sealed); err != nil {
			t.Fatal(err)
		}
	}
	b.Close()
	if again := reopen(t, b.path); again.ID() != id {
		t.Error("the id changed when the file grew")
	} else {
		again.Close()
	}
	f, err := os.OpenFile(b.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, idSize), int64(idOffset)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	old := reopen(t, b.path)
	old.Close()
	again := reopen(t, b.path)
	if old.ID() == id || old.ID() != again.ID() || again.Len() != 20 {
		t.Errorf("a file without an id: %s, then %s, with %d answers", old.ID(), again.ID(), again.Len())
	}
}
