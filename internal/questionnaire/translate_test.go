package questionnaire

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"adili/form"
	"adili/form/edit"
	"adili/form/expr"
	"adili/form/translation"
	"adili/form/xlsform"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/testkit/dbtest"
)

func roles(all []translation.Role) string {
	var s []string
	for _, r := range all {
		s = append(s, string(r))
	}
	return strings.Join(s, " ")
}

// bilingual is a questionnaire with the language fr, not translated.
func bilingual(t *testing.T, s *Service) (id string, revision int) {
	t.Helper()
	id = create(t, s, FromFile("form.md", []byte(markdown)))
	rev, err := s.Change(t.Context(), ada, id, 1, "fr", func(q *form.Questionnaire) (*form.Questionnaire, error) {
		return edit.AddLanguage(edit.SetPopulation(q, form.Official), "fr")
	})
	check(t, err)
	return id, rev
}

// french translates everything.
func french(t *testing.T, s *Service, id string) {
	t.Helper()
	var all []Translation
	for _, u := range translation.Of(draft(t, s, id).Questionnaire).Units {
		target := "fr"
		for _, name := range expr.References(u.Texts["en"]) {
			target += " ${" + name + "}"
		}
		all = append(all, Translation{Unit: u.ID, Was: u.Texts["fr"], Text: target, Status: translation.Translated})
	}
	check(t, s.Translate(t.Context(), grace, id, "fr", all))
}

func TestTranslate(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		ctx := t.Context()
		id, _ := bilingual(t, s)
		one := func(was, text string) []Translation {
			return []Translation{{Unit: "item:q1:text", Was: was, Text: text, Back: "back"}}
		}
		check(t, s.Translate(ctx, ada, id, "fr", one("", "Bonjour ?")))
		check(t, s.Translate(ctx, ada, id, "fr", one("", "Bonjour ?"))) // the same again
		e := wantKey(t, s.Translate(ctx, ada, id, "fr", one("", "Salut")), errs.Conflict, "questionnaire.text_stale")
		if len(e.Details) != 1 || e.Details[0].Args[1] != "Bonjour ?" {
			t.Errorf("details: %+v", e.Details)
		}
		wantKey(t, s.Translate(ctx, ada, id, "en", one("", "x")), errs.Invalid, "questionnaire.source_language")
		wantKey(t, s.Translate(ctx, ada, id, "ru", one("", "x")), errs.NotFound, "edit.refusal.no_language")
		e = wantKey(t, s.Translate(ctx, ada, id, "fr", []Translation{{Unit: "item:q2:text", Text: "Pourquoi ?"}, {Unit: "nothing", Text: "x"}}), errs.Invalid, "questionnaire.texts")
		if len(e.Details) != 2 {
			t.Errorf("details: %+v", e.Details)
		}
		check(t, s.Comment(ctx, grace, id, "fr", "item:q1:text", "Too friendly"))
		wantKey(t, s.Comment(ctx, grace, id, "fr", "nothing", "x"), errs.NotFound, "edit.refusal.no_text")
		d := draft(t, s, id)
		entry := d.Ledger.Entries["fr"]["item:q1:text"]
		if entry.Back != "back" || entry.Of != "Do you agree?" || len(entry.Comments) != 1 || entry.Comments[0].By != "Grace" {
			t.Errorf("entry: %+v", entry)
		}
		rev, err := s.Change(ctx, ada, id, d.Revision, "text", setText("item:q1:text", "en", "Do you disagree?"))
		check(t, err)
		stale := func() bool {
			d := draft(t, s, id)
			for _, line := range d.Ledger.Lines(translation.Of(d.Questionnaire), "fr") {
				if line.ID == "item:q1:text" {
					return line.Stale
				}
			}
			return false
		}
		if !stale() {
			t.Error("the source changed and the translation is not stale")
		}
		_, err = s.Undo(ctx, ada, id, rev)
		check(t, err)
		if stale() || len(draft(t, s, id).Ledger.Entries["fr"]["item:q1:text"].Comments) != 1 {
			t.Error("after undo it is stale, or the comment is gone")
		}
	})
}

