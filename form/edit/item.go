package edit

import (
	"maps"
	"slices"
	"strconv"

	"adili/form"
)

// Place is where an item stands or shall stand.
type Place struct {
	Page  int    // from 0
	Group string // id of a group on any page; then Page counts for nothing
	Index int    // among the items there, from 0; beyond the end is the end
}

// Find says where an item stands.
func Find(q *form.Questionnaire, id string) (Place, bool) {
	for n, p := range q.Pages {
		if at, ok := within(p.Items, id, Place{Page: n}); ok {
			return at, true
		}
	}
	return Place{}, false
}

func within(items []form.Item, id string, at Place) (Place, bool) {
	for i := range items {
		if items[i].ID == id {
			at.Index = i
			return at, true
		}
		if inner, ok := within(items[i].Items, id, Place{Page: at.Page, Group: items[i].ID}); ok {
			return inner, true
		}
	}
	return Place{}, false
}

// siblings are the items at a place, to be changed.
func siblings(q *form.Questionnaire, at Place) (*[]form.Item, error) {
	if at.Group != "" {
		var group *form.Item
		eachItem(q, func(it *form.Item) {
			if it.ID == at.Group && it.Kind == form.Group {
				group = it
			}
		})
		if group == nil {
			return nil, refuse("no_group", "ID", at.Group)
		}
		return &group.Items, nil
	}
	if at.Page < 0 || at.Page >= len(q.Pages) {
		return nil, refuse("no_page")
	}
	return &q.Pages[at.Page].Items, nil
}

// put puts an item at a place of q, which is the caller's own.
func put(q *form.Questionnaire, at Place, it form.Item) error {
	items, err := siblings(q, at)
	if err != nil {
		return err
	}
	*items = slices.Insert(*items, min(max(at.Index, 0), len(*items)), it)
	return nil
}

// take takes an item out of q, which is the caller's own.
func take(q *form.Questionnaire, id string) (form.Item, error) {
	at, ok := Find(q, id)
	if !ok {
		return form.Item{}, refuse("no_item", "ID", id)
	}
	items, err := siblings(q, at)
	if err != nil {
		return form.Item{}, err
	}
	it := (*items)[at.Index]
	*items = slices.Delete(*items, at.Index, at.Index+1)
	return it, nil
}

// Fresh is an item of a kind as an editor begins with it: a free id, a text in
// the source language, and for a single or multi item two choices, labelled by
// choice. An agreement item takes the first scale there is; a calculation gives
// an empty text. The kind Unasked is for imported forms only.
func Fresh(q *form.Questionnaire, kind form.Kind, text string, choice func(n int) string) form.Item {
	it := form.Item{ID: free(names(q), "q"), Kind: kind, Text: form.Text{q.Source: text}}
	switch kind {
	case form.Single, form.Multi:
		for n := range 2 {
			it.Choices = append(it.Choices, form.Choice{ID: strconv.Itoa(n + 1), Label: form.Text{q.Source: choice(n + 1)}})
		}
	case form.Agreement:
		it.Role = form.Perception
		if scales := slices.Sorted(maps.Keys(q.Scales)); len(scales) > 0 {
			it.Scale = scales[0]
		}
	case form.OpenAnswer:
		it.Role = form.Open
	case form.Range:
		it.Min, it.Max, it.Step = 0, 10, 1
	case form.Calculate, form.Hidden:
		it.Text, it.Calculation = nil, empty
	}
	return it
}

// AddItem puts an item at a place. Without an id it gets a free one.
func AddItem(q *form.Questionnaire, at Place, it form.Item) (*form.Questionnaire, error) {
	taken := names(q)
	if it.ID == "" {
		it.ID = free(taken, "q")
	}
	if taken[it.ID] {
		return nil, refuse("taken", "ID", it.ID)
	}
	next := clone(q)
	return done(next, put(next, at, it))
}

// done gives q where there is no error.
func done(q *form.Questionnaire, err error) (*form.Questionnaire, error) {
	if err != nil {
		return nil, err
	}
	return q, nil
}

