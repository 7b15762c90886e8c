package qr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

// The path darkens exactly the squares of the code's bitmap.
func TestPathIsTheBitmap(t *testing.T) {
	const content = "https://survey.example/en/s/r_1#0123456789ABCDEF"
	s, err := Draw(content)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qrcode.New(content, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[[2]int]bool{}
	for _, run := range strings.Split(strings.TrimSuffix(s.Path, "z"), "z") {
		var x, y, w, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &w, &back); err != nil || w != back || w < 1 {
			t.Fatalf("run %q: %v", run, err)
		}
		for i := range w {
			dark[[2]int{x + i, y}] = true
		}
	}
	for y, line := range code.Bitmap() {
		for x, want := range line {
			if dark[[2]int{x, y}] != want {
				t.Fatalf("square %d, %d is %v, want %v", x, y, !want, want)
			}
		}
	}
	if s.Side != len(code.Bitmap()) {
		t.Errorf("side %d, want %d", s.Side, len(code.Bitmap()))
	}
}

func TestTooLongContentIsAnError(t *testing.T) {
	if _, err := Draw(strings.Repeat("x", 5000)); err == nil {
		t.Error("no error for 5,000 characters")
	}
}
