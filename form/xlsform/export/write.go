// Package export writes questionnaires as the sheets of an XLSForm.
package export

import (
	"maps"
	"slices"
	"strings"

	"adili/form"
	"adili/form/xlsform/cells"
	"adili/form/xlsform/spelling"
)

// Write makes the sheets of an XLSForm of a questionnaire. Read makes the same
// questionnaire of them.
func Write(q *form.Questionnaire) []cells.Sheet {
	w := &writer{q: q, tags: tagOrder(q)}
	survey := w.grid(spelling.SurveySheet, surveyOrder)
	survey.use("type", "")
	survey.use("name", "")
	for _, tag := range w.tags {
		if tag != form.Undetermined {
			survey.use("label", tag)
		}
	}
	for _, page := range q.Pages {
		if page.ID == "" {
			w.items(survey, page.Items)
			continue
		}
		w.items(survey, []form.Item{{ID: page.ID, Kind: form.Group, Text: page.Title, Hint: page.Intro,
			Appearance: page.Appearance, Relevant: page.Relevant, Items: page.Items}})
	}
	choices := w.grid(spelling.ChoicesSheet, choiceOrder)
	w.choices(choices)
	settings := w.grid(spelling.SettingsSheet, settingOrder)
	sheets := []cells.Sheet{survey.sheet()}
	if len(choices.rows) > 0 {
		sheets = append(sheets, choices.sheet())
	}
	w.settings(settings, sheets)
	return append(sheets, settings.sheet())
}

type writer struct {
	q    *form.Questionnaire
	tags []string // the source first
	used []string // lists in the order met
	own  []form.Item
}

// tagOrder lists the languages, the one the texts were written in first.
func tagOrder(q *form.Questionnaire) []string {
	tags := slices.Sorted(maps.Keys(q.Languages))
	if i := slices.Index(tags, q.Source); i > 0 {
		tags = append([]string{q.Source}, slices.Delete(tags, i, i+1)...)
	}
	return tags
}

// The order of the columns. Those of other programs follow by name.
var (
	surveyOrder = []string{"type", "name", "label", "hint", "guidance_hint", "kind", "role", "factor", "reverse_scored", "sensitive",
		"required", "required_message", "relevant", "constraint", "constraint_message", "readonly", "calculation", "default",
		"choice_filter", "choices_from", "missing", "appearance", "parameters", "image", "big-image", "audio", "video",
		"window_months", "max_length", "action", "equivalent", "pair_statement", "pair_known", "pair_anchor", "pair_practice"}
	choiceOrder  = []string{"list_name", "name", "label", "exclusive", "fixed", "image", "big-image", "audio", "video"}
	settingOrder = []string{"form_title", "form_id", "version", "population", "default_language", "reviewed", spelling.ExactTexts}
)

// cell names a column: its field and, of a text, the language.
type cell struct{ field, tag string }

// grid is a sheet being written: its rows, and the columns they use.
type grid struct {
	name  string
	w     *writer
	order []string
	used  map[cell]bool
	rows  []map[cell]string
}

func (w *writer) grid(name string, order []string) *grid {
	return &grid{name: name, w: w, order: order, used: make(map[cell]bool)}
}

func (g *grid) use(field, tag string) { g.used[cell{field, tag}] = true }

// row begins a row.
func (g *grid) row() { g.rows = append(g.rows, make(map[cell]string)) }

// set fills a cell of the last row.
func (g *grid) set(field, value string) {
	if value != "" {
		g.use(field, "")
		g.rows[len(g.rows)-1][cell{field, ""}] = value
	}
}

// text fills the cells of a text in the last row.
func (g *grid) text(field string, text form.Text) {
	for tag, s := range text {
		if tag == form.Undetermined {
			tag = ""
		}
		if s != "" {
			g.use(field, tag)
			g.rows[len(g.rows)-1][cell{field, tag}] = s
		}
	}
}

func (g *grid) media(files map[string]form.Text) {
	for kind, text := range files {
		g.text(kind, text)
	}
}

func (g *grid) extra(extra map[string]string) {
	for field, value := range extra {
		if field != "name" {
			g.set(field, value)
		}
	}
}

