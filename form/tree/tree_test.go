package tree_test

import (
	"testing"

	"adili/form/tree"
)

func TestReadKeepsLines(t *testing.T) {
	root, problem := tree.Read([]byte("{\n \"a\": 1,\n \"b\": [\n  true]}"), 4)
	if problem != nil {
		t.Fatal(problem)
	}
	o := root.Value.(*tree.Object)
	b := o.Fields["b"]
	if len(o.Keys) != 2 || o.Fields["a"].Line != 2 || b.Line != 3 || b.Value.([]*tree.Node)[0].Line != 4 {
		t.Errorf("read %+v", o)
	}
}

func TestReadRefuses(t *testing.T) {
	for data, want := range map[string]string{
		"{": "form.fault.syntax", "{} {}": "form.fault.trailing", `{"a":1,"a":2}`: "form.fault.duplicate_key",
		`[[[[[[]]]]]]`: "form.fault.syntax", "": "form.fault.syntax",
	} {
		if _, problem := tree.Read([]byte(data), 4); problem == nil || problem.Key != want {
			t.Errorf("%s: %v, want %s", data, problem, want)
		}
	}
}

func TestWriteIsCanonical(t *testing.T) {
	var m, inner tree.Members
	m.Text("name", "a <b> & é")
	m.Text("blank", " ")
	m.Flag("off", false)
	m.Number("big", 1e21)
	m.Number("none", 0)
	m.Words("words", map[string]string{"fr": "y", "en": "x", "de": ""})
	m.Strings("list", []string{"one", "", "two"})
	m.Object("empty", inner)
	m.Add("kept", inner)
	want := "{\n  \"name\": \"a <b> & é\",\n  \"big\": 1e+21,\n  \"words\": {\n    \"en\": \"x\",\n    \"fr\": \"y\"\n  },\n  \"list\": [\n    \"one\",\n    \"two\"\n  ],\n  \"kept\": {}\n}\n"
	if got := string(tree.Write(m)); got != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}
