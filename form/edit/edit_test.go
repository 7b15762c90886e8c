package edit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"adili/form"
	"adili/form/expr"
	"adili/form/translation"
	"adili/form/xlsform"
	"adili/instrument"
)

const small = `
| survey | | | | | |
| | type | name | label::en | relevant | constraint |
| | begin_group | start | Start | | |
| | select_one yn | a | Have you paid? | | |
| | select_multiple yn | b | And those? | selected(${a}, 'yes') | |
| | integer | n | How many? | ${a} = 'yes' and ${b} != '' | . > 0 |
| | end_group | | | | |
| | begin_group | last | End | selected(${b}, 'no') | |
| | note | say | You said ${a} | | |
| | begin_group | inner | Inner | | |
| | text | why | Why? | ${n} >= 3 or not(selected(${a}, 'no')) | |
| | end_group | | | | |
| | end_group | | | | |
| choices | | | | | |
| | list_name | name | label::en | | |
| | yn | yes | Yes | | |
| | yn | no | No | | |
`

func sample(t testing.TB) *form.Questionnaire {
	t.Helper()
	q, problems := xlsform.Read(xlsform.ReadMarkdown(small))
	if q == nil {
		t.Fatal(problems)
	}
	return q
}

func expression(t testing.TB, source string) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func outline(q *form.Questionnaire) string {
	var b strings.Builder
	var items func(all []form.Item)
	items = func(all []form.Item) {
		for _, it := range all {
			b.WriteString(" " + it.ID)
			if it.Kind == form.Group {
				b.WriteString("(")
				items(it.Items)
				b.WriteString(" )")
			}
		}
	}
	for _, p := range q.Pages {
		b.WriteString("[" + p.ID)
		items(p.Items)
		b.WriteString("]")
	}
	return b.String()
}

type operation = func(q *form.Questionnaire) (*form.Questionnaire, error)

func TestOperations(t *testing.T) {
	note := form.Item{ID: "new", Kind: form.Note, Text: form.Text{"en": "x"}}
	for _, test := range []struct {
		name string
		do   operation
		want string // outline, or the key of a refusal
	}{
		{"add page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return AddPage(q, 1, form.Page{}) }, "[start a b n][page1][last say inner( why )]"},
		{"add page of a name", func(q *form.Questionnaire) (*form.Questionnaire, error) { return AddPage(q, 9, form.Page{ID: "a"}) }, "taken"},
		{"move page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return MovePage(q, 1, 0) }, "[last say inner( why )][start a b n]"},
		{"move no page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return MovePage(q, 1, 2) }, "no_page"},
		{"remove page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemovePage(q, 1) }, "[start a b n]"},
		{"remove page in use", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemovePage(q, 0) }, "used"},
		{"remove no page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemovePage(q, -1) }, "no_page"},
		{"rename page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return SetPage(q, 0, form.Page{ID: "first"}) }, "[first a b n][last say inner( why )]"},
		{"add", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return AddItem(q, Place{Page: 0, Index: 1}, note)
		}, "[start a new b n][last say inner( why )]"},
		{"add to group", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return AddItem(q, Place{Group: "inner", Index: 9}, note)
		}, "[start a b n][last say inner( why new )]"},
		{"add to no group", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return AddItem(q, Place{Group: "a"}, note)
		}, "no_group"},
		{"add twice", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return AddItem(q, Place{}, form.Item{ID: "last", Kind: form.Note})
		}, "taken"},
		{"move", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return MoveItem(q, "n", Place{Page: 0, Index: 0})
		}, "[start n a b][last say inner( why )]"},
		{"move into itself", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return MoveItem(q, "inner", Place{Group: "inner"})
		}, "inside"},
		{"move down", func(q *form.Questionnaire) (*form.Questionnaire, error) { return MoveBy(q, "n", 1) }, "[start a b][last n say inner( why )]"},
		{"move up out of the group", func(q *form.Questionnaire) (*form.Questionnaire, error) { return MoveBy(q, "why", -1) }, "[start a b n][last say why inner( )]"},
		{"move up at the top", func(q *form.Questionnaire) (*form.Questionnaire, error) { return MoveBy(q, "a", -1) }, "[start a b n][last say inner( why )]"},
		{"remove", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemoveItem(q, "inner") }, "[start a b n][last say]"},
		{"remove in use", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemoveItem(q, "a") }, "used"},
		{"remove none", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemoveItem(q, "zz") }, "no_item"},
		{"rename", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RenameItem(q, "a", "paid") }, "[start paid b n][last say inner( why )]"},
		{"rename to a page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RenameItem(q, "a", "last") }, "taken"},
		{"copy", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			q, _, err := CopyItem(q, "inner")
			return q, err
		}, "[start a b n][last say inner( why ) inner_1( why_1 )]"},
		{"drop a choice in use", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			it, _ := q.Item("a")
			return SetChoices(q, "a", it.Choices[:1])
		}, "used_choice"},
		{"choices of a text", func(q *form.Questionnaire) (*form.Questionnaire, error) { return SetChoices(q, "why", nil) }, "no_choices"},
		{"language there", func(q *form.Questionnaire) (*form.Questionnaire, error) { return AddLanguage(q, "en") }, "language_there"},
		{"no tag", func(q *form.Questionnaire) (*form.Questionnaire, error) { return AddLanguage(q, "French") }, "tag"},
		{"remove the source", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemoveLanguage(q, "en") }, "source_language"},
		{"text in no language", func(q *form.Questionnaire) (*form.Questionnaire, error) { return SetText(q, "title", "fr", "x") }, "no_language"},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := sample(t)
			before := string(form.Write(q))
			next, err := test.do(q)
			if string(form.Write(q)) != before {
				t.Error("the questionnaire it was given changed")
			}
			if refusal, ok := errors.AsType[*Refusal](err); ok {
				if refusal.Key != "edit.refusal."+test.want || refusalText[refusal.Key] == "" || strings.Contains(refusal.Error(), "{{") {
					t.Errorf("refused: %s %v, want %s", refusal.Key, refusal, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(next); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if faults := form.Check(next); len(faults) > 0 {
				t.Error(faults)
			}
		})
	}
}

