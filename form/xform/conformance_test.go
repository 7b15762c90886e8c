package xform

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"adili/form"
	"adili/form/xlsform"
	"adili/internal/testkit/formtest"
)

// differs lists the cases in scope that we write in another way than pyxform,
// with the reason.
var differs = map[string]string{
	"tests.test_notes.TestNotes.test_instance_expression__permutations#29":                                              escapedTwice,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#30":                                              escapedTwice,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#31":                                              escapedTwice,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#32":                                              escapedTwice,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#33":                                              escapedTwice,
	"tests.test_translations.TestTranslationsChoices.test_missing_translation__two_lang__warn__default":                 "text without a language is in the default language here, so the other language lacks it; pyxform shows it in all",
	"tests.test_translations.TestTranslationsOrOther.test_specify_other__with_translations_only__existing_other_choice": "the words of or_other are in the source language here, in all languages there",
	"tests.test_upload_question.UploadTest.test_image_question_custom_col_calc":                                         "a column for ArcGIS, which pyxform writes as Python prints a dictionary; it is kept for XLSForm but not written here",
}

const escapedTwice = "pyxform escapes < and & of an expression in a label twice, so that it cannot be read; here it can"

// least is how many of the cases have to be in scope.
const least = 230

// read imports a case. pyxform takes the name of the root element and the id of
// a form without settings from its caller.
func read(t *testing.T, c formtest.Case) *form.Questionnaire {
	t.Helper()
	q, problems := xlsform.Read(c.Sheets)
	if q == nil {
		t.Logf("%s: not imported: %v", c.ID, problems)
		return nil
	}
	if q.Settings == nil {
		q.Settings = map[string]string{}
	}
	if q.Settings["name"] == "" {
		q.Settings["name"] = c.Name
	}
	if q.ID == "form" {
		q.ID = "data"
	}
	return q
}

// Every form in scope is written as pyxform writes it.
func TestXForm(t *testing.T) {
	left := map[string]int{}
	total, equal := 0, 0
	for _, c := range formtest.Cases(t) {
		if c.XForm == "" {
			continue
		}
		if reason := c.OutOfScope(); reason != "" {
			left[reason]++
			continue
		}
		total++
		ours := written(t, c)
		theirs, err := normal([]byte(c.XForm))
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		switch reason, listed := differs[c.ID]; {
		case ours == theirs && listed:
			t.Errorf("%s is equal now; take it off the list (%s)", c.ID, reason)
		case ours == theirs:
			equal++
		case !listed:
			t.Errorf("%s differs:\n%s\n%s", c.ID, c.Source, difference(ours, theirs))
			keep(t, c, ours, theirs)
		}
	}
	t.Logf("%d of %d forms are written like pyxform's", equal, total)
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		t.Logf("left out: %3d %s", left[reason], reason)
	}
	if total < least {
		t.Errorf("%d forms in scope, want at least %d", total, least)
	}
}

func written(t *testing.T, c formtest.Case) string {
	q := read(t, c)
	if q == nil {
		return "not imported"
	}
	out, err := Write(q)
	if err != nil {
		return err.Error()
	}
	ours, err := normal(out)
	if err != nil {
		t.Errorf("%s: not XML: %v", c.ID, err)
	}
	return ours
}

// difference shows the lines that only one of two documents has.
func difference(ours, theirs string) string {
	var b strings.Builder
	one, other := strings.Split(ours, "\n"), strings.Split(theirs, "\n")
	for _, line := range one {
		if !slices.Contains(other, line) {
			b.WriteString("ours   " + line + "\n")
		}
	}
	for _, line := range other {
		if !slices.Contains(one, line) {
			b.WriteString("theirs " + line + "\n")
		}
	}
	if b.Len() == 0 {
		return "the same lines in another order\n" + ours
	}
	return b.String()
}

// keep leaves both documents in the folder ADILI_XFORM_DIFF, for a person to
// look at.
func keep(t *testing.T, c formtest.Case, ours, theirs string) {
	t.Helper()
	folder := os.Getenv("ADILI_XFORM_DIFF")
	if folder == "" {
		return
	}
	for name, text := range map[string]string{"ours": ours, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(folder, c.ID+"."+name+".xml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
