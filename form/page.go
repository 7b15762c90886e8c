package form

import (
	"fmt"
	"slices"
	"strings"

	"adili/form/expr"
)

// maxShown is how many questions of an imported group a page shows at once.
const maxShown = 5

// Paged returns a copy as a round asks it, on pages that work without a
// script. Groups in groups are resolved, their conditions joined to those of
// their items and their titles made notes; what is never asked is left out. A
// page is split where an item needs the answer of another on it, and after
// five questions unless its appearance keeps it together. Who has to answer
// can always prefer not to say. The receiver is left as it is.
func (q *Questionnaire) Paged() *Questionnaire {
	c := *q
	c.Pages = nil
	p := &pager{q: q, index: map[string]*Item{}}
	for i := range q.Pages {
		walk(q.Pages[i].Items, "", func(it *Item, _ string) { p.index[it.ID] = it })
	}
	for i := range q.Pages {
		p.page(&q.Pages[i])
	}
	if n := len(p.pages); len(p.silent) > 0 && n > 0 {
		p.pages[n-1].Items = append(p.pages[n-1].Items, p.silent...)
	}
	c.Pages = p.pages
	return &c
}

type pager struct {
	q      *Questionnaire
	index  map[string]*Item
	pages  []Page
	silent []Item // items that show nothing, before the next page that does
}

// page turns one page into as many as are needed.
func (p *pager) page(from *Page) {
	var flat []Item
	p.flatten(from.Items, from.Relevant, &flat)
	now := Page{ID: from.ID, Title: from.Title, Intro: from.Intro, Appearance: from.Appearance}
	on := map[string]bool{} // answers given on the page
	shown := 0
	part := 1
	for _, it := range flat {
		visible := it.Kind.Answered() || it.Kind == Note
		full := it.Kind.Answered() && shown == maxShown && !strings.Contains(from.Appearance, together)
		if len(now.Items) > 0 && (full || visible && p.needs(&it, on)) {
			p.end(now)
			part++
			now = Page{ID: p.id(from.ID, part), Title: from.Title, Appearance: from.Appearance}
			clear(on)
			shown = 0
		}
		now.Items = append(now.Items, it)
		if it.Kind.Answered() {
			on[it.ID] = true
			shown++
		}
	}
	p.end(now)
}

// end keeps a page that shows something. Others wait for the next that does.
func (p *pager) end(page Page) {
	page.Items = append(p.silent, page.Items...)
	p.silent = nil
	if !slices.ContainsFunc(page.Items, func(it Item) bool { return it.Kind.Answered() || it.Kind == Note }) {
		p.silent = page.Items
		return
	}
	p.pages = append(p.pages, page)
}

// id is a free id for a further part of a page.
func (p *pager) id(of string, part int) string {
	if of == "" {
		return ""
	}
	id := fmt.Sprintf("%s_%d", of, part)
	for slices.ContainsFunc(p.q.Pages, func(page Page) bool { return page.ID == id }) {
		id += "_"
	}
	return id
}

// needs reports whether showing an item needs an answer on the page.
func (p *pager) needs(it *Item, on map[string]bool) bool {
	seen := map[string]bool{}
	for _, name := range it.shownBy() {
		if p.reaches(name, on, seen) {
			return true
		}
	}
	return false
}

// reaches follows a name through what is calculated to the answers behind it.
func (p *pager) reaches(name string, on, seen map[string]bool) bool {
	it := p.index[name]
	switch {
	case on[name]:
		return true
	case it == nil || seen[name]:
		return false
	}
	seen[name] = true
	for _, next := range slices.Concat(refs(it.Relevant), refs(it.Calculation), refs(it.Default)) {
		if p.reaches(next, on, seen) {
			return true
		}
	}
	return false
}

// shownBy are the items that decide whether and how it is shown.
func (it *Item) shownBy() []string {
	names := slices.Concat(refs(it.Relevant), refs(it.Filter))
	texts := []Text{it.Text, it.Hint}
	for _, c := range it.Choices {
		texts = append(texts, c.Label)
	}
	for _, t := range texts {
		for _, s := range t {
			names = append(names, expr.References(s)...)
		}
	}
	return names
}

// flatten lists what a round asks or works out of items inside a condition.
func (p *pager) flatten(items []Item, around *expr.Expr, flat *[]Item) {
	for _, it := range items {
		it.Relevant = both(around, it.Relevant)
		switch it.Kind {
		case Unasked:
			continue
		case Group:
			if len(it.Text) > 0 {
				title := Item{ID: it.ID, Kind: Note, Text: it.Text, Hint: it.Hint, Relevant: it.Relevant}
				*flat = append(*flat, title)
			}
			p.flatten(it.Items, it.Relevant, flat)
			continue
		}
		*flat = append(*flat, it.live())
	}
}

// live is the item as a round asks it.
func (it Item) live() Item {
	if it.Kind.Answered() && (it.Calculation != nil || it.ReadOnly != nil) {
		it.Kind = Calculate
		if len(it.Text) > 0 {
			it.Kind = Note
		}
		it.Required, it.Constraint = nil, nil
	}
	if it.Kind == OpenAnswer && it.MaxLength == 0 {
		it.MaxLength = maxTextLength
	}
	canRefuse := it.Kind.Answered() && it.Kind != OpenAnswer && it.Kind != Acknowledge
	if it.Required != nil && canRefuse && !slices.Contains(it.Missing, PreferNot) {
		it.Missing = append(slices.Clone(it.Missing), PreferNot)
	}
	return it
}

// never is the condition of what is not to be asked.
var never, _ = expr.Parse("false()")

// both is the condition that two are met. Where the two make an expression too
// long to read, nothing is asked; Obstacles tells beforehand.
func both(a, b *expr.Expr) *expr.Expr {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	e, err := expr.Parse("(" + a.Source() + ") and (" + b.Source() + ")")
	if err != nil {
		return never
	}
	return e
}
