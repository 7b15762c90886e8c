package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/form/expr"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire/ui/frame"
)

// Values of the field "from": where choices come from.
const (
	ownChoices = "own"
	fromList   = "list:" // and the name of the list
)

var (
	roles         = []form.Role{"", form.Perception, form.Knowledge, form.Outcome, form.Experience, form.Open, form.Profile}
	sensitivities = []form.Sensitivity{"", form.NotSensitive, form.Personal, form.HighSensitive}
	missingCodes  = []form.Code{form.DontKnow, form.PreferNot, form.NotApplicable}
)

// written is an expression as a field shows it.
func written(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return e.Source()
}

// always is the expression of what holds in every case, as XLSForms have it.
const always = "true()"

// itemValues is a question as its form would send it.
func itemValues(q *form.Questionnaire, it form.Item) url.Values {
	v := url.Values{
		"id": {it.ID}, "text": {it.Text[q.Source]}, "hint": {it.Hint[q.Source]}, "guidance": {it.Guidance[q.Source]}, "kind": {string(it.Kind)},
		"role": {string(it.Role)}, "factor": {number(it.Factor)}, "sensitivity": {string(it.Sensitivity)}, "window": {number(it.Window)},
		"action": {it.Action}, "equivalent": {strings.Join(it.Equivalent, ", ")}, "scale": {it.Scale}, "from": {from(it)},
		"relevant": {written(it.Relevant)}, "constraint": {written(it.Constraint)}, "constraint_message": {it.ConstraintMessage[q.Source]},
		"required_message": {it.RequiredMessage[q.Source]}, "calculation": {written(it.Calculation)}, "filter": {written(it.Filter)},
		"max_length": {number(it.MaxLength)}, "appearance": {it.Appearance},
	}
	for name, on := range map[string]bool{"reverse": it.Reverse, "required": it.Required != nil, "random": it.Random} {
		if on {
			v.Set(name, "yes")
		}
	}
	if it.Required != nil && it.Required.Source() != always {
		v.Set("required_expression", it.Required.Source())
	}
	if it.Kind == form.Range {
		for name, f := range map[string]float64{"min": it.Min, "max": it.Max, "step": it.Step} {
			v.Set(name, strconv.FormatFloat(f, 'f', -1, 64))
		}
	}
	for _, code := range it.Missing {
		v.Add("missing", code.Name())
	}
	v["when"] = simple(it.Relevant)
	choiceValues(v, q.Source, it.Choices)
	return v
}

// number is a count in a field: nothing for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func from(it form.Item) string {
	switch {
	case it.ChoicesFrom != "":
		return it.ChoicesFrom
	case it.List != "":
		return fromList + it.List
	}
	return ownChoices
}

// simple is a condition as the list of choices that lead to the question, where
// it is no more than that.
func simple(e *expr.Expr) []string {
	item, choices, ok := form.Chosen(e)
	if !ok {
		return nil
	}
	var when []string
	for _, c := range choices {
		when = append(when, item+":"+c)
	}
	return when
}

// itemReader reads the form of a question or a page.
type itemReader struct {
	q      *form.Questionnaire
	values url.Values
	faults []errs.Detail
}

func (r *itemReader) get(name string) string { return strings.TrimSpace(r.values.Get(name)) }

func (r *itemReader) bad(field, key string, args ...any) {
	r.faults = append(r.faults, errs.Detail{Field: field, Key: key, Args: args})
}

// text is a text with what was typed in the language of the questionnaire.
func (r *itemReader) text(name string, old form.Text) form.Text {
	if _, sent := r.values[name]; !sent {
		return old
	}
	return put(old, r.q.Source, strings.TrimSpace(strings.ReplaceAll(r.values.Get(name), "\r\n", "\n")))
}

// put is a copy of a text with another sentence in one language. Without that
// sentence there is nothing that the others would translate.
func put(old form.Text, lang, sentence string) form.Text {
	if sentence == "" {
		return nil
	}
	t := form.Text{lang: sentence}
	for tag, s := range old {
		if tag != lang {
			t[tag] = s
		}
	}
	return t
}

func (r *itemReader) expression(name string, old *expr.Expr) *expr.Expr {
	typed := r.get(name)
	if _, sent := r.values[name]; !sent || typed == written(old) {
		return old
	}
	return r.parse(name, typed)
}

