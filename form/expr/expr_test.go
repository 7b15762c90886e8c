package expr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/form/expr"
)

func TestMarshal(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"1 + 2 * 3", `["+",1,["*",2,3]]`},
		{"7 mod2", `["mod",7,2]`},
		{"-(1)", `["neg",1]`},
		{"'<a>'", `"<a>"`},
		{".", `["path","."]`},
		{"..", `["path",".",["parent","node()"]]`},
		{"/", `["path","/"]`},
		{"/data/div div div", `["div",["path","/",["child","data"],["child","div"]],["path",".",["child","div"]]]`},
		{"../a[@id = 1][2]/text()", `["path",".",["parent","node()"],["child","a",["=",["path",".",["attribute","id"]],1],2],["child","text()"]]`},
		{"//x:*", `["path","/",["descendant-or-self","node()"],["child","x:*"]]`},
		{"* * *", `["*",["path",".",["child","*"]],["path",".",["child","*"]]]`},
		{"instance('c')/root/item", `["path",["call","instance","c"],["child","root"],["child","item"]]`},
		{"(//a)[1]", `["filter",["path","/",["descendant-or-self","node()"],["child","a"]],1]`},
		{"ancestor-or-self::node()", `["path",".",["ancestor-or-self","node()"]]`},
		{"a | ${b}", `["|",["path",".",["child","a"]],["var","b"]]`},
		{"selected(${q}, 'x') and not(true())", `["and",["call","selected",["var","q"],"x"],["call","not",["call","true"]]]`},
		{"regex(., '^[A-C]+\\.$')", `["call","regex",["path","."],["re",[1,[[65,67],[46,46]],[5,0,0],[3,2,4],[4,3,0],[1,2,4],[4,5,1],[3,6,8],[0,0,0]]]]`},
		{"regex(., ${q})", `""`},
		{"not(regex(.))", `["call","not",""]`},
		{"regex('a', 'b', 'c') = selected('a')", `["=","",""]`},
		{"if(true()) + none(1)", `["+","",""]`},
		{"jr:choice-name(${q}, '${q}')", `["call","jr:choice-name",["var","q"],"q"]`},
	} {
		e, err := expr.Parse(test.source)
		if err != nil {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		got, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(got)); plain != test.want {
			t.Errorf("%s\n gives %s\n  want %s", test.source, plain, test.want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, test := range []struct {
		source string
		offset int
		remedy string
	}{
		{"", 0, "empty"},
		{"  ", 0, "empty"},
		{"1 +", 3, "ends too early"},
		{"1 2", 2, "operator"},
		{"(1", 2, "closing )"},
		{"a[1", 3, "closing ]"},
		{"f(1 2)", 4, "closing )"},
		{"'abc", 0, "closing '"},
		{"1 <> 2", 2, "!="},
		{"1 == 2", 2, "one = sign"},
		{"a && b", 2, "word and"},
		{"“a”", 0, "straight quotes"},
		{"${a b}", 0, "no spaces"},
		{"${a", 0, "braces"},
		{"${last-saved#a}", 0, "anonymous"},
		{"regex(., '(?=a)')", 9, "RE2"},
		{"'a'/b", 3, "div"},
		{"a/", 2, "a name after /"},
		{"sideways::a", 0, "no axis"},
		{"comment()", 0, "no test"},
		{strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200), 100, "levels"},
		{"1" + strings.Repeat("+1", 5000), 2003, "in a row"},
		{strings.Repeat("-", 5000) + "1", 5001, "in a row"},
		{strings.Repeat(" ", 20001), 20000, "bytes"},
	} {
		_, err := expr.Parse(test.source)
		var problem *expr.SyntaxError
		if !errors.As(err, &problem) {
			t.Errorf("%.40s gives the error %v", test.source, err)
			continue
		}
		if problem.Offset != test.offset || !strings.Contains(problem.Problem, test.remedy) {
			t.Errorf("%.40s gives %d %s", test.source, problem.Offset, problem.Problem)
		}
	}
}

func parse(t testing.TB, source string) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return e
}

func TestNames(t *testing.T) {
	e := parse(t, "if(${a} > 1, jr:choice-name(${b}, ' ${b} '), concat(${a}, '${c}'))")
	if got := e.Refs(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the references are %q", got)
	}
	if got := e.Calls(); !slices.Equal(got, []string{"if", "jr:choice-name", "concat"}) {
		t.Errorf("the calls are %q", got)
	}
	got := e.Rename(func(name string) string { return "/data/" + name })
	if want := "if(/data/a > 1, jr:choice-name(/data/b, ' /data/b '), concat(/data/a, '${c}'))"; got != want {
		t.Errorf("renamed to %s", got)
	}
}

