package frame

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
)

// Field is one field of a form, in the reader's language.
type Field struct {
	Kind    string // text, textarea, select, many (a select of several), checkbox, radio, file
	Name    string
	Label   string
	Hint    string
	Error   string
	Value   string
	Lang    string // language of what is typed in, with its direction
	Dir     string
	Accept  string // of a file
	Must    bool
	Short   bool
	Code    bool // a name or an expression
	Reshape bool // its value decides which other fields there are
	Options []Option
	Groups  []Group // of a select of several
}

// Option is one choice of a field.
type Option struct {
	Value, Label, Hint string
	Chosen             bool
}

// Group are options that belong together.
type Group struct {
	Label   string
	Options []Option
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
	*i18n.Printer
	Values url.Values
	Wrong  map[string]string // by field
}

// Fill gives the values of a form, and what err finds wrong with its fields.
func Fill(t *i18n.Printer, values url.Values, err error) Filler {
	f := Filler{t, values, map[string]string{}}
	if e, ok := errs.Find(err); ok {
		for _, d := range e.Details {
			name := lastField(d.Field)
			if d.Row == 0 && f.Wrong[name] == "" {
				f.Wrong[name] = t.T(d.Key, d.Args...)
			}
		}
	}
	return f
}

// Field makes a field; its label is the message key library.NAME, its hint
// library.NAME_hint.
func (f Filler) Field(kind, name string) Field {
	key := "library.field." + name
	field := Field{Kind: kind, Name: name, Label: f.T(key), Value: f.Values.Get(name), Error: f.Wrong[name]}
	if f.Has(key + "_hint") {
		field.Hint = f.T(key + "_hint")
	}
	return field
}

// Worded is a field for words in a language of the questionnaire.
func (f Filler) Worded(kind, name, lang string) Field {
	field := f.Field(kind, name)
	field.Lang, field.Dir = lang, Direction(lang)
	return field
}

// Choice makes a field with options, marking those chosen.
func (f Filler) Choice(kind, name string, options []Option) Field {
	field := f.Field(kind, name)
	for _, o := range options {
		o.Chosen = slices.Contains(f.Values[name], o.Value)
		field.Options = append(field.Options, o)
	}
	return field
}

// Tick is a box on its own.
func (f Filler) Tick(name string) Field {
	field := f.Choice("checkbox", name, []Option{{Value: "yes", Label: f.T("library.field." + name)}})
	field.Label = ""
	return field
}

// Faults is the summary above a form that could not be taken.
type Faults struct {
	Title, Text string
	Lines       []FaultLine
}

// FaultLine is one fault: where, what, and where to mend it.
type FaultLine struct {
	Where, Text, URL string
}

// NewFaults says err above a form. The places of q are said by its names.
func NewFaults(t *i18n.Printer, q *form.Questionnaire, err error) *Faults {
	if err == nil {
		return nil
	}
	f := &Faults{Title: t.T("library.faults"), Text: t.Error(err)}
	if e, ok := errs.Find(err); ok {
		f.Lines = Details(t, q, e.Details)
	}
	return f
}

// Details says faults with their places: of a file by sheet, row and column, of
// a questionnaire by the name of the question.
func Details(t *i18n.Printer, q *form.Questionnaire, list []errs.Detail) []FaultLine {
	lines := make([]FaultLine, len(list))
	for i, d := range list {
		var where []string
		if d.File != "" {
			where = append(where, d.File)
		}
		if d.Row > 0 {
			where = append(where, t.T("web.row", "Row", d.Row))
		}
		line := FaultLine{Text: t.T(d.Key, d.Args...)}
		switch {
		case d.Row > 0 && d.Field != "":
			where = append(where, t.T("library.column", "Column", d.Field))
		case q != nil && d.File == "":
			if place := Locate(q, d.Field); place.Name != "" {
				where = append(where, place.Name)
			}
		case d.Field != "":
			where = append(where, d.Field)
		}
		line.Where = strings.Join(where, ", ")
		lines[i] = line
	}
	return lines
}

// Place is where in a questionnaire a path such as pages[2].items[0].scale leads.
type Place struct {
	Item string // id of the question; "" where it is about a page or the whole
	Page int    // from 0; -1 for neither
	Name string // for people: the id of the question, or the path
}

// Locate follows a path of package form.
func Locate(q *form.Questionnaire, path string) Place {
	at := Place{Page: -1, Name: path}
	var items []form.Item
	for part := range strings.SplitSeq(path, ".") {
		name, n, ok := indexed(part)
		switch {
		case ok && name == "pages" && n < len(q.Pages):
			at.Page, items = n, q.Pages[n].Items
		case ok && name == "items" && n < len(items):
			at.Item, at.Name, items = items[n].ID, items[n].ID, items[n].Items
		default:
			return at
		}
	}
	return at
}

// indexed takes apart a part such as items[3].
func indexed(part string) (name string, n int, ok bool) {
	name, rest, ok := strings.Cut(strings.TrimSuffix(part, "]"), "[")
	if !ok {
		return part, 0, false
	}
	n, err := strconv.Atoi(rest)
	return name, n, err == nil && n >= 0
}

// lastField is the field of an item's form that a path of package form ends in.
func lastField(path string) string {
	parts := strings.Split(path, ".")
	for len(parts) > 1 {
		if name, _, ok := indexed(parts[0]); !ok || name != "pages" && name != "items" {
			break
		}
		parts = parts[1:]
	}
	name, _, _ := indexed(parts[0])
	switch name {
	case "type":
		return "kind"
	case "choices_from", "list":
		return "from"
	}
	return name
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

// Status is the HTTP status of a form: that of its error, if any.
func Status(err error) int {
	if err == nil {
		return 200
	}
	return web.Status(err)
}

// Faulty is an error of a form with faults of its fields.
func Faulty(list []errs.Detail) error {
	if len(list) == 0 {
		return nil
	}
	e := errs.New(errs.Invalid, "library.invalid")
	e.Details = list
	return e
}
