package form

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"adili/form/expr"
)

// sitting is the answers of one person while expressions look at them. It is
// made for one call and remembers what it has worked out.
type sitting struct {
	q       *Questionnaire
	now     time.Time // the zero time where no clock is at hand
	answers Answers
	items   map[string]*Item
	asked   map[string]bool
	values  map[string]expr.Value
}

func (q *Questionnaire) sit(answers Answers) *sitting {
	s := &sitting{q: q, answers: answers, items: map[string]*Item{}, asked: map[string]bool{}, values: map[string]expr.Value{}}
	for i := range q.Pages {
		walk(q.Pages[i].Items, "", func(it *Item, _ string) { s.items[it.ID] = it })
	}
	return s
}

// context is what an expression of an item is evaluated in.
func (s *sitting) context(it *Item) *expr.Context {
	node := expr.NewElement(it.ID)
	return &expr.Context{Node: node, Value: s.value, Instance: s.list, Now: s.now, Label: s.choiceLabel}
}

// isAsked reports whether an item is relevant. One in a circle is not.
func (s *sitting) isAsked(it *Item) bool {
	if it.Relevant == nil {
		return true
	}
	asked, known := s.asked[it.ID]
	if !known {
		s.asked[it.ID] = false // for what leads back here
		asked = it.Relevant.Bool(s.context(it))
		s.asked[it.ID] = asked
	}
	return asked
}

// value is what ${name} stands for: codes of choices, numbers, dates. What was
// not answered, not asked or answered with a missing code is the empty text.
func (s *sitting) value(name string) (expr.Value, bool) {
	it, ok := s.items[name]
	if !ok {
		return expr.Value{}, false
	}
	if v, ok := s.values[name]; ok {
		return v, true
	}
	s.values[name] = expr.Value{} // for what leads back here
	v := expr.Value{}
	if s.isAsked(it) {
		v = s.work(it)
	}
	s.values[name] = v
	return v, true
}

func (s *sitting) work(it *Item) expr.Value {
	switch {
	case it.Kind.Answered():
		return expr.OfText(s.text(it, s.answers[it.ID]))
	case it.Calculation != nil:
		return it.Calculation.Eval(s.context(it))
	case it.Default != nil:
		return it.Default.Eval(s.context(it))
	}
	return expr.Value{}
}

// text is an answer as expressions see it.
func (s *sitting) text(it *Item, a Answer) string {
	if !a.Code.Valid() {
		return ""
	}
	switch {
	case it.Kind == Date:
		return writeDate(a.Number)
	case it.Kind.Numeric():
		return writeNumber(a.Number)
	case it.Kind == Agreement:
		return strconv.Itoa(int(a.Code))
	case it.Kind == OpenAnswer:
		return a.Text
	case it.Kind == Acknowledge:
		return Acknowledged
	}
	var ids []string
	for _, c := range chosen(it, a) {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

// chosen are the choices an answer names.
func chosen(it *Item, a Answer) []Choice {
	var all []Choice
	for i, c := range it.Choices {
		if it.Kind == Single && int(a.Code) == i+1 || it.Kind == Multi && a.Code == 1 && i < maxMulti && a.Set&(1<<i) != 0 {
			all = append(all, c)
		}
	}
	return all
}

// list is a choice list as the instance that expressions look up in.
func (s *sitting) list(name string) *expr.Node {
	choices, ok := s.q.Lists[name]
	if !ok {
		return nil
	}
	root := expr.NewElement("root")
	for _, c := range choices {
		root.Add(c.node())
	}
	return expr.NewDocument(root)
}

func (c Choice) node() *expr.Node {
	item := expr.NewElement("item")
	for name, value := range c.Extra {
		item.Add(expr.NewElement(name, expr.NewText(value)))
	}
	label, _ := c.Label.In("")
	item.Add(expr.NewElement("name", expr.NewText(c.ID)), expr.NewElement("label", expr.NewText(label)))
	return item
}

func (s *sitting) choiceLabel(question, code string) string {
	if it, ok := s.items[question]; ok {
		if i := choiceIndex(*it, code); i >= 0 {
			label, _ := it.Choices[i].Label.In(s.q.Source)
			return label
		}
	}
	return ""
}

// offered reports for each choice whether the item's filter lets it through.
func (s *sitting) offered(it *Item) []bool {
	through := make([]bool, len(it.Choices))
	for i, c := range it.Choices {
		through[i] = it.Filter == nil
		if it.Filter != nil {
			ctx := s.context(it)
			ctx.Node = c.node()
			through[i] = it.Filter.Bool(ctx)
		}
	}
	return through
}

// Offered reports for each choice of it whether it is offered to somebody who
// gave answers.
func (q *Questionnaire) Offered(it Item, answers Answers) []bool { return q.sit(answers).offered(&it) }

// Say is a text in a language with the answers it names put in: ${id} becomes
// the label of the choice, the number or the date; "…" where there is none.
func (q *Questionnaire) Say(text, lang string, answers Answers) string {
	if !strings.Contains(text, "${") {
		return text
	}
	s := q.sit(answers)
	return expr.Fill(text, func(name string) string {
		v, _ := s.value(name)
		said := v.String()
		if it, ok := s.items[name]; ok && said != "" {
			said = s.label(it, said, lang)
		}
		if said == "" {
			return "…"
		}
		return said
	})
}

// label is a value in words, where it is of choices or of a scale.
func (s *sitting) label(it *Item, value, lang string) string {
	a := s.answers[it.ID]
	if points := s.q.Scales[it.Scale].Points; it.Kind == Agreement && int(a.Code) <= len(points) {
		value, _ = points[a.Code-1].In(lang)
	}
	if it.Kind != Single && it.Kind != Multi {
		return value
	}
	var labels []string
	for _, c := range chosen(it, a) {
		l, _ := c.Label.In(lang)
		labels = append(labels, l)
	}
	return strings.Join(labels, ", ")
}

// timed reports whether an expression looks at the clock.
func timed(e *expr.Expr) bool {
	return slices.ContainsFunc(e.Calls(), func(name string) bool { return name == "now" || name == "today" })
}
