package ui

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/form/expr"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire/ui/frame"
)

// at is what the editor has open: a question, a page, or the whole.
type at struct {
	item string
	page int // from 1; 0 for none
}

func (a at) url(d frame.Draft) string {
	switch {
	case a.item != "":
		return d.URL("", "item", a.item)
	case a.page > 0:
		return d.URL("", "page", strconv.Itoa(a.page))
	}
	return d.URL("")
}

type editorView struct {
	Header    frame.Header
	Editable  bool
	Revision  int
	Replace   string
	Delete    string // empty once there is a version
	File      frame.Field
	Undo      string // what would be undone; empty for nothing
	Redo      string
	History   string
	Settings  frame.Link
	Outline   []OutlinePage
	Move      string
	Findings  []frame.FaultLine // what stands against publishing
	Warnings  []frame.FaultLine // what is doubtful, and what the file left doubtful
	Theirs    []Differing
	Form      *EditForm
	Add       *AddForm
	AddPage   string
	Preview   string         // address of the preview at what is open
	Languages []frame.Option // of the preview: Hint is its address
	Exports   []frame.Link
}

// OutlinePage is a page in the outline.
type OutlinePage struct {
	frame.Link
	Number   int
	Items    []OutlineItem
	Problems string
}

// OutlineItem is a question in the outline, or a group of them.
type OutlineItem struct {
	frame.Link
	ID       string
	Kind     string
	Factor   string // number and name of the key factor
	Short    string // its number
	If       bool
	Problems string
	Items    []OutlineItem
	Drag     bool
}

// Differing is a field that somebody else changed meanwhile.
type Differing struct {
	Label, Theirs, Yours string
}

// EditForm is the form of what is open.
type EditForm struct {
	Title    string
	Action   string
	Item     string
	Page     int
	Notes    []string // what is to be known of it
	Words    []frame.Field
	Measure  []frame.Field
	Answers  []frame.Field
	Choices  *ChoiceTable
	Logic    []frame.Field
	When     string // the condition in words
	Move     string
	Arrange  bool // it can be moved and removed
	PageForm bool
}

// AddForm adds a question to what is open.
type AddForm struct {
	Action, After, Bank string
	Page                int
	Kinds               []frame.Option
}

func (m *Room) editor(r *web.Request, d frame.Draft) (web.Reply, error) {
	a := at{item: r.URL.Query().Get("item")}
	a.page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	if a.item != "" {
		if _, ok := d.Questionnaire.Item(a.item); !ok {
			return web.Redirect(d.URL("")), nil // removed meanwhile
		}
	}
	if a.page > len(d.Questionnaire.Pages) || a.page < 0 {
		a.page = 0
	}
	return m.showEditor(r, d, a, nil, nil), nil
}

// showEditor shows the editor. values are what a form came back with; nil for
// what is stored.
func (m *Room) showEditor(r *web.Request, d frame.Draft, a at, values url.Values, err error) web.Reply {
	e := editing{Printer: r.Printer, d: d, at: a, found: findings(r.Printer, d)}
	v := editorView{
		Header: d.Header(r, err), Editable: d.Editable, Revision: d.Revision, History: d.URL("history"), Move: d.URL("item"), AddPage: d.URL("page"),
		Settings: frame.Link{Text: r.Printer.T("library.settings"), URL: d.URL(""), Current: a == at{}},
		Findings: e.lines(false), Warnings: append(e.lines(true), frame.Details(r.Printer, d.Questionnaire, d.Warnings)...),
		Replace: d.URL("replace"), File: frame.Fill(r.Printer, nil, nil).Field("file", "file"),
	}
	v.File.Accept, v.File.Must = ".xlsx,.md,.json", true
	if d.Published == "" {
		v.Delete = d.URL("delete")
	}
	if d.CanUndo {
		v.Undo = e.change(d.Undo)
	}
	if d.CanRedo {
		v.Redo = e.change(d.Redo)
	}
	for i := range d.Questionnaire.Pages {
		v.Outline = append(v.Outline, e.page(i))
	}
	stored := e.stored()
	if values != nil && errs.KindOf(err) == errs.Conflict {
		v.Theirs = differing(r.Printer, stored, values)
	}
	if values == nil {
		values = stored
	}
	v.Form = e.form(frame.Fill(r.Printer, values, err))
	v.Add = e.add()
	v.Preview = d.URL("preview", "lang", e.previewLanguage(), "at", a.item, "group", strconv.Itoa(max(a.page, 1)))
	for _, tag := range d.Questionnaire.LanguageTags() {
		v.Languages = append(v.Languages, frame.Option{
			Value: tag, Label: frame.Native(tag), Hint: d.URL("preview", "lang", tag, "at", a.item, "group", strconv.Itoa(max(a.page, 1))),
		})
	}
	for _, format := range formats {
		v.Exports = append(v.Exports, frame.Link{Text: r.Printer.T("library.export." + format), URL: d.URL("export." + format)})
	}
	return web.Framing(m.page.editor.ReplyStatus(r, frame.Status(err), "library.tab.edit", v))
}

