package ui

import (
	"strconv"
	"strings"

	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/questionnaire/ui/frame"
)

// finding is what package form finds at a question or page.
type finding struct {
	frame.FaultLine
	warning bool
}

// findings are what stands against publishing, and warnings, by the id of the
// question, "page:" and its number, or "".
func findings(t *i18n.Printer, d frame.Draft) map[string][]finding {
	all := map[string][]finding{}
	for _, f := range d.Faults {
		p := frame.Locate(d.Questionnaire, f.Field)
		one := finding{frame.FaultLine{Where: p.Name, Text: t.T(f.Key, f.Args...)}, f.Warning}
		key := p.Item
		switch {
		case p.Item != "":
			one.URL = at{item: p.Item}.url(d)
		case p.Page >= 0:
			one.URL, one.Where = at{page: p.Page + 1}.url(d), t.T("library.page_n", "N", p.Page+1)
			key = "page:" + strconv.Itoa(p.Page+1)
		default:
			one.URL = d.URL("")
		}
		all[key] = append(all[key], one)
	}
	return all
}

// lines lists the findings in the order of the questionnaire.
func (e editing) lines(warning bool) []frame.FaultLine {
	var lines []frame.FaultLine
	take := func(key string) {
		for _, f := range e.found[key] {
			if f.warning == warning {
				lines = append(lines, f.FaultLine)
			}
		}
	}
	take("")
	for i, p := range e.d.Questionnaire.Pages {
		take("page:" + strconv.Itoa(i+1))
		each(p.Items, func(it *form.Item) { take(it.ID) })
	}
	return lines
}

// each calls f for every item, those in groups too.
func each(items []form.Item, f func(*form.Item)) {
	for i := range items {
		f(&items[i])
		each(items[i].Items, f)
	}
}

// problems says how many findings there are at a place.
func (e editing) problems(key string) string {
	n := 0
	for _, f := range e.found[key] {
		if !f.warning {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return e.N("library.problems_n", n)
}

// change says what a change was, which the service keeps as a message key.
func (e editing) change(what string) string {
	if !e.Has(what) {
		return e.T("library.change.other")
	}
	return e.T(what)
}

// said is a text in the reader's language, or in another one, as a link.
func (e editing) said(t form.Text, none, url string) frame.Link {
	text, lang := t.In(e.Lang())
	if s := t[e.d.Questionnaire.Source]; s != "" && lang != e.Lang() {
		text, lang = s, e.d.Questionnaire.Source
	}
	if strings.TrimSpace(text) == "" {
		return frame.Link{Text: none, URL: url}
	}
	return frame.Link{Text: text, URL: url, Lang: lang, Dir: frame.Direction(lang)}
}

func (e editing) page(i int) OutlinePage {
	p := e.d.Questionnaire.Pages[i]
	a := at{page: i + 1}
	o := OutlinePage{Link: e.said(p.Title, e.T("library.page_n", "N", i+1), a.url(e.d)), Number: i + 1, Problems: e.problems("page:" + strconv.Itoa(i+1))}
	o.Current = e.at == a
	o.Items = e.items(p.Items)
	return o
}

func (e editing) items(items []form.Item) []OutlineItem {
	var all []OutlineItem
	for i := range items {
		it := &items[i]
		o := OutlineItem{
			Link: e.said(it.Text, it.ID, at{item: it.ID}.url(e.d)), ID: it.ID, Kind: e.T("library.kind." + string(it.Kind)),
			If: it.Relevant != nil, Problems: e.problems(it.ID), Items: e.items(it.Items), Drag: e.d.Editable,
		}
		o.Current = e.at.item == it.ID
		if name, ok := frame.FactorName(e.Lang(), it.Factor); ok {
			o.Factor, o.Short = name, strconv.Itoa(it.Factor)
		}
		all = append(all, o)
	}
	return all
}
