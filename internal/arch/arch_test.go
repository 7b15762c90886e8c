// Package arch holds the tests that keep the house in order: who may import
// whom, how long files and functions may be, which names are not used, and
// that ARCHITECTURE.md names every room.
package arch

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module = "adili"
	root   = "../.."
)

// Limits, taken from the codebases Go programmers name as models.
const (
	maxFunc     = 60
	maxFile     = 400
	maxTestFile = 600
	maxPackage  = 2500
	maxMethods  = 5 // of an interface
)

type shelf struct {
	path   string
	ours   []string
	others []string
	std    bool
	used   bool
}

// guarded are the packages of the standard library that a shelf must name.
var guarded = []string{"net/http", "database/sql", "html/template", "os"}

func readRules(t *testing.T) []*shelf {
	t.Helper()
	f, err := os.Open("rule.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var shelves []*shelf
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.Split(line, "|")
		if len(part) != 3 {
			t.Fatalf("rule %q: want three columns", line)
		}
		s := &shelf{path: strings.TrimSpace(part[0]), ours: strings.Fields(part[1]), others: strings.Fields(part[2])}
		s.std = slices.Contains(s.others, "std")
		shelves = append(shelves, s)
	}
	return shelves
}

func find(shelves []*shelf, dir string) *shelf {
	var best *shelf
	for _, s := range shelves {
		if within(dir, s.path) && (best == nil || len(s.path) > len(best.path)) {
			best = s
		}
	}
	return best
}

func within(dir, folder string) bool { return dir == folder || strings.HasPrefix(dir, folder+"/") }

// source is one Go file.
type source struct {
	path  string // from the root, with slashes
	dir   string
	test  bool
	lines int
	set   *token.FileSet
	file  *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, data, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		all = append(all, source{rel, path.Dir(rel), strings.HasSuffix(rel, "_test.go"), strings.Count(string(data), "\n"), set, file})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d Go files found: is this the right folder?", len(all))
	}
	return all
}

func TestImports(t *testing.T) {
	shelves := readRules(t)
	for _, src := range sources(t) {
		s := find(shelves, src.dir)
		if s == nil {
			if !src.test {
				t.Errorf("%s stands on no shelf of rule.txt", src.path)
			}
			continue
		}
		s.used = true
		if src.test {
			continue // tests may look anywhere
		}
		for _, spec := range src.file.Imports {
			if why := forbidden(s, src.dir, strings.Trim(spec.Path.Value, `"`)); why != "" {
				t.Errorf("%s: %s", src.set.Position(spec.Pos()), why)
			}
		}
	}
	for _, s := range shelves {
		if !s.used {
			t.Errorf("rule.txt has a shelf %s, but nothing stands on it", s.path)
		}
	}
}

// forbidden says why dir on shelf s may not import name, or nothing.
func forbidden(s *shelf, dir, name string) string {
	if ours, ok := strings.CutPrefix(name, module+"/"); ok {
		if slices.ContainsFunc(s.ours, func(o string) bool { return allowed(ours, o) }) {
			return ""
		}
		return fmt.Sprintf("%s may not import %s", s.path, ours)
	}
	if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
		if slices.ContainsFunc(s.others, func(o string) bool { return within(name, o) }) {
			return ""
		}
		return fmt.Sprintf("%s may not import %s: see docs/decisions for who owns which library", s.path, name)
	}
	for _, g := range guarded {
		if within(name, g) && !slices.Contains(s.others, g) {
			return fmt.Sprintf("%s may not import %s", s.path, name)
		}
	}
	if !s.std {
		return fmt.Sprintf("%s may not import %s", s.path, name)
	}
	return ""
}

// whole are the folders that a rule word covers with all that lies below.
var whole = []string{"internal", "internal/kernel", "internal/demo", "internal/testkit"}

// allowed reports whether the rule word covers a package of ours.
func allowed(ours, word string) bool {
	if slices.Contains(whole, word) {
		return within(ours, word)
	}
	return ours == word
}