// SetItem puts an item in the place of the one with its id. The items of a group
// are left as they are, and the choices of an item with a list are those of the
// list. Removing a choice that an expression names is refused.
func SetItem(q *form.Questionnaire, it form.Item) (*form.Questionnaire, error) {
	next := clone(q)
	at, ok := Find(next, it.ID)
	if !ok {
		return nil, refuse("no_item", "ID", it.ID)
	}
	items, err := siblings(next, at)
	if err != nil {
		return nil, err
	}
	was := (*items)[at.Index]
	it.Items = was.Items
	if it.List != "" {
		list, ok := next.Lists[it.List]
		if !ok {
			return nil, refuse("no_list", "ID", it.List)
		}
		it.Choices = slices.Clone(list)
	}
	(*items)[at.Index] = it
	return done(next, choicesUnused(next, it.ID, was.Choices, it.Choices))
}

// RenameItem gives an item another id, and puts it in wherever something refers
// to the item. The id names the variable in records: once a version is
// published it has to stay, see internal/questionnaire.
func RenameItem(q *form.Questionnaire, id, name string) (*form.Questionnaire, error) {
	if id == name {
		return clone(q), nil
	}
	if names(q)[name] {
		return nil, refuse("taken", "ID", name)
	}
	next, found := clone(q), false
	eachItem(next, func(it *form.Item) {
		if it.ID == id {
			it.ID, found = name, true
		}
	})
	if !found {
		return nil, refuse("no_item", "ID", id)
	}
	return done(next, rename(next, id, name))
}

// MoveItem moves an item, with everything in it, to a place counted without it.
func MoveItem(q *form.Questionnaire, id string, to Place) (*form.Questionnaire, error) {
	next := clone(q)
	it, err := take(next, id)
	if err != nil {
		return nil, err
	}
	inside := it.ID == to.Group
	each(it.Items, func(inner *form.Item) { inside = inside || inner.ID == to.Group })
	if to.Group != "" && inside {
		return nil, refuse("inside")
	}
	return done(next, put(next, to, it))
}

// MoveBy moves an item up (-1) or down (1) as an outline shows it: within its
// page or group, from the edge of a group out of it, and from the edge of a page
// to the next page. At the end of everything it stays.
func MoveBy(q *form.Questionnaire, id string, by int) (*form.Questionnaire, error) {
	at, ok := Find(q, id)
	if !ok {
		return nil, refuse("no_item", "ID", id)
	}
	items, err := siblings(q, at)
	if err != nil {
		return nil, err
	}
	to := at
	to.Index += by
	if to.Index >= 0 && to.Index < len(*items) {
		return MoveItem(q, id, to)
	}
	if at.Group != "" {
		to, _ = Find(q, at.Group)
		if by > 0 {
			to.Index++
		}
		return MoveItem(q, id, to)
	}
	to.Page += by
	if to.Page < 0 || to.Page >= len(q.Pages) {
		return clone(q), nil
	}
	to.Index = 0
	if by < 0 {
		to.Index = len(q.Pages[to.Page].Items)
	}
	return MoveItem(q, id, to)
}

// RemoveItem removes an item with everything in it. It is refused where
// something else refers to it.
func RemoveItem(q *form.Questionnaire, id string) (*form.Questionnaire, error) {
	next := clone(q)
	it, err := take(next, id)
	if err != nil {
		return nil, err
	}
	return done(next, unused(next, []form.Item{it}))
}

// CopyItem puts a copy of an item after it and returns the id of the copy. What
// is in a group is copied under names of its own too.
func CopyItem(q *form.Questionnaire, id string) (next *form.Questionnaire, copied string, err error) {
	next = clone(q)
	at, ok := Find(next, id)
	if !ok {
		return nil, "", refuse("no_item", "ID", id)
	}
	items, err := siblings(next, at)
	if err != nil {
		return nil, "", err
	}
	fresh := cloneItems((*items)[at.Index : at.Index+1])
	taken := names(q)
	each(fresh, func(it *form.Item) {
		it.ID = free(taken, it.ID+"_")
		taken[it.ID] = true
	})
	at.Index++
	return next, fresh[0].ID, put(next, at, fresh[0])
}
