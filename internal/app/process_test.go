package app

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// bin is the folder of the program that the tests run, empty until one needs
// it.
var bin string

// buildProgram builds the program once.
var buildProgram = sync.OnceValue(func() (err error) {
	if bin, err = os.MkdirTemp("", "adili-test"); err != nil {
		return err
	}
	command := exec.Command("go", "build", "-o", filepath.Join(bin, "adili"), "adili/cmd/adili")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if bin != "" {
		os.RemoveAll(bin)
	}
	os.Exit(status)
}

// program builds the program and gives its path.
func program(t *testing.T) string {
	t.Helper()
	if err := buildProgram(); err != nil {
		t.Fatalf("building: %v", err)
	}
	return filepath.Join(bin, "adili")
}

// process is the program at work, started as often as need be.
type process struct {
	t         *testing.T
	path      string
	arguments []string
	base      string // its address
	command   *exec.Cmd
	log       *bytes.Buffer // read only after the program has ended
}

// begin starts the program without waiting for it.
func (p *process) begin() *bufio.Scanner {
	p.t.Helper()
	p.command, p.log = exec.Command(p.path, p.arguments...), &bytes.Buffer{}
	p.command.Stderr = p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
	return bufio.NewScanner(out)
}

// start starts the program and waits until it is ready.
func (p *process) start() {
	p.t.Helper()
	if !p.tryStart() {
		p.t.Fatalf("the program ended before it was ready\n%s", p.log)
	}
}

// tryStart starts the program and reports whether it became ready. If not, it
// has ended.
func (p *process) tryStart() bool {
	p.t.Helper()
	lines := p.begin()
	late := time.AfterFunc(30*time.Second, func() { p.command.Process.Kill() })
	defer late.Stop()
	for lines.Scan() {
		if base, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			p.base = base
			return true
		}
	}
	p.kill()
	return false
}

// startAndKill kills the program while it starts.
func (p *process) startAndKill() {
	p.t.Helper()
	p.begin()
	time.Sleep(rand.N(100 * time.Millisecond))
	p.kill()
}

// kill ends the program without warning, as the system does when memory runs
// out.
func (p *process) kill() {
	if p.command == nil || p.command.ProcessState != nil {
		return
	}
	_ = p.command.Process.Kill() // it may have ended already
	_ = p.command.Wait()         // says that it was killed
}

// stop asks the program to end, which it must do without complaint.
func (p *process) stop() {
	p.t.Helper()
	if err := p.command.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		p.t.Fatalf("stopping: %v\n%s", err, p.log)
	}
}
