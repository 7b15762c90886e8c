package bench

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// build builds the program.
func build(b *testing.B, flags ...string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "adili")
	command := exec.Command("go", slices.Concat([]string{"build"}, flags, []string{"-o", path, "adili/cmd/adili"})...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	return path
}

// process is the program at work.
type process struct {
	command *exec.Cmd
	base    string        // its address
	ready   time.Duration // from start to "ready"
}

// run starts the program and waits until it is ready.
func run(b *testing.B, path string, arguments ...string) *process {
	b.Helper()
	p := &process{command: exec.Command(path, arguments...)}
	var log bytes.Buffer // read only after the program has ended
	p.command.Stderr = &log
	out, err := p.command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := p.command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.end)
	lines := bufio.NewScanner(out)
	for p.base == "" {
		if !lines.Scan() {
			_ = p.command.Wait() // the log says more than its status
			b.Fatalf("%s ended before it was ready\n%s", arguments[0], log.String())
		}
		if base, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			p.base = base
		}
	}
	p.ready = time.Since(began)
	return p
}

// end stops the program.
func (p *process) end() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended already
	_ = p.command.Wait()
}

// peak is the most memory the program had resident, in MiB; 0 where the
// system does not tell.
func (p *process) peak() float64 { return p.memory("VmHWM:") / (1 << 20) }

// memory is a size the system tells of the program, in bytes.
func (p *process) memory(name string) float64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.command.Process.Pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, name); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), " kB"))
			if err == nil {
				return float64(kib) * 1024
			}
		}
	}
	return 0
}
