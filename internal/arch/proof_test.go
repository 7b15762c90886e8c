package arch

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	// proof is a test as the documents name it: folder and function.
	proof = regexp.MustCompile("`([a-z0-9_/]+) ((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]+)`")

	// row is a row of the checklist, with its number.
	row = regexp.MustCompile(`^\| *(\d+) *\|`)

	// excuse says why a row, or a part of it, has no test.
	excuse = regexp.MustCompile(`\*(Not yet|Does not apply|By hand)\*: [^|]{20,}`)
)

// testFunctions are all tests of the tree, as folder and function.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, src := range sources(t) {
		if !src.test {
			continue
		}
		for _, decl := range src.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				all[src.dir+" "+f.Name.Name] = true
			}
		}
	}
	return all
}

// What the documents say is proved by a test, is: every test they name exists,
// and every row of the checklist names one or says why there is none.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	all := testFunctions(t)
	for file, least := range map[string]int{"docs/security-checklist.md": 31, "docs/faults.md": 0} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		named, next := 0, 1
		for line := range strings.Lines(string(text)) {
			found := proof.FindAllStringSubmatch(line, -1)
			for _, one := range found {
				named++
				if !all[one[1]+" "+one[2]] {
					t.Errorf("%s names %s in %s, which is not there", file, one[2], one[1])
				}
			}
			number := row.FindStringSubmatch(line)
			if number == nil || least == 0 {
				continue
			}
			if n, err := strconv.Atoi(number[1]); err != nil || n != next {
				t.Errorf("%s: row %s where row %d should be", file, number[1], next)
			}
			next++
			if len(found) == 0 && !excuse.MatchString(line) {
				t.Errorf("%s: row %s names no test and says no reason", file, number[1])
			}
		}
		if next-1 != least {
			t.Errorf("%s has %d rows, want %d", file, next-1, least)
		}
		if named < 20 {
			t.Errorf("%s names only %d tests", file, named)
		}
	}
}
