package run

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"adili/form"
	"adili/form/expr"
	"adili/form/xlsform"
	"adili/instrument"
	"adili/internal/testkit/formtest"
)

// sample is a questionnaire to walk through.
type sample struct {
	id string
	q  *form.Questionnaire
}

// imported are the forms of others that are in scope.
func imported(t testing.TB) []sample {
	t.Helper()
	var all []sample
	for _, c := range formtest.Cases(t) {
		if c.XForm == "" || c.OutOfScope() != "" {
			continue
		}
		q, problems := xlsform.Read(c.Sheets)
		if q == nil || slices.ContainsFunc(problems, func(p xlsform.Problem) bool { return !p.Warning }) {
			continue
		}
		all = append(all, sample{c.ID, q})
	}
	return all
}

// bundled are the questionnaires that come with Adili.
func bundled(t testing.TB) []sample {
	t.Helper()
	var all []sample
	for name, data := range map[string][]byte{"official": instrument.Official(), "private": instrument.Private()} {
		q, err := form.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sample{name, q})
	}
	slices.SortFunc(all, func(a, b sample) int { return strings.Compare(a.id, b.id) })
	return all
}

// generated are questionnaires full of logic, made by chance from a seed.
func generated(t testing.TB, count int) []sample {
	t.Helper()
	var all []sample
	for seed := 0; len(all) < count; seed++ {
		g := &generator{t: t, r: rand.New(rand.NewPCG(uint64(seed), 5))}
		q := g.questionnaire()
		if _, err := New(q, Settings{}); err != nil { // seldom a group ends up depending on what is in it
			if _, cycle := errors.AsType[*CycleError](err); !cycle {
				t.Fatalf("generated %d: %v", seed, err)
			}
			continue
		}
		all = append(all, sample{fmt.Sprintf("generated %d", seed), q})
	}
	return all
}

// generator makes items whose expressions look at earlier items.
type generator struct {
	t     testing.TB
	r     *rand.Rand
	items []form.Item // that hold values, so far
}

func (g *generator) one(of ...string) string { return of[g.r.IntN(len(of))] }

func (g *generator) often() bool { return g.r.IntN(3) == 0 }

var generatedKinds = []form.Kind{form.Single, form.Multi, form.Integer, form.Decimal, form.Date, form.OpenAnswer, form.Range,
	form.Acknowledge, form.Calculate, form.Hidden, form.Note, form.Group}

func (g *generator) questionnaire() *form.Questionnaire {
	q := &form.Questionnaire{ID: "generated", Source: form.Undetermined, Languages: map[string]form.Status{form.Undetermined: form.Draft}, Title: form.Text{form.Undetermined: "G"}, Lists: map[string][]form.Choice{}}
	for _, name := range []string{"l1", "l2"} {
		for i := range 5 {
			q.Lists[name] = append(q.Lists[name], form.Choice{ID: string(rune('a' + i)), Label: form.Text{form.Undetermined: "L" + strconv.Itoa(i)},
				Extra: map[string]string{"k": g.one("a", "b", "c"), "n": strconv.Itoa(g.r.IntN(4))}})
		}
	}
	for i := range 3 {
		page := form.Page{ID: fmt.Sprintf("p%d", i)}
		if i == 1 {
			page.ID = ""
		} else if g.often() {
			page.Relevant = g.parsed(g.condition(2))
		}
		page.Items = g.list(fmt.Sprintf("p%d", i), 6, 0)
		q.Pages = append(q.Pages, page)
	}
	return q
}

func (g *generator) list(prefix string, count, depth int) []form.Item {
	var items []form.Item
	for i := range count {
		items = append(items, g.item(fmt.Sprintf("%s_%d", prefix, i), depth))
	}
	return items
}

func (g *generator) item(id string, depth int) form.Item {
	it := form.Item{ID: id, Kind: generatedKinds[g.r.IntN(len(generatedKinds))], Text: form.Text{form.Undetermined: id}}
	if it.Kind == form.Group && depth == 2 {
		it.Kind = form.OpenAnswer
	}
	if g.often() {
		it.Relevant = g.parsed(g.condition(2))
	}
	if it.Kind == form.Group {
		it.Items = g.list(id, 3, depth+1)
		return it
	}
	if g.often() {
		it.Required = g.parsed(g.one("true()", g.condition(1)))
	}
	switch it.Kind {
	case form.Single, form.Multi:
		it.List = g.one("l1", "l2")
		if it.Kind == form.Multi && g.often() {
			it.List, it.Choices = "", []form.Choice{{ID: "a"}, {ID: "b"}, {ID: "z", Exclusive: true}}
		}
		if g.often() {
			it.Filter = g.parsed(g.one("k = "+g.text(0), "n < "+g.number(0), "selected("+g.text(0)+", name)", "contains(label, '1') or n = "+g.number(0)))
		}
	case form.OpenAnswer:
		it.MaxLength = g.r.IntN(2) * 4
	case form.Range:
		it.Min, it.Max, it.Step = 0, 8, 2
	case form.Calculate:
		it.Calculation = g.parsed(g.one(g.text(2), g.number(2), g.condition(2), "once("+g.text(1)+")"))
	}
	if g.r.IntN(8) == 0 {
		it.ReadOnly = g.parsed(g.condition(1))
	}
	if it.Kind.Answered() && it.Kind != form.Acknowledge {
		if g.often() {
			it.Constraint = g.parsed(g.one(". != "+g.text(1), ". > "+g.number(1), "string-length(.) < 3", "regex(., '^[a-z0-9 .-]{1,3}$')", g.condition(1)))
		}
		if g.often() && it.Filter == nil {
			it.Default = g.parsed(g.initial(it.Kind))
		}
	}
	g.items = append(g.items, it)
	return it
}

