package factor

import (
	"fmt"
	"slices"
)

// Measurement stands in place of a factor number in the crosswalk rows that
// speak of measuring itself rather than of one factor.
const Measurement = 0

// Article is an article of the United Nations Convention against Corruption, or
// one paragraph of it.
type Article struct {
	Number    int
	Paragraph string // "3" or "b"; empty for the whole article
	Subject   string // heading of the article, in English
}

// String returns the usual short form, "5" or "5(3)".
func (a Article) String() string {
	if a.Paragraph == "" {
		return fmt.Sprint(a.Number)
	}
	return fmt.Sprintf("%d(%s)", a.Number, a.Paragraph)
}

// Mapping is one row of the crosswalk: a factor and an article that speaks to
// the same subject. No official correspondence was found, so each row carries
// who says so and must be shown with its [Mapping.Label].
type Mapping struct {
	Factor     int // 1 to 10, or [Measurement]
	Article    Article
	Target     string // the treaty the article belongs to, in English
	Relation   string // "related": same subject, no claim that one implies the other
	Authority  string // who states the relation
	Provenance string // how it was arrived at, in English
	Note       string // what the two have in common, in English; may be empty

	label text
}

// Label returns the words that go with every showing of the row, "indicative,
// not a WCO text", in lang and the language it was found in; see [Factor.Name].
func (m Mapping) Label(lang string) (label, got string) {
	return m.label.in(lang)
}

// Crosswalk returns all rows, by factor and then in the order of the working
// crosswalk; the rows on [Measurement] come last.
func Crosswalk() []Mapping {
	return slices.Clone(arusha.crosswalk)
}

// Articles returns the articles related to factor n, or to [Measurement], in
// the order of the crosswalk; nil for an unknown factor.
func Articles(n int) []Article {
	var list []Article
	for _, m := range arusha.crosswalk {
		if m.Factor == n {
			list = append(list, m.Article)
		}
	}
	return list
}
