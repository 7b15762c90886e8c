package dbtest

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"adili/internal/kernel/storage"
)

// PrepareAll has both engines prepare every statement in the package's Go files (tests apart): each string that starts
// with SELECT, INSERT, UPDATE, DELETE or WITH, constants put together with + included. A statement that is built at run
// time is logged, not prepared; a test must run it.
func PrepareAll(t *testing.T, dir string, migrate Migrate) {
	t.Helper()
	found, err := statements(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Errorf("no statements found in %s", dir)
	}
	Each(t, migrate, func(t *testing.T, db *storage.DB) {
		for _, fault := range prepare(t.Context(), db, found) {
			t.Error(fault)
		}
		for _, s := range found {
			if s.text == "" {
				t.Logf("%s: built at run time, not prepared", s.at)
			}
		}
	})
}

// statement is one SQL text of a package. The text is empty when it is known only at run time.
type statement struct {
	at   token.Position
	text string
}

// prepare gives one line for each statement that the engine refuses.
func prepare(ctx context.Context, db *storage.DB, all []statement) []string {
	var faults []string
	for _, s := range all {
		if s.text == "" {
			continue
		}
		if err := db.Check(ctx, s.text); err != nil {
			faults = append(faults, fmt.Sprintf("%s: %s refuses: %v", s.at, db.Engine(), err))
		}
	}
	return faults
}

// sqlStart tells a statement from words for people.
var sqlStart = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)

// statements collects the SQL texts of the package in dir.
func statements(dir string) ([]statement, error) {
	files := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var parsed []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	known := constants(parsed)
	var found []statement
	for _, file := range parsed {
		ast.Inspect(file, func(node ast.Node) bool {
			expression, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			start, whole := known.text(expression)
			_, name := expression.(*ast.Ident) // counted where it is declared
			if name || !sqlStart.MatchString(start) {
				return true
			}
			if !whole {
				start = ""
			}
			found = append(found, statement{files.Position(expression.Pos()), start})
			return false
		})
	}
	return found, nil
}

// texts holds the package's string constants by name. A name declared twice with different texts is left out.
type texts map[string]string

func constants(files []*ast.File) texts {
	known, double := texts{}, map[string]bool{}
	for range 3 { // constants made of constants made of constants
		for _, file := range files {
			ast.Inspect(file, func(node ast.Node) bool {
				if group, ok := node.(*ast.GenDecl); ok && group.Tok == token.CONST {
					for _, spec := range group.Specs {
						known.add(spec.(*ast.ValueSpec), double)
					}
				}
				return true
			})
		}
	}
	for name := range double {
		delete(known, name)
	}
	return known
}

func (known texts) add(spec *ast.ValueSpec, double map[string]bool) {
	for i, value := range spec.Values {
		text, whole := known.text(value)
		if !whole {
			continue
		}
		name := spec.Names[i].Name
		if old, ok := known[name]; ok && old != text {
			double[name] = true
		}
		known[name] = text
	}
}

// text gives the string that an expression stands for, or as much of its beginning as can be told; whole says which.
func (known texts) text(expression ast.Expr) (text string, whole bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.Ident:
		text, ok := known[e.Name]
		return text, ok
	case *ast.ParenExpr:
		return known.text(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, whole := known.text(e.X)
		if !whole {
			return left, false
		}
		right, whole := known.text(e.Y)
		return left + right, whole
	}
	return "", false
}
