package xform

import (
	"cmp"

	"adili/form"
	"adili/form/expr"
)

// place finds the path and row of every item and group.
func (w *writer) place() {
	w.paths["instanceID"] = "/" + w.root + "/meta/instanceID"
	w.paths["instanceName"] = "/" + w.root + "/meta/instanceName"
	row := 1 // the headers
	for i := range w.q.Pages {
		p := &w.q.Pages[i]
		if p.ID == "" {
			row = w.placeItems(p.Items, w.pagePath(p), row)
			continue
		}
		group := form.Item{ID: p.ID, Kind: form.Group, Items: p.Items}
		row = w.placeItems([]form.Item{group}, "/"+w.root, row)
	}
}

// placeItems notes the paths of items and their rows in an XLSForm, where row
// is the one before them, and returns the last row.
func (w *writer) placeItems(items []form.Item, parent string, row int) int {
	for i := range items {
		it := &items[i]
		path := w.pathOf(it, parent)
		row++
		w.put(it.ID, path)
		w.rows[it.ID] = row
		if it.Kind == form.Group {
			row = w.placeItems(it.Items, path, row) + 1
		}
	}
	return row
}

func (w *writer) put(id, path string) {
	if w.paths[id] == "" {
		w.paths[id] = path
	}
}

// nameOf is what it is called in the form: names can stand twice in different
// groups, ids cannot.
func nameOf(it *form.Item) string { return cmp.Or(it.Extra["name"], it.ID) }

func (w *writer) pathOf(it *form.Item, parent string) string {
	if it.Kind == form.Unasked && it.Type == "audit" {
		return "/" + w.root + "/meta/audit"
	}
	return parent + "/" + nameOf(it)
}

func (w *writer) pagePath(p *form.Page) string {
	if p.ID == "" {
		return "/" + w.root
	}
	return "/" + w.root + "/" + p.ID
}

// path is what stands for ${name}. pyxform puts spaces around it, so that it
// never touches what stands beside it.
func (w *writer) path(name string) string {
	p := w.paths[name]
	if p == "" {
		w.fail("${%s}: no item has this name", name)
	}
	return " " + p + " "
}

// source is e with paths in place of names, "" for nil.
func (w *writer) source(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return e.Rename(w.path)
}
