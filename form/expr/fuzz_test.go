package expr_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"adili/form/expr"
)

// FuzzParse: no text makes the parser panic, and the tree of any expression is
// JSON that gives its source back under Rename.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Expr)
	}
	f.Add("/a//b[@c='d']/following::e | ${f}/..")
	f.Fuzz(func(t *testing.T, source string) {
		e, err := expr.Parse(source)
		if err != nil {
			return
		}
		if _, err := json.Marshal(e); err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		if strings.Contains(source, "${ ") {
			return
		}
		if got := e.Rename(func(name string) string { return "${" + name + "}" }); got != source {
			t.Fatalf("%q became %q", source, got)
		}
		e.Check(expr.Names{})
	})
}

// FuzzEval: no expression panics or hangs on any answer.
func FuzzEval(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Expr, "2024-02-29")
	}
	f.Fuzz(func(t *testing.T, source, answer string) {
		e, err := expr.Parse(source)
		if err != nil {
			return
		}
		root := expr.NewElement("data", expr.NewElement("a", expr.NewText(answer)), expr.NewElement("b"), expr.NewElement("a", expr.NewText("1")))
		root.Set("code", answer)
		c := &expr.Context{
			Node: expr.NewDocument(root), Now: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
			Value: func(string) (expr.Value, bool) { return expr.OfText(answer), true },
		}
		start := time.Now()
		v := e.Eval(c)
		_, _, _ = v.Number(), v.String(), v.Bool()
		if took := time.Since(start); took > 2*time.Second {
			t.Fatalf("%q takes %v", source, took)
		}
	})
}

const typical = "if(selected(${a}, 'x') and ${b} >= 18 or string-length(${c}) > 3, coalesce(${d}, 'none'), concat(${a}, '-', round(${b} div 7, 2)))"

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		parse(b, typical)
	}
}

func BenchmarkEval(b *testing.B) {
	e := parse(b, typical)
	c := &expr.Context{Value: func(name string) (expr.Value, bool) { return expr.OfText("17"), true }}
	for b.Loop() {
		e.Eval(c)
	}
}
