package form

import (
	"slices"

	"adili/form/expr"
)

// expression is the expression in a field of logicFields.
func (it *Item) expression(field string) *expr.Expr {
	switch field {
	case "filter":
		return it.Filter
	case "relevant":
		return it.Relevant
	case "required":
		return it.Required
	case "constraint":
		return it.Constraint
	case "calculation":
		return it.Calculation
	case "default":
		return it.Default
	case "read_only":
		return it.ReadOnly
	}
	return nil
}

// Order lists the ids of all items so that each stands after those that its
// relevance (or that of a group around it) and its calculation refer to, and
// otherwise as in the questionnaire. Of a questionnaire with a cycle it is nil.
func Order(q *Questionnaire) []string {
	ids, _ := order(q)
	return ids
}

// order is Order with the path of a cycle, the first id again at its end.
func order(q *Questionnaire) (ids, cycle []string) {
	s := &sorter{needs: map[string][]string{}, state: map[string]int{}}
	var all []string
	for _, p := range q.Pages {
		s.collect(p.Items, refs(p.Relevant), &all)
	}
	for _, id := range all {
		if !s.visit(id) {
			at := slices.Index(s.trail, s.again)
			return nil, append(s.trail[at:], s.again)
		}
	}
	return s.sorted, nil
}

func refs(e *expr.Expr) []string {
	if e == nil {
		return nil
	}
	return e.Refs()
}

type sorter struct {
	needs  map[string][]string
	state  map[string]int // 1 while its needs are visited, 2 when sorted
	trail  []string
	again  string // where a cycle closes
	sorted []string
}

func (s *sorter) collect(items []Item, around []string, all *[]string) {
	for i := range items {
		it := &items[i]
		needs := slices.Concat(around, refs(it.Relevant))
		*all = append(*all, it.ID)
		s.needs[it.ID] = slices.Concat(needs, refs(it.Calculation))
		s.collect(it.Items, needs, all)
	}
}

// visit sorts in an item after its needs; false where it needs itself. The
// depth is bounded by the number of items.
func (s *sorter) visit(id string) bool {
	switch s.state[id] {
	case 1:
		s.again = id
		return false
	case 2:
		return true
	}
	needs, ok := s.needs[id]
	if !ok {
		return true // a page, or nothing
	}
	s.state[id] = 1
	s.trail = append(s.trail, id)
	for _, need := range needs {
		if !s.visit(need) {
			return false
		}
	}
	s.trail = s.trail[:len(s.trail)-1]
	s.state[id] = 2
	s.sorted = append(s.sorted, id)
	return true
}
