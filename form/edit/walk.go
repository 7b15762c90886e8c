package edit

import (
	"fmt"
	"maps"
	"slices"

	"adili/form"
	"adili/form/expr"
)

// clone is a copy of q that shares texts and expressions with it, which nobody
// changes, and nothing else.
func clone(q *form.Questionnaire) *form.Questionnaire {
	c := *q
	c.Pages = slices.Clone(q.Pages)
	for i := range c.Pages {
		c.Pages[i].Items = cloneItems(c.Pages[i].Items)
	}
	c.Languages, c.Names, c.Scales = maps.Clone(q.Languages), maps.Clone(q.Names), maps.Clone(q.Scales)
	c.Lists, c.Missing, c.Settings = maps.Clone(q.Lists), maps.Clone(q.Missing), maps.Clone(q.Settings)
	for name, list := range c.Lists {
		c.Lists[name] = slices.Clone(list)
	}
	return &c
}

func cloneItems(all []form.Item) []form.Item {
	all = slices.Clone(all)
	for i := range all {
		it := &all[i]
		it.Items, it.Choices, it.Media = cloneItems(it.Items), slices.Clone(it.Choices), maps.Clone(it.Media)
		if it.Pair != nil {
			pair := *it.Pair
			it.Pair = &pair
		}
	}
	return all
}

// each calls f for every item, groups before what is in them.
func each(items []form.Item, f func(it *form.Item)) {
	for i := range items {
		f(&items[i])
		each(items[i].Items, f)
	}
}

func eachItem(q *form.Questionnaire, f func(it *form.Item)) {
	for i := range q.Pages {
		each(q.Pages[i].Items, f)
	}
}

// names are the ids of pages and items.
func names(q *form.Questionnaire) map[string]bool {
	all := map[string]bool{}
	for _, p := range q.Pages {
		all[p.ID] = true
	}
	eachItem(q, func(it *form.Item) { all[it.ID] = true })
	return all
}

// free is the first of stem1, stem2, … that is no name yet.
func free(taken map[string]bool, stem string) string {
	for n := 1; ; n++ {
		if id := fmt.Sprint(stem, n); !taken[id] {
			return id
		}
	}
}

// visitor visits everything that can refer to an item, with the id of what it
// belongs to.
type visitor struct {
	expression func(where string, e **expr.Expr)
	text       func(where string, t *form.Text)
}

func (v visitor) questionnaire(q *form.Questionnaire) {
	v.text("", &q.Title)
	for i := range q.Pages {
		p := &q.Pages[i]
		where := p.ID
		if where == "" {
			where = fmt.Sprint(i + 1)
		}
		v.text(where, &p.Title)
		v.text(where, &p.Intro)
		v.expression(where, &p.Relevant)
		each(p.Items, v.item)
	}
	for _, name := range slices.Sorted(maps.Keys(q.Lists)) {
		v.choices(name, q.Lists[name])
	}
	for _, name := range slices.Sorted(maps.Keys(q.Scales)) {
		points := slices.Clone(q.Scales[name].Points)
		for i := range points {
			v.text(name, &points[i])
		}
		q.Scales[name] = form.Scale{Points: points}
	}
}

func (v visitor) item(it *form.Item) {
	for _, e := range expressions(it) {
		v.expression(it.ID, e.at)
	}
	for _, t := range []*form.Text{&it.Text, &it.Hint, &it.Guidance, &it.ConstraintMessage, &it.RequiredMessage} {
		v.text(it.ID, t)
	}
	if it.Pair != nil {
		v.text(it.ID, &it.Pair.Statement)
		v.text(it.ID, &it.Pair.Practice)
	}
	v.choices(it.ID, it.Choices)
	seed := form.Text{"": it.Seed} // "${name}", or a number
	v.text(it.ID, &seed)
	it.Seed = seed[""]
}

func (v visitor) choices(where string, all []form.Choice) {
	for i := range all {
		v.text(where, &all[i].Label)
	}
}

// field is an expression of an item and what it is called.
type field struct {
	name   string
	at     **expr.Expr
	shifts bool // who is asked, or what is stored, depends on it
}

func expressions(it *form.Item) []field {
	return []field{
		{"relevant", &it.Relevant, true}, {"filter", &it.Filter, true}, {"calculation", &it.Calculation, true}, {"default", &it.Default, true},
		{"read_only", &it.ReadOnly, true}, {"required", &it.Required, false}, {"constraint", &it.Constraint, false},
	}
}

// Users lists the ids of the items and pages, and the names of the lists, whose
// expressions or texts refer to id, in order.
func Users(q *form.Questionnaire, id string) []string {
	var users []string
	found := func(where string, refs []string) {
		if where != id && slices.Contains(refs, id) && !slices.Contains(users, where) {
			users = append(users, where)
		}
	}
	visitor{
		expression: func(where string, e **expr.Expr) {
			if *e != nil {
				found(where, (*e).Refs())
			}
		},
		text: func(where string, t *form.Text) {
			for _, s := range *t {
				found(where, expr.References(s))
			}
		},
	}.questionnaire(clone(q))
	return users
}

// rename puts another name in wherever q refers to one. q is the caller's own.
func rename(q *form.Questionnaire, from, to string) error {
	put := func(name string) string {
		if name == from {
			name = to
		}
		return "${" + name + "}"
	}
	var trouble error
	visitor{
		expression: func(where string, e **expr.Expr) {
			if *e == nil || !slices.Contains((*e).Refs(), from) {
				return
			}
			next, err := expr.Parse((*e).Rename(put))
			if err != nil { // it grew over the bound
				trouble = refuse("expression", "ID", where, "Detail", err.Error())
				return
			}
			*e = next
		},
		text: func(_ string, t *form.Text) {
			for tag, s := range *t {
				if slices.Contains(expr.References(s), from) {
					*t = maps.Clone(*t)
					(*t)[tag] = expr.Fill(s, put)
				}
			}
		},
	}.questionnaire(q)
	return trouble
}
