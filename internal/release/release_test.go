package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
	cdx "github.com/CycloneDX/cyclonedx-go"
)

var (
	full = os.Getenv("ADILI_FULL") != ""
	ctx  = context.Background()
)

// when is the time of the commit in these tests.
const when = 1_790_000_000

// copyTree copies the source to a folder of another name.
func copyTree(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "tree")
	const from = "../.."
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (name == ".git" || name == "bin" || name == "data" || name == "demo-data"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// newKey makes a key without a password and its public file.
func newKey(t *testing.T) (key *minisign.PrivateKey, private, public string) {
	t.Helper()
	pub, priv, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private = filepath.Join(t.TempDir(), "key")
	public = private + ".pub"
	for name, m := range map[string]interface{ MarshalText() ([]byte, error) }{private: priv, public: pub} {
		text, err := m.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &priv, private, public
}

// build makes a release of a tree.
func build(t *testing.T, tree, targets string, key *minisign.PrivateKey) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	b := builder{source: tree, version: "v0.0.1", out: out, commit: "0123abc", when: time.Unix(when, 0).UTC(), key: key, progress: io.Discard}
	if err := b.check(ctx, targets); err != nil {
		t.Fatal(err)
	}
	if err := b.build(ctx); err != nil {
		t.Fatal(err)
	}
	return out
}

// sums gives the checksum of every file in a folder by its name.
func sums(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = fmt.Sprintf("%x", sha256.Sum256(data))
	}
	return all
}

// The same source in two folders gives the same bytes, and everything in the
// release is what it should be. The long form builds for all systems, and for
// this one once more without anything that was compiled before.
func TestRelease(t *testing.T) {
	targets := host.os + "/" + host.arch
	if !slices.Contains(strings.Split(allTargets, ","), targets) {
		t.Skipf("no releases are built for %s", targets)
	}
	here := targets
	if full {
		targets = allTargets
	}
	key, _, public := newKey(t)
	one, two := build(t, copyTree(t), targets, key), build(t, copyTree(t), targets, key)
	first, second := sums(t, one), sums(t, two)
	if want := 4*len(strings.Split(targets, ",")) + 2; len(first) != want {
		t.Errorf("%d files, want %d: %v", len(first), want, first)
	}
	for name, sum := range first {
		if second[name] != sum {
			t.Errorf("%s differs between two folders", name)
		}
	}
	if full {
		t.Setenv("GOCACHE", t.TempDir())
		for name, sum := range sums(t, build(t, copyTree(t), here, nil)) {
			if name != sumsFile && first[name] != sum {
				t.Errorf("%s differs when everything is compiled anew", name)
			}
		}
	}
	if n, err := verify(one, public); err != nil || n != 2*len(strings.Split(targets, ","))+1 {
		t.Errorf("%d files verified: %v", n, err)
	}
	t.Run("minisign", func(t *testing.T) { checkByMinisign(t, one, public) })
	t.Run("archives", func(t *testing.T) { checkArchives(t, one) })
	t.Run("bills", func(t *testing.T) { checkBills(t, one) })
	t.Run("tampering", func(t *testing.T) { checkTampering(t, one, public) })
}

// checkByMinisign has the program that operators use look at the signatures.
func checkByMinisign(t *testing.T, folder, public string) {
	if _, err := exec.LookPath("minisign"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("minisign is not installed")
		}
		t.Skip("minisign is not installed")
	}
	for name := range sums(t, folder) {
		if strings.HasSuffix(name, signatureEnding) {
			continue
		}
		out, err := exec.Command("minisign", "-V", "-p", public, "-m", filepath.Join(folder, name)).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "adili v0.0.1 "+name+" 0123abc") {
			t.Errorf("minisign: %v\n%s", err, out)
		}
	}
}

// unpack reads an archive.
func unpack(t *testing.T, file string) map[string]entry {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]entry{}
	var names []string
	add := func(name string, mode fs.FileMode, at time.Time, r io.Reader) {
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if at.Unix() != when {
			t.Errorf("%s is of %v", name, at)
		}
		folder, rest, _ := strings.Cut(name, "/")
		if !strings.HasPrefix(filepath.Base(file), folder+".") {
			t.Errorf("%s lies in the folder %s", file, folder)
		}
		names = append(names, rest)
		entries[rest] = entry{rest, content, mode}
	}
	if strings.HasSuffix(file, ".zip") {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			add(f.Name, f.Mode(), f.Modified, r)
		}
	} else {
		g, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for r := tar.NewReader(g); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Uid+h.Gid != 0 || h.Uname+h.Gname != "" {
				t.Errorf("%s belongs to %d %s", h.Name, h.Uid, h.Uname)
			}
			add(h.Name, h.FileInfo().Mode(), h.ModTime, r)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("the order of %s is by chance: %v", file, names)
	}
	return entries
}

// links are those of a guide to other files.
var links = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)

