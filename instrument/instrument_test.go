package instrument

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The shapes below repeat the documented format on purpose: the data is
// checked against the document, not against the reader.

var languages = []string{"en", "fr", "es", "pt", "ar", "ru", "zh"}

type words map[string]string

type choice struct {
	ID        string `json:"id"`
	Label     words  `json:"label"`
	Exclusive bool   `json:"exclusive"`
}

type condition struct {
	Item string   `json:"item"`
	Any  []string `json:"any"`
}

type item struct {
	ID           string     `json:"id"`
	Type         string     `json:"type"`
	Role         string     `json:"role"`
	Factor       int        `json:"factor"`
	Text         words      `json:"text"`
	Hint         words      `json:"hint"`
	Scale        string     `json:"scale"`
	Reverse      *bool      `json:"reverse"`
	Choices      []choice   `json:"choices"`
	ChoicesFrom  string     `json:"choices_from"`
	Missing      []string   `json:"missing"`
	Sensitivity  string     `json:"sensitivity"`
	When         *condition `json:"when"`
	WindowMonths int        `json:"window_months"`
	MaxLength    int        `json:"max_length"`
	Action       string     `json:"action"`
}

type page struct {
	ID    string `json:"id"`
	Title words  `json:"title"`
	Intro words  `json:"intro"`
	Items []item `json:"items"`
}

type questionnaire struct {
	Format     string            `json:"format"`
	ID         string            `json:"id"`
	Version    string            `json:"version"`
	Population string            `json:"population"`
	Title      words             `json:"title"`
	Languages  map[string]string `json:"languages"`
	Scales     map[string]struct {
		Points []words `json:"points"`
	} `json:"scales"`
	Missing map[string]words `json:"missing"`
	Pages   []page           `json:"pages"`
}

func (q questionnaire) items() []item {
	var all []item
	for _, p := range q.Pages {
		all = append(all, p.Items...)
	}
	return all
}

func (q questionnaire) agreement() []item {
	return slices.DeleteFunc(q.items(), func(i item) bool { return i.Type != "agreement" })
}

func read(t *testing.T, data []byte) questionnaire {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var q questionnaire
	if err := d.Decode(&q); err != nil {
		t.Fatal(err)
	}
	return q
}

func both(t *testing.T) map[string]questionnaire {
	t.Helper()
	return map[string]questionnaire{"official": read(t, Official()), "private": read(t, Private())}
}

func TestCopies(t *testing.T) {
	for name, get := range map[string]func() []byte{"Official": Official, "Private": Private} {
		get()[0] = 'x'
		if get()[0] != '{' {
			t.Errorf("%s returns shared bytes", name)
		}
	}
}

func TestHead(t *testing.T) {
	ids := map[string]string{"official": "adili-officials", "private": "adili-private"}
	for population, q := range both(t) {
		if q.Format != "adili-instrument/1" || q.ID != ids[population] || q.Population != population || q.Version == "" {
			t.Errorf("%s: head is %q %q %q %q", population, q.Format, q.ID, q.Population, q.Version)
		}
		if len(q.Languages) != len(languages) {
			t.Errorf("%s: %d languages", population, len(q.Languages))
		}
		for _, l := range languages {
			if s := q.Languages[l]; s != "draft" && s != "reviewed" {
				t.Errorf("%s: language %s has status %q", population, l, s)
			}
		}
		if n := len(q.Scales["agree"].Points); n != 5 {
			t.Errorf("%s: agreement scale has %d points", population, n)
		}
	}
}

// texts calls f for every translated text below v with the path to it. A text
// is known by having only language keys, so one without a language is found.
func texts(path string, v any, f func(path string, w map[string]any)) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			texts(fmt.Sprintf("%s[%d]", path, i), e, f)
		}
	case map[string]any:
		if isText(path, v) {
			f(path, v)
			return
		}
		for k, e := range v {
			texts(path+"."+k, e, f)
		}
	}
}

func isText(path string, v map[string]any) bool {
	if strings.HasSuffix(path, ".languages") || len(v) == 0 {
		return false
	}
	for k := range v {
		if !slices.Contains(languages, k) {
			return false
		}
	}
	return true
}

func TestEveryTextInEveryLanguage(t *testing.T) {
	for name, data := range map[string][]byte{"official": Official(), "private": Private()} {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		seen := 0
		texts(name, v, func(path string, w map[string]any) {
			seen++
			for _, l := range languages {
				s, _ := w[l].(string)
				if strings.TrimSpace(s) == "" || s != strings.TrimSpace(s) {
					t.Errorf("%s: %s text is empty or padded: %q", path, l, s)
				}
			}
		})
		if seen < 80 {
			t.Errorf("%s: only %d texts found", name, seen)
		}
	}
}

// script holds a pattern that a text in the language must match, so that text
// put under the wrong language is noticed.
var script = map[string]*regexp.Regexp{
	"ar": regexp.MustCompile(`\p{Arabic}`),
	"ru": regexp.MustCompile(`\p{Cyrillic}`),
	"zh": regexp.MustCompile(`\p{Han}`),
}