func TestRenameFollows(t *testing.T) {
	q, err := RenameItem(sample(t), "a", "paid")
	if err != nil {
		t.Fatal(err)
	}
	say, _ := q.Item("say")
	n, _ := q.Item("n")
	if say.Text["en"] != "You said ${paid}" || n.Relevant.Source() != "${paid} = 'yes' and ${b} != ''" || len(Users(q, "a")) > 0 {
		t.Errorf("%v, %s, %v", say.Text, n.Relevant.Source(), Users(q, "a"))
	}
	if got := fmt.Sprint(Users(q, "paid")); got != "[b n say why]" {
		t.Errorf("users %s", got)
	}
}

func TestFresh(t *testing.T) {
	q := Blank(form.Official, "fr")
	label := func(n int) string { return fmt.Sprint("choice ", n) }
	var err error
	for _, kind := range []form.Kind{form.Agreement, form.Single, form.Multi, form.OpenAnswer, form.Integer, form.Decimal, form.Range, form.Date,
		form.Acknowledge, form.Note, form.Group, form.Calculate, form.Hidden} {
		if q, err = AddItem(q, Place{Index: 99}, Fresh(q, kind, "?", label)); err != nil {
			t.Fatal(err)
		}
		if faults := form.Check(q); len(faults) > 0 {
			t.Errorf("%s: %v", kind, faults)
		}
	}
	if again, err := form.Read(form.Write(q)); err != nil || !form.Equal(again, q) {
		t.Errorf("does not read back: %v", err)
	}
}

func TestBank(t *testing.T) {
	all := Bank()
	factors := map[int]bool{}
	q, err := AddLanguage(Blank(form.Private, "ha"), "fr")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for i, one := range all {
		if i > 0 && rank(all[i-1].Factor) > rank(one.Factor) {
			t.Errorf("%s: not by factor", one.Name)
		}
		factors[one.Factor] = true
		next, id, err := AddTemplate(q, Place{Index: 999}, one)
		if err != nil || ids[id] {
			t.Fatalf("%s as %s: %v", one.Name, id, err)
		}
		ids[id] = true
		q = next
	}
	if len(factors) != 11 || len(q.Items()) != len(all) || len(q.Scales) != 1 {
		t.Errorf("%d factors, %d items of %d, %d scales", len(factors), len(q.Items()), len(all), len(q.Scales))
	}
	if faults := form.Check(q); len(faults) > 0 {
		t.Error(faults)
	}
	for _, it := range q.Items() {
		if it.Text["ha"] == "" || it.Text["fr"] == "" || it.Text["es"] != "" {
			t.Errorf("%s: %v", it.ID, it.Text)
		}
	}
}

func TestLanguages(t *testing.T) {
	q, err := form.Read(instrument.Official())
	if err != nil {
		t.Fatal(err)
	}
	less, err := RemoveLanguage(q, "ar")
	if err != nil {
		t.Fatal(err)
	}
	if faults := form.Check(less); len(faults) > 0 || strings.Contains(string(form.Write(less)), `"ar"`) {
		t.Errorf("Arabic is not gone: %v", faults)
	}
	if q, err = SetSource(q, "fr"); err != nil || q.Source != "fr" || translation.Of(q).Source != "fr" {
		t.Errorf("source: %v", err)
	}
	two, err := AddLanguage(sample(t), "pt-BR")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = SetSource(two, "pt-BR"); err == nil {
		t.Error("a language without texts became the source")
	}
}

func TestLocate(t *testing.T) {
	q := sample(t)
	for path, want := range map[string]string{
		"pages[0].items[1].relevant": "b/relevant", "pages[1].items[1].items[0].text.en": "why/text.en", "pages[1].title": "page:last/title",
		"pages[0].items[2]": "n/", "lists.yn": "/lists.yn", "pages[7].id": "/pages[7].id", "pages[x": "/pages[x",
	} {
		id, rest := Locate(q, path)
		if id+"/"+rest != want {
			t.Errorf("%s is %s/%s, want %s", path, id, rest, want)
		}
	}
}

