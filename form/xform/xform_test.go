package xform

import (
	"bytes"
	"strings"
	"testing"

	"adili/form"
	"adili/form/expr"
	"adili/instrument"
)

func parsed(t *testing.T, source string) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func und(s string) form.Text { return form.Text{form.Undetermined: s} }

// one is a questionnaire with the items outside all groups.
func one(items ...form.Item) *form.Questionnaire {
	return &form.Questionnaire{ID: "f", Title: und("F"), Pages: []form.Page{{Items: items}}}
}

func TestWrite(t *testing.T) {
	a := form.Item{ID: "a", Kind: form.Integer, Text: und("A")}
	yes := []form.Choice{{ID: "y", Label: und("Yes")}, {ID: "n", Label: form.Text{"en": "No"}, Extra: map[string]string{"region": "1 < 2"}}}
	for _, c := range []struct {
		name string
		q    *form.Questionnaire
		want []string
	}{
		{"text", one(form.Item{ID: "x", Kind: form.OpenAnswer, Text: und("A & B"), Hint: und("h"), MaxLength: 9, Appearance: "multiline"}), []string{
			`<bind nodeset="/data/x" type="string" constraint="string-length(.) &lt;= 9"/>`,
			`<input ref="/data/x" appearance="multiline">`, `<label>A &amp; B</label>`, `<hint>h</hint>`}},
		{"logic", one(a, form.Item{ID: "b", Kind: form.Decimal, Text: und("B ${a}!"),
			Relevant: parsed(t, "${a} > 1"), Required: parsed(t, "true()"), Constraint: parsed(t, ". < ${a}"), ConstraintMessage: und("not ${a}"), RequiredMessage: und("must")}), []string{
			`<bind nodeset="/data/b" type="decimal" relevant=" /data/a  &gt; 1" required="true()" constraint=". &lt;  /data/a " jr:constraintMsg="jr:itext('/data/b:jr:constraintMsg')" jr:requiredMsg="must"/>`,
			`<label>B <output value=" /data/a "/>!</label>`, `<value>not <output value=" /data/a "/></value>`}},
		{"defaults", one(a, form.Item{ID: "b", Kind: form.OpenAnswer, Default: parsed(t, `"it's"`)}, form.Item{ID: "c", Kind: form.Integer, Default: parsed(t, "${a} + 1")}), []string{
			`<setvalue ref="/data/c" event="odk-instance-first-load" value=" /data/a  + 1"/>`, `<c/>`, `<b>it's</b>`}},
		{"calculation", one(a, form.Item{ID: "b", Kind: form.Calculate, Calculation: parsed(t, "${a} * 2")}), []string{
			`<bind nodeset="/data/b" type="string" calculate=" /data/a  * 2"/>`}},
		{"choices", &form.Questionnaire{ID: "f", Lists: map[string][]form.Choice{"yn": yes}, Pages: []form.Page{{Items: []form.Item{a,
			{ID: "b", Kind: form.Multi, List: "yn", Text: und("B"), Random: true, Seed: "${a}", Filter: parsed(t, "region = ${a}")}}}}}, []string{
			`<itemset nodeset="randomize(instance('yn')/root/item[region =  /data/a ], /data/a)">`,
			`<label ref="jr:itext(itextId)"/>`, `<itextId>yn-1</itextId>`, `<region>1 &lt; 2</region>`, `<select ref="/data/b">`}},
		{"own choices and missing codes", &form.Questionnaire{ID: "f", Missing: map[form.Code]form.Text{form.DontKnow: und("Don't know")},
			Pages: []form.Page{{Items: []form.Item{{ID: "b", Kind: form.Single, Choices: yes[:1], Missing: []form.Code{form.DontKnow}}}}}}, []string{
			`<instance id="b_dont_know">`, `<name>dont_know</name>`}},
		{"own choices beside a list of that name", &form.Questionnaire{Lists: map[string][]form.Choice{"b": yes},
			Pages: []form.Page{{Items: []form.Item{{ID: "b", Kind: form.Single, Choices: yes[:1]}}}}}, []string{
			`<instance id="b">`, `<instance id="b_">`, `<itemset nodeset="instance('b_')/root/item">`}},
		{"exclusive choice", one(form.Item{ID: "b", Kind: form.Multi, Choices: []form.Choice{{ID: "x", Label: und("X"), Exclusive: true}}}), []string{
			`constraint="not(selected(., 'x') and count-selected(.) &gt; 1)"`}},
		{"quotes in names", one(form.Item{ID: "b", Kind: form.Multi, Choices: []form.Choice{{ID: "it's", Label: und("X"), Exclusive: true}, {ID: `'"`, Label: und("Y"), Exclusive: true}}}), []string{
			`selected(., &quot;it's&quot;)`, `selected(., concat('', &quot;'&quot;, '&quot;'))`}},
		{"groups", &form.Questionnaire{Pages: []form.Page{{ID: "g", Title: und("G"), Intro: und("Hello"), Relevant: parsed(t, "true()"),
			Items: []form.Item{{ID: "h", Kind: form.Group, Items: []form.Item{a}}}}}}, []string{
			`<bind nodeset="/data/g" relevant="true()"/>`, `<input ref="/data/g/h/a">`, `<input ref="/data/g/g_intro">`, `<group ref="/data/g/h">`}},
		{"range", one(form.Item{ID: "r", Kind: form.Range, Text: und("R"), Min: 0, Max: 1, Step: 0.5}), []string{
			`<bind nodeset="/data/r" type="decimal"/>`, `<range ref="/data/r" start="0" end="1" step="0.5">`}},
		{"tick", one(form.Item{ID: "k", Kind: form.Acknowledge, Text: und("Read")}), []string{`<trigger ref="/data/k">`}},
		{"rank", &form.Questionnaire{Lists: map[string][]form.Choice{"yn": yes}, Pages: []form.Page{{Items: []form.Item{{ID: "o", Kind: form.Unasked, Type: "rank", List: "yn"}}}}}, []string{
			`<bind nodeset="/data/o" type="odk:rank"/>`, `<odk:rank ref="/data/o">`}},
		{"table", &form.Questionnaire{Lists: map[string][]form.Choice{"yn": yes[:1]}, Pages: []form.Page{{ID: "g", Title: und("G"), Appearance: "table-list", Items: []form.Item{
			{ID: "b", Kind: form.Single, List: "yn", Text: und("B")}}}}}, []string{
			`<group ref="/data/g" appearance="field-list">`, `<input ref="/data/g/generated_table_list_label_2">`,
			`<select1 ref="/data/g/reserved_name_for_field_list_labels_3" appearance="label">`, `<select1 ref="/data/g/b" appearance="list-nolabel">`}},
		{"trigger", one(form.Item{ID: "a", Kind: form.OpenAnswer, Text: und("A")}, form.Item{ID: "b", Kind: form.Unasked, Type: "integer", Calculation: parsed(t, "1 + 1"), Extra: map[string]string{"trigger": "${a}"}}), []string{
			`<setvalue ref="/data/b" event="xforms-value-changed" value="1 + 1"/>`, `<bind nodeset="/data/b" type="int"/>`}},
		{"media and guidance", one(form.Item{ID: "m", Kind: form.Note, Text: und("M"), Guidance: und("say"), Media: map[string]form.Text{"image": und("m.png")}}), []string{
			`<translation lang="default" default="true()">`, `<value form="image">jr://images/m.png</value>`, `<value form="guidance">say</value>`}},
		{"instance in a label", one(a, form.Item{ID: "n", Kind: form.Note, Text: und(`See instance("l")/root/item[name = "]" or ${a}]/label now`)}), []string{
			`<label>See <output value="instance(&quot;l&quot;)/root/item[name = &quot;]&quot; or  /data/a ]/label"/> now</label>`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := Write(c.q)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("no %s in\n%s", want, out)
				}
			}
			if _, err := normal(out); err != nil {
				t.Errorf("not XML: %v", err)
			}
		})
	}
}

