package form

import (
	"slices"

	"adili/form/expr"
)

// Population is the group of people a questionnaire is written for.
type Population string

// The two populations of an integrity perception survey. An imported form that
// says nothing has none; a round needs one.
const (
	Official Population = "official" // people who work for Customs
	Private  Population = "private"  // people who deal with Customs in business
)

// Undetermined is the tag of texts that an imported form gives no language.
const Undetermined = "und"

// Text is one sentence by BCP 47 language tag. A sentence may name another
// item as ${id}: its answer stands there.
type Text map[string]string

// In returns the text in lang. Where there is none it falls back to English
// and then to any language, and reports the language it found.
func (t Text) In(lang string) (text, got string) {
	if s := t[lang]; s != "" {
		return s, lang
	}
	if s := t["en"]; s != "" {
		return s, "en"
	}
	tags := make([]string, 0, len(t))
	for tag := range t {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		if t[tag] != "" {
			return t[tag], tag
		}
	}
	return "", ""
}

// Status is how far the review of a language has come.
type Status string

// The review statuses.
const (
	Draft    Status = "draft"    // not yet reviewed by a native speaker
	Reviewed Status = "reviewed" // reviewed by a native speaker
)

// Questionnaire is one version of an instrument for one population.
type Questionnaire struct {
	ID         string
	Version    string
	Population Population
	Title      Text
	Source     string            // the language the texts were written in; the others are translations
	Languages  map[string]Status // by BCP 47 tag
	Names      map[string]string // how an imported form writes a language, for example "French (fr)", by tag
	Scales     map[string]Scale
	Lists      map[string][]Choice // choice lists by name; every item of a list has its choices too
	Missing    map[Code]Text       // labels of the three codes a respondent can choose
	Pages      []Page
	Settings   map[string]string // XLSForm settings of other programs, kept for export
}

// Scale is an ordered list of answer points, the lowest first.
type Scale struct {
	Points []Text
}

// Page is a group at the top of a questionnaire. In a round it is what a
// respondent sees at once, see Questionnaire.Paged.
type Page struct {
	ID         string // "" for items that stand in no group
	Title      Text
	Intro      Text
	Appearance string
	Relevant   *expr.Expr
	Items      []Item
}

// Item finds an item, or a group, by its id.
func (q *Questionnaire) Item(id string) (Item, bool) {
	for _, page := range q.Pages {
		if it := find(page.Items, id); it != nil {
			return *it, true
		}
	}
	return Item{}, false
}

func find(items []Item, id string) *Item {
	for i := range items {
		if items[i].ID == id {
			return &items[i]
		}
		if it := find(items[i].Items, id); it != nil {
			return it
		}
	}
	return nil
}

// Items lists every item in the order asked: those in groups for the groups,
// and those too that nobody answers.
func (q *Questionnaire) Items() []Item {
	var items []Item
	q.each(func(it *Item) { items = append(items, *it) })
	return items
}

// Questions is the number of items that a person can answer.
func (q *Questionnaire) Questions() int {
	n := 0
	q.each(func(it *Item) {
		if it.Kind.Answered() {
			n++
		}
	})
	return n
}

// LanguageTags lists the languages of the questionnaire, sorted, English first.
func (q *Questionnaire) LanguageTags() []string {
	tags := make([]string, 0, len(q.Languages))
	for tag := range q.Languages {
		tags = append(tags, tag)
	}
	slices.SortFunc(tags, func(a, b string) int {
		switch {
		case a == b:
			return 0
		case a == "en" || b != "en" && a < b:
			return -1
		}
		return 1
	})
	return tags
}

// WithOffices returns a copy whose items with choices from the office groups
// offer groups. The receiver, which Paged made, is left as it is.
func (q *Questionnaire) WithOffices(groups []Choice) *Questionnaire {
	c := *q
	c.Pages = make([]Page, 0, len(q.Pages))
	for _, page := range q.Pages {
		items := make([]Item, 0, len(page.Items))
		for _, it := range page.Items {
			if it.ChoicesFrom == OfficeGroups {
				if len(groups) == 0 {
					continue // nothing to choose from: the question is left out
				}
				it.Choices = slices.Clone(groups)
			}
			items = append(items, it)
		}
		if len(items) > 0 {
			page.Items = items
			c.Pages = append(c.Pages, page)
		}
	}
	return &c
}

// Points is the number of answer points of an agreement item.
func (q *Questionnaire) Points(it Item) int { return len(q.Scales[it.Scale].Points) }

// Matched lists the ids of the agreement items that stand in both
// questionnaires with the same scale length and direction, in a's order. Only
// these may be compared between populations.
func Matched(a, b *Questionnaire) []string {
	var ids []string
	for _, it := range a.Items() {
		other, ok := b.Item(it.ID)
		if ok && it.Kind == Agreement && other.Kind == Agreement && it.Factor == other.Factor &&
			it.Reverse == other.Reverse && a.Points(it) == b.Points(other) {
			ids = append(ids, it.ID)
		}
	}
	return ids
}

// together is the appearance of a page whose items are shown at once.
const together = "field-list"
