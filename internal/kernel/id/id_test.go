package id

import (
	"regexp"
	"testing"
)

func TestNew(t *testing.T) {
	shape := regexp.MustCompile(`^round_[0-9a-hjkmnp-tv-z]{26}$`)
	seen := make(map[string]bool)
	for range 1000 {
		got := New("round")
		if !shape.MatchString(got) || seen[got] {
			t.Fatalf("New = %q (seen before: %v)", got, seen[got])
		}
		seen[got] = true
	}
}
