package xform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adili/form"
	"adili/form/expr"
)

// bind adds what the model knows of an item: type, logic and messages, then
// the default where it has to be worked out.
func (w *writer) bind(it *form.Item, path string, binds *element) {
	b := newElement("bind").set("nodeset", path)
	kind := typeOf(it)
	b.set("type", kind.data)
	b.set("jr:preload", kind.preload).set("jr:preloadParams", kind.param)
	b.set("relevant", w.source(it.Relevant)).set("required", w.source(it.Required))
	b.set("readonly", w.source(it.ReadOnly))
	if it.Kind == form.Note || it.Type == "note" {
		b.set("readonly", "true()")
	}
	b.set("constraint", w.constraint(it))
	if it.Extra["trigger"] == "" {
		b.set("calculate", w.source(it.Calculation))
	}
	b.set("jr:constraintMsg", w.message(path+":jr:constraintMsg", it.ConstraintMessage))
	b.set("jr:requiredMsg", w.message(path+":jr:requiredMsg", it.RequiredMessage))
	w.bindParameters(b, it)
	w.extra(b, it.Extra, "bind::")
	if len(b.attrs) > 1 {
		binds.add(b)
	}
	if kind.action != "" {
		action := newElement(kind.action).set("ref", path).set("event", kind.event)
		if it.Type == "background-audio" {
			action.set("odk:quality", it.Parameters["quality"])
		}
		binds.add(action)
	}
	if _, static := literal(it.Default); it.Default != nil && !static {
		binds.add(newElement("setvalue").set("ref", path).set("event", "odk-instance-first-load").
			set("value", w.source(it.Default)))
	}
}

// bindParameters sets what parameters say about the answer. The model keeps
// them for other programs only.
func (w *writer) bindParameters(b *element, it *form.Item) {
	b.set("orx:max-pixels", it.Parameters["max-pixels"])
	names := []string{"allow-mock-accuracy", "identify-user", "track-changes", "track-changes-reasons",
		"location-priority", "location-min-interval", "location-max-age"}
	if it.Type == "audio" {
		names = append(names, "quality")
	}
	for _, name := range names {
		b.set("odk:"+name, it.Parameters[name])
	}
}

// extra sets the attributes that another program's column of the kind prefix
// asks for.
func (w *writer) extra(e *element, columns map[string]string, prefix string) {
	for _, key := range slices.Sorted(maps.Keys(columns)) {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			e.set(name, expr.Fill(columns[key], w.path))
		}
	}
}

// constraint joins the item's own constraint with the limits that an XForm has
// no other word for.
func (w *writer) constraint(it *form.Item) string {
	var all []string
	if s := w.source(it.Constraint); s != "" {
		all = append(all, s)
	}
	if it.Kind == form.OpenAnswer && it.MaxLength > 0 {
		all = append(all, fmt.Sprintf("string-length(.) <= %d", it.MaxLength))
	}
	if it.Kind == form.Multi {
		for _, c := range it.Choices {
			if c.Exclusive {
				all = append(all, fmt.Sprintf("not(selected(., %s) and count-selected(.) > 1)", quote(c.ID)))
			}
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	for i, s := range all {
		all[i] = "(" + s + ")"
	}
	return strings.Join(all, " and ")
}

// literal is the text of a default that is one string or number, which can
// stand in the instance.
func literal(e *expr.Expr) (text string, ok bool) {
	if e == nil {
		return "", false
	}
	tree, err := json.Marshal(e)
	if err != nil {
		return "", false
	}
	if err := json.Unmarshal(tree, &text); err == nil {
		return text, true
	}
	var number float64
	if err := json.Unmarshal(tree, &number); err == nil {
		return strings.TrimSpace(e.Source()), true
	}
	return "", false
}

// findTriggers collects what is set when another item changes.
func (w *writer) findTriggers() {
	for i := range w.q.Pages {
		w.findTriggersOf(w.q.Pages[i].Items, w.pagePath(&w.q.Pages[i]))
	}
	for _, actions := range w.triggers {
		// Values first, then places, as pyxform has them.
		slices.SortStableFunc(actions, func(a, b *element) int { return -strings.Compare(a.name, b.name) })
	}
}

func (w *writer) findTriggersOf(items []form.Item, parent string) {
	for i := range items {
		it := &items[i]
		path := w.pathOf(it, parent)
		w.findTriggersOf(it.Items, path)
		if it.Kind == form.Group {
			continue
		}
		for _, id := range expr.References(it.Extra["trigger"]) {
			w.path(id)
			w.triggers[id] = append(w.triggers[id], w.triggered(it, path))
		}
	}
}

// triggered is what happens to it.
func (w *writer) triggered(it *form.Item, path string) *element {
	action := newElement("setvalue")
	if it.Type == "background-geopoint" {
		action = newElement("odk:setgeopoint")
	}
	return action.set("ref", path).set("event", "xforms-value-changed").set("value", w.source(it.Calculation))
}
