//go:build long

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A key that was made can sign, with its password only. Locking it takes a gigabyte.
func TestKey(t *testing.T) {
	dir := t.TempDir()
	name, word := filepath.Join(dir, "key"), filepath.Join(dir, "word")
	if err := os.WriteFile(word, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(keyVariable, name)
	t.Setenv(passwordVariable, word)
	var out bytes.Buffer
	if err := run(ctx, []string{"key", "-out", name}, &out); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
	key, err := signingKey(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	b := builder{out: filepath.Join(dir, "out"), version: "v0.0.1", commit: "x", key: &key}
	if err := os.Mkdir(b.out, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.out, "adili_file"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := b.sums(); err != nil {
		t.Fatal(err)
	}
	if err := b.sign(); err != nil {
		t.Fatal(err)
	}
	if n, err := verify(b.out, name+".pub"); err != nil || n != 2 {
		t.Errorf("%d files verified: %v", n, err)
	}
	if err := run(ctx, []string{"key", "-out", name}, &out); err == nil {
		t.Error("a key was overwritten")
	}
	if err := os.WriteFile(word, []byte("wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(os.Getenv); err == nil {
		t.Error("the key opens with a wrong password")
	}
}
