package form

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"adili/form/expr"
	"adili/form/tree"
)

// Bounds of a questionnaire of format 2.
const (
	maxAll    = 3000 // items of every kind
	maxNested = 20   // groups in groups
	maxName   = 100  // bytes of an id

	maxItems      = 300 // questions of a round
	scalePoints   = 5   // scores are defined for five-point agreement
	maxTextLength = 1000
)

var (
	mediaKinds = []string{"audio", "big-image", "image", "video"}
	kinds      = []string{string(Agreement), string(Single), string(Multi), string(OpenAnswer), string(Integer), string(Decimal),
		string(Range), string(Date), string(Acknowledge), string(Note), string(Group), string(Calculate), string(Hidden), string(Unasked)}
	roles         = []string{"", string(Perception), string(Knowledge), string(Outcome), string(Experience), string(Open), string(Profile)}
	sensitivities = []string{"", string(NotSensitive), string(Personal), string(HighSensitive)}
	wideID        = regexp.MustCompile(`^[\p{L}_][\p{L}\p{M}\p{N}_.\-]*$`)
)

// Check finds what is wrong with a questionnaire wherever it came from. The
// fields are those of the file that Write would make; there are no lines.
func Check(q *Questionnaire) Faults {
	c := &checker{q: q, names: expr.Names{}, seen: map[string]bool{}}
	c.collect()
	c.head()
	c.shared()
	pages := map[string]bool{}
	for i, p := range q.Pages {
		path := fmt.Sprintf("pages[%d]", i)
		if p.ID != "" {
			c.id(tree.Join(path, "id"), p.ID)
			if pages[p.ID] {
				c.bad(tree.Join(path, "id"), "form.fault.duplicate_id", "Value", p.ID)
			}
			pages[p.ID] = true
		}
		c.words(tree.Join(path, "title"), p.Title)
		c.words(tree.Join(path, "intro"), p.Intro)
		c.expression(tree.Join(path, "relevant"), p.Relevant)
		c.items(path, p.Items, 0)
	}
	if c.count > maxAll {
		c.bad("pages", "form.fault.too_many", "Max", maxAll)
	}
	if _, cycle := order(q); cycle != nil && len(c.faults) == 0 {
		c.bad(c.paths[cycle[0]], "form.fault.cycle", "Path", strings.Join(cycle, " → "))
	}
	return c.faults
}

type checker struct {
	q      *Questionnaire
	faults Faults
	names  expr.Names        // what expressions can refer to
	paths  map[string]string // of the items, by id
	seen   map[string]bool
	count  int
}

func (c *checker) bad(path, key string, args ...any) {
	c.faults = append(c.faults, Fault{Field: path, Key: key, Args: args})
}

// collect notes every name before anything refers to one.
func (c *checker) collect() {
	c.paths = map[string]string{}
	for i, p := range c.q.Pages {
		if p.ID != "" {
			c.names[p.ID] = true
		}
		walk(p.Items, fmt.Sprintf("pages[%d]", i), func(it *Item, path string) {
			c.names[it.ID] = true
			c.paths[it.ID] = path
		})
	}
}

// walk calls f for every item, of groups too, with its path.
func walk(items []Item, path string, f func(it *Item, path string)) {
	for i := range items {
		inner := fmt.Sprintf("%s.items[%d]", path, i)
		f(&items[i], inner)
		walk(items[i].Items, inner, f)
	}
}