func TestTranslated(t *testing.T) {
	for population, q := range both(t) {
		for _, it := range q.items() {
			seen := map[string]string{}
			for _, l := range languages {
				s := it.Text[l]
				if other, ok := seen[s]; ok {
					t.Errorf("%s: %s: same text in %s and %s", population, it.ID, other, l)
				}
				seen[s] = l
				if p := script[l]; p != nil && !p.MatchString(s) {
					t.Errorf("%s: %s: %s text not in its script: %q", population, it.ID, l, s)
				}
				if utf8.RuneCountInString(s) > 190 {
					t.Errorf("%s: %s: %s text too long for a phone", population, it.ID, l)
				}
			}
			if it.Type == "agreement" && len(strings.Fields(it.Text["en"])) > 14 {
				t.Errorf("%s: %s: statement of more than 14 words", population, it.ID)
			}
		}
	}
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

func TestIDs(t *testing.T) {
	for population, q := range both(t) {
		seen := map[string]bool{}
		pages := map[string]bool{}
		for _, p := range q.Pages {
			if !idPattern.MatchString(p.ID) || pages[p.ID] {
				t.Errorf("%s: page id %q malformed or used twice", population, p.ID)
			}
			pages[p.ID] = true
		}
		for _, it := range q.items() {
			if !idPattern.MatchString(it.ID) || seen[it.ID] {
				t.Errorf("%s: item id %q malformed or used twice", population, it.ID)
			}
			seen[it.ID] = true
			choices := map[string]bool{}
			for _, c := range it.Choices {
				if !idPattern.MatchString(c.ID) || choices[c.ID] {
					t.Errorf("%s: %s: choice id %q malformed or used twice", population, it.ID, c.ID)
				}
				choices[c.ID] = true
			}
		}
	}
}

func matched(t *testing.T) [][2]item {
	t.Helper()
	q := both(t)
	officials := map[string]item{}
	for _, it := range q["official"].items() {
		officials[it.ID] = it
	}
	var pairs [][2]item
	for _, it := range q["private"].items() {
		if o, ok := officials[it.ID]; ok {
			pairs = append(pairs, [2]item{o, it})
		}
	}
	return pairs
}

func TestMatchedItemsAreTheSame(t *testing.T) {
	agreement := 0
	for _, pair := range matched(t) {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s differs between the questionnaires", pair[0].ID)
		}
		if pair[0].Type == "agreement" {
			agreement++
		}
	}
	if agreement < 18 || agreement > 22 {
		t.Errorf("%d matched agreement items", agreement)
	}
	q := both(t)
	if o, p := q["official"], q["private"]; !reflect.DeepEqual(o.Scales, p.Scales) || !reflect.DeepEqual(o.Missing, p.Missing) {
		t.Error("scales or missing codes differ between the questionnaires")
	}
}

func TestCounts(t *testing.T) {
	want := map[string]int{"official": 41, "private": 29}
	for population, q := range both(t) {
		questions, profile := 0, 0
		for _, it := range q.items() {
			switch {
			case it.Role != "profile":
				questions++
			case it.ID != "gender_self": // belongs to the question on gender
				profile++
			}
		}
		if d := questions - want[population]; d < -2 || d > 2 {
			t.Errorf("%s: %d questions, want about %d", population, questions, want[population])
		}
		if profile > 7 {
			t.Errorf("%s: %d profile questions", population, profile)
		}
	}
}

func TestPolarity(t *testing.T) {
	for population, q := range both(t) {
		all := q.agreement()
		reversed := 0
		factors := map[int]bool{}
		for _, it := range all {
			if it.Reverse == nil || it.Scale != "agree" {
				t.Errorf("%s: %s: reverse or scale missing", population, it.ID)
			} else if *it.Reverse {
				reversed++
				factors[it.Factor] = true
			}
		}
		if share := float64(reversed) / float64(len(all)); share < 0.3 || share > 0.5 {
			t.Errorf("%s: %.2f of the agreement items are reversed", population, share)
		}
		if len(factors) < 8 {
			t.Errorf("%s: reversed items stand in %d factors only", population, len(factors))
		}
	}
}

func TestFactors(t *testing.T) {
	for population, q := range both(t) {
		count := map[int]int{}
		for _, it := range q.agreement() {
			count[it.Factor]++
		}
		for f := 1; f <= 10; f++ {
			if count[f] < 2 {
				t.Errorf("%s: factor %d has %d agreement items", population, f, count[f])
			}
		}
	}
	count := map[int]int{}
	for _, pair := range matched(t) {
		if pair[0].Type == "agreement" {
			count[pair[0].Factor]++
		}
	}
	for f := 1; f <= 10; f++ {
		if count[f] < 2 {
			t.Errorf("factor %d has %d matched agreement items", f, count[f])
		}
	}
}

