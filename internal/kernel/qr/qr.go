// Package qr draws square codes as a path for SVG. It owns skip2/go-qrcode.
package qr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"
)

// Square is a QR code: a path in a square of Side units, its quiet zone
// included.
type Square struct {
	Side int
	Path string // SVG path data
}

// Draw draws content with medium error correction as one path: each run of
// dark squares of a line is a rectangle one unit high.
func Draw(content string) (Square, error) {
	code, err := qrcode.New(content, qrcode.Medium)
	if err != nil {
		return Square{}, fmt.Errorf("draw a square code: %w", err)
	}
	bitmap := code.Bitmap()
	var b strings.Builder
	for y, line := range bitmap {
		for x := 0; x < len(line); x++ {
			if !line[x] {
				continue
			}
			from := x
			for x < len(line) && line[x] {
				x++
			}
			width := strconv.Itoa(x - from)
			b.WriteString("M" + strconv.Itoa(from) + " " + strconv.Itoa(y) + "h" + width + "v1h-" + width + "z")
		}
	}
	return Square{Side: len(bitmap), Path: b.String()}, nil
}
