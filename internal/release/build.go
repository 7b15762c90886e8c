package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"aead.dev/minisign"
)

// allTargets are the systems that releases are built for.
const allTargets = "linux/amd64,linux/arm64,linux/arm,windows/amd64,darwin/amd64,darwin/arm64"

// target is a system.
type target struct{ os, arch string }

// String gives the target as files are named after it: 32-bit ARM is version 7.
func (t target) String() string {
	if t.arch == "arm" {
		return t.os + "_armv7"
	}
	return t.os + "_" + t.arch
}

func (t target) binary() string {
	if t.os == "windows" {
		return "adili.exe"
	}
	return "adili"
}

var host = target{runtime.GOOS, runtime.GOARCH}

type builder struct {
	source   string
	version  string
	out      string
	commit   string
	when     time.Time
	dirty    bool
	targets  []target
	key      *minisign.PrivateKey // nil for an unsigned release
	progress io.Writer

	work string // folder of what is in the making
}

var versionForm = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9a-z.]+)?$`)

// check completes and checks what the command line says.
func (b *builder) check(ctx context.Context, targets string) error {
	if !versionForm.MatchString(b.version) {
		return fmt.Errorf("%q is not a version such as v0.3.0: make release VERSION=v0.3.0", b.version)
	}
	for name := range strings.SplitSeq(targets, ",") {
		if !slices.Contains(strings.Split(allTargets, ","), name) {
			return fmt.Errorf("%s is not one of %s", name, allTargets)
		}
		system, arch, _ := strings.Cut(name, "/")
		b.targets = append(b.targets, target{system, arch})
	}
	if b.out == "" {
		b.out = filepath.Join(b.source, "bin", "release", b.version)
	}
	if entries, err := os.ReadDir(b.out); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s holds something already; take it away first", b.out)
	}
	if b.commit != "" {
		return nil
	}
	return b.askGit(ctx)
}

// askGit finds the commit of the source, its time, and whether the source still
// is what the commit says.
func (b *builder) askGit(ctx context.Context) error {
	git := func(arguments ...string) (string, error) {
		c := exec.CommandContext(ctx, "git", append([]string{"-C", b.source}, arguments...)...)
		out, err := c.Output()
		return strings.TrimSpace(string(out)), err
	}
	text, err := git("log", "-1", "--format=%H %ct")
	if err != nil {
		return fmt.Errorf("the commit of the source is not known (git log: %w); give it with -commit and -time", err)
	}
	commit, seconds, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	b.commit, b.when = commit, time.Unix(n, 0).UTC()
	changes, err := git("status", "--porcelain")
	b.dirty = changes != ""
	return err
}

// build makes the release.
func (b *builder) build(ctx context.Context) (err error) {
	if b.work, err = os.MkdirTemp("", "release"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	shared, err := b.shared(ctx)
	if err != nil {
		return err
	}
	for _, t := range b.targets {
		if err := b.one(ctx, t, shared); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	if err := b.sums(); err != nil {
		return err
	}
	return b.sign()
}

// one builds for a system and packs it.
func (b *builder) one(ctx context.Context, t target, shared []entry) error {
	program, err := b.compile(ctx, t)
	if err != nil {
		return err
	}
	modules, err := b.modules(ctx, t)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	if err := b.sayNothing(ctx, data); err != nil {
		return err
	}
	bill, err := b.bill(t, program, data, modules)
	if err != nil {
		return fmt.Errorf("bill of materials: %w", err)
	}
	name := "adili_" + b.version + "_" + t.String()
	if err := os.WriteFile(filepath.Join(b.out, name+".cdx.json"), bill, 0o644); err != nil {
		return err
	}
	entries := []entry{{name: t.binary(), data: data, mode: 0o755}, {name: "NOTICE", data: notice(modules), mode: 0o644}}
	for _, e := range shared {
		if e.belongs(t) {
			entries = append(entries, e)
		}
	}
	archive, size, err := b.pack(name, t, entries)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(b.progress, "%-40s %5.1f MB, the program %5.1f MB\n", archive, megabytes(size), megabytes(len(data)))
	return err
}

func megabytes(n int) float64 { return float64(n) / 1e6 }

// environment is the present one without what would change the build.
func environment(t target) []string {
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		switch name {
		case "GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GO386", "GOFIPS140", "GOWORK", "GODEBUG", "GOOS", "GOARCH":
			return true
		}
		return false
	})
	return append(env, "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch, "GOARM=7", "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off", "GOFLAGS=-mod=readonly")
}

// tool runs the Go command for a system.
func (b *builder) tool(ctx context.Context, t target, arguments ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "go", arguments...)
	c.Dir, c.Env = b.source, environment(t)
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", arguments[0], err, &complaints)
	}
	return out, nil
}

// compile builds the program.
func (b *builder) compile(ctx context.Context, t target) (string, error) {
	program := filepath.Join(b.work, t.String(), t.binary())
	flags := fmt.Sprintf("-s -w -X adili/internal/app.release=%s -X adili/internal/app.commit=%s", b.version, b.commit)
	_, err := b.tool(ctx, t, "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", program, "./cmd/adili")
	return program, err
}

// sayNothing fails if the program names a folder of the machine it was built
// on.
func (b *builder) sayNothing(ctx context.Context, program []byte) error {
	out, err := b.tool(ctx, host, "env", "GOPATH", "GOMODCACHE", "GOCACHE", "GOROOT")
	if err != nil {
		return err
	}
	source, err := filepath.Abs(b.source)
	if err != nil {
		return err
	}
	for _, folder := range append(strings.Fields(string(out)), source, b.work) {
		if bytes.Contains(program, []byte(folder)) {
			return fmt.Errorf("the program names the folder %s of this machine", folder)
		}
	}
	return nil
}

// shared has what goes with the program on every system: the licence, the
// guide, the manual page, the completions and the files under deploy.
func (b *builder) shared(ctx context.Context) ([]entry, error) {
	entries := []entry{}
	add := func(name string, data []byte) {
		entries = append(entries, entry{name: name, data: data, mode: 0o644})
	}
	for name, from := range map[string]string{"LICENSE": "LICENSE", "faults.md": "docs/faults.md"} {
		data, err := os.ReadFile(filepath.Join(b.source, from))
		if err != nil {
			return nil, err
		}
		add(name, data)
	}
	for from, to := range map[string]string{"docs/guide": "guide", "deploy": ""} {
		if err := b.folder(from, to, add); err != nil {
			return nil, err
		}
	}
	program, err := b.compile(ctx, host)
	if err != nil {
		return nil, err
	}
	for name, arguments := range map[string][]string{
		"man/adili.1": {"man"}, "completions/adili.bash": {"completion", "bash"},
		"completions/_adili": {"completion", "zsh"}, "completions/adili.fish": {"completion", "fish"},
	} {
		out, err := exec.CommandContext(ctx, program, arguments...).Output()
		if err != nil {
			return nil, fmt.Errorf("adili %s: %w", strings.Join(arguments, " "), err)
		}
		add(name, out)
	}
	// A container's volume belongs to whom its folder in the image belongs to.
	entries = append(entries, entry{name: "container/data/", mode: fs.ModeDir | 0o755})
	return entries, nil
}

// folder adds the files of a folder of the source that are for people.
func (b *builder) folder(from, to string, add func(string, []byte)) error {
	root := filepath.Join(b.source, from)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".go") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".md") { // what lies under deploy is beside the guide in an archive
			data = bytes.ReplaceAll(data, []byte("](../../deploy/"), []byte("](../"))
		}
		name, err := filepath.Rel(root, path)
		if err == nil {
			add(filepath.ToSlash(filepath.Join(to, name)), data)
		}
		return err
	})
}

// sumsFile has the checksum of every file of the release.
const sumsFile = "SHA256SUMS"

// sums writes the checksums.
func (b *builder) sums() error {
	entries, err := os.ReadDir(b.out)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(b.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	if lines.Len() == 0 {
		return errors.New("nothing was built")
	}
	return os.WriteFile(filepath.Join(b.out, sumsFile), []byte(lines.String()), 0o644)
}
