package xform

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/expr"
)

// itemset is one list of choices as a secondary instance.
type itemset struct {
	choices []form.Choice
	itext   bool // labels stand in itext
}

// addLists takes in every list of the questionnaire. Those that no item uses
// are written too: an expression can look into them.
func (w *writer) addLists() {
	for name, choices := range w.q.Lists {
		w.addList(name, choices)
	}
}

// addList takes in a list under its id, or under one like it where another
// list has it already, and returns the id.
func (w *writer) addList(id string, choices []form.Choice) string {
	for {
		other, taken := w.itemsets[id]
		if !taken {
			w.itemsets[id] = itemset{choices, needItext(choices)}
			return id
		}
		if reflect.DeepEqual(other.choices, choices) {
			return id
		}
		id += "_"
	}
}

// needItext reports whether labels cannot stand in the instance: clients read
// instances as plain text.
func needItext(choices []form.Choice) bool {
	return slices.ContainsFunc(choices, func(c form.Choice) bool {
		return !plain(c.Label) || !noMedia(c.Media) || len(expr.References(c.Label[form.Undetermined])) > 0
	})
}

// listOf is the id of the secondary instance with the choices of it.
func (w *writer) listOf(it *form.Item) string {
	id, choices := it.List, w.q.Lists[it.List]
	switch {
	case it.Kind == form.Agreement:
		id, choices = it.Scale, w.points(it.Scale)
	case id == "" && it.ChoicesFrom != "":
		id = it.ChoicesFrom
	case id == "" || choices == nil:
		id, choices = it.ID, it.Choices
	}
	for _, code := range it.Missing {
		id += "_" + code.Name()
		choices = append(slices.Clip(choices), form.Choice{ID: code.Name(), Label: w.q.Missing[code]})
	}
	return w.addList(id, choices)
}

// points is a scale as a list of choices, the points named 1, 2, 3 and so on.
func (w *writer) points(scale string) []form.Choice {
	var choices []form.Choice
	for i, text := range w.q.Scales[scale].Points {
		choices = append(choices, form.Choice{ID: strconv.Itoa(i + 1), Label: text})
	}
	return choices
}

// instances are all secondary instances, and their labels go into itext.
func (w *writer) instances() []*element {
	var all []*element
	for _, id := range slices.Sorted(maps.Keys(w.itemsets)) {
		set := w.itemsets[id]
		root := newElement("root")
		for i := range set.choices {
			root.add(w.choice(id, i, &set.choices[i], set.itext))
		}
		all = append(all, newElement("instance", root).set("id", id))
	}
	return all
}

func (w *writer) choice(list string, i int, c *form.Choice, itext bool) *element {
	item := newElement("item")
	if itext && !(empty(c.Label) && noMedia(c.Media)) {
		id := list + "-" + strconv.Itoa(i)
		w.entries = append(w.entries, entry{id: id, long: c.Label, media: c.Media})
		item.add(newElement("itextId", words(id)))
	}
	item.add(newElement("name", words(c.ID)))
	if label := c.Label[form.Undetermined]; !itext && label != "" {
		item.add(newElement("label", words(label)))
	}
	for _, column := range slices.Sorted(maps.Keys(c.Extra)) {
		if c.Extra[column] != "" {
			w.name(column, "choices column")
			item.add(newElement(column, words(c.Extra[column])))
		}
	}
	return item
}

// itemsetOf is the itemset of a control: list id, filtered and shuffled as the
// item says.
func (w *writer) itemsetOf(id string, it *form.Item) *element {
	nodeset := "instance(" + quote(id) + ")/root/item"
	if it.Filter != nil {
		nodeset += "[" + w.source(it.Filter) + "]"
	}
	if it.Random {
		seed := strings.TrimSpace(expr.Fill(it.Seed, w.path))
		if seed != "" {
			seed = ", " + seed
		}
		nodeset = "randomize(" + nodeset + seed + ")"
	}
	label := "label"
	if w.itemsets[id].itext {
		label = "jr:itext(itextId)"
	}
	return newElement("itemset", newElement("value").set("ref", "name"), newElement("label").set("ref", label)).set("nodeset", nodeset)
}

// quote writes s, which a person chose, as a text in an expression. XPath has
// no escape, so a text with both quotes is put together.
func quote(s string) string {
	switch {
	case !strings.Contains(s, "'"):
		return "'" + s + "'"
	case !strings.Contains(s, `"`):
		return `"` + s + `"`
	}
	return "concat('" + strings.ReplaceAll(s, "'", `', "'", '`) + "')"
}
