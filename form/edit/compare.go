package edit

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/expr"
	"adili/form/translation"
)

// Sort is what sort of difference there is.
type Sort string

// The sorts of difference.
const (
	Added   Sort = "added"   // an item, a page, a choice or a language
	Removed Sort = "removed" // likewise
	Order   Sort = "order"   // something stands elsewhere
	Words   Sort = "text"    // a text
	Data    Sort = "data"    // kind, scale, codes, bounds: what an answer can be
	Rule    Sort = "logic"   // when it is asked and what it has to meet
	Detail  Sort = "note"    // anything else: factor, role, appearance
)

// Difference is one thing that differs between two versions.
type Difference struct {
	Sort     Sort
	Where    string // id of the item, "page:" and the id of a page, or "" for the whole
	What     string // unit of a text, or field: "kind", "choice:yes", "relevant"
	Lang     string // of a text
	Old, New string
	Shifts   bool // answers already given would change their meaning or their place in records
}

// Compare lists the differences in the order of the new version; what was
// removed stands after what stayed, and texts stand last.
func Compare(old, new *form.Questionnaire) []Difference {
	c := &comparison{old: index(old), new: index(new)}
	c.head(old, new)
	c.pages(old, new)
	for _, id := range c.new.ids {
		c.item(id)
	}
	for _, id := range c.old.ids {
		if c.new.items[id] == nil {
			it := c.old.items[id]
			c.add(Difference{Sort: Removed, Where: id, What: string(it.Kind), Old: words(it.Text, old.Source), Shifts: it.Kind.Answered()})
		}
	}
	c.moved()
	c.texts(old, new)
	return c.found
}

// TextOnly reports whether a live round can go over from old to new: only texts
// differ, and every answer keeps its place in records and its meaning. The
// version is a text in this, and languages may be added.
func TextOnly(old, new *form.Questionnaire) bool {
	for tag := range old.Languages {
		if new.Languages[tag] == "" {
			return false
		}
	}
	return form.Equal(bare(old), bare(new)) && old.RecordSize() == new.RecordSize()
}

// bare is q without its words. What they refer to stays: pages are made by it.
func bare(q *form.Questionnaire) *form.Questionnaire {
	next := clone(q)
	next.Version, next.Source, next.Names = "", "und", nil
	next.Languages = map[string]form.Status{"und": form.Draft}
	texts(next, func(t *form.Text) {
		refs := map[string]bool{}
		for _, s := range *t {
			for _, name := range expr.References(s) {
				refs[name] = true
			}
		}
		*t = nil
		if len(refs) > 0 {
			*t = form.Text{"und": strings.Join(slices.Sorted(maps.Keys(refs)), " ")}
		}
	})
	return next
}

// contents are the items of a version with their places.
type contents struct {
	q      *form.Questionnaire
	ids    []string
	items  map[string]*form.Item
	around map[string]string // page and group each stands in
}

func index(q *form.Questionnaire) contents {
	c := contents{q: q, items: map[string]*form.Item{}, around: map[string]string{}}
	var walk func(items []form.Item, where string)
	walk = func(items []form.Item, where string) {
		for i := range items {
			it := &items[i]
			c.ids, c.items[it.ID], c.around[it.ID] = append(c.ids, it.ID), it, where
			walk(it.Items, it.ID)
		}
	}
	for i := range q.Pages {
		walk(q.Pages[i].Items, pageName(q, i))
	}
	return c
}

func pageName(q *form.Questionnaire, i int) string {
	if q.Pages[i].ID == "" {
		return "page:" + strconv.Itoa(i+1)
	}
	return "page:" + q.Pages[i].ID
}

func hasPage(q *form.Questionnaire, name string) bool {
	for i := range q.Pages {
		if pageName(q, i) == name {
			return true
		}
	}
	return false
}

type comparison struct {
	old, new contents
	found    []Difference
}

func (c *comparison) add(d Difference) { c.found = append(c.found, d) }

// field notes a field that differs.
func (c *comparison) field(sort Sort, where, what, old, new string, shifts bool) {
	if old != new {
		c.add(Difference{Sort: sort, Where: where, What: what, Old: old, New: new, Shifts: shifts})
	}
}

