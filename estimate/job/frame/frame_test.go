package frame

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"adili/estimate/data"
)

func view(t *testing.T, text string) *View {
	t.Helper()
	table, err := data.Read("test.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return NewView(table)
}

const people = "id,sex,age,api.stu,q1\n1,F,30,4,5\n2,M,41,,2\n3,F,,9,9\n4,,18,16,1\n"

func TestEval(t *testing.T) {
	v := view(t, people).Derive(map[string]string{"old": "age>=30", "double": "2*api.stu"})
	nan := math.NaN()
	for _, c := range []struct {
		expr string
		want []float64
	}{
		{"1+2*3", []float64{7, 7, 7, 7}},
		{"(1+2)*3", []float64{9, 9, 9, 9}},
		{"8-2-1", []float64{5, 5, 5, 5}},
		{"-2*-3", []float64{6, 6, 6, 6}},
		{"-5*api.stu", []float64{-20, nan, -45, -80}},
		{"8/2/2", []float64{2, 2, 2, 2}},
		{"1e2+.5", []float64{100.5, 100.5, 100.5, 100.5}},
		{"age", []float64{30, 41, nan, 18}},
		{"age>30", []float64{0, 1, nan, 0}},
		{"sex=='F'", []float64{1, 0, 1, nan}},
		{"'F'!=sex", []float64{0, 1, 0, nan}},
		{"id=='2'", []float64{0, 1, 0, 0}},
		{"and(age>=30,sex=='F')", []float64{1, 0, nan, nan}},
		{"or(age>40,age<20)", []float64{0, 1, nan, 1}},
		{"not(age>40)", []float64{1, 0, nan, 1}},
		{"row()", []float64{1, 2, 3, 4}},
		{"mod(row(),3)", []float64{1, 2, 0, 1}},
		{"mod(-1,3)", []float64{2, 2, 2, 2}},
		{"log(exp(2))", []float64{2, 2, 2, 2}},
		{"old+double", []float64{9, nan, nan, 32}},
		{"cut(age,[18,30,50])=='[18,30]'", []float64{1, 0, nan, 1}},
	} {
		got, err := v.Number(c.expr)
		if err != nil || !same(got, c.want) {
			t.Errorf("%s gives %v, %v; want %v", c.expr, got, err, c.want)
		}
	}
	kept := v.Keep([]bool{false, true, false, true})
	if got, err := kept.Number("row()"); err != nil || !same(got, []float64{2, 4}) {
		t.Errorf("row() of rows kept is %v, %v", got, err)
	}
}

func same(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) && math.Abs(a[i]-b[i]) > 1e-15 {
			return false
		}
	}
	return true
}

func TestEvalErrors(t *testing.T) {
	v := view(t, people).Derive(map[string]string{"loop": "loop+1", "a": "b", "b": "a"})
	for expr, want := range map[string]string{
		"age+":                          "character 5",
		"(age":                          `")" is missing`,
		"age)":                          "nothing more",
		"'F":                            "not closed",
		"sqrt(age)":                     "there is no function sqrt",
		"mod(age)":                      "takes 2",
		"height":                        "there is no column height in test.csv: it has id, sex",
		"sex+1":                         "column sex is text",
		"loop":                          "derived from itself",
		"a":                             "derived from itself",
		"cut(age,[3,2])":                "must rise",
		"cut(age,[3])":                  "two limits",
		"item(q1)":                      "no instrument",
		"1.2.3":                         "not a number",
		"":                              "expected",
		strings.Repeat("(", 1000) + "1": "too deeply",
		strings.Repeat("-", 1000) + "1": "too deeply",
	} {
		if _, err := v.Number(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: error %v, want %q", expr, err, want)
		}
	}
}

