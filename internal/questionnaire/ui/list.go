package ui

import (
	"net/url"
	"slices"
	"strings"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire"
	"adili/internal/questionnaire/ui/frame"
)

type listView struct {
	May  bool
	List []ListEntry
}

// ListEntry is one questionnaire of the list.
type ListEntry struct {
	Name, URL        string
	Tag, Class       string // population
	Questions, State string
	Changed          bool
	Languages        []frame.Link
}

func (m *Room) list(r *web.Request) (web.Reply, error) {
	all, err := m.service.List(r.Context(), r.Person)
	if err != nil {
		return nil, err
	}
	v := listView{May: r.Person.May(people.RoundPlan)}
	for _, s := range all {
		e := ListEntry{Name: s.Name, URL: frame.At(s.ID).URL(""), Questions: r.Printer.N("library.questions_n", s.Questions)}
		e.Tag, e.Class = populationTag(r.Printer, s.Population)
		switch {
		case s.Version == "":
			e.State = r.Printer.T("library.state.never")
		case s.Changed:
			e.State, e.Changed = r.Printer.T("library.state.changed", "Version", s.Version), true
		default:
			e.State = r.Printer.T("library.state.published", "Version", s.Version)
		}
		for _, tag := range s.Languages {
			e.Languages = append(e.Languages, frame.Tongue(tag))
		}
		v.List = append(v.List, e)
	}
	return m.page.list.Reply(r, "library.nav", v), nil
}

func populationTag(t *i18n.Printer, p form.Population) (text, class string) {
	if p == "" {
		return t.T("library.population.none"), "tag tag-warn"
	}
	return t.T("library.population." + string(p)), "tag tag-" + string(p)
}

type createView struct {
	Header frame.Header
	Fields []frame.Field
	File   frame.Field
	Name   frame.Field
}

func (m *Room) start(r *web.Request) (web.Reply, error) {
	return m.showCreate(r, url.Values{"origin": {"bundled:official"}, "language": {r.Printer.Lang()}}, nil), nil
}

// create adds a questionnaire: the form with a file, or that without.
func (m *Room) create(r *web.Request) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(values.Get("name"))
	var from questionnaire.Source
	if values.Get("do") == "file" {
		var file string
		var data []byte
		if file, data, err = frame.Upload(r); err == nil {
			from = questionnaire.FromFile(file, data)
			if name == "" {
				name = strings.TrimSuffix(file, extension(file))
			}
		}
	} else {
		from, err = source(values)
		if name == "" && err == nil {
			name = r.Printer.T("library.from." + strings.ReplaceAll(values.Get("origin"), ":", "_"))
		}
	}
	if err == nil {
		var id string
		if id, _, err = m.service.Create(r.Context(), r.Person, name, from); err == nil {
			return web.RedirectFlash(frame.At(id).URL(""), "library.flash.created"), nil
		}
	}
	if !frame.Mendable(err) {
		return nil, err
	}
	return m.showCreate(r, values, err), nil
}

// extension is the end of a file name from its last dot.
func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[i:]
	}
	return ""
}

// origins are what a questionnaire can start from, by the form's value.
var origins = []string{"bundled:official", "bundled:private", "blank:official", "blank:private"}

func source(values url.Values) (questionnaire.Source, error) {
	from := values.Get("origin")
	if !slices.Contains(origins, from) {
		return nil, frame.Faulty([]errs.Detail{{Field: "origin", Key: "library.fault.choose"}})
	}
	kind, population, _ := strings.Cut(from, ":")
	if kind == "bundled" {
		return questionnaire.Bundled(form.Population(population)), nil
	}
	return questionnaire.Blank(form.Population(population), strings.TrimSpace(values.Get("language"))), nil
}

func (m *Room) showCreate(r *web.Request, values url.Values, err error) web.Reply {
	f := frame.Fill(r.Printer, values, err)
	var from, languages []frame.Option
	for _, o := range origins {
		from = append(from, frame.Option{Value: o, Label: r.Printer.T("library.from." + strings.ReplaceAll(o, ":", "_"))})
	}
	for _, tag := range i18n.Languages {
		languages = append(languages, frame.Option{Value: tag, Label: i18n.Native(tag)})
	}
	v := createView{Header: frame.Header{
		Label: r.Printer.T("library.way"), Way: []frame.Link{{Text: r.Printer.T("library.nav"), URL: frame.ListURL}}, Faults: frame.NewFaults(r.Printer, nil, err),
	}}
	v.Name = f.Field("text", "name")
	v.Fields = []frame.Field{f.Choice("radio", "origin", from), f.Choice("select", "language", languages)}
	v.File = f.Field("file", "file")
	v.File.Accept, v.File.Must = ".xlsx,.md,.json", true
	return m.page.create.ReplyStatus(r, frame.Status(err), "library.new", v)
}

// remove deletes a questionnaire that was never published.
func (m *Room) remove(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err == nil && values.Get("confirm") != "yes" {
		err = errs.New(errs.Invalid, "library.fault.confirm")
	}
	if err == nil {
		err = m.service.Delete(r.Context(), r.Person, d.ID)
	}
	switch {
	case err == nil:
		return web.RedirectFlash(frame.ListURL, "library.flash.deleted"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showEditor(r, d, at{}, nil, err), nil
}

// export gives the draft as a file.
func (m *Room) export(format string) func(*web.Request, frame.Draft) (web.Reply, error) {
	return func(_ *web.Request, d frame.Draft) (web.Reply, error) {
		file, err := questionnaire.Export(d.Questionnaire, format)
		if err != nil {
			return nil, err
		}
		return web.File(file.Name, file.Type, file.Data), nil
	}
}