func TestLanguages(t *testing.T) {
	q := one(form.Item{ID: "a", Kind: form.OpenAnswer, Text: form.Text{"fr": "Un", "ar": "واحد"}}, form.Item{ID: "b", Kind: form.OpenAnswer, Text: form.Text{"fr": "Deux"}})
	q.Source = "fr"
	out, err := Write(q)
	if err != nil {
		t.Fatal(err)
	}
	french := strings.Index(string(out), `<translation lang="français (fr)" default="true()">`)
	arabic := strings.Index(string(out), `<translation lang="العربية (ar)">`)
	if french < 0 || arabic < french {
		t.Errorf("French has to come first and be the default:\n%s", out)
	}
	if !strings.Contains(string(out)[arabic:], "<value>-</value>") {
		t.Errorf("the text that Arabic lacks needs a dash:\n%s", out)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		q    *form.Questionnaire
		want string
	}{
		{"indirect question", one(form.Item{ID: "p", Kind: form.Single, Pair: &form.Pair{}}), "item p: an indirect question"},
		{"name", one(form.Item{ID: "1 a", Kind: form.Note}), `"1 a" cannot name an XML element`},
		{"reference", one(form.Item{ID: "a", Kind: form.Note, Text: und("${b}")}), "${b}: no item has this name"},
		{"type", one(form.Item{ID: "a", Kind: form.Unasked, Type: "osm"}), "item a: type osm"},
		{"prefix", one(form.Item{ID: "a", Kind: form.OpenAnswer, Extra: map[string]string{"body::esri:style": "x"}}), "prefix esri is not declared"},
		{"trigger", one(form.Item{ID: "a", Kind: form.Hidden}, form.Item{ID: "b", Kind: form.Unasked, Type: "text", Extra: map[string]string{"trigger": "${a}"}}), "item a: nobody sees it"},
		{"media", one(form.Item{ID: "a", Kind: form.Note, Media: map[string]form.Text{"smell": und("x")}}), `media "smell"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Write(c.q)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// What people write cannot end an attribute, an element or the document.
func TestHostileText(t *testing.T) {
	nasty := "\"'<>&]]>\x00\x07\ufffe</label>\n\t${nobody"
	q := one(form.Item{ID: "a", Kind: form.Note, Text: und(nasty), Appearance: nasty, ConstraintMessage: und(nasty)})
	q.ID, q.Version, q.Title = nasty, nasty, und(nasty)
	out, err := Write(q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := normal(out); err != nil {
		t.Errorf("not XML: %v\n%s", err, out)
	}
}

func bundled(t *testing.T) map[string]*form.Questionnaire {
	t.Helper()
	all := map[string]*form.Questionnaire{}
	for name, data := range map[string][]byte{"official": instrument.Official(), "private": instrument.Private()} {
		q, err := form.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = q
	}
	return all
}

func TestBundled(t *testing.T) {
	for name, q := range bundled(t) {
		first, err := Write(q)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for range 5 {
			again, err := Write(q)
			if err != nil || !bytes.Equal(first, again) {
				t.Fatalf("%s: two writings differ (%v)", name, err)
			}
		}
		if _, err := normal(first); err != nil {
			t.Errorf("%s: not XML: %v", name, err)
		}
	}
}
