package ui

import (
	"net/url"
	"slices"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
)

// Field is one field of a form, in the reader's language.
type Field struct {
	Kind     string // text, number (typed as text, for an input of that type loses Arabic digits), date, password, textarea, select, radio, checkbox, file
	Name     string
	Label    string
	Hint     string
	Error    string
	Value    string
	List     string // id of a datalist
	Auto     string // autocomplete
	Lang     string // language of what is typed in, with its direction
	Dir      string
	Accept   string // of a file
	Required bool
	Short    bool
	Options  []Option
}

// Option is one choice of a field.
type Option struct {
	Value, Label, Hint string
	Lang, Dir          string
	Chosen             bool
}

// ID is the field's id in the page.
func (f Field) ID() string { return "f-" + f.Name }

// Described lists the ids of what describes the field.
func (f Field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID()+"-error")
	}
	return strings.Join(ids, " ")
}

// filler makes the fields of a form with the values and faults it came back
// with.
type filler struct {
	printer *i18n.Printer
	values  url.Values
	faults  map[string]string
}

func newFiller(r *web.Request, values url.Values, err error) filler {
	f := filler{r.Printer, values, map[string]string{}}
	if e, ok := errs.Find(err); ok {
		for _, d := range e.Details {
			if d.Row == 0 && f.faults[d.Field] == "" {
				f.faults[d.Field] = r.Printer.T(d.Key, d.Args...)
			}
		}
	}
	return f
}

// field makes a field; its label is the message key, its hint key+"_hint".
func (f filler) field(kind, name, key string) Field {
	field := Field{Kind: kind, Name: name, Label: f.printer.T(key), Value: f.values.Get(name), Error: f.faults[name]}
	if f.printer.Has(key + "_hint") {
		field.Hint = f.printer.T(key + "_hint")
	}
	return field
}

// choice makes a field with options, marking those chosen.
func (f filler) choice(kind, name, key string, options []Option) Field {
	field := f.field(kind, name, key)
	for _, o := range options {
		o.Chosen = slices.Contains(f.values[name], o.Value)
		field.Options = append(field.Options, o)
	}
	return field
}

// Faults is the summary above a form that could not be taken.
type Faults struct {
	Title, Text string
	Lines       []FaultLine
}

// FaultLine is one fault: where, what, and the field to go to.
type FaultLine struct {
	Where, Text, Anchor string
}

// newFaults says err above a form. named are the names of the form's fields.
func newFaults(r *web.Request, err error, named func(field string) bool) *Faults {
	if err == nil {
		return nil
	}
	f := &Faults{Title: r.Printer.T("rounds.faults"), Text: r.Printer.Error(err)}
	e, ok := errs.Find(err)
	if !ok {
		return f
	}
	rowKey := "web.row"
	if e.Key == "survey.instrument.invalid" {
		rowKey = "rounds.line"
	}
	for _, d := range e.Details {
		line := FaultLine{Text: r.Printer.T(d.Key, d.Args...)}
		var where []string
		if d.File != "" {
			where = append(where, d.File)
		}
		if d.Row > 0 {
			where = append(where, r.Printer.T(rowKey, "Row", d.Row))
		}
		switch {
		case named != nil && d.Row == 0 && named(d.Field):
			line.Anchor = "#f-" + d.Field
			if r.Printer.Has("rounds." + d.Field) {
				where = append(where, r.Printer.T("rounds."+d.Field))
			}
		case d.Field != "":
			where = append(where, d.Field)
		}
		line.Where = strings.Join(where, ", ")
		f.Lines = append(f.Lines, line)
	}
	return f
}

// mendable reports whether the form should come back with what is wrong,
// rather than a page about the error.
func mendable(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.TooLarge, errs.Unavailable:
		return true
	}
	return false
}

// saved leads to where once a form is saved; a form that can be mended comes
// back as again shows it.
func saved(where string, err error, again func() web.Reply) (web.Reply, error) {
	switch {
	case err == nil:
		return web.RedirectFlash(where, "rounds.flash.saved"), nil
	case !mendable(err):
		return nil, err
	}
	return again(), nil
}

// Header is the top of a page about a round.
type Header struct {
	Label   string // of the way here, for screen readers
	Way     []Link
	Tag     string // the population
	Class   string
	Lead    string
	Locked  string // why nothing can be changed
	Faults  *Faults
	Sibling []Link // the other pages of the population
}

// Link is a link in the reader's language.
type Link struct {
	Text, URL string
	Current   bool
}

// header makes the top of a page about the round or one of its populations.
func (p place) header(r *web.Request, leadKey string, err error, named func(string) bool) Header {
	t := r.Printer
	h := Header{Label: t.T("rounds.way"), Faults: newFaults(r, err, named)}
	h.Way = []Link{{Text: t.T("rounds.nav"), URL: listURL}}
	if p.ID != "" {
		h.Way = append(h.Way, Link{Text: p.Name, URL: p.url("")})
	}
	if leadKey != "" && t.Has(leadKey) {
		h.Lead = t.T(leadKey)
	}
	if p.pop.Kind != "" {
		h.Tag, h.Class = t.T("rounds.kind."+string(p.pop.Kind)), "tag tag-"+string(p.pop.Kind)
		for _, page := range []string{"questionnaire", "frame", "plan", "offices", "invitations"} {
			if page == "invitations" && !r.Person.May("invitation.make") {
				continue
			}
			u := p.popURL(page)
			h.Sibling = append(h.Sibling, Link{Text: t.T("rounds.step." + page), URL: u, Current: strings.HasPrefix(r.URL.Path+"/", u+"/")})
		}
	}
	return h
}

// planned is header with the reason why a plan can no longer be changed.
func (p place) planned(r *web.Request, leadKey string, err error, named func(string) bool) Header {
	h := p.header(r, leadKey, err, named)
	switch {
	case p.State != survey.DraftState && p.ID != "":
		h.Locked = r.Printer.T("rounds.locked")
	case !p.editable(r) && p.ID != "":
		h.Locked = r.Printer.T("rounds.view_only")
	}
	return h
}
