package terminal

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReadLine(t *testing.T) {
	r := strings.NewReader("first\r\n\nlast")
	for _, want := range []string{"first", "", "last"} {
		if got, err := readLine(r); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	if got, err := readLine(r); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %q, %v", got, err)
	}
}
