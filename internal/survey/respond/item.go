package respond

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/internal/kernel/web"
	"adili/internal/survey/paper"
)

type option struct {
	Value   string
	Label   words
	Checked bool
}

// The shapes in which items are drawn.
const (
	shapeChoices = "choices" // radio buttons or boxes
	shapeField   = "field"   // one line to write in
	shapeText    = "text"    // several lines
	shapeTick    = "tick"    // one box
	shapeNote    = "note"    // nothing to answer
)

type item struct {
	ID      string
	Number  int
	Text    words
	Hint    words
	Kind    form.Kind
	Shape   string
	Options []option
	Missing []option
	Value   string
	Max     int
	Input   string // type of the field
	Mode    string // keys the phone shows
	Range   string // the bounds of a range, in words
	Error   words  // what is objected to
}

// Described lists what stands below the question, for readers of the screen.
func (it item) Described() string {
	var ids []string
	if it.Hint.Text != "" {
		ids = append(ids, it.ID+"-hint")
	}
	if it.Range != "" {
		ids = append(ids, it.ID+"-range")
	}
	if it.Error.Text != "" {
		ids = append(ids, it.ID+"-error")
	}
	return strings.Join(ids, " ")
}

type itemsView struct {
	Shown
	Step, Steps int
	Title       words
	Intro       words
	Items       []item
	Wrong       []item // those objected to
}

// sent is a page that was sent and is shown again with what is objected to.
type sent struct {
	objections form.Objections
	values     url.Values
}

func (p *Room) showItems(v *visit, d *paper.Draft, back sent) (web.Reply, error) {
	s, err := v.shown(d)
	if err != nil {
		return nil, err
	}
	q := v.in.Questionnaire(d.Kind)
	page := q.Pages[d.Page]
	t := teller{v, q, d.Answers}
	view := itemsView{Shown: s, Step: d.Page + 1, Steps: len(q.Pages), Title: t.words(page.Title), Intro: t.words(page.Intro)}
	for i, it := range q.AskedOn(d.Page, d.Answers) {
		shown := t.item(it, d.Answers[it.ID], i+1)
		if o, ok := back.objections.Of(it.ID); ok {
			shown.Error = t.objection(it, o)
			if typed := back.values[it.ID]; shown.Shape == shapeField && len(typed) > 0 {
				shown.Value = typed[0]
			}
			view.Wrong = append(view.Wrong, shown)
		}
		view.Items = append(view.Items, shown)
	}
	status := http.StatusOK
	if len(view.Wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.items.Titled(status, cmp.Or(view.Title.Text, s.Name), view), nil
}

// teller says the texts of a questionnaire, with the answers they name put in.
type teller struct {
	*visit
	q       *form.Questionnaire
	answers form.Answers
}

func (t teller) words(text form.Text) words {
	w := t.visit.words(text)
	w.Text = t.q.Say(w.Text, cmp.Or(w.Lang, t.lang()), t.answers)
	return w
}

func (t teller) item(it form.Item, a form.Answer, number int) item {
	shown := item{ID: it.ID, Number: number, Text: t.words(it.Text), Hint: t.words(it.Hint), Kind: it.Kind, Shape: shapeChoices, Value: it.Typed(a), Max: it.MaxLength}
	switch it.Kind {
	case form.OpenAnswer:
		shown.Shape = shapeText
	case form.Note:
		shown.Shape = shapeNote
	case form.Acknowledge:
		shown.Shape = shapeTick
		shown.Options = []option{{form.Acknowledged, words{Text: t.Printer.T("respond.acknowledge")}, a.Code == 1}}
	case form.Agreement:
		for i, point := range t.q.Scales[it.Scale].Points {
			shown.Options = append(shown.Options, option{strconv.Itoa(i + 1), t.words(point), int(a.Code) == i+1})
		}
	case form.Single, form.Multi:
		shown.Options = t.choices(it, a)
	case form.Range:
		t.steps(&shown, it, a)
	default:
		shown.Shape = shapeField
		shown.Input, shown.Mode = field(it)
	}
	for _, code := range it.Missing {
		label := t.words(t.q.Missing[code])
		if label.Text == "" { // what a round offers although the questionnaire does not
			label = words{Text: t.Printer.T("respond.prefer_not")}
		}
		shown.Missing = append(shown.Missing, option{code.Name(), label, a.Code == code})
	}
	return shown
}

// field is the type of the field for a number or date, and the keys for it. A
// number is typed as text, so that every script's digits can be.
func field(it form.Item) (input, mode string) {
	switch it.Kind {
	case form.Integer:
		return "text", "numeric"
	case form.Date:
		switch {
		case strings.Contains(it.Appearance, "month-year"):
			return "month", ""
		case strings.Contains(it.Appearance, "year"):
			return "text", "numeric"
		}
		return "date", ""
	}
	return "text", "decimal"
}

func (t teller) choices(it form.Item, a form.Answer) []option {
	var options []option
	through := t.q.Offered(it, t.answers)
	for i, c := range it.Choices {
		if !through[i] {
			continue
		}
		checked := int(a.Code) == i+1
		if it.Kind == form.Multi {
			checked = a.Code == 1 && a.Set&(1<<i) != 0
		}
		label := t.words(c.Label)
		if label.Text == "" {
			label = words{Text: c.ID}
		}
		if it.ChoicesFrom != "" {
			label = words{Text: label.Text} // the manager's own words, in no declared language
		}
		options = append(options, option{c.ID, label, checked})
	}
	return options
}

// mostSteps is how many numbers of a range are offered as buttons.
const mostSteps = 11

// steps shows a range as buttons, or as a field where it has many numbers.
func (t teller) steps(shown *item, it form.Item, a form.Answer) {
	n := math.Floor((it.Max-it.Min)/it.Step+1e-9) + 1
	if it.Step <= 0 || n > mostSteps {
		shown.Shape = shapeField
		shown.Input, shown.Mode = field(it)
		shown.Range = t.Printer.T("respond.range", bounds(it)...)
		return
	}
	for i := range int(n) {
		value := it.Typed(form.Answer{Code: 1, Number: math.Round((it.Min+float64(i)*it.Step)*1e9) / 1e9})
		shown.Options = append(shown.Options, option{value, words{Text: value}, a.Code == 1 && value == shown.Value})
	}
}

// objection says what is objected to: in the questionnaire's words, or ours.
func (t teller) objection(it form.Item, o form.Objection) words {
	if w := t.words(o.Message); w.Text != "" {
		return w
	}
	return words{Text: t.Printer.T("respond.fix."+string(o.Reason), bounds(it)...)}
}

// bounds are those of a range as a person would type them.
func bounds(it form.Item) []any {
	typed := func(f float64) string { return it.Typed(form.Answer{Code: 1, Number: f}) }
	return []any{"Min", typed(it.Min), "Max", typed(it.Max)}
}

// unanswered leaves out what was only left blank.
func unanswered(all form.Objections) form.Objections {
	return slices.DeleteFunc(slices.Clone(all), func(o form.Objection) bool { return o.Reason == form.Required })
}