// initial is a default. ODK's engine takes one that is no value of its kind for
// an answer until the first change, so that there is none.
func (g *generator) initial(k form.Kind) string {
	switch k {
	case form.Single, form.Multi:
		return "'a'"
	case form.Date:
		return g.one("'2024-02-29'", "today()", "date('1999-12-31')")
	case form.Decimal:
		return g.one("3.5", "'0.25'")
	case form.Integer, form.Range:
		return g.one("4", "'2'", g.number(1))
	}
	return g.one("'a'", "3", g.text(1), g.number(1))
}

func (g *generator) parsed(source string) *expr.Expr { return parsed(g.t, source) }

// ref is a reference to an item so far, or a literal where there is none.
func (g *generator) ref() string {
	if len(g.items) == 0 {
		return "'a'"
	}
	return "${" + g.items[g.r.IntN(len(g.items))].ID + "}"
}

// of is a reference to an item of a kind, or the other text where there is none.
func (g *generator) of(kind form.Kind, before, after, other string) string {
	for range 10 {
		if len(g.items) == 0 {
			break
		}
		if it := g.items[g.r.IntN(len(g.items))]; it.Kind == kind {
			return before + "${" + it.ID + "}" + strings.ReplaceAll(after, "ID", "${"+it.ID+"}")
		}
	}
	return other
}

// path is a path to an item so far, or to several.
func (g *generator) path() string {
	if len(g.items) == 0 {
		return "/data/none"
	}
	id := g.items[g.r.IntN(len(g.items))].ID
	page := "/data"
	if id[:2] != "p1" {
		page += "/" + id[:2]
	}
	if strings.Count(id, "_") == 1 {
		return g.one(page+"/"+id, page+"/"+id+"[. != '']")
	}
	up := id[:strings.LastIndex(id, "_")]
	if strings.Count(up, "_") > 1 {
		return page + "/*/*/" + id
	}
	return page + "/" + up + "/" + id
}

func (g *generator) condition(depth int) string {
	if depth > 0 && g.often() {
		return g.one("("+g.condition(depth-1)+" and "+g.condition(depth-1)+")", "("+g.condition(depth-1)+" or "+g.condition(depth-1)+")", "not("+g.condition(depth-1)+")")
	}
	return g.one("selected("+g.ref()+", "+g.one("'a'", "'b'")+")", g.ref()+" = "+g.text(0), g.ref()+" != ''", g.number(depth)+" > "+g.number(0),
		"count-selected("+g.ref()+") >= "+g.number(0), g.ref()+" <= "+g.ref(), "string-length("+g.ref()+") > 1", "true()",
		"contains("+g.ref()+", "+g.text(0)+")", "date("+g.ref()+") < date('2024-02-29')",
		g.path()+" = "+g.text(0), "count-non-empty("+g.path()+") = 1", g.of(form.Date, "today() - ", " > 9000", "false()"), "regex("+g.ref()+", '[a-c1]+')",
		"checklist(1, 2, "+g.ref()+" = 'a', "+g.ref()+" = 'b', "+g.ref()+" != '')", g.of(form.Date, "", " >= date('2000-01-01')", "true()"))
}

func (g *generator) text(depth int) string {
	if depth > 0 {
		return g.one("concat("+g.ref()+", '-', "+g.text(depth-1)+")", "coalesce("+g.ref()+", "+g.text(depth-1)+")",
			"if("+g.condition(depth-1)+", "+g.text(depth-1)+", "+g.ref()+")", "selected-at("+g.ref()+", 1)", "substr("+g.ref()+", 0, 2)",
			"join(' ', "+g.ref()+", "+g.ref()+")", "normalize-space("+g.ref()+")",
			g.of(form.Single, "jr:choice-name(", ", 'ID')", "'x'"), g.of(form.Date, "format-date(", ", '%Y/%n %e %b')", "''"), g.path(),
			"substring-before("+g.ref()+", '-')", "translate("+g.ref()+", 'ab', 'xy')", g.of(form.Date, "date(decimal-date-time(", ") + 7)", "'y'"),
			"instance('l1')/root/item[name = "+g.ref()+"]/"+g.one("label", "k"))
	}
	return g.one("'a'", "'b'", "''", "'2024-02-29'", g.ref())
}

