package edit

import (
	"cmp"
	"strconv"
	"strings"

	"adili/form"
)

// Locate turns the field of a form.Fault, "pages[0].items[2].relevant" for
// example, into the id of the item and the rest, "relevant". Of a page the id is
// "page:" and its id; of anything else it is "" and the field is as it was.
func Locate(q *form.Questionnaire, path string) (id, rest string) {
	n, rest, ok := step(path, "pages")
	if !ok || n >= len(q.Pages) {
		return "", path
	}
	id = "page:" + cmp.Or(q.Pages[n].ID, strconv.Itoa(n+1))
	items := q.Pages[n].Items
	for {
		n, inner, ok := step(rest, "items")
		if !ok || n >= len(items) {
			return id, rest
		}
		id, rest, items = items[n].ID, inner, items[n].Items
	}
}

// step takes "name[n]." off the front of a path.
func step(path, name string) (n int, rest string, ok bool) {
	inner, ok := strings.CutPrefix(path, name+"[")
	if !ok {
		return 0, path, false
	}
	digits, rest, ok := strings.Cut(inner, "]")
	n, err := strconv.Atoi(digits)
	return n, strings.TrimPrefix(rest, "."), ok && err == nil && n >= 0
}

// Blank is a questionnaire with one empty page in one language. It has the
// scales and the labels of missing answers of the bundled instruments, in
// English where they have no version in that language.
func Blank(population form.Population, lang string) *form.Questionnaire {
	q := &form.Questionnaire{ID: "questionnaire", Population: population, Source: lang, Languages: map[string]form.Status{lang: form.Draft},
		Scales: map[string]form.Scale{}, Missing: map[form.Code]form.Text{}, Pages: []form.Page{{ID: "page1"}}}
	for _, t := range bank() {
		if len(t.Points) > 0 && len(q.Scales) == 0 {
			scaleFor(q, t.Item.Scale, t.Points)
		}
		for code, label := range t.Missing {
			if len(q.Missing[code]) == 0 {
				q.Missing[code] = inLanguages(q, label)
			}
		}
	}
	return q
}
