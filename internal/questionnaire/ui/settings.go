package ui

import (
	"net/url"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire"
	"adili/internal/questionnaire/ui/frame"
)

var populations = []form.Population{form.Official, form.Private}

func fromFile(name string, data []byte) questionnaire.Source {
	return questionnaire.FromFile(name, data)
}

// sharedUnits are the texts that many questions share: points of scales, labels
// of missing codes and of lists.
func sharedUnits(q *form.Questionnaire) []translation.Unit {
	var units []translation.Unit
	for _, u := range translation.Of(q).Units {
		sort, _, _ := strings.Cut(u.ID, ":")
		if sort == "scale" || sort == "missing" {
			units = append(units, u)
		}
	}
	return units
}

func settingsValues(d frame.Draft) url.Values {
	q := d.Questionnaire
	v := url.Values{"name": {d.Name}, "title": {q.Title[q.Source]}, "population": {string(q.Population)}}
	for _, u := range sharedUnits(q) {
		v.Set("text:"+u.ID, u.Texts[q.Source])
	}
	return v
}

func (e editing) settingsForm(f frame.Filler) *EditForm {
	q := e.d.Questionnaire
	populationOptions := []frame.Option{{Value: "", Label: e.T("library.population.none")}}
	for _, p := range populations {
		populationOptions = append(populationOptions, frame.Option{Value: string(p), Label: e.T("library.population." + string(p))})
	}
	form := &EditForm{
		Title: e.T("library.settings"), Action: e.d.URL("settings"),
		Words: []frame.Field{f.Field("text", "name"), f.Worded("text", "title", q.Source), f.Choice("select", "population", populationOptions)},
		Notes: []string{e.T("library.written_in", "Language", frame.Native(q.Source))},
	}
	form.Words[0].Must = true
	for _, u := range sharedUnits(q) {
		sort, rest, _ := strings.Cut(u.ID, ":")
		name := "text:" + u.ID
		label := e.T("library.shared."+sort, "Name", strings.ReplaceAll(rest, ":", " "))
		if sort == "missing" {
			label = e.T("library.missing." + rest)
		}
		form.Answers = append(form.Answers, frame.Field{Kind: "text", Name: name, Label: label, Value: f.Values.Get(name), Lang: q.Source, Dir: frame.Direction(q.Source)})
	}
	return form
}

// saveSettings keeps what concerns the whole.
func (m *Room) saveSettings(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	if name := strings.TrimSpace(values.Get("name")); name != d.Name {
		err := m.service.SetName(r.Context(), r.Person, d.ID, name)
		switch {
		case err == nil:
		case frame.Mendable(err):
			return m.showEditor(r, d, at{}, values, err), nil
		default:
			return nil, err
		}
		d.Name = name
	}
	return m.change(r, d, frame.Revision(values), step{typed: values, what: "library.change.settings", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
		texts := map[string]string{"title": strings.TrimSpace(values.Get("title"))}
		for _, u := range sharedUnits(q) {
			if typed, sent := values["text:"+u.ID]; sent {
				texts[u.ID] = strings.TrimSpace(typed[0])
			}
		}
		next, err := translation.Put(q, q.Source, texts)
		if err != nil {
			return nil, err
		}
		return edit.SetPopulation(next, form.Population(values.Get("population"))), nil
	}})
}

func pageValues(q *form.Questionnaire, i int) url.Values {
	p := q.Pages[i]
	return url.Values{"title": {p.Title[q.Source]}, "intro": {p.Intro[q.Source]}, "relevant": {written(p.Relevant)}}
}

func (e editing) pageForm(f frame.Filler) *EditForm {
	q := e.d.Questionnaire
	p := q.Pages[e.at.page-1]
	title := f.Worded("text", "title", q.Source)
	title.Label = e.T("library.field.page_title")
	logic := f.Field("expression", "relevant")
	logic.Code = true
	form := &EditForm{
		Title: e.T("library.page_n", "N", e.at.page), Action: e.d.URL("page"), Page: e.at.page, PageForm: true, Arrange: true, Move: e.d.URL("page"),
		Words: []frame.Field{title, f.Worded("textarea", "intro", q.Source)}, Logic: []frame.Field{logic}, When: e.words(p.Relevant),
	}
	if p.ID == "" {
		form.Notes = append(form.Notes, e.T("library.no_group"))
	}
	return form
}

// savePage keeps a page, adds one, moves or removes it.
func (m *Room) savePage(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	n, _ := strconv.Atoi(values.Get("page"))
	pages := d.Questionnaire.Pages
	do := values.Get("do")
	if do == "add" {
		where := at{page: len(pages) + 1}
		return m.change(r, d, frame.Revision(values), step{where: where, what: "library.change.page_add", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
			title := form.Text{q.Source: r.Printer.T("library.page_n", "N", len(q.Pages)+1)}
			return edit.AddPage(q, len(q.Pages), form.Page{Title: title})
		}})
	}
	if n < 1 || n > len(pages) {
		return nil, errs.New(errs.Invalid, "library.fault.gone")
	}
	here := at{page: n}
	switch do {
	case "up", "down":
		to := n - 1
		if do == "down" {
			to = n + 1
		}
		to = max(1, min(to, len(pages)))
		return m.change(r, d, frame.Revision(values), step{back: here, where: at{page: to}, what: "library.change.page_move", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return edit.MovePage(q, n-1, to-1)
		}})
	case "remove":
		return m.change(r, d, frame.Revision(values), step{back: here, what: "library.change.page_remove", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return edit.RemovePage(q, n-1)
		}})
	}
	return m.keepPage(r, d, values, here)
}

func (m *Room) keepPage(r *web.Request, d frame.Draft, values url.Values, here at) (web.Reply, error) {
	p := d.Questionnaire.Pages[here.page-1]
	reader := itemReader{q: d.Questionnaire, values: values}
	p.Title, p.Intro = reader.text("title", p.Title), reader.text("intro", p.Intro)
	p.Relevant = reader.expression("relevant", p.Relevant)
	if err := frame.Faulty(reader.faults); err != nil {
		return m.showEditor(r, d, here, values, err), nil
	}
	return m.change(r, d, frame.Revision(values), step{back: here, typed: values, where: here, what: "library.change.page", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
		return edit.SetPage(q, here.page-1, p)
	}})
}