func TestMatch(t *testing.T) {
	v := view(t, people)
	for text, want := range map[string]string{
		`{}`:                             "1111",
		`{"sex":["F"]}`:                  "1010",
		`{"age":[18,30]}`:                "1001",
		`{"sex":["F"],"age":[30]}`:       "1000",
		`{"where":"age>20"}`:             "1100",
		`{"where":"age>20","sex":["M"]}`: "0100",
		`{"id":["2",4]}`:                 "0101",
	} {
		var d Domain
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		in, err := v.Match(d)
		got := ""
		for _, x := range in {
			got += fmt.Sprint(truth(x))
		}
		if err != nil || got != want {
			t.Errorf("%s gives %s, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		`{"sex":[true]}`: "neither a number nor a text", `{"sex":"F"}`: "a list of values", `{"where":3}`: "an expression", `[]`: "an object",
	} {
		if err := json.Unmarshal([]byte(text), &Domain{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestLabels(t *testing.T) {
	v := view(t, "a,b\n10,x\n9,y\n9,x\n,y\n")
	for _, c := range []struct {
		exprs  []string
		code   []int
		labels []string
	}{
		{[]string{"a"}, []int{1, 0, 0, -1}, []string{"9", "10"}},
		{[]string{"b"}, []int{0, 1, 0, 1}, []string{"x", "y"}},
		{[]string{"a", "b"}, []int{1, 2, 0, -1}, []string{"9.x", "10.x", "9.y"}},
		{[]string{"cut(a,[0,9.5,20])"}, []int{1, 0, 0, -1}, []string{"[0,9.5]", "(9.5,20]"}},
	} {
		code, labels, err := v.Labels(c.exprs...)
		if err != nil || !reflect.DeepEqual(code, c.code) || !reflect.DeepEqual(labels, c.labels) {
			t.Errorf("%v gives %v %v, %v; want %v %v", c.exprs, code, labels, err, c.code, c.labels)
		}
	}
}

// Values put in place of missing ones go through everything that is made of the column.
func TestWith(t *testing.T) {
	nan := math.NaN()
	v := view(t, people).Derive(map[string]string{"old": "age>=30"}).With(map[string][]float64{"age": {30, 41, 25, nan}})
	for expr, want := range map[string][]float64{"age": {30, 41, 25, nan}, "old": {1, 1, 0, nan}, "age=='25'": {0, 0, 1, nan}} {
		if got, err := v.Number(expr); err != nil || !same(got, want) {
			t.Errorf("%s gives %v, %v; want %v", expr, got, err, want)
		}
	}
	if got, err := v.Keep([]bool{true, false, true, false}).Number("age"); err != nil || !same(got, []float64{30, 25}) {
		t.Errorf("kept: %v, %v", got, err)
	}
}

func TestDecode(t *testing.T) {
	c := Case{Args: json.RawMessage(`{"vars":"y","levle":0.9}`)}
	var args struct {
		Vars  Names   `json:"vars"`
		Level float64 `json:"level"`
	}
	if err := c.Decode(&args); err == nil || !strings.Contains(err.Error(), `"levle" is not known here; there are: vars, level`) {
		t.Errorf("an argument nobody knows: %v", err)
	}
}

func TestStrictGrammar(t *testing.T) {
	for text, into := range map[string]any{
		`{"plus":{}}`:                   new(Contrast),
		`{"plus":{},"minus":{},"x":1}`:  new(Contrast),
		`{"file":"w.csv"}`:              new(Weights),
		`{"stack":[]}`:                  new(Source),
		`{"file":"w.csv","colunm":"N"}`: new(Totals),
	} {
		if err := json.Unmarshal([]byte(text), into); err == nil {
			t.Errorf("%s is taken for a %T", text, into)
		}
	}
}

func FuzzEval(f *testing.F) {
	for _, expr := range []string{"1+2", "and(age>1,sex=='F')", "cut(age,[0,1])", "item(q1)", "mod(row(),2)", "-(-(1))"} {
		f.Add(expr)
	}
	table, err := data.Read("test.csv", strings.NewReader(people))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		v := NewView(table)
		if x, err := v.Eval(expr); err == nil && len(x.texts()) != v.Rows() {
			t.Errorf("%q gives %d values for %d rows", expr, len(x.texts()), v.Rows())
		}
	})
}
