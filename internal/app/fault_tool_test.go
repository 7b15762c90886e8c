//go:build linux

package app

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"adili/internal/kernel/clock"
	"adili/internal/testkit/acmetest"
)

// serveOn is the program at the given path as it will serve a data folder,
// always on the same address.
func serveOn(t *testing.T, path, data, url string) *process {
	p := &process{t: t, path: path, arguments: []string{"serve", "--data", data, "--listen", acmetest.FreeAddress(t)}}
	if url != "" {
		p.arguments = append(p.arguments, "--database", url)
	}
	t.Cleanup(p.kill)
	return p
}

// tracer is the program that puts faults into system calls. Without it the
// test is skipped, or fails where CI is set.
func tracer(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		const text = "strace is not installed (apt-get install strace)"
		if os.Getenv("CI") != "" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	return path
}

// traced makes the program start under the tracer, as its own process still.
// The tracer's lines go to the file out.
func (p *process) traced(out string, faults ...string) {
	p.t.Helper()
	p.arguments = slices.Concat([]string{"-D", "-f", "-q", "-y", "-e", "signal=none", "-o", out}, faults, []string{p.path}, p.arguments)
	p.path = tracer(p.t)
}

// attach puts faults into the program that runs, until the function it gives
// is called.
func (p *process) attach(faults ...string) (detach func()) {
	p.t.Helper()
	command := exec.Command(tracer(p.t), slices.Concat([]string{"-f", "-o", os.DevNull, "-p", fmt.Sprint(p.command.Process.Pid)}, faults)...)
	said, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), "attached") {
	}
	if !strings.Contains(lines.Text(), "attached") {
		p.t.Fatalf("the tracer did not attach: %v", command.Wait())
	}
	go io.Copy(io.Discard, said) // ends with the tracer
	detach = sync.OnceFunc(func() {
		_ = command.Process.Signal(os.Interrupt) // it ends with the program too
		_ = command.Wait()                       // says that it was interrupted
	})
	p.t.Cleanup(detach)
	return detach
}

// checkClosed looks for the numbers below n in a round that was closed.
func checkClosed(t *testing.T, data, url, round string, n int) {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: data, Database: url, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	checkNumbers(t, a, round, n)
}
