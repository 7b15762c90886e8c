package form

import "slices"

// Population is the group of people a questionnaire is written for.
type Population string

// The two populations of an integrity perception survey.
const (
	Official Population = "official" // people who work for Customs
	Private  Population = "private"  // people who deal with Customs in business
)

// Text is one sentence by BCP 47 language tag.
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

// Kind is how an item is answered.
type Kind string

// The kinds of item.
const (
	Agreement  Kind = "agreement" // one point of a scale, enters scores
	Single     Kind = "single"    // one choice, stays out of scores
	Multi      Kind = "multi"     // any number of choices, stays out of scores
	OpenAnswer Kind = "text"      // free text, kept apart from the closed answers
)

// Role is what an item is for.
type Role string

// The roles of an item.
const (
	Perception Role = "perception" // how things are seen; makes the factor scores
	Knowledge  Role = "knowledge"  // what is known, for example the mission of Customs
	Outcome    Role = "outcome"    // what follows from integrity or the lack of it
	Experience Role = "experience" // what happened, in a window of months
	Open       Role = "open"       // free text
	Profile    Role = "profile"    // who answers, in broad groups
)

// Sensitivity says how much harm an answer could do if it were known.
type Sensitivity string

// The levels of sensitivity.
const (
	NotSensitive  Sensitivity = "none"
	Personal      Sensitivity = "personal"
	HighSensitive Sensitivity = "high"
)

// OfficeGroups is the choices_from value that fills an item's choices with the
// list of office groups the survey manager made.
const OfficeGroups = "office_groups"

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
	Languages  map[string]Status
	Scales     map[string]Scale
	Missing    map[Code]Text // labels of the three codes a respondent can choose
	Pages      []Page
}

// Scale is an ordered list of answer points, the lowest first.
type Scale struct {
	Points []Text
}

// Page is what a respondent sees at once.
type Page struct {
	ID    string
	Title Text
	Intro Text
	Items []Item
}

// Item is one question.
type Item struct {
	ID          string
	Kind        Kind
	Role        Role
	Factor      int // key factor 1 to 10; 0 where the item belongs to none
	Text        Text
	Hint        Text
	Scale       string
	Reverse     bool // agreeing speaks against integrity
	Choices     []Choice
	ChoicesFrom string
	Missing     []Code
	Sensitivity Sensitivity
	When        *Condition
	Window      int // months an experience item looks back
	MaxLength   int // characters of an open answer
	Action      string
}

// Choice is one answer of a single or multi item.
type Choice struct {
	ID        string
	Label     Text
	Exclusive bool // of a multi item: goes with no other choice
}

// Condition asks an item only after one of Any was chosen at Item.
type Condition struct {
	Item string
	Any  []string
}

// Item finds an item by its id.
func (q *Questionnaire) Item(id string) (Item, bool) {
	for _, page := range q.Pages {
		for _, it := range page.Items {
			if it.ID == id {
				return it, true
			}
		}
	}
	return Item{}, false
}

// Items lists every item in the order asked.
func (q *Questionnaire) Items() []Item {
	n := 0
	for _, page := range q.Pages {
		n += len(page.Items)
	}
	items := make([]Item, 0, n)
	for _, page := range q.Pages {
		items = append(items, page.Items...)
	}
	return items
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
// offer groups. The receiver is left as it is.
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