func (c *checker) oneOf(path, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		c.bad(path, "form.fault.choice", "Value", value, "Allowed", strings.Join(slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" }), ", "))
	}
}

func (c *checker) id(path, id string) {
	switch {
	case id == "":
		c.bad(path, "form.fault.required")
	case len(id) > maxName || !wideID.MatchString(id):
		c.bad(path, "form.fault.name", "Value", id)
	}
}

// words checks the languages of a text and what it refers to.
func (c *checker) words(path string, t Text) {
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		inner := tree.Join(path, tag)
		if _, ok := c.q.Languages[tag]; !ok {
			c.bad(inner, "form.fault.language_extra", "Value", tag)
		}
		if strings.TrimSpace(t[tag]) == "" {
			c.bad(inner, "form.fault.required")
		}
		if !utf8.ValidString(t[tag]) {
			c.bad(inner, "form.fault.want_text")
		}
		for _, name := range expr.References(t[tag]) {
			if !c.names[name] {
				c.bad(inner, "form.fault.reference", "Value", name)
			}
		}
	}
}

func (c *checker) media(path string, media map[string]Text) {
	for _, kind := range slices.Sorted(maps.Keys(media)) {
		if !slices.Contains(mediaKinds, kind) {
			c.bad(tree.Join(path, "media."+kind), "form.fault.unknown_field")
		}
		c.words(tree.Join(path, "media."+kind), media[kind])
	}
}

func (c *checker) expression(path string, e *expr.Expr) {
	if e == nil {
		return
	}
	for _, err := range e.Check(c.names) {
		c.bad(path, "form.fault.expression", "Detail", err.Error())
	}
}

func (c *checker) head() {
	q := c.q
	if strings.TrimSpace(q.ID) == "" {
		c.bad("id", "form.fault.required")
	}
	c.oneOf("population", string(q.Population), []string{"", string(Official), string(Private)})
	if len(q.Languages) == 0 {
		c.bad("languages", "form.fault.required")
	}
	for _, tag := range q.LanguageTags() {
		c.oneOf(tree.Join("languages", tag), string(q.Languages[tag]), []string{string(Draft), string(Reviewed)})
	}
	if _, ok := q.Languages[q.Source]; !ok {
		c.bad("source", "form.fault.language_extra", "Value", q.Source)
	}
	for _, tag := range slices.Sorted(maps.Keys(q.Names)) {
		if _, ok := q.Languages[tag]; !ok {
			c.bad(tree.Join("names", tag), "form.fault.language_extra", "Value", tag)
		}
	}
	c.words("title", q.Title)
}

// shared checks what items refer to: scales, lists and missing codes.
func (c *checker) shared() {
	for _, name := range slices.Sorted(maps.Keys(c.q.Scales)) {
		points := c.q.Scales[name].Points
		if len(points) != scalePoints {
			c.bad(tree.Join("scales", name), "form.fault.scale_points")
		}
		for i, p := range points {
			path := fmt.Sprintf("scales.%s.points[%d]", name, i)
			if len(p) == 0 {
				c.bad(path, "form.fault.required")
			}
			c.words(path, p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.q.Lists)) {
		if len(c.q.Lists[name]) == 0 {
			c.bad(tree.Join("lists", name), "form.fault.required")
		}
		c.choices(tree.Join("lists", name), c.q.Lists[name], nil)
	}
	for name, code := range missingNames {
		c.words(tree.Join("missing", name), c.q.Missing[code])
	}
}

func (c *checker) choices(path string, choices []Choice, missing []Code) {
	twice := c.q.Settings["allow_choice_duplicates"] == "yes"
	seen := map[string]bool{}
	for i, choice := range choices {
		inner := fmt.Sprintf("%s[%d]", path, i)
		if choice.ID == "" || len(choice.ID) > maxName || strings.ContainsAny(choice.ID, " \t\r\n") {
			c.bad(tree.Join(inner, "id"), "form.fault.choice_name", "Value", choice.ID)
		}
		code, isMissing := missingNames[choice.ID]
		if seen[choice.ID] && !twice || isMissing && slices.Contains(missing, code) {
			c.bad(tree.Join(inner, "id"), "form.fault.duplicate_id", "Value", choice.ID)
		}
		seen[choice.ID] = true
		c.words(tree.Join(inner, "label"), choice.Label)
		c.media(inner, choice.Media)
	}
}