func TestPages(t *testing.T) {
	for population, q := range both(t) {
		profile := false
		for _, p := range q.Pages {
			if len(p.Items) == 0 || len(p.Items) > 5 {
				t.Errorf("%s: page %s has %d items", population, p.ID, len(p.Items))
			}
			for _, it := range p.Items {
				if profile && it.Role != "profile" {
					t.Errorf("%s: %s stands after the profile", population, it.ID)
				}
				profile = profile || it.Role == "profile"
			}
		}
		for _, it := range q.Pages[0].Items {
			if it.Sensitivity != "none" || it.Reverse != nil && *it.Reverse {
				t.Errorf("%s: %s is no easy beginning", population, it.ID)
			}
		}
	}
}

func TestConditions(t *testing.T) {
	for population, q := range both(t) {
		earlier := map[string]item{}
		for _, p := range q.Pages {
			for _, it := range p.Items {
				if it.When != nil {
					checkCondition(t, population, it, earlier)
				}
			}
			for _, it := range p.Items {
				earlier[it.ID] = it
			}
		}
	}
}

func checkCondition(t *testing.T, population string, it item, earlier map[string]item) {
	t.Helper()
	asked, ok := earlier[it.When.Item]
	if !ok {
		t.Errorf("%s: %s depends on %s, which is on no earlier page", population, it.ID, it.When.Item)
	}
	if len(it.When.Any) == 0 {
		t.Errorf("%s: %s depends on no answer", population, it.ID)
	}
	for _, a := range it.When.Any {
		if !slices.ContainsFunc(asked.Choices, func(c choice) bool { return c.ID == a }) {
			t.Errorf("%s: %s depends on %s=%s, which cannot be answered", population, it.ID, asked.ID, a)
		}
	}
}

var (
	types         = []string{"agreement", "single", "multi", "text"}
	roles         = []string{"perception", "knowledge", "outcome", "experience", "open", "profile"}
	sensitivities = []string{"none", "personal", "high"}
)

func TestFields(t *testing.T) {
	for population, q := range both(t) {
		for _, it := range q.items() {
			fault := func(format string, args ...any) {
				t.Helper()
				t.Errorf("%s: %s: %s", population, it.ID, fmt.Sprintf(format, args...))
			}
			if !slices.Contains(types, it.Type) || !slices.Contains(roles, it.Role) || !slices.Contains(sensitivities, it.Sensitivity) {
				fault("type %q, role %q, sensitivity %q", it.Type, it.Role, it.Sensitivity)
			}
			free := it.Role == "profile" || it.Role == "open"
			if free != (it.Factor == 0) || it.Factor < 0 || it.Factor > 10 {
				fault("factor %d for role %s", it.Factor, it.Role)
			}
			if it.Role != "profile" && (!strings.HasSuffix(it.Action, ".") || len(it.Action) < 30) {
				fault("no note on what can be acted on: %q", it.Action)
			}
			if (it.Role == "experience") != (it.WindowMonths == 12) {
				fault("window of %d months for role %s", it.WindowMonths, it.Role)
			}
			if it.Type != "text" && !slices.Contains(it.Missing, "prefer_not") {
				fault("refusal is not offered")
			}
			if it.Type == "agreement" && !slices.Contains(it.Missing, "dont_know") {
				fault("don't know is not offered")
			}
			checkForm(fault, it)
		}
	}
}

// checkForm checks the fields that belong to one type of item only.
func checkForm(fault func(string, ...any), it item) {
	hasChoices := len(it.Choices) > 0
	switch it.Type {
	case "single", "multi":
		if hasChoices == (it.ChoicesFrom != "") || len(it.Choices) == 1 || len(it.Choices) > 15 {
			fault("%d choices, choices from %q", len(it.Choices), it.ChoicesFrom)
		}
	default:
		if hasChoices || it.ChoicesFrom != "" {
			fault("choices for type %s", it.Type)
		}
	}
	if (it.Type == "text") != (it.MaxLength > 0) {
		fault("length limit %d for type %s", it.MaxLength, it.Type)
	}
	exclusive := slices.ContainsFunc(it.Choices, func(c choice) bool { return c.Exclusive })
	if (it.Type == "multi") != exclusive {
		fault("exclusive choice: %t for type %s", exclusive, it.Type)
	}
	if it.Type != "agreement" && (it.Scale != "" || it.Reverse != nil) {
		fault("scale or polarity for type %s", it.Type)
	}
}

func TestBriberyAskedAndPaidApart(t *testing.T) {
	found := 0
	for _, it := range both(t)["private"].items() {
		if it.ID != "bribe_asked_12m" && it.ID != "bribe_paid_12m" {
			continue
		}
		found++
		if it.When == nil || it.When.Item != "contact_12m" || it.WindowMonths != 12 || it.Sensitivity != "high" {
			t.Errorf("%s: condition %+v, window %d, sensitivity %s", it.ID, it.When, it.WindowMonths, it.Sensitivity)
		}
	}
	if found != 2 {
		t.Errorf("%d of 2 bribery items found", found)
	}
}

func TestForbiddenWords(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\b(CIPS|SPID|EPIA|WCO|OMD|OMA|World Customs|A-CIP|traders?)\b`)
	for name, data := range map[string][]byte{"official": Official(), "private": Private()} {
		if w := forbidden.Find(data); w != nil {
			t.Errorf("%s: contains %q", name, w)
		}
		if n := len(data); n > 110<<10 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}
