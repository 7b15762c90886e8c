package backup

import (
	"fmt"
	"io"
	"time"
)

// Progress tells on another stream how much has been written so far, at most so often.
type Progress struct {
	to    io.Writer
	out   io.Writer
	every time.Duration
	last  time.Time
	n     int64
}

// NewProgress returns a writer that passes on to w and tells out. With every 0 it tells at the end only.
func NewProgress(w, out io.Writer, every time.Duration) *Progress {
	return &Progress{to: w, out: out, every: every, last: time.Now()}
}

// Write implements io.Writer.
func (p *Progress) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	p.n += int64(n)
	if now := time.Now(); p.every > 0 && now.Sub(p.last) >= p.every {
		p.last = now
		fmt.Fprintf(p.out, "%s\n", p)
	}
	return n, err
}

// String gives the size in words.
func (p *Progress) String() string {
	switch {
	case p.n < 1000:
		return fmt.Sprintf("%d bytes", p.n)
	case p.n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(p.n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(p.n)/1e6)
}
