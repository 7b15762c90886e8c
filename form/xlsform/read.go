package xlsform

import (
	"slices"
	"strings"

	"adili/form"
	"adili/form/expr"
	"adili/form/xlsform/spelling"
)

// Read makes a questionnaire of the sheets of an XLSForm. Where one of the
// problems is no warning the form is refused and the questionnaire is nil.
func Read(sheets []Sheet) (*form.Questionnaire, []Problem) {
	r := &reader{
		q: &form.Questionnaire{
			ID: "form", Languages: make(map[string]form.Status), Lists: make(map[string][]form.Choice), Settings: make(map[string]string),
			Scales: make(map[string]form.Scale), Missing: make(map[form.Code]form.Text), // never nil, as form.Read has it
		},
		languages: languages{plain: form.Undetermined, tags: make(map[string]string), names: make(map[string]string)},
		names:     make(map[string]int),
		rows:      make(map[string][]choiceRow),
		ids:       make(map[string]bool),
		next:      make(map[string]int),
		where:     make(map[string]record),
		kinds:     make(map[string]string),
	}
	r.book = open(sheets, &r.problems)
	for _, sheet := range slices.Sorted(mapKeys(refusedSheets)) {
		if s, ok := r.book.sheets[sheet]; ok && len(s.Rows) > 1 {
			r.add(Problem{Sheet: sheet, Row: 2, Key: "xlsform.problem.feature", Args: []any{"Reason", refusedSheets[sheet]}})
		}
	}
	survey := r.book.sheets[spelling.SurveySheet]
	switch {
	case len(survey.Rows) > 0:
		r.read(survey)
	case !r.book.large[spelling.SurveySheet]:
		r.add(Problem{Sheet: spelling.SurveySheet, Key: "xlsform.problem.no_survey",
			Args: []any{"Similar", r.book.similarSheets(spelling.SurveySheet)}})
	}
	inOrder(r.found)
	if r.errors > 0 {
		return nil, r.found
	}
	return r.q, r.found
}

// reader is the state of reading one form.
type reader struct {
	problems
	languages
	q        *form.Questionnaire
	book     book
	settings *table
	choices  *table
	survey   *table
	names    map[string]int // how many rows of the survey sheet have each name
	rows     map[string][]choiceRow
	ids      map[string]bool   // taken
	next     map[string]int    // the number to try next after a name
	moved    []string          // lists that became scales or the choices of one item
	seconds  bool              // or_other was used
	sequence []record          // the rows of items and groups, in their order
	where    map[string]record // the rows by id
	kinds    map[string]string // the types of questions by name; "" for those never shown
	triggers []trigger
}

func (r *reader) read(survey Sheet) {
	exact := r.book.exact()
	r.settings = tabulate(r.book.sheets[spelling.SettingsSheet], spelling.SettingHeaders, false, exact, &r.problems)
	r.settings.sheet = spelling.SettingsSheet
	r.readSettings()
	r.choices = tabulate(r.book.sheets[spelling.ChoicesSheet], spelling.ChoiceHeaders, false, exact, &r.problems)
	r.choices.sheet = spelling.ChoicesSheet
	squeeze := true
	if yes, ok := spelling.YesNo(r.q.Settings["clean_text_values"]); ok {
		squeeze = yes
	}
	r.survey = tabulate(survey, spelling.SurveyHeaders, squeeze, exact, &r.problems)
	if !r.survey.has("type") {
		r.add(Problem{Sheet: spelling.SurveySheet, Row: 1, Column: "type", Key: "xlsform.problem.no_column", Args: []any{"Want", "type"}})
		return
	}
	r.readLanguages()
	r.readChoices()
	items := r.readSurvey()
	r.checkReferences()
	r.checkTranslations()
	r.q.Pages = pages(items)
	r.readMissing()
	r.dropMoved(items)
	r.checkModel()
}

// text collects the cells of a column in all languages.
func (r *reader) text(rec record, field string) form.Text {
	var text form.Text
	for i, c := range rec.table.columns {
		if c.Field != field || rec.cells[i] == "" {
			continue
		}
		tag := r.plain
		if c.Language != "" {
			tag = r.tags[c.Language]
		}
		if c.Language == "" && text[tag] != "" {
			continue // the column that names the language counts
		}
		if text == nil {
			text = make(form.Text)
		}
		text[tag] = rec.cells[i]
	}
	return text
}