func TestCheck(t *testing.T) {
	known := expr.Names{"age": true, "region": true}
	for _, test := range []struct{ source, want string }{
		{"${age} > 18 and selected(${region}, 'n')", ""},
		{"${agee} > 18", "is age meant"},
		{"selectd(${region}, 'n')", "is selected meant"},
		{"selected(${region})", "exactly 2 arguments, not 1"},
		{"substr('a')", "2 to 3 arguments"},
		{"join()", "1 arguments or more"},
		{"pulldata('a', 'b')", "outside the questionnaire"},
		{"sin(1)", "last digits"},
		{"regex(., ${region})", "in quotes"},
		{"${quite-another}", "correct the name"},
	} {
		got := fmt.Sprint(parse(t, test.source).Check(known))
		if test.want == "" && got != "[]" || !strings.Contains(got, test.want) {
			t.Errorf("%s gives %s", test.source, got)
		}
	}
}

// What Check refuses is the empty text where it is evaluated all the same.
func TestRefusedCalls(t *testing.T) {
	for _, source := range []string{"none()", "selected('a')", "true(1)", "regex('a')", "regex('a', concat('a', ''))", "regex('a', 'a', 'a')", "if(true())"} {
		e := parse(t, source)
		if got := e.Eval(&expr.Context{}); got.IsNumber() || got.IsBool() || got.String() != "" {
			t.Errorf("%s gives %v", source, got)
		}
		if len(e.Check(nil)) == 0 {
			t.Errorf("%s is not refused", source)
		}
	}
}

func TestFill(t *testing.T) {
	text := "مرحبا ${name}, ${ age } $ {x} ${bad name} ${name}${"
	if got := expr.References(text); !slices.Equal(got, []string{"name", "age"}) {
		t.Errorf("the references are %q", got)
	}
	if got := expr.Fill(text, strings.ToUpper); got != "مرحبا NAME, AGE $ {x} ${bad name} NAME${" {
		t.Errorf("filled as %s", got)
	}
}

func TestXML(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{`<a x="1" p:y="2" xmlns:p="u"><!-- c --><b>t&amp;<![CDATA[<]]></b> <c/></a>`, `{"n":"a","a":{"x":"1","p:y":"2"},"k":[{"n":"b","k":["t&<"]}," ",{"n":"c"}]}`},
		{"<a>", "not closed"},
		{"<a></b>", "closes nothing"},
		{"<a/><b/>", "exactly one"},
		{"", "exactly one"},
		{strings.Repeat("<a>", 300), "levels"},
		{"<a>" + strings.Repeat(" ", 11<<20), "bytes"},
	} {
		document, err := expr.ParseXML(strings.NewReader(test.source))
		got := fmt.Sprint(err)
		if err == nil {
			raw, err := document.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			got = string(raw)
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%.40s gives %s", test.source, got)
		}
	}
}

// A short expression that would visit a set of sets stops at the budget.
func TestBudget(t *testing.T) {
	root := expr.NewElement("data")
	for range 2000 {
		root.Add(expr.NewElement("a", expr.NewText("x")))
	}
	c := &expr.Context{Node: expr.NewDocument(root)}
	start := time.Now()
	for _, source := range []string{"count(//*[//*[//a]])", "//a = //a[. = 'y']", "count(//a/following::a/preceding::a)", "string-length(join('', //a[join('', //a)]))"} {
		if _, err := parse(t, source).Try(c); source != "//a = //a[. = 'y']" && !errors.Is(err, expr.ErrTooLong) {
			t.Errorf("%s ends with %v", source, err)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestGuideListsFunctions(t *testing.T) {
	text := guide(t)
	for _, f := range expr.Functions() {
		if row := "| `" + f.Name + "` | " + arity(f) + " | " + f.Doc + " |"; !strings.Contains(text, row) {
			t.Errorf("docs/guide/expressions.md lacks the row\n%s", row)
		}
	}
	for name, why := range expr.Excluded {
		if row := "| `" + name + "` | " + why + " |"; !strings.Contains(text, row) {
			t.Errorf("docs/guide/expressions.md lacks the row\n%s", row)
		}
	}
	if n := len(expr.Functions()); n < 30 {
		t.Errorf("there are only %d functions", n)
	}
}

func arity(f expr.Function) string {
	switch {
	case f.Max < 0:
		return fmt.Sprintf("%d or more", f.Min)
	case f.Min == f.Max:
		return fmt.Sprint(f.Min)
	}
	return fmt.Sprintf("%d to %d", f.Min, f.Max)
}
