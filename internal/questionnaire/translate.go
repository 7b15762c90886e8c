package questionnaire

import (
	"context"
	"errors"
	"strings"

	"adili/form"
	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

// mostComment is how many letters a comment has at most, mostText a text.
const (
	mostComment = 2000
	mostText    = 10_000
)

// translated checks that lang is a language that q is translated into.
func translated(q *form.Questionnaire, lang string) error {
	switch {
	case q.Languages[lang] == "":
		return errs.New(errs.NotFound, "edit.refusal.no_language", "Lang", lang)
	case lang == q.Source:
		return errs.New(errs.Invalid, "questionnaire.source_language", "Lang", lang)
	}
	return nil
}

// Translate changes translations into a language of the draft. A text that
// somebody else changed meanwhile is an error of kind errs.Conflict with a
// Detail for each such text, and nothing is changed.
func (s *Service) Translate(ctx context.Context, by people.Person, id, lang string, texts []Translation) error {
	return s.change(ctx, by, id, "questionnaire.edit", nil, func(tx storage.Querier, r *record) error {
		if err := translated(r.draft, lang); err != nil {
			return err
		}
		lines := map[string]translation.Line{}
		for _, line := range r.ledger.Lines(translation.Of(r.draft), lang) {
			lines[line.ID] = line
		}
		if err := checkTranslations(lines, texts); err != nil {
			return err
		}
		put := map[string]string{}
		for _, t := range texts {
			line := lines[t.Unit]
			e := line.Entry
			e.Status, e.Back = t.Status, strings.TrimSpace(t.Back)
			if e.Status == "" || e.Status == translation.Untranslated && t.Text != "" {
				e.Status = translation.Translated
			}
			if e.Of = line.Source; t.Text == "" {
				e.Of, e.Status = "", translation.Untranslated
			}
			enter(&r.ledger, lang, t.Unit, e)
			put[t.Unit] = strings.TrimSpace(t.Text)
		}
		return s.edit(ctx, tx, r, whatTranslate, func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return translation.Put(q, lang, put)
		})
	})
}

func checkTranslations(lines map[string]translation.Line, texts []Translation) error {
	stale, wrong := errs.New(errs.Conflict, "questionnaire.text_stale"), errs.New(errs.Invalid, "questionnaire.texts")
	for _, t := range texts {
		line, there := lines[t.Unit]
		bad := func(key string, args ...any) {
			wrong.Details = append(wrong.Details, errs.Detail{Field: t.Unit, Key: key, Args: append([]any{"ID", t.Unit}, args...)})
		}
		lack, extra := translation.Placeholders(line.Source, t.Text)
		switch {
		case !there:
			bad("translation.unknown")
		case line.Target != t.Was && line.Target != strings.TrimSpace(t.Text):
			stale.Details = append(stale.Details, errs.Detail{Field: t.Unit, Key: "questionnaire.text_now", Args: []any{"Text", line.Target}})
		case t.Text != "" && len(lack)+len(extra) > 0:
			bad("translation.placeholder", "Names", strings.Join(append(lack, extra...), ", "))
		case len([]rune(t.Text)) > mostText || len([]rune(t.Back)) > mostText:
			bad("questionnaire.long", "Max", mostText)
		}
	}
	switch {
	case len(wrong.Details) > 0:
		return wrong
	case len(stale.Details) > 0:
		return stale
	}
	return nil
}

// Comment adds what a person has to say about one text.
func (s *Service) Comment(ctx context.Context, by people.Person, id, lang, unit, text string) error {
	text = strings.TrimSpace(text)
	if text == "" || len([]rune(text)) > mostComment {
		return errs.New(errs.Invalid, "questionnaire.comment", "Max", mostComment)
	}
	return s.change(ctx, by, id, "questionnaire.edit", nil, func(_ storage.Querier, r *record) error {
		if r.draft.Languages[lang] == "" {
			return errs.New(errs.NotFound, "edit.refusal.no_language", "Lang", lang)
		}
		for _, line := range r.ledger.Lines(translation.Of(r.draft), lang) {
			if line.ID == unit {
				e := line.Entry
				e.Comments = append(e.Comments, translation.Comment{By: by.Name, Text: text})
				enter(&r.ledger, lang, unit, e)
				return nil
			}
		}
		return errs.New(errs.NotFound, "edit.refusal.no_text", "ID", unit)
	})
}

// Sign notes that a person answers for a language in a role, today. The
// language has to be complete, and the reviewer somebody else than the
// translator.
func (s *Service) Sign(ctx context.Context, by people.Person, id, lang string, role translation.Role) error {
	return s.change(ctx, by, id, "questionnaire.sign", []string{"language", lang, "role", string(role)}, func(_ storage.Querier, r *record) error {
		if r.draft.Languages[lang] == "" {
			return errs.New(errs.NotFound, "edit.refusal.no_language", "Lang", lang)
		}
		return refusedSign(r.ledger.Sign(translation.Of(r.draft), lang, role, by.Name, s.today()))
	})
}

// refusedSign gives the errors of signing their kinds and keys.
func refusedSign(err error) error {
	switch {
	case errors.Is(err, translation.ErrRole):
		return errs.New(errs.Invalid, "questionnaire.role").Because(err)
	case errors.Is(err, translation.ErrIncomplete):
		return errs.New(errs.Conflict, "questionnaire.incomplete").Because(err)
	case errors.Is(err, translation.ErrSamePerson):
		return errs.New(errs.Conflict, "questionnaire.same_person").Because(err)
	}
	return err
}