// expression reads the expression in a cell. The words yes and no are the
// values true and false.
func (r *reader) expression(rec record, field string) *expr.Expr {
	source := rec.get(field)
	if source == "" {
		return nil
	}
	if yes, ok := spelling.YesNo(source); ok && field != "choice_filter" {
		source = "false()"
		if yes {
			source = "true()"
		}
	}
	e, err := expr.Parse(source)
	if err != nil {
		rec.bad(field, "xlsform.problem.expression", "Detail", err.Error())
		return nil
	}
	for _, call := range e.Calls() {
		if reason := refusedCalls[call]; reason != "" {
			rec.bad(field, "xlsform.problem.feature", "Reason", reason)
		}
	}
	return e
}

// refusedCalls are the functions that need what a form does not have here.
var refusedCalls = map[string]string{
	"pulldata":       "pulldata() looks in a file beside the form",
	"search":         "search() looks in a file beside the form",
	"indexed-repeat": "indexed-repeat() needs repeats",
}

// readLanguages gives every language in the headers a tag and finds the one
// the form was written in.
func (r *reader) readLanguages() {
	first := ""
	for _, t := range []*table{r.survey, r.choices, r.settings} {
		for i, c := range t.columns {
			if !c.Known || !spelling.Translated[c.Field] {
				continue
			}
			if c.Language == "" {
				if t != r.settings && slices.ContainsFunc(t.rows, func(rec record) bool { return rec.cells[i] != "" }) {
					r.met(r.plain)
				}
				continue
			}
			tag, other := r.tag(c.Language)
			if first == "" {
				first = tag
			}
			if other != "" {
				r.add(Problem{Sheet: t.sheet, Row: 1, Column: c.Header, Field: c.Field, Key: "xlsform.problem.language_twice",
					Args: []any{"Other", other, "Language", c.Language, "Tag", tag}})
			}
		}
	}
	r.q.Source = r.plain
	if r.plain == form.Undetermined && !slices.Contains(r.order, r.plain) && first != "" {
		r.q.Source = first
	}
	r.met(r.q.Source)
	for _, tag := range r.order {
		r.q.Languages[tag] = form.Draft
	}
	for _, tag := range strings.Fields(r.reviewed()) {
		if _, ok := r.q.Languages[tag]; ok {
			r.q.Languages[tag] = form.Reviewed
		}
	}
	if len(r.languages.names) > 0 {
		r.q.Names = r.languages.names
	}
	r.warnLanguageCodes()
	if len(r.settings.rows) > 0 {
		r.readTitle(r.settings.rows[0])
	}
}

// readTitle reads the title. That without a language is in the source's.
func (r *reader) readTitle(rec record) {
	r.q.Title = r.text(rec, "form_title")
	if plain := rec.get("form_title"); plain != "" && r.q.Title[r.q.Source] == "" {
		delete(r.q.Title, r.plain)
		r.q.Title[r.q.Source] = plain
	}
}

// warnLanguageCodes names the languages without a code that programs know.
func (r *reader) warnLanguageCodes() {
	done := make(map[string]bool)
	for _, t := range []*table{r.survey, r.choices} {
		for _, c := range t.columns {
			if c.Language == "" || c.Language == "default" || done[c.Language] || len(c.Language) < 3 {
				continue
			}
			done[c.Language] = true
			if spelling.LanguageCode(c.Language) == "" {
				r.add(Problem{Sheet: t.sheet, Row: 1, Column: c.Header, Field: c.Field, Key: "xlsform.problem.language_code",
					Args: []any{"Language", c.Language}, Warning: true})
			}
		}
	}
}

// checkTranslations warns of languages that lack a column others have.
func (r *reader) checkTranslations() {
	for _, t := range []*table{r.survey, r.choices} {
		all := make(map[string]bool)
		have := make(map[string]map[string]bool)
		for _, c := range t.columns {
			if !c.Known || !spelling.Translated[c.Field] || strings.HasPrefix(c.Field, "pair_") {
				continue
			}
			if have[c.Language] == nil {
				have[c.Language] = make(map[string]bool)
			}
			have[c.Language][c.Field], all[c.Field] = true, true
		}
		if len(have) == 0 || len(have) == 1 && have[""] != nil {
			continue
		}
		for _, lang := range slices.Sorted(mapKeys(have)) {
			var missing []string
			for _, field := range slices.Sorted(mapKeys(all)) {
				if !have[lang][field] {
					missing = append(missing, field)
				}
			}
			if lang == "" {
				lang = "default"
			}
			if missing != nil {
				r.add(Problem{Sheet: t.sheet, Row: 1, Key: "xlsform.problem.untranslated", Warning: true,
					Args: []any{"Language", lang, "Columns", strings.Join(missing, ", ")}})
			}
		}
		if r.seconds {
			r.seconds = false
			r.add(Problem{Sheet: t.sheet, Row: 1, Key: "xlsform.problem.or_other_text", Warning: true})
		}
	}
}
