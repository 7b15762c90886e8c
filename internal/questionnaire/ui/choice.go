package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form"
)

const (
	blankChoices = 2   // rows to write new choices in
	mostChoices  = 250 // that a form may hold
)

// cell is the name of a field of one choice.
func cell(name string, n int) string { return fmt.Sprintf("choice_%s_%d", name, n) }

// choiceValues are choices as their table would send them.
func choiceValues(v url.Values, lang string, choices []form.Choice) {
	for n, c := range choices[:min(len(choices), mostChoices/5)] {
		v.Set(cell("was", n), c.ID)
		v.Set(cell("id", n), c.ID)
		v.Set(cell("label", n), c.Label[lang])
		if c.Exclusive {
			v.Set(cell("exclusive", n), "yes")
		}
		if c.Fixed {
			v.Set(cell("fixed", n), "yes")
		}
	}
	v.Set("choices", strconv.Itoa(min(len(choices), mostChoices/5)+blankChoices))
}

// choices reads the table. What a choice has besides it keeps; those that the
// table had no room for stay at the end.
func (r *itemReader) choices(old []form.Choice) []form.Choice {
	count, _ := strconv.Atoi(r.get("choices"))
	var all []form.Choice
	shown := 0
	for n := range min(max(count, 0), mostChoices) {
		was, id, label := r.get(cell("was", n)), r.get(cell("id", n)), r.get(cell("label", n))
		if was != "" {
			shown++
		}
		if id == "" && label == "" {
			continue
		}
		c := form.Choice{}
		if i := slices.IndexFunc(old, func(c form.Choice) bool { return c.ID == was }); was != "" && i >= 0 {
			c = old[i]
		}
		c.ID = id
		c.Label = put(c.Label, r.q.Source, label)
		c.Exclusive, c.Fixed = r.get(cell("exclusive", n)) != "", r.get(cell("fixed", n)) != ""
		all = append(all, c)
	}
	all = append(all, old[min(shown, len(old)):]...)
	r.move(all)
	for i := range all {
		if all[i].ID == "" {
			all[i].ID = free(all)
		}
	}
	return all
}

// move moves a choice by one place where one of the arrows was pressed.
func (r *itemReader) move(all []form.Choice) {
	n, by, ok := strings.Cut(r.get("choice_move"), ":")
	i, err := strconv.Atoi(n)
	j := i + 1
	if by == "up" {
		j = i - 1
	}
	if ok && err == nil && i >= 0 && i < len(all) && j >= 0 && j < len(all) {
		all[i], all[j] = all[j], all[i]
	}
}

// free is a name for a choice that has none.
func free(all []form.Choice) string {
	for n := len(all); ; n++ {
		id := fmt.Sprintf("c%d", n)
		if !slices.ContainsFunc(all, func(c form.Choice) bool { return c.ID == id }) {
			return id
		}
	}
}
