package questionnaire

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/sheet"
	"adili/internal/kernel/storage"
)

// ExportTranslation gives the texts of the draft with their translations into
// lang for a translator; format is "xlf", "po" or "xlsx". With screens the texts
// of the respondent's screens follow; then lang may be one that the draft does
// not have yet.
func (s *Service) ExportTranslation(ctx context.Context, by people.Person, id, lang, format string, screens bool) (File, error) {
	if err := may(by, people.RoundView); err != nil {
		return File{}, err
	}
	r, err := loadRecord(ctx, s.db.Read(), id)
	if err != nil {
		return File{}, err
	}
	q := r.draft
	if screens && q.Languages[lang] == "" {
		if q, err = edit.AddLanguage(q, lang); err != nil {
			return File{}, errs.New(errs.Invalid, "edit.refusal.tag", "Lang", lang)
		}
	}
	if err := translated(q, lang); err != nil {
		return File{}, err
	}
	book, ledger := translation.Of(q), &r.ledger
	if screens {
		own, noted, err := s.screenBook(ctx, lang)
		if err != nil {
			return File{}, err
		}
		book.Units = append(book.Units, s.inSource(own, book.Source)...)
		for unit, e := range noted.Entries[lang] {
			e.Of = s.sourceText(e.Of, unit, book.Source)
			enter(ledger, lang, unit, e)
		}
	}
	return written(book, ledger, lang, format)
}

func written(book translation.Book, ledger *translation.Ledger, lang, format string) (File, error) {
	f := File{Name: book.Name + "." + lang + "." + format}
	switch format {
	case "xlf":
		f.Type, f.Data = "application/xliff+xml", ledger.XLIFF(book, lang)
	case "po":
		f.Type, f.Data = "text/x-gettext-translation; charset=utf-8", ledger.PO(book, lang)
	case "xlsx":
		var b bytes.Buffer
		if err := sheet.WriteBook(&b, []sheet.Page{{Name: "translation", Rows: ledger.Table(book, lang)}}); err != nil {
			return f, err
		}
		f.Type, f.Data = xlsxType, b.Bytes()
	default:
		return f, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	return f, nil
}

// readTranslation reads a translator's file. tag is "" where it does not say.
func readTranslation(name string, data []byte) (rows []translation.Row, tag string, problems []translation.Problem, err error) {
	if len(data) > mostFile {
		return nil, "", nil, errs.New(errs.TooLarge, errs.TooLarge.Key())
	}
	switch suffix(name) {
	case "xlf", "xliff":
		rows, tag, err = translation.ReadXLIFF(data)
	case "po":
		rows, tag, err = translation.ReadPO(data)
	case "xlsx":
		var pages []sheet.Page
		if pages, err = sheet.ReadBook(name, bytes.NewReader(data), int64(len(data)), sheet.Limits{}); err != nil || len(pages) == 0 {
			return nil, "", nil, err
		}
		rows, tag, problems = translation.ReadTable(pages[0].Rows)
		if rows == nil && len(problems) > 0 {
			return nil, "", nil, unusable(name, problemsIn(name, problems))
		}
	default:
		return nil, "", nil, errs.New(errs.Invalid, "questionnaire.translation_suffix", "Name", name)
	}
	if err != nil {
		e := errs.New(errs.Invalid, "questionnaire.file", "Name", name).Because(err)
		e.Details = []errs.Detail{{File: name, Key: "translation.syntax", Args: []any{"Detail", err.Error()}}}
		return nil, "", nil, e
	}
	return rows, tag, problems, nil
}

// mostFile bounds a translator's file.
const mostFile = 8 << 20

func problemsIn(name string, problems []translation.Problem) []errs.Detail {
	var details []errs.Detail
	for _, p := range problems {
		details = append(details, errs.Detail{File: name, Row: p.Line, Field: p.ID, Key: p.Key, Args: p.Args})
	}
	return details
}

// otherLanguage refuses a file that is into another language than wanted.
func otherLanguage(name, got, want string) error {
	if got == "" || strings.EqualFold(got, want) {
		return nil
	}
	return unusable(name, []errs.Detail{{File: name, Key: "translation.language", Args: []any{"Got", got, "Want", want}}})
}

// ImportTranslation takes a translator's file (.xlf, .po or .xlsx) into the
// draft, which has to have the language. Texts of screens in it are left out.
func (s *Service) ImportTranslation(ctx context.Context, by people.Person, id, lang, name string, data []byte) (taken Taken, err error) {
	if err := may(by, people.RoundPlan); err != nil {
		return taken, err
	}
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	rows, tag, problems, err := readTranslation(name, data)
	if err != nil {
		return taken, err
	}
	if err := otherLanguage(name, tag, lang); err != nil {
		return taken, err
	}
	rows = slices.DeleteFunc(rows, func(row translation.Row) bool { return strings.HasPrefix(row.ID, screenPrefix) })
	err = s.change(ctx, by, id, "questionnaire.import", []string{"language", lang}, func(tx storage.Querier, r *record) error {
		if err := translated(r.draft, lang); err != nil {
			return err
		}
		found, texts, err := s.merge(ctx, tx, r, by, lang, rows)
		taken = Taken{Lang: lang, Texts: texts, Problems: append(problemsIn(name, problems), problemsIn(name, found)...)}
		return err
	})
	return taken, err
}

// merge takes rows into the draft.
func (s *Service) merge(ctx context.Context, tx storage.Querier, r *record, by people.Person, lang string, rows []translation.Row) ([]translation.Problem, int, error) {
	texts, found := r.ledger.Merge(translation.Of(r.draft), lang, by.Name, rows)
	err := s.edit(ctx, tx, r, whatImport, func(q *form.Questionnaire) (*form.Questionnaire, error) {
		return translation.Put(q, lang, texts)
	})
	return found, len(texts), err
}
