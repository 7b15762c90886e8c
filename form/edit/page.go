package edit

import (
	"slices"

	"adili/form"
)

// AddPage puts a page at a place. Without an id it gets a free one.
func AddPage(q *form.Questionnaire, at int, p form.Page) (*form.Questionnaire, error) {
	taken := names(q)
	if p.ID == "" {
		p.ID = free(taken, "page")
	}
	if taken[p.ID] {
		return nil, refuse("taken", "ID", p.ID)
	}
	next := clone(q)
	next.Pages = slices.Insert(next.Pages, min(max(at, 0), len(next.Pages)), p)
	return next, nil
}

// SetPage changes everything of a page but its items. A new id is put in
// wherever something refers to the page.
func SetPage(q *form.Questionnaire, at int, p form.Page) (*form.Questionnaire, error) {
	if at < 0 || at >= len(q.Pages) {
		return nil, refuse("no_page")
	}
	next := clone(q)
	was := next.Pages[at]
	p.Items = was.Items
	next.Pages[at] = p
	if p.ID == was.ID {
		return next, nil
	}
	if p.ID != "" && names(q)[p.ID] {
		return nil, refuse("taken", "ID", p.ID)
	}
	if users := Users(q, was.ID); was.ID != "" && p.ID == "" && len(users) > 0 {
		return nil, refuse("used", "ID", was.ID, "By", quoted(users))
	}
	if was.ID != "" {
		return next, rename(next, was.ID, p.ID)
	}
	return next, nil
}

// MovePage moves a page; to is its place after the move.
func MovePage(q *form.Questionnaire, from, to int) (*form.Questionnaire, error) {
	if from < 0 || from >= len(q.Pages) || to < 0 || to >= len(q.Pages) {
		return nil, refuse("no_page")
	}
	next := clone(q)
	p := next.Pages[from]
	next.Pages = slices.Insert(slices.Delete(next.Pages, from, from+1), to, p)
	return next, nil
}

// RemovePage removes a page with its items. It is refused where something
// outside the page refers to one of them.
func RemovePage(q *form.Questionnaire, at int) (*form.Questionnaire, error) {
	if at < 0 || at >= len(q.Pages) {
		return nil, refuse("no_page")
	}
	next := clone(q)
	gone := next.Pages[at]
	next.Pages = slices.Delete(next.Pages, at, at+1)
	if gone.ID != "" {
		if users := Users(next, gone.ID); len(users) > 0 {
			return nil, refuse("used", "ID", gone.ID, "By", quoted(users))
		}
	}
	if err := unused(next, gone.Items); err != nil {
		return nil, err
	}
	return next, nil
}

// unused refuses where q, which items were taken out of, refers to one of them.
func unused(q *form.Questionnaire, items []form.Item) error {
	var trouble error
	each(items, func(it *form.Item) {
		if users := Users(q, it.ID); trouble == nil && len(users) > 0 {
			trouble = refuse("used", "ID", it.ID, "By", quoted(users))
		}
	})
	return trouble
}

// quoted names up to five ids.
func quoted(ids []string) string {
	const most = 5
	s := ""
	for i, id := range ids {
		if i == most {
			return s + ", …"
		}
		if i > 0 {
			s += ", "
		}
		s += "“" + id + "”"
	}
	return s
}
