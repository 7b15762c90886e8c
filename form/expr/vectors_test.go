package expr_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"adili/form/expr"
)

// own is a vector of ours; the browser's interpreter is held to the same file.
type own struct {
	vector
	Values map[string]string
}

func vectors(t testing.TB) []own {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []own
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (v own) context(t testing.TB) *expr.Context {
	t.Helper()
	zone, err := time.LoadLocation(v.TZ)
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.Parse(time.RFC3339, v.Now)
	if err != nil {
		t.Fatal(err)
	}
	c := &expr.Context{
		Now:    now.In(zone),
		Random: func() float64 { return 0.625 },
		Label:  func(question, code string) string { return question + ":" + code },
		Value:  func(name string) (expr.Value, bool) { s, ok := v.Values[name]; return expr.OfText(s), ok },
	}
	if v.XML == "" {
		v.XML = "<root/>"
	}
	if c.Node, err = expr.ParseXML(strings.NewReader(v.XML)); err != nil {
		t.Fatal(err)
	}
	if v.Context != "" {
		e, err := expr.Parse(v.Context)
		if err != nil {
			t.Fatal(err)
		}
		c.Node = e.Eval(c).Nodes()[0]
	}
	return c
}

func TestVectors(t *testing.T) {
	all := vectors(t)
	if len(all) < 150 {
		t.Errorf("there are only %d vectors", len(all))
	}
	for _, v := range all {
		e, err := expr.Parse(v.Expr)
		if err != nil {
			t.Errorf("%s: %v", v.Expr, err)
			continue
		}
		if problems := e.Check(nil); len(problems) > 0 {
			t.Errorf("%s: %v", v.Expr, problems)
		}
		if got := as(e.Eval(v.context(t)), v.Type); !equal(got, v.Value) {
			t.Errorf("%s gives %#v, want %#v", v.Expr, got, v.Value)
		}
	}
}