// A breach planted in the rules must be found, or this test proves nothing.
func TestForbiddenFindsBreaches(t *testing.T) {
	shelves := readRules(t)
	for _, c := range []struct{ dir, name string }{
		{"form", "os"}, {"form", "adili/internal/kernel/errs"}, {"estimate", "net/http"}, {"internal/survey", "net/http"},
		{"internal/survey", "adili/internal/survey/ui"}, {"internal/survey/ui", "database/sql"}, {"cmd/adili", "adili/internal/survey"},
		{"internal/kernel/web", "adili/internal/survey"}, {"internal/survey/ballot", "adili/internal/kernel/storage"},
		{"internal/survey", "github.com/jackc/pgx/v5"},
	} {
		if forbidden(find(shelves, c.dir), c.dir, c.name) == "" {
			t.Errorf("%s may import %s", c.dir, c.name)
		}
	}
}

// longFuncs may be longer than maxFunc, each for a reason. The list may only
// shrink.
var longFuncs = map[string]string{}

func TestSizes(t *testing.T) {
	perPackage := map[string]int{}
	for _, src := range sources(t) {
		limit := maxFile
		if src.test {
			limit = maxTestFile
		} else {
			perPackage[src.dir] += src.lines
		}
		if src.lines > limit {
			t.Errorf("%s has %d lines, more than %d", src.path, src.lines, limit)
		}
		for _, decl := range src.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || src.test {
				continue
			}
			lines := src.set.Position(f.End()).Line - src.set.Position(f.Pos()).Line + 1
			if name := src.dir + "." + f.Name.Name; lines > maxFunc && longFuncs[name] == "" {
				t.Errorf("%s: %s has %d lines, more than %d", src.set.Position(f.Pos()), f.Name.Name, lines, maxFunc)
			}
		}
	}
	for dir, lines := range perPackage {
		if lines > maxPackage {
			t.Errorf("%s has %d lines without tests, more than %d", dir, lines, maxPackage)
		}
	}
}

var vague = regexp.MustCompile(`^(utils?|common|helpers?|misc|base|models?|types?|managers?)$`)

func TestNames(t *testing.T) {
	for _, src := range sources(t) {
		if vague.MatchString(path.Base(src.dir)) || vague.MatchString(strings.TrimSuffix(path.Base(src.path), ".go")) {
			t.Errorf("%s has a name that says nothing", src.path)
		}
		for _, decl := range src.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: no init functions", src.set.Position(f.Pos()))
			}
		}
	}
}

func TestInterfacesAreSmall(t *testing.T) {
	for _, src := range sources(t) {
		ast.Inspect(src.file, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok && len(i.Methods.List) > maxMethods {
				t.Errorf("%s: an interface with %d methods, more than %d", src.set.Position(i.Pos()), len(i.Methods.List), maxMethods)
			}
			return true
		})
	}
}

// Every package says what it is for, and every exported name is documented.
func TestDocumentation(t *testing.T) {
	documented, packages := map[string]bool{}, map[string]bool{}
	for _, src := range sources(t) {
		if src.test {
			continue
		}
		packages[src.dir] = true
		if src.file.Doc != nil {
			documented[src.dir] = true
		}
		for _, decl := range src.file.Decls {
			for _, name := range undocumented(decl) {
				t.Errorf("%s: %s has no comment", src.set.Position(decl.Pos()), name)
			}
		}
	}
	for dir := range packages {
		if !documented[dir] {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

func undocumented(decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !selfEvident[d.Name.Name] {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
		return names
	}
	return nil
}

// selfEvident methods implement an interface of the standard library.
var selfEvident = map[string]bool{"Error": true, "Unwrap": true, "String": true, "Read": true, "Write": true, "Close": true, "Header": true, "WriteHeader": true}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	name, ok := t.(*ast.Ident)
	return !ok || name.IsExported()
}

// ARCHITECTURE.md names every room.
func TestArchitectureNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, src := range sources(t) {
		if !seen[src.dir] && !strings.Contains(string(text), "`"+src.dir+"`") {
			t.Errorf("ARCHITECTURE.md does not name `%s`", src.dir)
		}
		seen[src.dir] = true
	}
}
