// Command tally reads the output of go test -json, prints what failed and what
// was skipped and why, and ends with one line: N passed, N failed, N skipped.
// With CI=true a skipped test counts as failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// event is one line of go test -json; see go doc test2json.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type tally struct {
	passed, failed, skipped int
	output                  map[string][]string // of tests and packages under way
}

func main() {
	t := &tally{output: map[string][]string{}}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				fmt.Print(line)
			} else {
				t.take(e)
			}
		}
		if err != nil {
			break
		}
	}
	if os.Getenv("CI") == "true" && t.skipped > 0 {
		fmt.Printf("%d tests were skipped; with CI=true nothing may be\n", t.skipped)
		t.failed, t.skipped = t.failed+t.skipped, 0
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 || t.passed == 0 {
		os.Exit(1)
	}
}

func (t *tally) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if e.Action == "build-output" {
			fmt.Print(e.Output)
			return
		}
		t.output[key] = append(t.output[key], e.Output)
		return
	case "build-fail":
		t.failed++
		return
	case "pass":
		if e.Test != "" {
			t.passed++
		} else {
			fmt.Printf("ok   %-50s %6.1f s\n", e.Package, e.Elapsed)
		}
	case "fail":
		t.fail(e, key)
	case "skip":
		t.skip(e, key)
	default:
		return
	}
	delete(t.output, key)
}

func (t *tally) fail(e event, key string) {
	for _, line := range t.output[key] {
		fmt.Print(line)
	}
	if e.Test != "" {
		t.failed++
		return
	}
	if len(t.output[key]) > 0 && t.failed == 0 { // a panic outside a test, or no test at all
		t.failed++
	}
	fmt.Printf("FAIL %-50s %6.1f s\n", e.Package, e.Elapsed)
}

func (t *tally) skip(e event, key string) {
	if e.Test == "" { // a package without tests
		return
	}
	t.skipped++
	reason := ""
	for _, line := range t.output[key] {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			reason = line
		}
	}
	fmt.Printf("skip %s %s: %s\n", e.Package, e.Test, reason)
}
