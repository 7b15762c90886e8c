package edit

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"adili/form"
	"adili/form/expr"
	"adili/instrument"
)

// Template is a question of a bundled instrument that can be added to another
// questionnaire.
type Template struct {
	Name       string // of the template: "official:q1"
	Population form.Population
	Factor     int // key factor, 0 for none
	Item       form.Item
	Points     []form.Text             // of the scale of an agreement item
	Missing    map[form.Code]form.Text // labels of the codes the item offers
}

// Bank lists the questions of the bundled instruments, by factor, those without
// one last.
func Bank() []Template { return slices.Clone(bank()) }

var bank = sync.OnceValue(func() []Template {
	var all []Template
	for _, data := range [][]byte{instrument.Official(), instrument.Private()} {
		q, err := form.Read(data)
		if err != nil {
			continue // cannot be: the tests of package instrument read them
		}
		for _, it := range q.Items() {
			all = append(all, template(q, it))
		}
	}
	slices.SortStableFunc(all, func(a, b Template) int {
		return cmp.Or(cmp.Compare(rank(a.Factor), rank(b.Factor)), cmp.Compare(a.Population, b.Population))
	})
	return all
})

// rank puts items without a factor behind the ten.
func rank(factor int) int {
	if factor == 0 {
		return 11
	}
	return factor
}

func template(q *form.Questionnaire, it form.Item) Template {
	t := Template{Name: string(q.Population) + ":" + it.ID, Population: q.Population, Factor: it.Factor, Item: it,
		Points: q.Scales[it.Scale].Points, Missing: map[form.Code]form.Text{}}
	for _, code := range it.Missing {
		t.Missing[code] = q.Missing[code]
	}
	return t
}

// AddTemplate puts a copy of a template at a place, in the languages of q. Its
// id is kept where it is free, so that answers can be compared between rounds;
// the id given comes back. A condition on a question that q does not have is
// left out.
func AddTemplate(q *form.Questionnaire, at Place, t Template) (next *form.Questionnaire, id string, err error) {
	next = clone(q)
	it := cloneItems([]form.Item{t.Item})[0]
	taken := names(q)
	if taken[it.ID] {
		it.ID = free(taken, it.ID+"_")
	}
	if it.Relevant != nil && slices.ContainsFunc(it.Relevant.Refs(), func(name string) bool { return !taken[name] }) {
		it.Relevant = nil
	}
	v := visitor{expression: func(string, **expr.Expr) {}, text: func(_ string, text *form.Text) { *text = inLanguages(q, *text) }}
	seed := it.Seed
	v.item(&it)
	it.Seed = seed
	it.List = "" // the choices come along
	if len(t.Points) > 0 {
		it.Scale = scaleFor(next, it.Scale, t.Points)
	}
	for code, label := range t.Missing {
		if len(next.Missing[code]) == 0 {
			if next, err = SetMissing(next, code, inLanguages(q, label)); err != nil {
				return nil, "", err
			}
		}
	}
	return next, it.ID, put(next, at, it)
}

// inLanguages is a text in the languages of q, and in its source at least.
func inLanguages(q *form.Questionnaire, t form.Text) form.Text {
	if len(t) == 0 {
		return nil
	}
	kept := form.Text{}
	for tag, s := range t {
		if q.Languages[tag] != "" {
			kept[tag] = s
		}
	}
	if kept[q.Source] == "" {
		kept[q.Source], _ = t.In(q.Source)
	}
	return kept
}

// scaleFor finds a scale of q, which is the caller's own, with these points, or
// adds it.
func scaleFor(q *form.Questionnaire, name string, points []form.Text) string {
	own := make([]form.Text, len(points))
	for i, p := range points {
		own[i] = inLanguages(q, p)
	}
	for _, there := range slices.Sorted(maps.Keys(q.Scales)) {
		if slices.EqualFunc(q.Scales[there].Points, own, func(a, b form.Text) bool { return a[q.Source] == b[q.Source] }) {
			return there
		}
	}
	if _, taken := q.Scales[name]; taken {
		all := map[string]bool{}
		for there := range q.Scales {
			all[there] = true
		}
		name = free(all, name+"_")
	}
	if q.Scales == nil {
		q.Scales = map[string]form.Scale{}
	}
	q.Scales[name] = form.Scale{Points: own}
	return name
}
