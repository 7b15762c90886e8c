package codebook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"adili/form"
	"adili/form/expr"
	"adili/instrument"
)

func official(t *testing.T) *form.Questionnaire {
	t.Helper()
	q, err := form.Read(instrument.Official())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Every question of the bundled questionnaire is a variable or, where several answers are possible, one for each choice.
func TestVariables(t *testing.T) {
	q := official(t)
	of := map[string]int{}
	for _, v := range Variables(q) {
		of[v.Item]++
		if v.Text["ar"] == "" || len(v.Codes) == 0 && v.Kind != form.OpenAnswer {
			t.Errorf("%+v", v)
		}
	}
	for _, it := range q.Items() {
		want := 1
		if it.Kind == form.Multi {
			want = len(it.Choices)
		}
		if of[it.ID] != want {
			t.Errorf("%s: %d variables, want %d", it.ID, of[it.ID], want)
		}
	}
}

func nested(t *testing.T) *form.Questionnaire {
	t.Helper()
	parse := func(s string) *expr.Expr {
		e, err := expr.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	return &form.Questionnaire{ID: "n", Version: "2", Source: "en", Languages: map[string]form.Status{"en": form.Draft}, Missing: map[form.Code]form.Text{form.PreferNot: {"en": "Rather not"}},
		Pages: []form.Page{{ID: "p", Title: form.Text{"en": "P & Q"}, Relevant: parse("${a} = 1"), Items: []form.Item{
			{ID: "g", Kind: form.Group, Relevant: parse("${b} = 2"), Items: []form.Item{
				{ID: "i", Kind: form.Range, Min: 0, Max: 10, Step: 1, Text: form.Text{"en": "How <much>?"}, Relevant: parse("${c} = 3"), Missing: []form.Code{form.PreferNot}, Factor: 4, Reverse: true},
				{ID: "k", Kind: form.Calculate, Calculation: parse("${i} * 2")},
				{ID: "n", Kind: form.Note, Text: form.Text{"en": "Only words"}},
			}},
			{ID: "m", Kind: form.Multi, Text: form.Text{"en": "Which?"}, Choices: []form.Choice{{ID: "x", Label: form.Text{"en": "X"}}, {ID: "y", Label: form.Text{"en": "Y"}}}},
		}}}}
}

func TestNested(t *testing.T) {
	all := Variables(nested(t))
	var names []string
	for _, v := range all {
		names = append(names, v.Name)
	}
	if want := []string{"i", "k", "m.x", "m.y"}; !slices.Equal(names, want) {
		t.Fatalf("%v, want %v", names, want)
	}
	if want := "((${a} = 1) and (${b} = 2)) and (${c} = 3)"; all[0].Relevant != want {
		t.Errorf("asked where %s, want %s", all[0].Relevant, want)
	}
	var codes []string
	for _, c := range all[0].Codes {
		codes = append(codes, c.Value)
	}
	if want := []string{"prefer_not", NotAsked, Unanswered}; !slices.Equal(codes, want) {
		t.Errorf("%v, want %v", codes, want)
	}
}

// order is how the schema of DDI-Codebook 2.5 orders the parts of a var that we write.
var order = []string{"labl", "security", "qstn", "valrng", "universe", "txt", "catgry", "concept", "derivation", "varFormat", "notes"}

func TestDDI(t *testing.T) {
	for _, q := range []*form.Questionnaire{official(t), nested(t)} {
		data := DDI(q)
		if !bytes.Equal(data, DDI(q)) {
			t.Error("not the same bytes twice")
		}
		d := xml.NewDecoder(bytes.NewReader(data))
		ids, used := map[string]bool{}, []string{}
		var path []string
		last := 0
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch e := token.(type) {
			case xml.StartElement:
				if e.Name.Space != ddiSpace {
					t.Fatalf("%s is in name space %q", e.Name.Local, e.Name.Space)
				}
				if e.Name.Local == "var" {
					last = 0
				} else if len(path) > 0 && path[len(path)-1] == "var" {
					at := slices.Index(order, e.Name.Local)
					if at < last {
						t.Errorf("%s stands too late or is unknown", e.Name.Local)
					}
					last = at
				}
				path = append(path, e.Name.Local)
				for _, a := range e.Attr {
					switch a.Name.Local {
					case "ID":
						if ids[a.Value] {
							t.Errorf("ID %s twice", a.Value)
						}
						ids[a.Value] = true
					case "var", "files":
						used = append(used, strings.Fields(a.Value)...)
					}
				}
			case xml.EndElement:
				path = path[:len(path)-1]
			}
		}
		for _, name := range used {
			if !ids[name] {
				t.Errorf("%s is referred to and is not there", name)
			}
		}
	}
	text := string(DDI(nested(t)))
	for _, want := range []string{`<range min="0" max="10"/>`, `How &lt;much&gt;?`, `type="multipleResp" var="V-m.x V-m.y"`, `<concept vocab="Key factors of the Revised Arusha Declaration">4</concept>`, `<drvcmd syntax="ODK XForms XPath">${i} * 2</drvcmd>`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
