package backup

import (
	"bytes"
	"crypto/rand"
	"testing"

	"filippo.io/age"
)

// Backups that differ by a little have the same size.
func TestSizeTellsLittle(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[int]int{}
	for n := 100; n < 300_000; n += 20_000 {
		var b bytes.Buffer
		w, err := seal(&b, []age.Recipient{identity.Recipient()})
		if err != nil {
			t.Fatal(err)
		}
		content := make([]byte, n)
		rand.Read(content) // never fails
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		sizes[b.Len()]++
	}
	if len(sizes) != 1 {
		t.Errorf("sizes %v", sizes)
	}
}
