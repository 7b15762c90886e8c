// Package formtest has the forms and the form engine of others for tests: the
// cases of pyxform, and ODK's own XForms engine, an npm package, so
// that tests can compare another program's idea of a form with ours. The engine
// is fetched into a temporary folder and is no part of the program.
package formtest

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

//go:embed driver.mjs
var driver []byte

//go:embed package.json
var packages []byte

// State is what the engine says of one node of a form.
type State struct {
	Path      string // of the node, for example "/data/group/question"
	Kind      string // input, select, range, rank, trigger, note, upload, model-value or group
	Type      string // string, int, decimal, date and so on
	Value     string // as it stands in the answers; codes of a select by spaces
	Relevant  bool
	Required  bool
	ReadOnly  bool
	Violation string   // "constraint", "required" or ""
	Options   []string // codes that are offered now
}

// Engine is one running engine with at most one form. It is not safe for use
// by several goroutines.
type Engine struct {
	in      io.Writer
	answers *bufio.Reader
}

const installTime = 3 * time.Minute

// Start installs the engine and runs it until the test ends. Where npm or its
// registry cannot be had it skips the test and says why; the tally of make
// test-full counts that as a failure with CI=true.
func Start(t testing.TB) *Engine {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no XForms engine: %v; install Node.js 20 with npm", err)
		}
	}
	folder := t.TempDir()
	for name, text := range map[string][]byte{"driver.mjs": driver, "package.json": packages} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	install.Dir = folder
	install.WaitDelay = time.Second
	timer := time.AfterFunc(installTime, func() { _ = install.Process.Kill() })
	out, err := install.CombinedOutput()
	timer.Stop()
	if err != nil {
		t.Skipf("no XForms engine: npm install: %v: %.300s", err, out)
	}
	e, err := start(t, folder)
	if err != nil {
		t.Fatalf("start the XForms engine: %v", err)
	}
	return e
}

func start(t testing.TB, folder string) (*Engine, error) {
	node := exec.Command("node", "driver.mjs")
	node.Dir = folder
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := node.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := node.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = node.Wait()
	})
	return &Engine{in: in, answers: bufio.NewReaderSize(out, 1<<20)}, nil
}

// Load puts a form in place of the one before. The states are in the order of
// the form.
func (e *Engine) Load(xform []byte) ([]State, error) {
	return e.ask(map[string]string{"load": string(xform)})
}

// Set answers the question at path; value is text, a number, a date, or codes
// with spaces between, and "" takes the answer back.
func (e *Engine) Set(path, value string) ([]State, error) {
	return e.ask(map[string]string{"set": path, "value": value})
}

func (e *Engine) ask(request map[string]string) ([]State, error) {
	line, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	if _, err := e.in.Write(append(line, '\n')); err != nil {
		return nil, fmt.Errorf("ask the XForms engine: %w", err)
	}
	line, err = e.answers.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("hear the XForms engine: %w", err)
	}
	var answer struct {
		States []State
		Error  string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return nil, fmt.Errorf("read the XForms engine's answer: %w", err)
	}
	if answer.Error != "" {
		return nil, errors.New(answer.Error)
	}
	return answer.States, nil
}