// editing makes the parts of the editor.
type editing struct {
	*i18n.Printer
	d     frame.Draft
	at    at
	found map[string][]finding
}

// stored is what is open as its form would send it.
func (e editing) stored() url.Values {
	q := e.d.Questionnaire
	switch {
	case e.at.item != "":
		it, _ := q.Item(e.at.item)
		return itemValues(q, it)
	case e.at.page > 0:
		return pageValues(q, e.at.page-1)
	}
	return settingsValues(e.d)
}

func (e editing) form(f frame.Filler) *EditForm {
	switch {
	case e.at.item != "":
		return e.itemForm(f)
	case e.at.page > 0:
		return e.pageForm(f)
	}
	return e.settingsForm(f)
}

// madeKinds are those that can be added, the usual ones first.
var madeKinds = []form.Kind{
	form.Agreement, form.Single, form.Multi, form.OpenAnswer, form.Integer, form.Decimal, form.Range, form.Date, form.Acknowledge, form.Note,
	form.Calculate, form.Group,
}

func (e editing) add() *AddForm {
	if !e.d.Editable || e.at == (at{}) {
		return nil
	}
	a := &AddForm{Action: e.d.URL("item"), After: e.at.item, Page: e.at.page}
	query := []string{"page", strconv.Itoa(e.at.page)}
	if e.at.item != "" {
		query = []string{"after", e.at.item}
	}
	a.Bank = e.d.URL("bank", query...)
	for _, k := range madeKinds {
		a.Kinds = append(a.Kinds, frame.Option{Value: string(k), Label: e.T("library.kind." + string(k))})
	}
	return a
}

// previewLanguage is the language the preview begins with: the reader's where
// the questionnaire has it.
func (e editing) previewLanguage() string {
	if _, ok := e.d.Questionnaire.Languages[e.Lang()]; ok {
		return e.Lang()
	}
	return e.d.Questionnaire.Source
}

// differing lists the fields in which what is stored and what was typed differ.
func differing(t *i18n.Printer, stored, typed url.Values) []Differing {
	var list []Differing
	for name, theirs := range stored {
		yours := typed[name]
		if name == "revision" || slices.Equal(theirs, yours) || strings.TrimSpace(strings.Join(theirs, "")) == strings.TrimSpace(strings.Join(yours, "")) {
			continue
		}
		label := name
		if key := "library.field." + name; t.Has(key) {
			label = t.T(key)
		}
		list = append(list, Differing{label, strings.Join(theirs, ", "), strings.Join(yours, ", ")})
	}
	slices.SortFunc(list, func(a, b Differing) int { return cmp.Compare(a.Label, b.Label) })
	return list
}

// step is a change of a draft by a form of the editor.
type step struct {
	back  at         // what is open when the form comes back
	typed url.Values // what the form comes back with; nil for what is stored
	where at         // what is open afterwards
	what  string     // names the change: a message key
	do    func(q *form.Questionnaire) (*form.Questionnaire, error)
}

// change makes a change; a form that can be mended comes back.
func (m *Room) change(r *web.Request, d frame.Draft, revision int, s step) (web.Reply, error) {
	_, err := m.service.Change(r.Context(), r.Person, d.ID, revision, s.what, s.do)
	switch {
	case err == nil:
		return web.RedirectFlash(s.where.url(d), "library.flash.saved"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showEditor(r, d, s.back, s.typed, err), nil
}

// history undoes and redoes.
func (m *Room) history(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	turn, flash := m.service.Undo, "library.flash.undone"
	if values.Get("do") == "redo" {
		turn, flash = m.service.Redo, "library.flash.redone"
	}
	where := at{item: values.Get("item")}
	where.page, _ = strconv.Atoi(values.Get("page"))
	_, err = turn(r.Context(), r.Person, d.ID, frame.Revision(values))
	switch {
	case err == nil:
		return web.RedirectFlash(where.url(d), flash), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showEditor(r, d, at{}, nil, err), nil
}

// replace puts the questionnaire of a file in the draft's place.
func (m *Room) replace(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	name, data, err := frame.Upload(r)
	if err == nil {
		_, _, err = m.service.Replace(r.Context(), r.Person, d.ID, frame.Revision(values), fromFile(name, data))
	}
	switch {
	case err == nil:
		return web.RedirectFlash(d.URL(""), "library.flash.replaced"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showEditor(r, d, at{}, nil, err), nil
}

// words says a condition in words; "" for none.
func (e editing) words(x *expr.Expr) string {
	if x == nil {
		return ""
	}
	text, ok := edit.Logic(x, e.d.Questionnaire, e.Lang(), e.T)
	if !ok {
		return ""
	}
	return e.T("library.only_if", "Condition", text)
}
