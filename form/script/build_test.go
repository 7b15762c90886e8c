package script

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxSize is what the script may cost a phone on a bad line.
const maxSize = 8 << 10

// The committed script is what esbuild makes of the TypeScript now.
func TestBuilt(t *testing.T) {
	program, err := os.ReadFile("script.go")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^//go:generate go (tool -modfile=\S+ esbuild) (.*) --outfile=expr\.js$`).FindSubmatch(program)
	if line == nil {
		t.Fatal("script.go has no go:generate line for esbuild")
	}
	tool := strings.Fields(string(line[1]))
	if out, err := exec.Command("go", append(tool, "--version")...).CombinedOutput(); err != nil {
		const cannot = "esbuild cannot be had: run go mod download -modfile=tools/go.mod where there is a network"
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: %v\n%s", cannot, err, out)
		}
		t.Skip(cannot)
	}
	built := filepath.Join(t.TempDir(), "expr.js")
	args := append(tool, strings.Fields(string(line[2]))...)
	if out, err := exec.Command("go", append(args, "--outfile="+built)...).CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	got, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Source() {
		t.Error("expr.js is not what the .ts files build to: run make script")
	}
}

func TestSize(t *testing.T) {
	var wire bytes.Buffer
	w, err := gzip.NewWriterLevel(&wire, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(Source())); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d after gzip", len(Source()), wire.Len())
	if wire.Len() > maxSize {
		t.Errorf("the script takes %d bytes after gzip, at most %d may go over the wire", wire.Len(), maxSize)
	}
}

// esbuild drops types without looking at them; the TypeScript compiler looks.
func TestTypes(t *testing.T) {
	tsc, err := exec.LookPath("tsc")
	if err != nil {
		t.Skip("no TypeScript compiler: apt install node-typescript")
	}
	if out, err := exec.Command(tsc, "-p", ".").CombinedOutput(); err != nil {
		t.Errorf("tsc: %v\n%s", err, out)
	}
}
