// Package fields is the fields of staff forms: with the values and faults they
// came back with, in the reader's language, and tables to be typed by hand.
package fields

import (
	"net/url"
	"slices"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
)

// Field is one field of a form, in the reader's language.
type Field struct {
	Kind     string // text, number (typed as text, for an input of that type loses Arabic Digits), date, password, textarea, select, radio, checkbox, file
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

// Filler makes the fields of a form with the values and faults it came back
// with.
type Filler struct {
	Printer *i18n.Printer
	Values  url.Values
	faults  map[string]string // by field
}

// New returns what makes the fields of a form with its values, and with what
// err says of them.
func New(r *web.Request, values url.Values, err error) Filler {
	f := Filler{r.Printer, values, map[string]string{}}
	if e, ok := errs.Find(err); ok {
		for _, d := range e.Details {
			if d.Row == 0 && f.faults[d.Field] == "" {
				f.faults[d.Field] = r.Printer.T(d.Key, d.Args...)
			}
		}
	}
	return f
}

// Field makes a field; its label is the message key, its hint key+"_hint".
func (f Filler) Field(kind, name, key string) Field {
	field := Field{Kind: kind, Name: name, Label: f.Printer.T(key), Value: f.Values.Get(name), Error: f.faults[name]}
	if f.Printer.Has(key + "_hint") {
		field.Hint = f.Printer.T(key + "_hint")
	}
	return field
}

// Choice makes a field with options, marking those chosen.
func (f Filler) Choice(kind, name, key string, options []Option) Field {
	field := f.Field(kind, name, key)
	for _, o := range options {
		o.Chosen = slices.Contains(f.Values[name], o.Value)
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

// NewFaults says err above a form. named are the names of the form's fields.
func NewFaults(r *web.Request, err error, named func(field string) bool) *Faults {
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

// Mendable reports whether the form should come back with what is wrong,
// rather than a page about the error.
func Mendable(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.TooLarge, errs.Unavailable:
		return true
	}
	return false
}