// checkArchives looks at what each archive holds, and runs the program of this
// system.
func checkArchives(t *testing.T, folder string) {
	everywhere := []string{"LICENSE", "NOTICE", "guide/install.md", "guide/options.md", "guide/operator.md"}
	unix := []string{"adili", "man/adili.1", "completions/adili.bash", "completions/_adili", "completions/adili.fish"}
	only := map[string][]string{
		"linux":   append([]string{"systemd/adili.service", "systemd/adili.sysusers", "container/Containerfile", "container/data/"}, unix...),
		"darwin":  unix,
		"windows": {"adili.exe", "windows/README.md"},
	}
	for name := range sums(t, folder) {
		if !strings.HasSuffix(name, ".tar.gz") && !strings.HasSuffix(name, ".zip") {
			continue
		}
		entries := unpack(t, filepath.Join(folder, name))
		system := strings.Split(name, "_")[2]
		for _, want := range append(only[system], everywhere...) {
			e, ok := entries[want]
			if !ok || len(e.data) == 0 && !strings.HasSuffix(want, "/") {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		for other, names := range only {
			for _, n := range names {
				if _, ok := entries[n]; ok && !slices.Contains(only[system], n) {
					t.Errorf("%s has %s, which is for %s", name, n, other)
				}
			}
		}
		for file, e := range entries {
			if strings.HasSuffix(file, ".md") {
				for _, link := range links.FindAllStringSubmatch(string(e.data), -1) {
					if _, ok := entries[path.Join(path.Dir(file), link[1])]; !ok {
						t.Errorf("%s: %s leads to %s, which is not there", name, file, link[1])
					}
				}
			}
		}
		program := entries["adili"]
		if system == "windows" {
			program = entries["adili.exe"]
		}
		if program.mode.Perm() != 0o755 {
			t.Errorf("%s: the program has mode %v", name, program.mode)
		}
		if n := len(program.data); n > 45_000_000 {
			t.Errorf("%s: the program has %d bytes", name, n)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.name, ".go") || bytes.Contains(e.data, []byte(os.TempDir()+"/Test")) {
				t.Errorf("%s: %s does not belong there, or names a folder of this machine", name, e.name)
			}
		}
		if strings.Contains(name, "_"+host.String()+".") {
			checkProgram(t, program.data)
		}
	}
}

// checkProgram runs the program.
func checkProgram(t *testing.T, data []byte) {
	path := filepath.Join(t.TempDir(), host.binary())
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "version", "--json").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte(`"version": "v0.0.1"`)) || !bytes.Contains(out, []byte(`"commit": "0123abc"`)) {
		t.Errorf("%v\n%s", err, out)
	}
	modules, err := exec.Command("go", "env", "GOPATH", "GOMODCACHE", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range append(strings.Fields(string(modules)), filepath.Dir(filepath.Dir(folder)), os.TempDir()+"/Test") {
		if bytes.Contains(data, []byte(place)) {
			t.Errorf("the program names %s", place)
		}
	}
}

// checkBills reads the bills of materials as others would.
func checkBills(t *testing.T, folder string) {
	for name := range sums(t, folder) {
		if !strings.HasSuffix(name, ".cdx.json") {
			continue
		}
		f, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var bom cdx.BOM
		if err := cdx.NewBOMDecoder(f, cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
			t.Fatal(err)
		}
		if bom.SpecVersion != cdx.SpecVersion1_6 || !strings.HasPrefix(bom.SerialNumber, "urn:uuid:") || bom.Metadata.Component.Version != "v0.0.1" {
			t.Errorf("%s: %+v", name, bom.Metadata)
		}
		refs := map[string]bool{bom.Metadata.Component.BOMRef: true}
		for _, c := range *bom.Components {
			refs[c.BOMRef] = true
			if c.Version == "" || c.Licenses == nil || c.Name != standard && (c.Hashes == nil || len((*c.Hashes)[0].Value) != 64) {
				t.Errorf("%s: %+v", name, c)
			}
		}
		for _, want := range []string{"pkg:golang/modernc.org/sqlite@", "pkg:golang/github.com/jackc/pgx/v5@", "pkg:golang/std@"} {
			if !slices.ContainsFunc(*bom.Components, func(c cdx.Component) bool { return strings.HasPrefix(c.PackageURL, want) }) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		for _, d := range *bom.Dependencies {
			uses := []string{d.Ref}
			if d.Dependencies != nil {
				uses = append(uses, *d.Dependencies...)
			}
			for _, on := range uses {
				if !refs[on] {
					t.Errorf("%s: %s is not in the bill", name, on)
				}
			}
		}
	}
}

// checkTampering changes a release in every way and verifies it.
func checkTampering(t *testing.T, folder, public string) {
	_, _, foreign := newKey(t)
	for name, change := range map[string]func(dir string) (string, error){
		"another key": func(string) (string, error) { return foreign, nil },
		"a changed archive": func(dir string) (string, error) {
			found, err := filepath.Glob(filepath.Join(dir, "adili_*[zp]"))
			if err != nil {
				return "", err
			}
			return public, os.WriteFile(found[0], []byte("x"), 0o644)
		},
		"changed sums": func(dir string) (string, error) {
			return public, os.WriteFile(filepath.Join(dir, sumsFile), []byte("x  y\n"), 0o644)
		},
		"no signature": func(dir string) (string, error) {
			return public, os.Remove(filepath.Join(dir, sumsFile+signatureEnding))
		},
		"one file more": func(dir string) (string, error) {
			return public, os.WriteFile(filepath.Join(dir, "more"), nil, 0o644)
		},
	} {
		dir := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
		key, err := change(dir)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := verify(dir, key); err == nil {
			t.Errorf("%s: %d files are said to be right", name, n)
		}
	}
	dir := filepath.Join(t.TempDir(), "part")
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	bills, err := filepath.Glob(filepath.Join(dir, "*.cdx.json*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, bill := range bills {
		if err := os.Remove(bill); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := verify(dir, public); err != nil {
		t.Errorf("without the bills, which were not downloaded: %v", err)
	}
}
