package demo

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Progress tells how far seeding has come: by a bar on a terminal, elsewhere by
// a line now and then. A nil Progress tells nothing.
type Progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // nil where out is no terminal
	total int

	mu   sync.Mutex
	sent int
	told time.Time
}

// tellEvery is the time between two lines where there is no terminal.
const tellEvery = 5 * time.Second

// NewProgress tells on out how far seeding of that size has come.
func NewProgress(out io.Writer, size Size) *Progress {
	p := &Progress{out: out, total: size.answers(), told: time.Now()}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(p.total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("answers"),
			progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
	return p
}

// add counts an answer that was sent.
func (p *Progress) add() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent++
	if p.bar != nil {
		_ = p.bar.Add(1) // a bar that cannot be drawn stops nothing
		return
	}
	if now := time.Now(); now.Sub(p.told) >= tellEvery {
		p.told = now
		fmt.Fprintf(p.out, "%d of %d answers\n", p.sent, p.total)
	}
}

// done says that seeding is over.
func (p *Progress) done() {
	if p == nil {
		return
	}
	if p.bar != nil {
		_ = p.bar.Finish()
	}
	fmt.Fprintf(p.out, "%d answers given\n", p.sent)
}