func (c *comparison) head(old, new *form.Questionnaire) {
	c.field(Data, "", "population", string(old.Population), string(new.Population), true)
	c.field(Detail, "", "source", old.Source, new.Source, false)
	for _, tag := range new.LanguageTags() {
		if old.Languages[tag] == "" {
			c.add(Difference{Sort: Added, What: "language", Lang: tag})
		} else {
			c.field(Detail, "", "status:"+tag, string(old.Languages[tag]), string(new.Languages[tag]), false)
		}
	}
	for _, tag := range old.LanguageTags() {
		if new.Languages[tag] == "" {
			c.add(Difference{Sort: Removed, What: "language", Lang: tag})
		}
	}
}

func (c *comparison) pages(old, new *form.Questionnaire) {
	was, is := map[string]form.Page{}, map[string]form.Page{}
	var before, after []string
	for i, p := range old.Pages {
		was[pageName(old, i)] = p
		before = append(before, pageName(old, i))
	}
	for i, p := range new.Pages {
		name := pageName(new, i)
		is[name] = p
		after = append(after, name)
		q, there := was[name]
		if !there {
			c.add(Difference{Sort: Added, Where: name, New: words(p.Title, new.Source)})
			continue
		}
		c.field(Rule, name, "relevant", source(q.Relevant), source(p.Relevant), true)
		c.field(Detail, name, "appearance", q.Appearance, p.Appearance, false)
	}
	for _, name := range before {
		if _, there := is[name]; !there {
			c.add(Difference{Sort: Removed, Where: name, Old: words(was[name].Title, old.Source)})
		}
	}
	for _, name := range outOfOrder(before, after) {
		c.add(Difference{Sort: Order, Where: name, Old: place(before, name), New: place(after, name)})
	}
}

func place(ids []string, id string) string { return strconv.Itoa(slices.Index(ids, id) + 1) }

func source(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return e.Source()
}

func words(t form.Text, lang string) string {
	s, _ := t.In(lang)
	return s
}

// item compares an item of the new version with what it was.
func (c *comparison) item(id string) {
	is, was := c.new.items[id], c.old.items[id]
	if was == nil {
		c.add(Difference{Sort: Added, Where: id, What: string(is.Kind), New: words(is.Text, c.new.q.Source), Shifts: is.Kind.Answered()})
		return
	}
	for _, f := range fields(was, is) {
		c.field(f.sort, id, f.name, fmt.Sprint(f.old), fmt.Sprint(f.new), f.shifts)
	}
	after := expressions(is)
	for i, e := range expressions(was) {
		c.field(Rule, id, e.name, source(*e.at), source(*after[i].at), e.shifts)
	}
	c.choices(id, was.Choices, is.Choices)
}

// fieldOf is a field of an item before and after.
type fieldOf struct {
	sort     Sort
	name     string
	old, new any
	shifts   bool
}

func fields(a, b *form.Item) []fieldOf {
	return []fieldOf{
		{Data, "kind", a.Kind, b.Kind, true},
		{Data, "type", a.Type, b.Type, false},
		{Data, "scale", a.Scale, b.Scale, true},
		{Data, "reverse", a.Reverse, b.Reverse, true},
		{Data, "window", a.Window, b.Window, true},
		{Data, "choices_from", a.ChoicesFrom, b.ChoicesFrom, true},
		{Data, "missing", codes(a.Missing), codes(b.Missing), false},
		{Data, "min", a.Min, b.Min, false},
		{Data, "max", a.Max, b.Max, false},
		{Data, "step", a.Step, b.Step, false},
		{Data, "max_length", a.MaxLength, b.MaxLength, false},
		{Data, "pair", pair(a.Pair), pair(b.Pair), true},
		{Detail, "role", a.Role, b.Role, false},
		{Detail, "factor", a.Factor, b.Factor, false},
		{Detail, "sensitivity", a.Sensitivity, b.Sensitivity, false},
		{Detail, "action", a.Action, b.Action, false},
		{Detail, "equivalent", strings.Join(a.Equivalent, " "), strings.Join(b.Equivalent, " "), false},
		{Detail, "appearance", a.Appearance, b.Appearance, false},
		{Detail, "list", a.List, b.List, false},
		{Detail, "random", a.Random, b.Random, false},
	}
}

func codes(all []form.Code) string {
	var s []string
	for _, code := range all {
		s = append(s, code.Name())
	}
	return strings.Join(s, " ")
}

func pair(p *form.Pair) string {
	if p == nil {
		return ""
	}
	return fmt.Sprint(p.Known, p.Anchor)
}

