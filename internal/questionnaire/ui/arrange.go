package ui

import (
	"net/url"
	"slices"
	"strconv"

	"adili/form"
	"adili/form/edit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire/ui/frame"
)

// spot is where a form puts a new question: after another one, or at the end of
// a page.
func spot(q *form.Questionnaire, values url.Values) (edit.Place, at) {
	if after := values.Get("after"); after != "" {
		if p, ok := edit.Find(q, after); ok {
			if it, _ := q.Item(after); it.Kind == form.Group {
				return edit.Place{Group: after, Index: len(it.Items)}, at{item: after}
			}
			p.Index++
			return p, at{item: after}
		}
	}
	n, _ := strconv.Atoi(values.Get("page"))
	n = max(1, min(n, len(q.Pages)))
	if len(q.Pages) == 0 {
		return edit.Place{}, at{}
	}
	return edit.Place{Page: n - 1, Index: len(q.Pages[n-1].Items)}, at{page: n}
}

// arrange adds, copies, moves and removes questions.
func (m *Room) arrange(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	id := values.Get("item")
	here := at{item: id}
	do := values.Get("do")
	if do == "add" {
		return m.addItem(r, d, values)
	}
	if _, ok := d.Questionnaire.Item(id); !ok {
		return nil, errs.New(errs.Invalid, "library.fault.gone")
	}
	switch do {
	case "copy":
		_, copied, _ := edit.CopyItem(d.Questionnaire, id) // a refusal comes again, and is said, below
		return m.change(r, d, frame.Revision(values), step{back: here, where: at{item: copied}, what: "library.change.item_add", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
			next, _, err := edit.CopyItem(q, id)
			return next, err
		}})
	case "remove":
		place, _ := edit.Find(d.Questionnaire, id)
		where := at{page: place.Page + 1}
		if place.Group != "" {
			where = at{item: place.Group}
		}
		return m.change(r, d, frame.Revision(values), step{back: here, where: where, what: "library.change.item_remove", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return edit.RemoveItem(q, id)
		}})
	}
	return m.change(r, d, frame.Revision(values), step{back: here, where: here, what: "library.change.item_move", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
		return moved(q, id, do, values)
	}})
}

// moved moves a question by one place, or to where another one stands.
func moved(q *form.Questionnaire, id, do string, values url.Values) (*form.Questionnaire, error) {
	before := values.Get("before")
	switch {
	case do == "up" || values.Get("by") == "-1":
		return edit.MoveBy(q, id, -1)
	case do == "down" || values.Get("by") == "1":
		return edit.MoveBy(q, id, 1)
	case before == "":
		return q, nil
	}
	to, ok := edit.Find(q, before)
	from, _ := edit.Find(q, id)
	if !ok {
		return q, nil
	}
	if from.Page == to.Page && from.Group == to.Group && from.Index < to.Index {
		to.Index-- // counted without the one that is moved; it lands before the other
	}
	return edit.MoveItem(q, id, to)
}

// addItem adds a blank question of a kind.
func (m *Room) addItem(r *web.Request, d frame.Draft, values url.Values) (web.Reply, error) {
	kind := form.Kind(values.Get("kind"))
	q := d.Questionnaire
	_, back := spot(q, values)
	if !slices.Contains(madeKinds, kind) {
		return nil, errs.New(errs.Invalid, "library.fault.choose")
	}
	fresh := func(q *form.Questionnaire) form.Item {
		text := r.In(q.Source)
		it := edit.Fresh(q, kind, text.T("library.fresh.text"), func(n int) string { return text.T("library.fresh.choice", "N", n) })
		if kind == form.Calculate && it.Calculation == nil {
			it.Calculation = (&itemReader{}).parse("calculation", "''")
		}
		return it
	}
	name := fresh(q).ID
	return m.change(r, d, frame.Revision(values), step{back: back, where: at{item: name}, what: "library.change.item_add", do: func(q *form.Questionnaire) (*form.Questionnaire, error) {
		if kind == form.Agreement && len(q.Scales) == 0 {
			var err error
			if q, err = withScale(q); err != nil {
				return nil, err
			}
		}
		if len(q.Pages) == 0 {
			var err error
			if q, err = edit.AddPage(q, 0, form.Page{}); err != nil {
				return nil, err
			}
		}
		place, _ := spot(q, values)
		return edit.AddItem(q, place, fresh(q))
	}})
}

