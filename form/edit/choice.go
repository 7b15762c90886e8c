package edit

import (
	"slices"

	"adili/form"
	"adili/form/expr"
)

// empty is an expression whose value is the empty text.
var empty, _ = expr.Parse("''")

// SetChoices gives a single or multi item choices. Where it takes them from a
// list, the list changes for all its items. Removing a choice that an expression
// names is refused.
func SetChoices(q *form.Questionnaire, id string, choices []form.Choice) (*form.Questionnaire, error) {
	it, ok := q.Item(id)
	switch {
	case !ok:
		return nil, refuse("no_item", "ID", id)
	case it.Kind != form.Single && it.Kind != form.Multi || it.ChoicesFrom != "":
		return nil, refuse("no_choices", "ID", id)
	}
	next := clone(q)
	if it.List != "" {
		next.Lists[it.List] = slices.Clone(choices)
	}
	var users []string
	eachItem(next, func(other *form.Item) {
		if other.ID == id || it.List != "" && other.List == it.List {
			other.Choices = slices.Clone(choices)
			users = append(users, other.ID)
		}
	})
	for _, user := range users {
		if err := choicesUnused(next, user, it.Choices, choices); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// OwnChoices makes the choices of an item its own: they are those of its list,
// and change without it from now on.
func OwnChoices(q *form.Questionnaire, id string) (*form.Questionnaire, error) {
	next, found := clone(q), false
	eachItem(next, func(it *form.Item) {
		if it.ID == id {
			it.List, found = "", true
		}
	})
	if !found {
		return nil, refuse("no_item", "ID", id)
	}
	return next, nil
}

// choicesUnused refuses where q compares the answer to an item with a choice
// that is gone.
func choicesUnused(q *form.Questionnaire, id string, was, now []form.Choice) error {
	for _, c := range was {
		if slices.ContainsFunc(now, func(other form.Choice) bool { return other.ID == c.ID }) {
			continue
		}
		if users := choiceUsers(q, id, c.ID); len(users) > 0 {
			return refuse("used_choice", "Choice", c.ID, "ID", id, "By", quoted(users))
		}
	}
	return nil
}

// choiceUsers lists whose expressions refer to an item and hold the name of a
// choice.
func choiceUsers(q *form.Questionnaire, id, choice string) []string {
	var users []string
	visitor{
		expression: func(where string, e **expr.Expr) {
			if *e != nil && slices.Contains((*e).Refs(), id) && holds(tree(*e), choice) && !slices.Contains(users, where) {
				users = append(users, where)
			}
		},
		text: func(string, *form.Text) {},
	}.questionnaire(clone(q))
	return users
}

// SetScale defines a scale, or changes it for all its items.
func SetScale(q *form.Questionnaire, name string, points []form.Text) (*form.Questionnaire, error) {
	next := clone(q)
	if next.Scales == nil {
		next.Scales = map[string]form.Scale{}
	}
	next.Scales[name] = form.Scale{Points: slices.Clone(points)}
	return next, nil
}

// SetMissing gives one of the three codes a respondent can choose its label.
func SetMissing(q *form.Questionnaire, code form.Code, label form.Text) (*form.Questionnaire, error) {
	next := clone(q)
	if next.Missing == nil {
		next.Missing = map[form.Code]form.Text{}
	}
	next.Missing[code] = label
	return next, nil
}
