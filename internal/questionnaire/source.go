package questionnaire

import (
	"bytes"
	"errors"
	"path"
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/form/xform"
	"adili/form/xlsform"
	"adili/instrument"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/sheet"
)

// Source is where a new questionnaire comes from: Blank, Bundled, FromFile or Of.
type Source func() (q *form.Questionnaire, warnings []errs.Detail, err error)

// Blank is a questionnaire with one empty page. Its title is its name.
func Blank(population form.Population, lang string) Source {
	return func() (*form.Questionnaire, []errs.Detail, error) { return edit.Blank(population, lang), nil, nil }
}

// Bundled is the instrument that comes with the program for a population.
func Bundled(population form.Population) Source {
	data := instrument.Official()
	if population == form.Private {
		data = instrument.Private()
	}
	return FromFile(string(population)+".json", data)
}

// Of is a questionnaire that is there already, a version to go on from for example.
func Of(q *form.Questionnaire) Source {
	return func() (*form.Questionnaire, []errs.Detail, error) { return q, nil, nil }
}

// FromFile reads a file by its suffix: .json, .xlsx or .md. What is wrong with
// it comes as Details of kind errs.Invalid: File is the name of the file and,
// after " · ", of the sheet; Row, Field (the column), Key and Args say the rest.
func FromFile(name string, data []byte) Source {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	return func() (*form.Questionnaire, []errs.Detail, error) {
		switch suffix(name) {
		case "json":
			q, err := form.Read(data)
			if faults, ok := errors.AsType[form.Faults](err); ok {
				return nil, nil, unusable(name, faultsIn(name, faults))
			}
			return q, nil, err
		case "xlsx":
			pages, err := sheet.ReadBook(name, bytes.NewReader(data), int64(len(data)), sheet.Limits{Rows: xlsform.MaxRows, Columns: xlsform.MaxColumns})
			if err != nil {
				return nil, nil, err
			}
			sheets := make([]xlsform.Sheet, len(pages))
			for i, p := range pages {
				sheets[i] = xlsform.Sheet(p)
			}
			return fromSheets(name, sheets)
		case "md":
			if len(data) > form.MaxBytes {
				return nil, nil, errs.New(errs.TooLarge, errs.TooLarge.Key())
			}
			return fromSheets(name, xlsform.ReadMarkdown(string(data)))
		}
		return nil, nil, errs.New(errs.Invalid, "questionnaire.suffix", "Name", name)
	}
}

func suffix(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

func fromSheets(name string, sheets []xlsform.Sheet) (*form.Questionnaire, []errs.Detail, error) {
	q, problems := xlsform.Read(sheets)
	var wrong, warnings []errs.Detail
	for _, p := range problems {
		d := errs.Detail{File: name, Row: p.Row, Field: p.Column, Key: p.Key, Args: p.Args}
		if p.Sheet != "" {
			d.File += " · " + p.Sheet
		}
		if p.Warning {
			warnings = append(warnings, d)
		} else {
			wrong = append(wrong, d)
		}
	}
	if q == nil {
		return nil, nil, unusable(name, wrong)
	}
	return q, warnings, nil
}

func unusable(name string, details []errs.Detail) error {
	e := errs.New(errs.Invalid, "questionnaire.file", "Name", name)
	e.Details = details
	return e
}

// faultsIn are the faults of a file.
func faultsIn(name string, faults form.Faults) []errs.Detail {
	var details []errs.Detail
	for _, f := range faults {
		details = append(details, errs.Detail{File: name, Row: f.Line, Field: f.Field, Key: f.Key, Args: f.Args})
	}
	return details
}

// faultsOf are the faults of a draft. The field is "q7 · relevant": the item or
// page, and what of it.
func faultsOf(q *form.Questionnaire, faults form.Faults) []errs.Detail {
	var details []errs.Detail
	for _, f := range faults {
		id, rest := edit.Locate(q, f.Field)
		if id != "" && rest != "" {
			id += " · "
		}
		details = append(details, errs.Detail{Field: id + rest, Key: f.Key, Args: f.Args})
	}
	return details
}

// Export writes a questionnaire as a file; format is "json", "xlsx", "md" or
// "xml" (XForm).
func Export(q *form.Questionnaire, format string) (File, error) {
	f := File{Name: q.ID + "." + format}
	switch format {
	case "json":
		f.Type, f.Data = "application/json", form.Write(q)
	case "xlsx":
		var b bytes.Buffer
		var pages []sheet.Page
		for _, s := range xlsform.Write(q) {
			pages = append(pages, sheet.Page(s))
		}
		if err := sheet.WriteBook(&b, pages); err != nil {
			return f, err
		}
		f.Type, f.Data = xlsxType, b.Bytes()
	case "md":
		f.Type, f.Data = "text/markdown; charset=utf-8", []byte(xlsform.WriteMarkdown(xlsform.Write(q)))
	case "xml":
		data, err := xform.Write(q)
		if err != nil {
			return f, errs.New(errs.Invalid, "questionnaire.xform").Because(err)
		}
		f.Type, f.Data = "application/xml", data
	default:
		return f, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	return f, nil
}

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