// withScale defines the scale of the bundled instruments.
func withScale(q *form.Questionnaire) (*form.Questionnaire, error) {
	for _, t := range edit.Bank() {
		if len(t.Points) == 0 {
			continue
		}
		points := make([]form.Text, len(t.Points))
		for i, p := range t.Points {
			points[i] = form.Text{}
			for tag := range q.Languages {
				if p[tag] != "" {
					points[i][tag] = p[tag]
				}
			}
			if points[i][q.Source] == "" {
				points[i][q.Source], _ = p.In(q.Source)
			}
		}
		return edit.SetScale(q, "agreement", points)
	}
	return q, nil
}

type bankView struct {
	Header   frame.Header
	Action   string
	Back     string
	After    string
	Page     int
	Revision int
	Groups   []BankGroup
	Filter   []frame.Link
}

// BankGroup is the questions of one key factor.
type BankGroup struct {
	Title string
	Items []BankItem
}

// BankItem is one question of the bundled instruments.
type BankItem struct {
	Name  string
	Text  frame.Link
	Tags  []string
	There bool // the questionnaire has it already
}

// bank shows the questions of the bundled instruments by key factor.
func (m *Room) bank(r *web.Request, d frame.Draft) (web.Reply, error) {
	return m.showBank(r, d, r.URL.Query(), nil), nil
}

func (m *Room) showBank(r *web.Request, d frame.Draft, values url.Values, err error) web.Reply {
	t := r.Printer
	_, back := spot(d.Questionnaire, values)
	v := bankView{Header: d.Header(r, err), Action: d.URL("bank"), Back: back.url(d), After: back.item, Page: back.page, Revision: d.Revision}
	population := d.Questionnaire.Population
	groups := map[int]*BankGroup{}
	var order []int
	for _, one := range edit.Bank() {
		if population != "" && one.Population != population {
			continue
		}
		g := groups[one.Factor]
		if g == nil {
			title := t.T("library.bank_other")
			if name, ok := frame.FactorName(t.Lang(), one.Factor); ok {
				title = strconv.Itoa(one.Factor) + " · " + name
			}
			g = &BankGroup{Title: title}
			groups[one.Factor] = g
			order = append(order, one.Factor)
		}
		text, lang := one.Item.Text.In(t.Lang())
		item := BankItem{Name: one.Name, Text: frame.Link{Text: text, Lang: lang, Dir: frame.Direction(lang)}}
		item.Tags = []string{t.T("library.kind." + string(one.Item.Kind))}
		if one.Item.Role != "" {
			item.Tags = append(item.Tags, t.T("library.role."+string(one.Item.Role)))
		}
		if one.Item.Reverse {
			item.Tags = append(item.Tags, t.T("library.reversed"))
		}
		if population == "" {
			item.Tags = append(item.Tags, t.T("library.population."+string(one.Population)))
		}
		_, item.There = d.Questionnaire.Item(one.Item.ID)
		g.Items = append(g.Items, item)
	}
	for _, n := range order {
		v.Groups = append(v.Groups, *groups[n])
	}
	return m.page.bank.ReplyStatus(r, frame.Status(err), "library.bank", v)
}

// addFromBank adds the questions that were ticked, in the order of the bank.
func (m *Room) addFromBank(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	var chosen []edit.Template
	for _, t := range edit.Bank() {
		if slices.Contains(values["item"], t.Name) {
			chosen = append(chosen, t)
		}
	}
	if len(chosen) == 0 {
		return m.showBank(r, d, values, errs.New(errs.Invalid, "library.fault.none_chosen")), nil
	}
	where := at{}
	_, err = m.service.Change(r.Context(), r.Person, d.ID, frame.Revision(values), "library.change.item_add", func(q *form.Questionnaire) (*form.Questionnaire, error) {
		place, _ := spot(q, values)
		for _, t := range chosen {
			var err error
			if q, where.item, err = edit.AddTemplate(q, place, t); err != nil {
				return nil, err
			}
			place.Index++
		}
		return q, nil
	})
	switch {
	case err == nil:
		return web.RedirectFlash(where.url(d), "library.flash.added"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showBank(r, d, values, err), nil
}