func (r *itemReader) parse(name, typed string) *expr.Expr {
	if typed == "" {
		return nil
	}
	e, err := expr.Parse(typed)
	if err != nil {
		r.bad(name, "form.fault.expression", "Detail", err.Error())
	}
	return e
}

func (r *itemReader) whole(name string, old int) int {
	typed := i18n.Digits(r.get(name))
	if _, sent := r.values[name]; !sent {
		return old
	}
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 {
		r.bad(name, "form.fault.want_number")
	}
	return n
}

func (r *itemReader) decimal(name string, old float64) float64 {
	typed := i18n.Digits(r.get(name))
	if _, sent := r.values[name]; !sent {
		return old
	}
	if typed == "" {
		return 0
	}
	f, err := strconv.ParseFloat(strings.Replace(typed, ",", ".", 1), 64)
	if err != nil {
		r.bad(name, "form.fault.want_number")
	}
	return f
}

// item is the question with what the form says of it.
func (r *itemReader) item(old form.Item) form.Item {
	it := old
	it.Text, it.Hint, it.Guidance = r.text("text", old.Text), r.text("hint", old.Hint), r.text("guidance", old.Guidance)
	it.ConstraintMessage, it.RequiredMessage = r.text("constraint_message", old.ConstraintMessage), r.text("required_message", old.RequiredMessage)
	if kind := form.Kind(r.get("kind")); kind != "" {
		it.Kind = kind
	}
	it.Role, it.Sensitivity = form.Role(r.get("role")), form.Sensitivity(r.get("sensitivity"))
	it.Factor, it.Window, it.MaxLength = r.whole("factor", old.Factor), r.whole("window", old.Window), r.whole("max_length", old.MaxLength)
	it.Action, it.Appearance = r.get("action"), r.get("appearance")
	it.Equivalent = nil
	for same := range strings.SplitSeq(r.get("equivalent"), ",") {
		if same = strings.TrimSpace(same); same != "" {
			it.Equivalent = append(it.Equivalent, same)
		}
	}
	it.Min, it.Max, it.Step = r.decimal("min", old.Min), r.decimal("max", old.Max), r.decimal("step", old.Step)
	r.logic(&it, old)
	r.offer(&it, old)
	return it
}

// logic reads the expressions. The condition in simple words counts where it
// was changed and the expression was not.
func (r *itemReader) logic(it *form.Item, old form.Item) {
	it.Relevant = r.expression("relevant", old.Relevant)
	if when := r.values["when"]; it.Relevant == old.Relevant && !slices.Equal(when, simple(old.Relevant)) && (len(when) > 0 || len(simple(old.Relevant)) > 0) {
		it.Relevant = r.when(when)
	}
	it.Constraint, it.Calculation = r.expression("constraint", old.Constraint), r.expression("calculation", old.Calculation)
	it.Filter = r.expression("filter", old.Filter)
	switch typed := r.get("required_expression"); {
	case r.get("required") == "":
		it.Required = nil
	case typed != "" && typed != written(old.Required):
		it.Required = r.parse("required_expression", typed)
	case old.Required == nil || typed == "" && r.values.Has("required_expression"):
		it.Required = r.parse("required", always)
	}
}

// when makes a condition of choices of one earlier question.
func (r *itemReader) when(chosen []string) *expr.Expr {
	var parts []string
	first := ""
	for _, one := range chosen {
		item, choice, _ := strings.Cut(one, ":")
		if first == "" {
			first = item
		}
		if item != first {
			r.bad("when", "library.fault.when")
			return nil
		}
		if strings.Contains(choice, "'") {
			r.bad("when", "library.fault.when_quote")
			return nil
		}
		parts = append(parts, "selected(${"+item+"}, '"+choice+"')")
	}
	return r.parse("when", strings.Join(parts, " or "))
}