// choices compares the codes. A choice at the end that was not there leaves the
// others in their places, but who answered before could not choose it.
func (c *comparison) choices(id string, was, is []form.Choice) {
	var before, after []string
	old := map[string]form.Choice{}
	for _, choice := range was {
		before, old[choice.ID] = append(before, choice.ID), choice
	}
	for _, choice := range is {
		after = append(after, choice.ID)
		o, there := old[choice.ID]
		if !there {
			c.add(Difference{Sort: Added, Where: id, What: "choice:" + choice.ID, New: words(choice.Label, c.new.q.Source), Shifts: true})
			continue
		}
		c.field(Data, id, "exclusive:"+choice.ID, fmt.Sprint(o.Exclusive), fmt.Sprint(choice.Exclusive), true)
	}
	for _, choice := range was {
		if !slices.Contains(after, choice.ID) {
			c.add(Difference{Sort: Removed, Where: id, What: "choice:" + choice.ID, Old: words(choice.Label, c.old.q.Source), Shifts: true})
		}
	}
	if len(outOfOrder(before, after)) > 0 {
		c.add(Difference{Sort: Order, Where: id, What: "choices", Old: strings.Join(before, " "), New: strings.Join(after, " "), Shifts: true})
	}
}

// moved notes the items that stand elsewhere among those that stayed.
func (c *comparison) moved() {
	gone := outOfOrder(c.old.ids, c.new.ids)
	for _, id := range c.new.ids {
		was := c.old.items[id]
		if was == nil {
			continue
		}
		if slices.Contains(gone, id) {
			c.add(Difference{Sort: Order, Where: id, Old: place(c.old.ids, id), New: place(c.new.ids, id), Shifts: was.Kind.Answered()})
			continue
		}
		c.field(Order, id, "in", c.old.around[id], c.new.around[id], false)
	}
}

// outOfOrder lists what has to move so that what is in both stands in the new
// order: all but a longest run that kept its order.
func outOfOrder(before, after []string) []string {
	at := map[string]int{}
	for i, id := range before {
		at[id] = i
	}
	var common []string
	for _, id := range after {
		if _, there := at[id]; there {
			common = append(common, id)
		}
	}
	best, from := make([]int, len(common)), make([]int, len(common))
	last := -1
	for i := range common {
		best[i], from[i] = 1, -1
		for j := range i {
			if at[common[j]] < at[common[i]] && best[j] >= best[i] {
				best[i], from[i] = best[j]+1, j
			}
		}
		if last < 0 || best[i] > best[last] {
			last = i
		}
	}
	stayed := map[string]bool{}
	for ; last >= 0; last = from[last] {
		stayed[common[last]] = true
	}
	return slices.DeleteFunc(common, func(id string) bool { return stayed[id] })
}

// texts compares the words of what is in both versions.
func (c *comparison) texts(old, new *form.Questionnaire) {
	was, tags := map[string]translation.Unit{}, map[string]bool{}
	for _, u := range translation.Of(old).Units {
		was[u.ID] = u
	}
	for tag := range old.Languages {
		tags[tag] = new.Languages[tag] != ""
	}
	compare := func(a, b translation.Unit) {
		for _, tag := range slices.Sorted(maps.Keys(tags)) {
			if tags[tag] && a.Texts[tag] != b.Texts[tag] {
				c.add(Difference{Sort: Words, Where: b.Item, What: b.ID, Lang: tag, Old: a.Texts[tag], New: b.Texts[tag]})
			}
		}
	}
	for _, u := range translation.Of(new).Units {
		if a, there := was[u.ID]; there || c.both(u) {
			compare(a, u)
		}
		delete(was, u.ID)
	}
	for _, u := range translation.Of(old).Units {
		if _, left := was[u.ID]; left && c.both(u) {
			compare(u, translation.Unit{ID: u.ID, Item: u.Item})
		}
	}
}

// both reports whether what a text belongs to is in both versions, though the
// text is in one only.
func (c *comparison) both(u translation.Unit) bool {
	switch {
	case strings.Contains(u.ID, ":choice:"):
		return false
	case u.Item != "":
		return c.old.items[u.Item] != nil && c.new.items[u.Item] != nil
	case strings.HasPrefix(u.ID, "page:"):
		name := u.ID[:strings.LastIndex(u.ID, ":")]
		return hasPage(c.old.q, name) && hasPage(c.new.q, name)
	}
	return true
}
