package xform

import (
	"strings"
	"testing"
)

// What the comparison evens out, and what it must not.
func TestNormal(t *testing.T) {
	const form = `<h:html><h:head><model><itext><translation lang="en"><text id="l-0"><value>Yes</value></text></translation>` +
		`<translation lang="fr"><text id="l-0"><value>Oui</value></text></translation></itext><instance><data id="d"><a/><b/></data></instance>` +
		`<instance id="l"><root><item><itextId>l-0</itextId><name>y</name></item></root></instance>` +
		`<bind nodeset="/data/a" type="int" relevant="selected(../b, 'x')"/><bind nodeset="/data/b"/></model></h:head>` +
		`<h:body><input ref="/data/a"><label>A  <output value=" /data/b "/> c</label></input><input ref="/data/b"><label>B</label></input></h:body></h:html>`
	want, err := normal([]byte(form))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, old, new string
		same           bool
	}{
		{"order of attributes", `nodeset="/data/a" type="int"`, `type="int" nodeset="/data/a"`, true},
		{"space at the ends", `<label>B</label>`, "<label> B\n</label>", true},
		{"required false", `type="int"`, `type="int" required="false()"`, true},
		{"name of a language", `lang="fr"`, `lang="français (fr)"`, true},
		{"relative path", `../b,`, ` /data/b ,`, true},
		{"order of columns", `<itextId>l-0</itextId><name>y</name>`, `<name>y</name><itextId>l-0</itextId>`, true},
		{"marked default", `lang="en"`, `lang="en" default="true()"`, true},
		{"words", `<label>B</label>`, `<label>C</label>`, false},
		{"space in words", `A  <output`, `A <output`, false},
		{"space in an expression", `selected(../b, 'x')`, `selected(../b, ' x')`, false},
		{"type", `type="int"`, `type="decimal"`, false},
		{"required", `type="int"`, `type="int" required="true()"`, false},
		{"default language", `lang="fr"`, `lang="fr" default="true()"`, false},
		{"another language", `lang="fr"`, `lang="ar"`, false},
		{"translation", `Oui`, `Non`, false},
		{"choice", `<name>y</name>`, `<name>n</name>`, false},
		{"order of nodes", `<a/><b/>`, `<b/><a/>`, false},
		{"value", `<a/>`, `<a>1</a>`, false},
		{"id", `id="d"`, `id="e"`, false},
		{"reference", `value=" /data/b "`, `value=" /data/a "`, false},
	} {
		if !strings.Contains(form, c.old) {
			t.Fatalf("%s: nothing to change", c.name)
		}
		got, err := normal([]byte(strings.Replace(form, c.old, c.new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if (got == want) != c.same {
			t.Errorf("%s: same %v, want %v", c.name, got == want, c.same)
		}
	}
}