// offer reads what can be answered, and takes away what does not fit the kind.
func (r *itemReader) offer(it *form.Item, old form.Item) {
	it.Missing = nil
	for _, code := range missingCodes {
		if slices.Contains(r.values["missing"], code.Name()) {
			it.Missing = append(it.Missing, code)
		}
	}
	choosing := it.Kind == form.Single || it.Kind == form.Multi
	it.Random = choosing && r.get("random") != ""
	it.Reverse = it.Kind == form.Agreement && r.get("reverse") != ""
	switch {
	case it.Kind != form.Agreement:
		it.Scale = ""
	case r.get("scale") != "":
		it.Scale = r.get("scale")
	case it.Scale == "":
		it.Scale = edit.Fresh(r.q, form.Agreement, "", numbered).Scale
	}
	if it.Kind != form.OpenAnswer {
		it.MaxLength = 0
	}
	if it.Kind != form.Range {
		it.Min, it.Max, it.Step = 0, 0, 0
	} else if old.Kind != form.Range {
		it.Min, it.Max, it.Step = 0, 10, 1
	}
	if !choosing {
		it.Choices, it.List, it.ChoicesFrom, it.Filter = nil, "", "", nil
		return
	}
	r.source(it, old)
}

func numbered(n int) string { return strconv.Itoa(n) }

// source reads where the choices of a question come from, and the question's own.
func (r *itemReader) source(it *form.Item, old form.Item) {
	at := r.get("from")
	switch {
	case at == form.OfficeGroups && it.Kind == form.Single:
		it.ChoicesFrom, it.List, it.Choices = form.OfficeGroups, "", nil
		return
	case strings.HasPrefix(at, fromList) && at != from(old):
		it.List, it.ChoicesFrom = strings.TrimPrefix(at, fromList), ""
		it.Choices = slices.Clone(r.q.Lists[it.List])
		return
	case at == ownChoices:
		it.List, it.ChoicesFrom = "", ""
	}
	if r.values.Has("choices") {
		it.Choices = r.choices(old.Choices)
	}
	if len(it.Choices) == 0 {
		it.Choices = edit.Fresh(r.q, it.Kind, "", numbered).Choices
	}
}

// saveItem keeps a question.
func (m *Room) saveItem(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	here := at{item: r.PathValue("item")}
	old, ok := d.Questionnaire.Item(here.item)
	if !ok {
		return nil, errs.New(errs.Invalid, "library.fault.gone")
	}
	from := frame.Revision(values)
	if name := strings.TrimSpace(values.Get("id")); name != "" && name != old.ID {
		if from, err = m.service.RenameItem(r.Context(), r.Person, d.ID, from, old.ID, name); err == nil {
			d, err = frame.Find(m.service, r)
		}
		if err != nil {
			if !frame.Mendable(err) {
				return nil, err
			}
			return m.showEditor(r, d, here, values, err), nil
		}
		here.item = name
		old, _ = d.Questionnaire.Item(name)
	}
	reader := itemReader{q: d.Questionnaire, values: values}
	it := reader.item(old)
	if err := frame.Faulty(reader.faults); err != nil {
		return m.showEditor(r, d, here, values, err), nil
	}
	return m.change(r, d, from, step{back: here, typed: values, where: here, what: "library.change.item", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
		return keepItem(q, old, it)
	}})
}

// keepItem puts an item in the place of the old one. Choices are changed on
// their own, so that none is lost that an expression names.
func keepItem(q *form.Questionnaire, old, it form.Item) (*form.Questionnaire, error) {
	q, err := withMissing(q, it.Missing)
	if err != nil {
		return nil, err
	}
	choices := it.Choices
	same := len(old.Choices) > 0 && len(choices) > 0 && (it.List == old.List || it.List == "")
	if same {
		it.Choices = old.Choices
	}
	if q, err = edit.SetItem(q, it); err != nil || !same {
		return q, err
	}
	return edit.SetChoices(q, it.ID, choices)
}

// withMissing gives the missing codes that have no label yet the one they have
// in the bundled instruments.
func withMissing(q *form.Questionnaire, codes []form.Code) (*form.Questionnaire, error) {
	for _, code := range codes {
		if len(q.Missing[code]) > 0 {
			continue
		}
		label := form.Text{}
		for _, t := range edit.Bank() {
			if known := t.Missing[code]; len(known) > 0 {
				for tag := range q.Languages {
					if s := known[tag]; s != "" {
						label[tag] = s
					}
				}
				if label[q.Source] == "" {
					label[q.Source], _ = known.In(q.Source)
				}
				break
			}
		}
		var err error
		if q, err = edit.SetMissing(q, code, label); err != nil {
			return nil, err
		}
	}
	return q, nil
}