// say is what a page would say.
func say(key string, args ...any) string {
	r := Refusal{key, args}
	s := phrases[r.Key]
	for i := 0; i+1 < len(args); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{{.%v}}", args[i]), fmt.Sprint(args[i+1]))
	}
	return s
}

func TestLogic(t *testing.T) {
	q := sample(t)
	for source, want := range map[string]string{
		"selected(${a}, 'yes')":                      "“Have you paid?” is “Yes”",
		"selected(${b}, 'no')":                       "“And those?” has “No” among its answers",
		"not(selected(${b}, 'no'))":                  "“And those?” does not have “No” among its answers",
		"${a} = 'no' and ${n} > 3":                   "“Have you paid?” is “No”, and “How many?” is more than 3",
		"(${a} = 'no' or 3 > ${n}) and ${why} != ''": "(“Have you paid?” is “No”, or “How many?” is less than 3), and “Why?” is answered",
		"${why} = ''":                                "“Why?” is not answered",
		". >= -2":                                    "“the answer” is -2 or more",
		"not(${a} = 'yes')":                          "“Have you paid?” is not “Yes”",
		"count-selected(${b}) > 1":                   "",
		"${n} + 1 = 2":                               "",
		"${a} = ${b}":                                "",
		"/data/a = 'yes'":                            "",
	} {
		got, ok := Logic(expression(t, source), q, "fr", say)
		if ok != (want != "") || ok && got != want || !ok && got != source {
			t.Errorf("%s: %q, %v, want %q", source, got, ok, want)
		}
	}
}

func TestCompare(t *testing.T) {
	item := func(id string, f func(it *form.Item)) operation {
		return func(q *form.Questionnaire) (*form.Questionnaire, error) {
			it, _ := q.Item(id)
			f(&it)
			return SetItem(q, it)
		}
	}
	for _, test := range []struct {
		name     string
		do       operation
		want     []string // sort, where, what; "!" where answers shift
		textOnly bool
	}{
		{"nothing", func(q *form.Questionnaire) (*form.Questionnaire, error) { return clone(q), nil }, nil, true},
		{"text", func(q *form.Questionnaire) (*form.Questionnaire, error) { return SetText(q, "item:a:text", "en", "X") }, []string{"text a item:a:text"}, true},
		{"hint", item("a", func(it *form.Item) { it.Hint = form.Text{"en": "h"} }), []string{"text a item:a:hint"}, true},
		{"label", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return SetText(q, "list:yn:choice:no", "en", "Nope")
		}, []string{"text  list:yn:choice:no"}, true},
		{"language", func(q *form.Questionnaire) (*form.Questionnaire, error) { return AddLanguage(q, "fr") }, []string{"added  language"}, true},
		{"reference in a text", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return SetText(q, "item:why:text", "en", "Why ${n}?")
		}, []string{"text why item:why:text"}, false},
		{"relevance", item("n", func(it *form.Item) { it.Relevant = nil }), []string{"logic n relevant!"}, false},
		{"constraint", item("n", func(it *form.Item) { it.Constraint = nil }), []string{"logic n constraint"}, false},
		{"kind", item("n", func(it *form.Item) { it.Kind = form.Decimal }), []string{"data n kind!"}, false},
		{"factor", item("n", func(it *form.Item) { it.Factor = 3 }), []string{"note n factor"}, false},
		{"removed", func(q *form.Questionnaire) (*form.Questionnaire, error) { return RemoveItem(q, "why") }, []string{"removed why text!"}, false},
		{"added", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return AddItem(q, Place{}, form.Item{ID: "z", Kind: form.Date, Text: form.Text{"en": "x"}})
		}, []string{"added z date!"}, false},
		{"moved", func(q *form.Questionnaire) (*form.Questionnaire, error) { return MoveItem(q, "a", Place{Index: 9}) }, []string{"order a !"}, false},
		{"moved to another page", func(q *form.Questionnaire) (*form.Questionnaire, error) { return MoveBy(q, "n", 1) }, []string{"order n in"}, false},
		{"choice added", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			it, _ := q.Item("a")
			return SetChoices(q, "a", append(slices.Clone(it.Choices), form.Choice{ID: "maybe", Label: form.Text{"en": "Maybe"}}))
		}, []string{"added a choice:maybe!", "added b choice:maybe!"}, false},
		{"choices turned", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			it, _ := q.Item("a")
			return SetChoices(q, "a", []form.Choice{it.Choices[1], it.Choices[0]})
		}, []string{"order a choices!", "order b choices!"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := sample(t)
			next, err := test.do(q)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range Compare(q, next) {
				s := fmt.Sprintf("%s %s %s", d.Sort, d.Where, d.What)
				if d.Shifts {
					s += "!"
				}
				got = append(got, s)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if TextOnly(q, next) != test.textOnly {
				t.Errorf("TextOnly is %v", !test.textOnly)
			}
			if back := Compare(next, q); len(back) != len(got) {
				t.Errorf("back: %+v", back)
			}
		})
	}
}
