// Package first checks files of the first questionnaire format, which allows
// less than the second, and turns them into the second.
package first

import (
	"fmt"
	"regexp"
	"slices"

	"adili/form/fault"
	"adili/form/tree"
)

// Format is the name of the format.
const Format = "adili-instrument/1"

const (
	second      = "adili-instrument/2"
	maxItems    = 300
	maxChoices  = 250
	maxMulti    = 16
	scalePoints = 5 // scores are defined for five-point agreement
)

var (
	validID = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)
	codes   = []string{"dont_know", "prefer_not", "not_applicable"}
)

// Convert checks a file and makes it one of the second format, in place. What
// is wrong comes back; the file is then of no use.
func Convert(root *tree.Node) fault.List {
	r := &reader{scales: map[string]bool{}, missing: map[string]bool{}, items: map[string]*question{}}
	r.questionnaire(root)
	return r.Faults
}

type reader struct {
	tree.Reader
	tags    []string // the languages, English first
	scales  map[string]bool
	missing map[string]bool
	pages   []string
	items   map[string]*question
	onPage  int
}

// question is what conditions need to know of an item.
type question struct {
	page    int
	kind    string
	choices []string // its own
}

func (r *reader) id(n *tree.Node, path string) string {
	s := r.Text(n, path)
	if s != "" && !validID.MatchString(s) {
		r.Bad(n, path, "form.fault.id", "Value", s)
	}
	return s
}

// words checks a text in several languages; it has to have each language that
// the questionnaire declares, and no other.
func (r *reader) words(n *tree.Node, path string) {
	o, ok := n.Value.(*tree.Object)
	if !ok {
		key := "form.fault.want_object"
		if n.Value == nil {
			key = "form.fault.required"
		}
		r.Bad(n, path, key)
		return
	}
	for _, tag := range o.Keys {
		if !slices.Contains(r.tags, tag) {
			r.Bad(o.Fields[tag], tree.Join(path, tag), "form.fault.language_extra", "Value", tag)
			continue
		}
		r.Text(o.Fields[tag], tree.Join(path, tag))
	}
	for _, tag := range r.tags {
		if _, ok := o.Fields[tag]; !ok {
			r.Bad(n, path, "form.fault.language", "Value", tag)
		}
	}
}

func (r *reader) questionnaire(root *tree.Node) {
	f := r.Fields(root, "", "format", "id", "version", "population", "title", "languages", "scales", "missing", "pages")
	if f == nil {
		return
	}
	if s := r.Text(tree.At(f, "format", root), "format"); s != "" && s != Format {
		r.Bad(f["format"], "format", "form.fault.format", "Want", second)
	}
	r.Text(tree.At(f, "id", root), "id")
	r.Text(tree.At(f, "version", root), "version")
	r.OneOf(tree.At(f, "population", root), "population", "official", "private")
	r.languages(tree.At(f, "languages", root))
	r.words(tree.At(f, "title", root), "title")
	r.shared(f)
	for i, n := range r.List(tree.At(f, "pages", root), "pages") {
		r.onPage = i
		r.readPage(n, fmt.Sprintf("pages[%d]", i))
	}
	switch {
	case len(r.Faults) > 0:
		return
	case len(r.items) > maxItems:
		r.Bad(root, "pages", "form.fault.too_many", "Max", maxItems)
	}
	o := root.Value.(*tree.Object)
	o.Put("format", root, second)
	o.Put("source", root, r.tags[0])
}

func (r *reader) languages(n *tree.Node) {
	o, ok := n.Value.(*tree.Object)
	if !ok || len(o.Keys) == 0 {
		r.Bad(n, "languages", "form.fault.required")
		return
	}
	for _, tag := range o.Keys {
		r.OneOf(o.Fields[tag], tree.Join("languages", tag), "draft", "reviewed")
	}
	r.tags = slices.Sorted(slices.Values(o.Keys))
	if i := slices.Index(r.tags, "en"); i > 0 {
		r.tags = slices.Insert(slices.Delete(r.tags, i, i+1), 0, "en")
	}
}

// shared checks the scales and the labels of missing codes.
func (r *reader) shared(f map[string]*tree.Node) {
	if n := f["missing"]; n != nil {
		labels := r.Fields(n, "missing", codes...)
		for _, name := range codes {
			if labels[name] != nil {
				r.missing[name] = true
				r.words(labels[name], tree.Join("missing", name))
			}
		}
	}
	n := f["scales"]
	if n == nil {
		return
	}
	o, ok := n.Value.(*tree.Object)
	if !ok {
		r.Bad(n, "scales", "form.fault.want_object")
		return
	}
	for _, name := range o.Keys {
		path := tree.Join("scales", name)
		r.scales[name] = true
		f := r.Fields(o.Fields[name], path, "points")
		if f == nil {
			continue
		}
		points := tree.At(f, "points", o.Fields[name])
		list := r.List(points, tree.Join(path, "points"))
		for i, p := range list {
			r.words(p, fmt.Sprintf("%s.points[%d]", path, i))
		}
		if len(list) != scalePoints {
			r.Bad(points, path, "form.fault.scale_points")
		}
	}
}

func (r *reader) readPage(n *tree.Node, path string) {
	f := r.Fields(n, path, "id", "title", "intro", "items")
	if f == nil {
		return
	}
	id := r.id(tree.At(f, "id", n), tree.Join(path, "id"))
	r.words(tree.At(f, "title", n), tree.Join(path, "title"))
	if f["intro"] != nil {
		r.words(f["intro"], tree.Join(path, "intro"))
	}
	if id != "" && slices.Contains(r.pages, id) {
		r.Bad(f["id"], tree.Join(path, "id"), "form.fault.duplicate_id", "Value", id)
	}
	r.pages = append(r.pages, id)
	for i, item := range r.List(tree.At(f, "items", n), tree.Join(path, "items")) {
		r.item(item, fmt.Sprintf("%s.items[%d]", path, i))
	}
	n.Value.(*tree.Object).Put("appearance", n, "field-list") // a page is what a respondent sees at once
}