func (g *generator) number(depth int) string {
	if depth > 0 {
		return g.one("("+g.number(depth-1)+g.one(" + ", " - ", " * ", " div ", " mod ")+g.number(depth-1)+")", "count-selected("+g.ref()+")",
			"round("+g.number(depth-1)+g.one("", ", 1")+")", "int("+g.number(depth-1)+")", "string-length("+g.ref()+")",
			"if("+g.condition(depth-1)+", "+g.number(depth-1)+", 0)", "number("+g.ref()+")", "min("+g.ref()+", "+g.number(depth-1)+")", "coalesce("+g.ref()+", 2)",
			"count("+g.path()+")", g.of(form.Date, "decimal-date-time(", ")", "1"), g.of(form.Integer, "pow(2, ", ")", "1"), "max("+g.ref()+", 1, "+g.ref()+")",
			"abs("+g.number(depth-1)+")", g.of(form.Date, "int((today() - ", ") div 365.25)", "1"), "count(instance('l2')/root/item[n > "+g.ref()+"])")
	}
	return g.one("0", "1", "2", "3.5", "-4", g.ref())
}

// walker gives answers by chance, those more often that an expression names.
type walker struct {
	r     *rand.Rand
	words []string
}

func newWalker(p *plan, seed uint64) *walker {
	w := &walker{r: rand.New(rand.NewPCG(seed, 7)), words: []string{"", "a", "abc", "b c", "1", "12", "4"}}
	for i := range p.fields {
		f := &p.fields[i]
		for _, e := range []*expr.Expr{f.relevant, f.filter, f.calculation, f.required, f.constraint, f.initial} {
			if e != nil {
				w.collect(tree(e))
			}
		}
	}
	return w
}

// collect finds the literals in a tree.
func (w *walker) collect(t any) {
	switch t := t.(type) {
	case string:
		if len(t) < 20 && !strings.Contains(t, "/") {
			w.words = append(w.words, t)
		}
	case float64:
		w.words = append(w.words, strconv.FormatFloat(t, 'f', -1, 64), strconv.FormatFloat(t+1, 'f', -1, 64))
	case []any:
		from := 1
		if len(t) > 1 && (t[0] == "call" || t[0] == "var") {
			from = 2
		}
		for _, one := range t[min(from, len(t)):] {
			w.collect(one)
		}
	}
}

var (
	someNumbers = []string{"0", "1", "2", "3", "5", "10", "17", "18", "42", "100", "-1", "2024"}
	someDates   = []string{"2024-02-29", "1999-12-31", "2000-01-01", "2026-11-24", "2030-06-15", "1970-01-01"}
)

// answer is one for a field; often it is none.
func (w *walker) answer(f *field) string {
	if w.r.IntN(6) == 0 {
		return ""
	}
	pick := func(from []string) string { return from[w.r.IntN(len(from))] }
	switch f.kind {
	case wholeKind, numberKind:
		n := pick(someNumbers)
		if word := pick(w.words); w.r.IntN(2) == 0 && f.readNumber(word) != "" {
			n = f.readNumber(word)
		}
		if f.kind == numberKind && !strings.Contains(n, ".") {
			n += ".5" // ODK writes 3 as 3.0
		}
		return n
	case stepKind:
		return strconv.Itoa(int(f.low) + w.r.IntN(max(1, int(f.high-f.low)+1)))
	case rangeKind:
		return strconv.FormatFloat(f.low+(f.high-f.low)*0.5, 'f', -1, 64)
	case dateKind:
		return pick(someDates)
	case tickKind:
		return "OK"
	case oneKind:
		if len(f.codes) > 0 {
			return pick(f.codes)
		}
		return ""
	case manyKind:
		var some []string
		for _, code := range f.codes {
			if w.r.IntN(2) == 0 {
				some = append(some, code)
			}
		}
		return strings.Join(some, " ")
	}
	return pick(w.words)
}

var awkward = []string{"٣٤", "3,5", "1,234", " 7 ", "−2", "2024-02-30", "2024-02-29T10:00:00", "1e3", "1e999", "+1", "-0", "ok", "e d a a", "0x10",
	"2024-05", "12.5", "9007199254740993", "1.7976931348623157e308", "𐍈é\n", "a  b"}

// typed is an answer, at times one that people mistype.
func (w *walker) typed(f *field) string {
	if w.r.IntN(3) == 0 {
		return awkward[w.r.IntN(len(awkward))]
	}
	return w.answer(f)
}

// answerable lists the fields that a person answers.
func (r *Run) answerable() []int {
	var all []int
	for i := range r.fields {
		it, ok := r.q.Item(r.fields[i].id)
		if ok && i > 0 && it.Kind.Answered() {
			all = append(all, i)
		}
	}
	return all
}
