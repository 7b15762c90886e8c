package folder

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestOccupy(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a", "data")
	f, err := Occupy(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Occupy(name); !errors.Is(err, ErrInUse) {
		t.Errorf("a second program: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = Occupy(name); err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
