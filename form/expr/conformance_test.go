package expr_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"adili/form/expr"
)

// The vectors of others are kept beside the repository. ADILI_CONFORMANCE names
// their folder otherwise.
func conformance(t *testing.T, name string) []byte {
	t.Helper()
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "xpath", name))
	if err != nil {
		t.Skipf("no expression vectors in %s (set ADILI_CONFORMANCE): %v", folder, err)
	}
	return raw
}

type vector struct {
	Expr, XML, Context, TZ, Now, Test string
	Type                              int
	Value                             any
}

func consensus(t *testing.T) []vector {
	t.Helper()
	var all []vector
	lines := bufio.NewScanner(bytes.NewReader(conformance(t, "consensus.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// errNoNode is a context that is a comment or a processing instruction.
var errNoNode = errors.New("the context is a comment or processing instruction")

var stepIndex = regexp.MustCompile(`node\(\)\[(\d+)\]`)

// find follows a path of places. The first step may count the DOCTYPE, so it
// always is the outermost element.
func find(document *expr.Node, path string) (*expr.Node, error) {
	at := document
	for i, m := range stepIndex.FindAllStringSubmatch(path, -1) {
		place, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, err
		}
		if i == 0 {
			place = 1
		}
		if place > len(at.Kids) {
			return nil, errNoNode
		}
		at = at.Kids[place-1]
	}
	return at, nil
}

func context(t *testing.T, v vector) (*expr.Context, error) {
	t.Helper()
	document, err := expr.ParseXML(strings.NewReader(v.XML))
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.Parse(time.RFC3339, v.Now)
	if err != nil {
		t.Fatal(err)
	}
	if v.TZ != "America/Phoenix" {
		t.Fatalf("the zone %s is not expected", v.TZ)
	}
	node, err := find(document, v.Context)
	return &expr.Context{Node: node, Now: now.In(time.FixedZone("MST", -7*3600))}, err
}

// as gives the value as the type a vector has: 1 number, 2 text, 3 condition.
func as(v expr.Value, kind int) any {
	switch kind {
	case 1:
		return v.Number()
	case 2:
		return v.String()
	}
	return v.Bool()
}

func equal(got, want any) bool {
	f, isNumber := got.(float64)
	switch want := want.(type) {
	case string:
		if isNumber && want == "NaN" {
			return math.IsNaN(f)
		}
		if isNumber {
			w, err := strconv.ParseFloat(want, 64)
			return err == nil && f == w
		}
	}
	return got == want
}

// exclusion names why a vector is out of scope, or is empty.
func exclusion(e *expr.Expr, err error) string {
	for _, name := range e.Calls() {
		if expr.Excluded[name] != "" {
			return name + "()"
		}
	}
	if errors.Is(err, errNoNode) {
		return "comments and processing instructions"
	}
	return ""
}

func TestConsensus(t *testing.T) {
	excluded := map[string]int{}
	in, failed := 0, 0
	for _, v := range consensus(t) {
		e, err := expr.Parse(v.Expr)
		if err != nil {
			t.Errorf("%s: %v", v.Expr, err)
			continue
		}
		c, err := context(t, v)
		if why := exclusion(e, err); why != "" {
			excluded[why]++
			continue
		}
		in++
		if got := as(e.Eval(c), v.Type); !equal(got, v.Value) {
			failed++
			t.Errorf("%s at %s gives %v, want %v", v.Expr, v.Context, got, v.Value)
		}
	}
	t.Logf("in scope %d, failed %d, excluded %v", in, failed, excluded)
	if in < 1400 {
		t.Errorf("only %d vectors are in scope", in)
	}
	guide := guide(t)
	for why, n := range excluded {
		if row := fmt.Sprintf("| `%s` | %d |", why, n); !strings.Contains(guide, row) {
			t.Errorf("the guide lacks the row %s of exclusions", row)
		}
	}
}

func TestLiterals(t *testing.T) {
	var pairs []struct {
		Expr  string
		Value any
	}
	if err := json.Unmarshal(conformance(t, "javarosa-literals.json"), &pairs); err != nil {
		t.Fatal(err)
	}
	agree, guide := 0, guide(t)
	c := &expr.Context{Now: time.Date(2026, 11, 23, 11, 36, 53, 0, time.UTC)}
	for _, p := range pairs {
		e, err := expr.Parse(p.Expr)
		if err != nil {
			t.Errorf("%s: %v", p.Expr, err)
			continue
		}
		kind := 2
		switch p.Value.(type) {
		case bool:
			kind = 3
		case float64:
			kind = 1
		}
		got := e.Eval(c)
		if kind == 2 && got.IsNumber() {
			kind = 1
		}
		if equal(as(got, kind), p.Value) {
			agree++
			continue
		}
		if exclusion(e, nil) == "" && !strings.Contains(guide, "`"+p.Expr+"`") {
			t.Errorf("%s gives %v, JavaRosa %v, and the guide does not say why", p.Expr, as(got, kind), p.Value)
		}
	}
	t.Logf("%d of %d agree with JavaRosa", agree, len(pairs))
}

func guide(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "guide", "expressions.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