func TestBundledTranslationsGrowStale(t *testing.T) {
	s := newService(dbtest.SQLite(t, migrate))
	id := create(t, s, Bundled(form.Official))
	d := draft(t, s, id)
	first := d.Questionnaire.Pages[0].Items[0].ID
	_, err := s.Change(t.Context(), ada, id, 1, "text", setText("item:"+first+":text", "en", "Another question"))
	check(t, err)
	d = draft(t, s, id)
	for _, tag := range i18n.Languages[1:] {
		if c := d.Ledger.Covered(translation.Of(d.Questionnaire), tag); c.Stale != 1 || c.Percent() == 100 {
			t.Errorf("%s: %+v", tag, c)
		}
	}
}

func TestSign(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		ctx := t.Context()
		id, _ := bilingual(t, s)
		wantKey(t, s.Sign(ctx, grace, id, "fr", translation.Translator), errs.Conflict, "questionnaire.incomplete")
		french(t, s, id)
		check(t, s.Sign(ctx, grace, id, "fr", translation.Translator))
		wantKey(t, s.Sign(ctx, grace, id, "fr", translation.Reviewer), errs.Conflict, "questionnaire.same_person")
		wantKey(t, s.Sign(ctx, grace, id, "fr", "boss"), errs.Invalid, "questionnaire.role")
		wantKey(t, s.Sign(ctx, alan, id, "fr", translation.Reviewer), errs.Forbidden, "error.forbidden")
		check(t, s.Sign(ctx, edith, id, "fr", translation.Reviewer))
		check(t, s.Publish(ctx, ada, id, draft(t, s, id).Revision, "1"))
		gaps := func() map[string]Gap {
			list, err := s.Unsigned(ctx, id, "1", nil)
			check(t, err)
			all := map[string]Gap{}
			for _, g := range list {
				all[g.Lang] = g
			}
			return all
		}
		if g := gaps()["fr"]; g.Percent != 100 || roles(g.Open) != "adjudicator" || g.Screens != 100 || len(g.Unread) != 3 {
			t.Errorf("gap: %+v", g)
		}
		check(t, s.Sign(ctx, ada, id, "fr", translation.Adjudicator)) // after publishing
		check(t, s.Sign(ctx, ada, id, "en", translation.Adjudicator))
		check(t, s.SignScreens(ctx, grace, "fr", translation.Translator))
		check(t, s.SignScreens(ctx, edith, "fr", translation.Reviewer))
		check(t, s.SignScreens(ctx, ada, "fr", translation.Adjudicator))
		if all := gaps(); len(all) != 1 || roles(all["en"].Unread) != "adjudicator" {
			t.Errorf("gaps: %+v", all)
		}
		sign := draft(t, s, id).Ledger.Signatures["fr"][0]
		if sign.By != "Grace" || sign.Day != "2026-12-01" {
			t.Errorf("signature: %+v", sign)
		}
		_, err := s.Change(ctx, ada, id, draft(t, s, id).Revision, "text", setText("item:q1:text", "fr", "Autre"))
		check(t, err)
		if _, open := ledgerOf(t, s, id).Signed(translation.Of(draft(t, s, id).Questionnaire), "fr"); len(open) != 3 {
			t.Errorf("signatures hold for a text that changed: %v open", open)
		}
		if all := gaps(); len(all) != 1 {
			t.Errorf("the version lost its signatures: %+v", all)
		}
	})
}

func ledgerOf(t *testing.T, s *Service, id string) *translation.Ledger {
	d := draft(t, s, id)
	return &d.Ledger
}

