package ballot

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"testing"
)

const testSize = 64

func newBox(t *testing.T, slots int) *Box {
	t.Helper()
	path := filepath.Join(t.TempDir(), "answers.box")
	if err := Create(path, testSize, slots); err != nil {
		t.Fatal(err)
	}
	return reopen(t, path)
}

func reopen(t *testing.T, path string) *Box {
	t.Helper()
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func answer(i int) (Mark, []byte) {
	sealed := make([]byte, testSize)
	binary.LittleEndian.PutUint64(sealed, uint64(i))
	return sha256.Sum256(sealed), sealed
}

func contents(t *testing.T, b *Box) []int {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return slots(t, b.path)
}

// slots is what is in the file, in its order.
func slots(t *testing.T, path string) (got []int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = read(f, func(_ Mark, sealed []byte, ok bool) error {
		if ok {
			got = append(got, int(binary.LittleEndian.Uint64(sealed)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Every answer put is there once, whatever the order, the repeats, the
// number of writers and the growth of the file.
func TestPutKeepsEveryAnswerOnce(t *testing.T) {
	b := newBox(t, 3)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 100 {
				mark, sealed := answer((i + w*10) % 100)
				if err := b.Put(mark, sealed); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if b.Len() != 100 {
		t.Errorf("Len() = %d, want 100", b.Len())
	}
	b.Close()
	got := contents(t, reopen(t, b.path))
	sort.Ints(got)
	for i := range 100 {
		if i >= len(got) || got[i] != i {
			t.Fatalf("after reopening: %v, want 0 to 99", got)
		}
	}
}

func TestPutAfterCloseIsRefused(t *testing.T) {
	b := newBox(t, 3)
	b.Close()
	mark, sealed := answer(1)
	if err := b.Put(mark, sealed); err != ErrClosed {
		t.Errorf("Put after Close: %v, want %v", err, ErrClosed)
	}
}

func TestPutRefusesAnotherSize(t *testing.T) {
	b := newBox(t, 3)
	if err := b.Put(Mark{1}, make([]byte, testSize+1)); err == nil {
		t.Error("an answer of another size was taken")
	}
	mark, sealed := answer(1)
	if err := b.Put(mark, sealed); err != nil {
		t.Errorf("after a refused answer: %v", err)
	}
}

// A slot half written when the power failed reads as free.
func TestTornSlotIsFree(t *testing.T) {
	b := newBox(t, 4)
	for i := range 3 {
		mark, sealed := answer(i)
		if err := b.Put(mark, sealed); err != nil {
			t.Fatal(err)
		}
	}
	mark, _ := answer(1)
	at := b.offset(b.marks[mark]) + 30
	b.Close()
	f, err := os.OpenFile(b.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("torn"), at); err != nil {
		t.Fatal(err)
	}
	f.Close()
	b = reopen(t, b.path)
	if b.Len() != 2 || b.Has(mark) {
		t.Errorf("Len() = %d, Has(torn) = %v; want 2, false", b.Len(), b.Has(mark))
	}
}

// Where an answer stands says nothing about when it came. 0.165 is the
// two-sided 0.1 % point of Spearman's rho for 400 pairs.
func TestOrderTellsNothing(t *testing.T) {
	for _, slots := range []int{1000, 50} {
		t.Run(fmt.Sprint(slots, " slots"), func(t *testing.T) {
			b := newBox(t, slots)
			for i := range 400 {
				mark, sealed := answer(i)
				if err := b.Put(mark, sealed); err != nil {
					t.Fatal(err)
				}
			}
			if rho := rankCorrelation(contents(t, b)); math.Abs(rho) >= 0.165 {
				t.Errorf("order of arrival and order in the file: rho = %.3f", rho)
			}
		})
	}
}

// rankCorrelation is Spearman's rho between position and value of a permutation.
func rankCorrelation(perm []int) float64 {
	n := float64(len(perm))
	var d2 float64
	for i, v := range perm {
		d2 += (float64(i) - float64(v)) * (float64(i) - float64(v))
	}
	return 1 - 6*d2/(n*(n*n-1))
}

func TestFileIsPrivateAndHasNoSharpTime(t *testing.T) {
	b := newBox(t, 10)
	mark, sealed := answer(1)
	if err := b.Put(mark, sealed); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(b.path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	if h, m, s := info.ModTime().UTC().Clock(); h+m+s != 0 {
		t.Errorf("the file shows the time of the last answer: %v", info.ModTime())
	}
}

// Growing replaces the file; no old one may stay open, nor the last one.
func TestNoFileIsLeftOpenAfterGrowing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "box")
	if err := Create(path, 100, 2); err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		if err := b.Put(Mark{byte(i)}, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	b.Close()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if target, _ := os.Readlink(f); target == path {
			t.Errorf("%s is still open", path)
		}
	}
}

func TestSealAndUnlock(t *testing.T) {
	k, err := NewKey("correct horse battery staple")
	if err != nil {
		t.Fatal(err)
	}
	data, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if k, err = ParseKey(data); err != nil {
		t.Fatal(err)
	}
	sealer, err := k.Sealer("round 1 answers")
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]byte, 100)
	rand.Read(plain)
	sealed, err := sealer.Seal(plain)
	if err != nil {
		t.Fatal(err)
	}
	if len(sealed) != len(plain)+Overhead {
		t.Errorf("sealed %d bytes into %d, want %d", len(plain), len(sealed), len(plain)+Overhead)
	}
	if _, err := k.Unlock("wrong"); err != ErrPassphrase {
		t.Errorf("wrong passphrase: %v, want %v", err, ErrPassphrase)
	}
	opener, err := k.Unlock("correct horse battery staple")
	if err != nil {
		t.Fatal(err)
	}
	got, err := opener.Open("round 1 answers", sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open: %x, %v", got, err)
	}
	if _, err := opener.Open("round 2 answers", sealed); err == nil {
		t.Error("an answer of one round was opened as another's")
	}
}

func BenchmarkPut(b *testing.B) {
	path := filepath.Join(b.TempDir(), "answers.box")
	if err := Create(path, 256, 20000); err != nil {
		b.Fatal(err)
	}
	box, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer box.Close()
	sealed := make([]byte, 256)
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var mark Mark
			rand.Read(mark[:])
			if err := box.Put(mark, sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
}
