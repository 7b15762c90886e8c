package export

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/expr"
	"adili/form/xlsform/spelling"
)

// items writes items that stand in one group.
func (w *writer) items(g *grid, items []form.Item) {
	for i := 0; i < len(items); i++ {
		it := items[i]
		g.row()
		w.item(g, it)
		if it.Kind == form.Group {
			w.items(g, it.Items)
			g.row()
			g.set("type", "end_group")
			continue
		}
		if i+1 < len(items) && w.specifies(it, items[i+1]) {
			g.set("type", g.rows[len(g.rows)-1][cell{"type", ""}]+" or_other")
			i++
		}
	}
}

// specifies reports whether next asks for the words of the choice other of it,
// as or_other does.
func (w *writer) specifies(it, next form.Item) bool {
	if it.List == "" || it.Filter != nil || it.Kind != form.Single && it.Kind != form.Multi || next.Relevant == nil {
		return false
	}
	if !slices.ContainsFunc(it.Choices, func(c form.Choice) bool { return c.ID == spelling.OtherChoice }) {
		return false
	}
	plain := form.Item{ID: next.ID, Kind: form.OpenAnswer, Sensitivity: form.NotSensitive, Text: form.Text{w.q.Source: spelling.OtherLabel},
		Relevant: next.Relevant, Extra: next.Extra}
	return nameOf(next) == nameOf(it)+spelling.OtherSuffix && len(next.Extra) <= 1 && next.Relevant.Source() == spelling.OtherRelevant(it.ID) &&
		reflect.DeepEqual(plain, next)
}

// nameOf is the name of an item in its sheet.
func nameOf(it form.Item) string {
	if name := it.Extra["name"]; name != "" {
		return name
	}
	return it.ID
}

func (w *writer) item(g *grid, it form.Item) {
	g.set("type", w.typeOf(it))
	g.set("name", nameOf(it))
	g.text("label", it.Text)
	g.text("hint", it.Hint)
	g.text("guidance_hint", it.Guidance)
	g.media(it.Media)
	for _, e := range []struct {
		field string
		e     *expr.Expr
	}{{"relevant", it.Relevant}, {"required", it.Required}, {"constraint", it.Constraint}, {"calculation", it.Calculation},
		{"readonly", it.ReadOnly}, {"choice_filter", it.Filter}} {
		if e.e != nil {
			g.set(e.field, source(e.field, e.e))
		}
	}
	if it.Default != nil {
		value, ok := spelling.Unquote(it.Default)
		if !ok {
			value = it.Default.Source()
		}
		g.set("default", value)
	}
	g.text("constraint_message", it.ConstraintMessage)
	g.text("required_message", it.RequiredMessage)
	g.set("appearance", it.Appearance)
	g.set("parameters", parameters(it))
	g.extra(it.Extra)
	w.ownColumns(g, it)
}

// source is an expression as a cell has it.
func source(field string, e *expr.Expr) string {
	if field == "required" && e.Source() == "true()" {
		return "yes"
	}
	return e.Source()
}

// ownColumns writes what only Adili knows.
func (w *writer) ownColumns(g *grid, it form.Item) {
	if it.Kind == form.Agreement {
		g.set("kind", string(form.Agreement))
	}
	g.set("role", string(it.Role))
	g.set("factor", count(it.Factor))
	g.set("reverse_scored", yes(it.Reverse))
	if it.Sensitivity != form.NotSensitive {
		g.set("sensitive", string(it.Sensitivity))
	}
	g.set("window_months", count(it.Window))
	g.set("max_length", count(it.MaxLength))
	g.set("action", it.Action)
	g.set("equivalent", strings.Join(it.Equivalent, " "))
	g.set("choices_from", it.ChoicesFrom)
	var missing []string
	for _, code := range it.Missing {
		missing = append(missing, code.Name())
	}
	g.set("missing", strings.Join(missing, " "))
	if it.Pair != nil {
		g.text("pair_statement", it.Pair.Statement)
		g.text("pair_practice", it.Pair.Practice)
		g.set("pair_known", strconv.FormatFloat(it.Pair.Known, 'g', -1, 64))
		g.set("pair_anchor", yes(it.Pair.Anchor))
	}
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// typeOf is the type column of an item.
func (w *writer) typeOf(it form.Item) string {
	name := string(it.Kind)
	switch it.Kind {
	case form.Group:
		return "begin_group"
	case form.Agreement:
		w.used = append(w.used, it.Scale)
		return spelling.SelectOne + " " + it.Scale
	case form.Single:
		name = spelling.SelectOne
	case form.Multi:
		name = spelling.SelectMultiple
	case form.Calculate, form.Unasked:
		if it.Type != "" {
			name = it.Type
		}
	}
	if name != spelling.SelectOne && name != spelling.SelectMultiple && name != spelling.Rank {
		return name
	}
	if it.List == "" {
		w.own = append(w.own, it)
		return name + " " + spelling.OwnList(nameOf(it))
	}
	w.used = append(w.used, it.List)
	return name + " " + it.List
}

func pointChoices(s form.Scale) []form.Choice {
	list := make([]form.Choice, 0, len(s.Points))
	for i, label := range s.Points {
		list = append(list, form.Choice{ID: strconv.Itoa(i + 1), Label: label})
	}
	return list
}

// parameters are all the parameters of an item in one cell.
func parameters(it form.Item) string {
	all := make(map[string]string)
	if it.Kind == form.Range || it.Type == string(form.Range) {
		for i, v := range []float64{it.Min, it.Max, it.Step} {
			all[spelling.RangeDefaults[i].Name] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	if it.Random {
		all["randomize"] = "true"
		if it.Seed != "" {
			all["seed"] = it.Seed
		}
	}
	maps.Copy(all, it.Parameters)
	var words []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		words = append(words, key+"="+all[key])
	}
	return strings.Join(words, " ")
}
