package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// few are packages of the standard library that only these folders may
// import outside tests, each for a reason; most no folder at all.
var few = map[string]map[string]string{
	"math/rand":      {},
	"text/template":  {},
	"net/http/pprof": {},
	"expvar":         {},
	"plugin":         {},
	"crypto/md5":     {},
	"crypto/des":     {},
	"crypto/rc4":     {},
	"unsafe":         {"internal/readiness": "asks Windows for the room on a disk"},
	"crypto/sha1":    {"internal/app/service": "the name Windows gives a service is a SHA-1"},
	"math/rand/v2": {
		"internal/kernel/storage":           "pauses between two tries",
		"internal/survey/code":              "the public sharing out of prefixes, from a seed that is printed",
		"estimate/replicate":                "draws that can be repeated, from a seed that is recorded",
		"sampling":                          "draws that can be checked, from a seed that is printed",
		"internal/survey/report/reporttest": "invented answers",
		"internal/demo":                     "invented answers",
		"internal/app/formfile":             "random() of a form that is tried out on the command line",
	},
	"os/exec": {
		"internal/release":             "runs the Go command to build releases; the program does not import it",
		"internal/testkit/pgtest":      "runs PostgreSQL for tests",
		"internal/testkit/browsertest": "runs Chromium for tests",
		"internal/testkit/oidctest":    "runs a provider for tests",
		"internal/testkit/acmetest":    "runs an authority for tests",
		"internal/testkit/formtest":    "runs ODK's form engine for tests",
	},
}

// What is not safe stays where its reason is known: no secret is drawn from a
// generator that can be guessed, no page is made without escaping, no other
// program is run, nothing tells of the inside of the process.
func TestUnsafePackagesStayWhereTheyAre(t *testing.T) {
	used := map[string]bool{}
	for _, src := range sources(t) {
		if src.test {
			continue
		}
		report(t, unsafe(src, used))
	}
	for name, folders := range few {
		for dir := range folders {
			if !used[name+" "+dir] {
				t.Errorf("%s does not import %s: take it off the list", dir, name)
			}
		}
	}
}

func report(t *testing.T, faults []string) {
	t.Helper()
	for _, fault := range faults {
		t.Error(fault)
	}
}

func unsafe(src source, used map[string]bool) (faults []string) {
	for _, spec := range src.file.Imports {
		name := strings.Trim(spec.Path.Value, `"`)
		folders, listed := few[name]
		if listed && folders[src.dir] == "" {
			faults = append(faults, fmt.Sprintf("%s: %s may not import %s", src.set.Position(spec.Pos()), src.dir, name))
		}
		used[name+" "+src.dir] = listed
	}
	return faults
}

// trusted are the places where text is said to be safe for a page, or a
// certificate is not looked at, each for a reason.
var trusted = map[string]string{
	"internal/survey/report/ui/draw.go HTML":    "charts, escaped by package chart, whose tests feed it markup",
	"internal/kernel/people/ui/enrol.go URL":    "the address by which an authenticator app is set up, escaped by its library",
	"internal/app/health.go InsecureSkipVerify": "asks this machine's own server whether it runs",
}

// Where html/template is told to trust a text, and where TLS is told not to
// look at a certificate, somebody has thought about it.
func TestTrustIsListed(t *testing.T) {
	for _, src := range sources(t) {
		if !src.test {
			report(t, trusting(src))
		}
	}
}

func trusting(src source) (faults []string) {
	risky := map[string]bool{"HTML": true, "HTMLAttr": true, "CSS": true, "JS": true, "JSStr": true, "URL": true, "Srcset": true}
	ast.Inspect(src.file, func(n ast.Node) bool {
		name := ""
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && risky[s.Sel.Name] && isPackage(s.X, "template") {
				name = s.Sel.Name
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "InsecureSkipVerify" {
				name = key.Name
			}
		}
		if name != "" && trusted[src.path+" "+name] == "" {
			faults = append(faults, fmt.Sprintf("%s: %s is not on the list of what is trusted", src.set.Position(n.Pos()), name))
		}
		return true
	})
	return faults
}

func isPackage(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

var (
	statement = regexp.MustCompile(`^[\x60"]\s*(SELECT|INSERT|UPDATE|DELETE|WITH|DROP|CREATE|ALTER|VACUUM|PRAGMA|TRUNCATE)\s`)

	// composed are the files that put statements together, never from what anybody sent.
	composed = map[string]string{
		"internal/app/demo.go":                      "names of tables from a list in the code",
		"internal/kernel/audit/store.go":            "a constant list of columns",
		"internal/kernel/audit/search.go":           "a constant list of columns",
		"internal/kernel/storage/scrub.go":          "names of tables from the rooms' code",
		"internal/kernel/storage/health.go":         "a number the database gave",
		"internal/kernel/storage/dump.go":           "names of tables and columns as the database gives them",
		"internal/kernel/storage/dump_schema.go":    "names of tables as the database gives them",
		"internal/kernel/storage/restore.go":        "names of tables and columns as the database gives them",
		"internal/kernel/storage/restore_schema.go": "names of schemas drawn by the program",
	}
)

// No statement is put together from what somebody sent: what is put together
// at all stands in a few files, each for a reason.
func TestStatementsAreNotComposed(t *testing.T) {
	for _, src := range sources(t) {
		if !src.test && composed[src.path] == "" && !within(src.dir, "internal/testkit") {
			report(t, composing(src))
		}
	}
}

func composing(src source) (faults []string) {
	ast.Inspect(src.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && isPackage(s.X, "fmt") && slices.ContainsFunc(n.Args, sql) {
				faults = append(faults, fmt.Sprintf("%s: a statement put together by fmt.%s", src.set.Position(n.Pos()), s.Sel.Name))
			}
		case *ast.BinaryExpr:
			if n.Op == token.ADD && sql(n) && !literals(n) {
				faults = append(faults, fmt.Sprintf("%s: a statement put together with +", src.set.Position(n.Pos())))
				return false
			}
		}
		return true
	})
	return faults
}

// sql reports whether an expression begins with the text of a statement.
func sql(x ast.Expr) bool {
	if sum, ok := x.(*ast.BinaryExpr); ok {
		return sql(sum.X)
	}
	text, ok := x.(*ast.BasicLit)
	return ok && text.Kind == token.STRING && statement.MatchString(text.Value)
}

// literals reports whether a sum is of literals alone.
func literals(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BinaryExpr:
		return literals(x.X) && literals(x.Y)
	case *ast.BasicLit:
		return true
	}
	return false
}

// What these tests look for must be found, or they prove nothing.
func TestSafetyFindsBreaches(t *testing.T) {
	const text = `package planted
import ("math/rand/v2"; "html/template"; "crypto/tls"; "fmt")
var a = rand.Int()
var b = template.HTML("x" + name)
var c = tls.Config{InsecureSkipVerify: true}
var d = fmt.Sprintf("SELECT %s FROM round", name)
var e = "DELETE FROM round WHERE id = '" + name + "'"
var f = "SELECT 1" + " FROM round"
`
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "planted.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	src := source{path: "internal/survey/planted.go", dir: "internal/survey", set: set, file: file}
	if faults := unsafe(src, map[string]bool{}); len(faults) != 1 {
		t.Errorf("imports: %q", faults)
	}
	if faults := trusting(src); len(faults) != 2 {
		t.Errorf("trust: %q", faults)
	}
	if faults := composing(src); len(faults) != 2 {
		t.Errorf("statements: %q", faults)
	}
}
