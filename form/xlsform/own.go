package xlsform

import (
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

// The columns that only Adili knows. All are optional.

var (
	roles = []string{string(form.Perception), string(form.Knowledge), string(form.Outcome), string(form.Experience),
		string(form.Open), string(form.Profile)}
	sensitivities = []string{string(form.NotSensitive), string(form.Personal), string(form.HighSensitive)}
)

// readOwn reads Adili's own columns.
func (r *reader) readOwn(rec record, it *form.Item) {
	it.Role = form.Role(oneOf(rec, "role", roles))
	if s := oneOf(rec, "sensitive", sensitivities); s != "" {
		it.Sensitivity = form.Sensitivity(s)
	}
	oneOf(rec, "kind", []string{string(form.Agreement)})
	it.ChoicesFrom = oneOf(rec, "choices_from", []string{form.OfficeGroups})
	it.Reverse = truth(rec, "reverse_scored")
	it.Factor = whole(rec, "factor", 10)
	it.Window = whole(rec, "window_months", 1_200)
	it.MaxLength = whole(rec, "max_length", 100_000)
	it.Action = rec.get("action")
	if s := rec.get("equivalent"); s != "" {
		it.Equivalent = strings.Fields(s)
	}
	for _, name := range strings.Fields(rec.get("missing")) {
		code, ok := missingCodes[name]
		if !ok {
			rec.bad("missing", "xlsform.problem.value", "Value", name, "Allowed", "dont_know, prefer_not, not_applicable")
			continue
		}
		it.Missing = append(it.Missing, code)
	}
	r.readPair(rec, it)
}

func (r *reader) readPair(rec record, it *form.Item) {
	if !rec.filled("pair_statement") && !rec.filled("pair_known") && !rec.filled("pair_anchor") && !rec.filled("pair_practice") {
		return
	}
	it.Pair = &form.Pair{Statement: r.text(rec, "pair_statement"), Practice: r.text(rec, "pair_practice"), Anchor: truth(rec, "pair_anchor")}
	if s := rec.get("pair_known"); s != "" {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			rec.bad("pair_known", "xlsform.problem.share")
		}
		it.Pair.Known = v
	}
}

func oneOf(rec record, field string, allowed []string) string {
	value := rec.get(field)
	if value != "" && !slices.Contains(allowed, value) {
		rec.bad(field, "xlsform.problem.value", "Value", value, "Allowed", strings.Join(allowed, ", "))
		return ""
	}
	return value
}

func truth(rec record, field string) bool {
	value := rec.get(field)
	yes, ok := spelling.YesNo(value)
	if value != "" && !ok {
		rec.bad(field, "xlsform.problem.value", "Value", value, "Allowed", "yes, no")
	}
	return yes
}

func whole(rec record, field string, most int) int {
	value := rec.get(field)
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > most {
		rec.bad(field, "xlsform.problem.whole", "Min", 0, "Max", most)
		return 0
	}
	return n
}

// scalePoints is how many answer points an agreement question has.
const scalePoints = 5

// agreement makes a question with a list of five points one that enters
// scores.
func (r *reader) agreement(rec record, it *form.Item, c spelling.Choosing) {
	list := r.q.Lists[c.List]
	ok := c.Name == spelling.SelectOne && len(list) == scalePoints
	points := make([]form.Text, 0, scalePoints)
	for i, choice := range list {
		ok = ok && choice.ID == strconv.Itoa(i+1) && len(choice.Label) > 0
		points = append(points, choice.Label)
	}
	if !ok {
		rec.bad("kind", "xlsform.problem.agreement")
		return
	}
	r.q.Scales[c.List] = form.Scale{Points: points}
	it.Kind, it.Scale, it.List = form.Agreement, c.List, ""
	r.moved = append(r.moved, c.List)
}

// dropMoved removes the lists that became scales or the choices of one item,
// unless another question has them as well.
func (r *reader) dropMoved(items []form.Item) {
	used := make(map[string]bool)
	var walk func(items []form.Item)
	walk = func(items []form.Item) {
		for _, it := range items {
			used[it.List] = true
			walk(it.Items)
		}
	}
	walk(items)
	for _, list := range append(r.moved, spelling.MissingList) {
		if !used[list] {
			delete(r.q.Lists, list)
		}
	}
}
