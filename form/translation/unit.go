package translation

import (
	"fmt"
	"maps"
	"slices"

	"adili/form"
	"adili/form/expr"
)

// Unit is one text of a questionnaire.
type Unit struct {
	ID       string // an XML NMTOKEN, the same in every language and version
	Item     string // the item it belongs to, if any
	Required bool   // a respondent reads it; without it a language is incomplete
	Texts    form.Text
}

// Book is what is translated as a whole: the texts of a questionnaire, or those
// of the screens around it.
type Book struct {
	Name   string // stands in files: the questionnaire's id
	Source string // BCP 47 tag of the language the texts were written in
	Units  []Unit
}

// Of is the book of a questionnaire, in its order. A text that is empty in the
// source language is left out.
func Of(q *form.Questionnaire) Book {
	var units []Unit
	w := walker{visit: func(u Unit, _ *form.Text) {
		if u.Texts[q.Source] != "" {
			units = append(units, u)
		}
	}}
	w.questionnaire(copied(q))
	return Book{q.ID, q.Source, units}
}

// Put returns a copy of q with texts put in for language tag by unit id. An
// empty text takes the translation away. A unit that q does not have is an error
// that names it.
func Put(q *form.Questionnaire, tag string, texts map[string]string) (*form.Questionnaire, error) {
	next, left := copied(q), maps.Clone(texts)
	w := walker{visit: func(u Unit, t *form.Text) {
		text, ok := texts[u.ID]
		if !ok {
			return
		}
		delete(left, u.ID)
		changed := maps.Clone(*t)
		if changed == nil {
			changed = form.Text{}
		}
		changed[tag] = text
		if text == "" {
			delete(changed, tag)
		}
		*t = changed
	}}
	w.questionnaire(next)
	for _, id := range slices.Sorted(maps.Keys(left)) {
		return nil, fmt.Errorf("text %q: the questionnaire has none of this name", id)
	}
	if next.Languages[tag] == "" {
		next.Languages = maps.Clone(next.Languages)
		next.Languages[tag] = form.Draft
	}
	for name, list := range next.Lists {
		share(next.Pages, name, list)
	}
	return next, nil
}

// share gives the items of a list the choices of the list.
func share(pages []form.Page, name string, list []form.Choice) {
	var items func([]form.Item)
	items = func(all []form.Item) {
		for i := range all {
			if all[i].List == name {
				all[i].Choices = slices.Clone(list)
			}
			items(all[i].Items)
		}
	}
	for _, p := range pages {
		items(p.Items)
	}
}

// copied is a copy of q as deep as its texts.
func copied(q *form.Questionnaire) *form.Questionnaire {
	c := *q
	c.Scales, c.Missing, c.Lists = maps.Clone(q.Scales), maps.Clone(q.Missing), maps.Clone(q.Lists)
	c.Pages = slices.Clone(q.Pages)
	for name, list := range c.Lists {
		c.Lists[name] = choices(list)
	}
	for name, scale := range c.Scales {
		c.Scales[name] = form.Scale{Points: slices.Clone(scale.Points)}
	}
	for i := range c.Pages {
		c.Pages[i].Items = items(c.Pages[i].Items)
	}
	return &c
}

func items(all []form.Item) []form.Item {
	all = slices.Clone(all)
	for i := range all {
		it := &all[i]
		it.Items, it.Choices, it.Media = items(it.Items), choices(it.Choices), maps.Clone(it.Media)
		if it.Pair != nil {
			pair := *it.Pair
			it.Pair = &pair
		}
	}
	return all
}

func choices(all []form.Choice) []form.Choice {
	all = slices.Clone(all)
	for i := range all {
		all[i].Media = maps.Clone(all[i].Media)
	}
	return all
}

// walker visits every text of a questionnaire in its order.
type walker struct {
	visit func(u Unit, t *form.Text)
	item  string
}

func (w *walker) text(id string, required bool, t *form.Text) {
	w.visit(Unit{ID: id, Item: w.item, Required: required, Texts: *t}, t)
}

func (w *walker) questionnaire(q *form.Questionnaire) {
	w.text("title", true, &q.Title)
	for i := range q.Pages {
		p := &q.Pages[i]
		name := p.ID
		if name == "" {
			name = fmt.Sprint(i + 1)
		}
		w.text("page:"+name+":title", true, &p.Title)
		w.text("page:"+name+":intro", true, &p.Intro)
		w.items(p.Items)
	}
	for _, name := range slices.Sorted(maps.Keys(q.Scales)) {
		for i := range q.Scales[name].Points {
			w.text(fmt.Sprintf("scale:%s:%d", name, i+1), true, &q.Scales[name].Points[i])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.Lists)) {
		w.choices("list:"+name, q.Lists[name])
	}
	for _, code := range slices.Sorted(maps.Keys(q.Missing)) {
		t := q.Missing[code]
		w.text("missing:"+code.Name(), true, &t)
		q.Missing[code] = t
	}
}

func (w *walker) items(all []form.Item) {
	for i := range all {
		it := &all[i]
		w.item = it.ID
		at := "item:" + it.ID
		w.text(at+":text", shown(it), &it.Text)
		w.text(at+":hint", shown(it), &it.Hint)
		w.text(at+":guidance", false, &it.Guidance)
		w.text(at+":constraint", shown(it), &it.ConstraintMessage)
		w.text(at+":required", shown(it), &it.RequiredMessage)
		if it.Pair != nil {
			w.text(at+":statement", true, &it.Pair.Statement)
			w.text(at+":practice", true, &it.Pair.Practice)
		}
		w.media(at, it.Media)
		if it.List == "" {
			w.choices(at, it.Choices)
		}
		w.item = ""
		w.items(it.Items)
	}
}

// shown reports whether a respondent sees words of the item.
func shown(it *form.Item) bool {
	return it.Kind.Answered() || it.Kind == form.Note || it.Kind == form.Group
}

func (w *walker) choices(at string, all []form.Choice) {
	for i := range all {
		c := &all[i]
		w.text(at+":choice:"+c.ID, true, &c.Label)
		w.media(at+":choice:"+c.ID, c.Media)
	}
}

// media are file names: another language may have a recording of its own.
func (w *walker) media(at string, all map[string]form.Text) {
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		t := all[kind]
		w.text(at+":"+kind, false, &t)
		all[kind] = t
	}
}

// Placeholders says which ${name} of source lack in target and which are too
// many there.
func Placeholders(source, target string) (lack, extra []string) {
	want, got := expr.References(source), expr.References(target)
	for _, name := range want {
		if !slices.Contains(got, name) {
			lack = append(lack, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			extra = append(extra, name)
		}
	}
	return lack, extra
}