func TestTranslationFiles(t *testing.T) {
	for _, format := range []string{"xlf", "po", "xlsx"} {
		t.Run(format, func(t *testing.T) {
			s := newService(dbtest.SQLite(t, migrate))
			ctx := t.Context()
			id, _ := bilingual(t, s)
			french(t, s, id)
			f, err := s.ExportTranslation(ctx, alan, id, "fr", format, false)
			check(t, err)
			if f.Name != "form.fr."+format {
				t.Errorf("named %s", f.Name)
			}
			other, _ := bilingual(t, s)
			taken, err := s.ImportTranslation(ctx, ada, other, "fr", f.Name, f.Data)
			if err != nil || taken.Texts < 5 || len(taken.Problems) > 0 {
				t.Fatalf("taken: %+v, %v", taken, err)
			}
			if !form.Equal(draft(t, s, other).Questionnaire, draft(t, s, id).Questionnaire) {
				t.Error("the translation differs")
			}
			_, err = s.Change(ctx, ada, other, draft(t, s, other).Revision, "es", func(q *form.Questionnaire) (*form.Questionnaire, error) {
				return edit.AddLanguage(q, "es")
			})
			check(t, err)
			_, err = s.ImportTranslation(ctx, ada, other, "es", f.Name, f.Data)
			if e := wantKey(t, err, errs.Invalid, "questionnaire.file"); e.Details[0].Key != "translation.language" {
				t.Errorf("details: %+v", e.Details)
			}
			_, err = s.ImportTranslation(ctx, ada, other, "fr", f.Name, []byte("<nothing"))
			if errs.KindOf(err) != errs.Invalid {
				t.Errorf("a broken file: %v", err)
			}
		})
	}
}

func TestAddLanguageFile(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		ctx := t.Context()
		id, _ := bilingual(t, s)
		f, err := s.ExportTranslation(ctx, ada, id, "ha", "po", true)
		check(t, err)
		filled := f.Data
		for source, target := range map[string]string{"Back": "Koma", "One left": "Guda", "{{.N}} left": "Saura {{.N}}", "Do you agree?": "Ka yarda?"} {
			filled = bytes.Replace(filled, fmt.Appendf(nil, "msgid %q\nmsgstr \"\"", source), fmt.Appendf(nil, "msgid %q\nmsgstr %q", source, target), 1)
		}
		taken, err := s.AddLanguageFile(ctx, ada, id, "", "", f.Name, filled)
		if err != nil || taken.Lang != "ha" || taken.Screens != 3 || taken.Texts != 1 {
			t.Fatalf("taken: %+v, %v", taken, err)
		}
		all, err := s.Languages(ctx)
		check(t, err)
		if len(all) != 1 || all[0].Tag != "ha" || all[0].Name != "Hausa" || all[0].Texts["respond.left:other"] != "Saura {{.N}}" {
			t.Errorf("languages: %+v", all)
		}
		if it, _ := draft(t, s, id).Questionnaire.Item("q1"); it.Text["ha"] != "Ka yarda?" {
			t.Errorf("item: %v", it.Text)
		}
		book, ledger, err := s.Screens(ctx, ada, "ha")
		if err != nil || ledger.Covered(book, "ha").Percent() != 100 {
			t.Errorf("screens: %+v, %v", ledger.Covered(book, "ha"), err)
		}
		wrong := bytes.Replace(filled, []byte("Saura {{.N}}"), []byte("Saura {{.M}}"), 1)
		taken, err = s.AddLanguageFile(ctx, ada, id, "ha", "Harshen Hausa", f.Name, wrong)
		if err != nil || taken.Screens != 2 || len(taken.Problems) != 1 || taken.Problems[0].Key != "translation.placeholder" {
			t.Errorf("taken: %+v, %v", taken, err)
		}
	})
}

func TestCatalogue(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.Load(Messages())
	check(t, err)
	printer := catalogue.Printer("en")
	keys := slices.Collect(maps.Keys(translation.ProblemKeys()))
	keys = slices.AppendSeq(keys, maps.Keys(edit.RefusalKeys()))
	keys = slices.AppendSeq(keys, maps.Keys(edit.Phrases()))
	keys = append(keys, Whats()...)
	for key := range xlsform.ProblemKeys() {
		if strings.HasPrefix(key, "xlsform.") {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if !printer.Has(key) {
			t.Errorf("no words for %s", key)
		}
	}
}
