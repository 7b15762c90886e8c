package show

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire/ui/frame"
)

type previewView struct {
	Lang, Dir   string
	Step, Steps int
	Title       Wording
	Intro       Wording
	Items       []PreviewItem
	Back, Next  string // addresses; empty at the ends
	Empty       bool
}

// Wording is a text with its language where that is not the page's.
type Wording struct {
	Text, Lang, Dir string
}

// PreviewItem is a question as the answering pages draw it.
type PreviewItem struct {
	ID           string
	Shape        string // note, text, field, choices
	Many, Likert bool
	Text, Hint   Wording
	When         string // under which condition it is asked
	Input, Mode  string
	Options      []Wording
	Missing      []Wording
	Current      bool
}

// preview shows a page of the draft as the answering pages will. What is asked
// on a condition is shown with it, since nobody has answered.
func (m *Room) showPreview(r *web.Request, d frame.Draft) (web.Reply, error) {
	query := r.URL.Query()
	q := d.Questionnaire
	lang := query.Get("lang")
	if _, ok := q.Languages[lang]; !ok {
		lang = q.Source
	}
	if !i18n.Known(lang) {
		r.Printer = r.In(i18n.Match(lang))
	} else {
		r.Printer = r.In(lang)
	}
	paged := q.Paged()
	v := previewView{Lang: lang, Dir: frame.Direction(lang), Steps: len(paged.Pages)}
	if v.Steps == 0 {
		v.Empty = true
		return web.Framed(m.preview.Titled(200, d.Name, v)), nil
	}
	at := query.Get("at")
	i := shownAt(q, paged, at, query.Get("group"), query.Get("page"))
	p := paged.Pages[i]
	s := speaker{Printer: r.Printer, q: paged, lang: lang}
	v.Step, v.Title, v.Intro = i+1, s.words(p.Title), s.words(p.Intro)
	for _, it := range p.Items {
		if it.Kind.Answered() || it.Kind == form.Note {
			one := s.item(it)
			one.Current = it.ID == at
			v.Items = append(v.Items, one)
		}
	}
	if i > 0 {
		v.Back = d.URL("preview", "lang", lang, "page", strconv.Itoa(i))
	}
	if i+1 < v.Steps {
		v.Next = d.URL("preview", "lang", lang, "page", strconv.Itoa(i+2))
	}
	return web.Framed(m.preview.Titled(200, d.Name, v)), nil
}

// shownAt is the page of the paged questionnaire to show: one by its number,
// that of an item, or the first of a page of the draft.
func shownAt(q, paged *form.Questionnaire, item, group, page string) int {
	if n, err := strconv.Atoi(page); err == nil && n >= 1 && n <= len(paged.Pages) {
		return n - 1
	}
	n, _ := strconv.Atoi(group)
	for i, p := range paged.Pages {
		if item != "" && slices.ContainsFunc(p.Items, func(it form.Item) bool { return it.ID == item }) {
			return i
		}
		if item == "" && n >= 1 && n <= len(q.Pages) && len(q.Pages[n-1].Items) > 0 {
			first := q.Pages[n-1].Items[0]
			if slices.ContainsFunc(p.Items, func(it form.Item) bool { return it.ID == first.ID }) {
				return i
			}
		}
	}
	return 0
}

// speaker says a questionnaire in one of its languages.
type speaker struct {
	*i18n.Printer
	q    *form.Questionnaire
	lang string
}

func (s speaker) words(t form.Text) Wording {
	text, got := t.In(s.lang)
	if own := t[s.q.Source]; t[s.lang] == "" && own != "" {
		text, got = own, s.q.Source
	}
	text = s.q.Say(text, got, nil)
	if got == s.lang || text == "" {
		return Wording{Text: text}
	}
	return Wording{text, got, frame.Direction(got)}
}

// mostSteps is how many numbers of a range are offered as buttons.
const mostSteps = 11

func (s speaker) item(it form.Item) PreviewItem {
	v := PreviewItem{ID: it.ID, Shape: "choices", Many: it.Kind == form.Multi, Likert: it.Kind == form.Agreement, Text: s.words(it.Text), Hint: s.words(it.Hint)}
	if it.Relevant != nil {
		text, ok := edit.Logic(it.Relevant, s.q, s.lang, s.T)
		if !ok {
			text = it.Relevant.Source()
		}
		v.When = s.T("library.only_if", "Condition", text)
	}
	switch it.Kind {
	case form.OpenAnswer:
		v.Shape = "text"
	case form.Note:
		v.Shape = "note"
	case form.Acknowledge:
		v.Many, v.Options = true, []Wording{{Text: s.T("library.acknowledge")}}
	case form.Agreement:
		for _, point := range s.q.Scales[it.Scale].Points {
			v.Options = append(v.Options, s.words(point))
		}
	case form.Single, form.Multi:
		v.Options = s.choices(it)
	case form.Range:
		s.steps(&v, it)
	default:
		v.Shape, v.Input, v.Mode = "field", "text", "decimal"
		if it.Kind == form.Date {
			v.Input, v.Mode = "date", ""
			if strings.Contains(it.Appearance, "month-year") {
				v.Input = "month"
			}
		}
	}
	for _, code := range it.Missing {
		v.Missing = append(v.Missing, s.words(s.q.Missing[code]))
	}
	return v
}

func (s speaker) choices(it form.Item) []Wording {
	if it.ChoicesFrom != "" {
		return []Wording{{Text: s.T("library.from_offices")}}
	}
	var all []Wording
	for _, c := range it.Choices {
		w := s.words(c.Label)
		if w.Text == "" {
			w.Text = c.ID
		}
		all = append(all, w)
	}
	return all
}

func (s speaker) steps(v *PreviewItem, it form.Item) {
	n := math.Floor((it.Max-it.Min)/it.Step+1e-9) + 1
	if it.Step <= 0 || n > mostSteps {
		v.Shape, v.Input, v.Mode = "field", "text", "decimal"
		return
	}
	for i := range int(n) {
		v.Options = append(v.Options, Wording{Text: it.Typed(form.Answer{Code: 1, Number: math.Round((it.Min+float64(i)*it.Step)*1e9) / 1e9})})
	}
}