// place orders columns by field, then by language.
func (g *grid) place(c cell) (field, language int) {
	field = slices.Index(g.order, c.field)
	if field < 0 {
		field = len(g.order)
	}
	language = slices.Index(g.w.tags, c.tag)
	if c.tag == "" {
		language = -2
	} else if language < 0 {
		language = len(g.w.tags)
	}
	return field, language
}

func (g *grid) sheet() cells.Sheet {
	columns := slices.SortedFunc(maps.Keys(g.used), func(a, b cell) int {
		fieldA, langA := g.place(a)
		fieldB, langB := g.place(b)
		switch {
		case fieldA != fieldB:
			return fieldA - fieldB
		case a.field != b.field:
			return strings.Compare(a.field, b.field)
		case langA != langB:
			return langA - langB
		}
		return strings.Compare(a.tag, b.tag)
	})
	header := make([]string, 0, len(columns))
	for _, c := range columns {
		if c.tag == "" {
			header = append(header, c.field)
		} else {
			header = append(header, c.field+"::"+languageHeader(g.w.q, c.tag))
		}
	}
	if all := strings.Join(header, " "); strings.Contains(all, ":") && !strings.Contains(all, "::") {
		header = append(header, "bind::type") // without any :: a single colon would divide headers
	}
	s := cells.Sheet{Name: g.name, Rows: [][]string{header}}
	for _, row := range g.rows {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = row[c]
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}

// choices writes the lists: those of the questions in their order, then the
// others, then the words for missing answers.
func (w *writer) choices(g *grid) {
	q := w.q
	written := make(map[string]bool)
	for _, name := range append(w.used, slices.Concat(slices.Sorted(maps.Keys(q.Lists)), slices.Sorted(maps.Keys(q.Scales)))...) {
		if written[name] {
			continue
		}
		written[name] = true
		list, ok := q.Lists[name]
		if scale, isScale := q.Scales[name]; !ok && isScale {
			list = pointChoices(scale)
		}
		w.list(g, name, list)
	}
	for _, it := range w.own {
		w.list(g, spelling.OwnList(it.ID), it.Choices)
	}
	for _, code := range []form.Code{form.DontKnow, form.PreferNot, form.NotApplicable} {
		if label, ok := q.Missing[code]; ok {
			w.list(g, spelling.MissingList, []form.Choice{{ID: code.Name(), Label: label}})
		}
	}
}

func (w *writer) list(g *grid, name string, list []form.Choice) {
	for _, c := range list {
		g.row()
		g.set("list_name", name)
		g.set("name", c.ID)
		g.text("label", c.Label)
		g.set("exclusive", yes(c.Exclusive))
		g.set("fixed", yes(c.Fixed))
		g.media(c.Media)
		g.extra(c.Extra)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// settings writes the one row of settings. It says that texts are to be read
// as they stand where reading would otherwise straighten them.
func (w *writer) settings(g *grid, sheets []cells.Sheet) {
	q := w.q
	g.row()
	for tag, title := range q.Title {
		if tag == q.Source {
			g.set("form_title", title)
		} else {
			g.text("form_title", form.Text{tag: title})
		}
	}
	g.set("form_id", q.ID)
	g.set("version", q.Version)
	g.set("population", string(q.Population))
	var reviewed []string
	for _, tag := range w.tags {
		if q.Languages[tag] == form.Reviewed {
			reviewed = append(reviewed, tag)
		}
	}
	g.set("reviewed", strings.Join(reviewed, " "))
	g.extra(q.Settings)
	if name := q.Settings["name"]; name != "" {
		g.set("name", name)
	}
	for _, s := range append(slices.Clone(sheets), g.sheet()) {
		for _, row := range s.Rows {
			for _, value := range row {
				if cells.Clean(value, true) != value {
					g.set(spelling.ExactTexts, "yes")
				}
			}
		}
	}
}

// languageHeader is what stands after :: for a tag.
func languageHeader(q *form.Questionnaire, tag string) string {
	if name := q.Names[tag]; name != "" {
		return name
	}
	return tag
}
