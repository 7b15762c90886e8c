package form

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Format names the file format this package reads.
const Format = "adili-instrument/1"

// Bounds of an instrument. They keep a page and a record small; real
// questionnaires stay far below.
const (
	MaxBytes      = 2 << 20
	maxItems      = 300
	scalePoints   = 5 // scores are defined for five-point agreement
	maxTextLength = 1000
)

var validID = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// Read parses an instrument file. Everything that is wrong comes back at once
// as Faults, each with its line and field; then the questionnaire is nil.
func Read(data []byte) (*Questionnaire, error) {
	if len(data) > MaxBytes {
		return nil, Faults{{Key: "form.fault.too_large", Args: []any{"Max", MaxBytes >> 10}}}
	}
	root, fault := readTree(data)
	if fault != nil {
		return nil, Faults{*fault}
	}
	r := &reader{ids: map[string]*Item{}, pageOf: map[string]int{}}
	r.questionnaire(root)
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b Fault) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field))
		})
		return nil, r.faults
	}
	return &r.q, nil
}

// reader turns the tree into a questionnaire and notes what is wrong with it.
type reader struct {
	q      Questionnaire
	faults Faults
	ids    map[string]*Item
	pageOf map[string]int
	page   int
}

func (r *reader) bad(n *node, path, key string, args ...any) {
	r.faults = append(r.faults, Fault{Line: n.line, Field: path, Key: key, Args: args})
}

// fields checks that n is an object with known fields only and returns them.
func (r *reader) fields(n *node, path string, known ...string) map[string]*node {
	o, ok := n.value.(*object)
	if !ok {
		r.bad(n, path, "form.fault.want_object")
		return nil
	}
	for _, k := range o.keys {
		if !slices.Contains(known, k) {
			r.bad(o.fields[k], join(path, k), "form.fault.unknown_field")
		}
	}
	return o.fields
}

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// at returns the field, or the parent where it is absent so that a fault about
// it has a line.
func at(f map[string]*node, field string, parent *node) *node {
	if n, ok := f[field]; ok {
		return n
	}
	return &node{line: parent.line}
}

func (r *reader) text(n *node, path string) string {
	s, ok := n.value.(string)
	switch {
	case !ok && n.value != nil:
		r.bad(n, path, "form.fault.want_text")
	case strings.TrimSpace(s) == "":
		r.bad(n, path, "form.fault.required")
	}
	return s
}

func (r *reader) oneOf(n *node, path string, allowed ...string) string {
	s := r.text(n, path)
	if s != "" && !slices.Contains(allowed, s) {
		r.bad(n, path, "form.fault.choice", "Value", s, "Allowed", strings.Join(allowed, ", "))
	}
	return s
}

func (r *reader) id(n *node, path string) string {
	s := r.text(n, path)
	if s != "" && !validID.MatchString(s) {
		r.bad(n, path, "form.fault.id", "Value", s)
	}
	return s
}

func (r *reader) number(n *node, path string) int {
	f, ok := n.value.(float64)
	if !ok || f != float64(int(f)) {
		r.bad(n, path, "form.fault.want_number")
		return 0
	}
	return int(f)
}

func (r *reader) list(n *node, path string) []*node {
	list, ok := n.value.([]*node)
	switch {
	case !ok && n.value != nil:
		r.bad(n, path, "form.fault.want_list")
	case len(list) == 0:
		r.bad(n, path, "form.fault.required")
	}
	return list
}

// words reads a text in several languages; it has to have each language that
// the questionnaire declares, and no other.
func (r *reader) words(n *node, path string) Text {
	o, ok := n.value.(*object)
	if !ok {
		key := "form.fault.want_object"
		if n.value == nil {
			key = "form.fault.required"
		}
		r.bad(n, path, key)
		return nil
	}
	t := Text{}
	for _, tag := range o.keys {
		if _, ok := r.q.Languages[tag]; !ok {
			r.bad(o.fields[tag], join(path, tag), "form.fault.language_extra", "Value", tag)
			continue
		}
		t[tag] = r.text(o.fields[tag], join(path, tag))
	}
	for _, tag := range r.q.LanguageTags() {
		if _, ok := t[tag]; !ok {
			r.bad(n, path, "form.fault.language", "Value", tag)
		}
	}
	return t
}

func (r *reader) questionnaire(root *node) {
	f := r.fields(root, "", "format", "id", "version", "population", "title", "languages", "scales", "missing", "pages")
	if f == nil {
		return
	}
	if s := r.text(at(f, "format", root), "format"); s != "" && s != Format {
		r.bad(f["format"], "format", "form.fault.format", "Want", Format)
	}
	r.q.ID = r.text(at(f, "id", root), "id")
	r.q.Version = r.text(at(f, "version", root), "version")
	r.q.Population = Population(r.oneOf(at(f, "population", root), "population", string(Official), string(Private)))
	r.languages(at(f, "languages", root))
	r.q.Title = r.words(at(f, "title", root), "title")
	r.scales(f["scales"])
	r.missing(f["missing"])
	for i, n := range r.list(at(f, "pages", root), "pages") {
		r.page = i
		r.readPage(n, fmt.Sprintf("pages[%d]", i))
	}
	switch {
	case len(r.faults) > 0:
	case len(r.ids) == 0:
		r.bad(root, "pages", "form.fault.empty")
	case len(r.ids) > maxItems:
		r.bad(root, "pages", "form.fault.too_many", "Max", maxItems)
	}
}

func (r *reader) languages(n *node) {
	r.q.Languages = map[string]Status{}
	o, ok := n.value.(*object)
	if !ok || len(o.keys) == 0 {
		r.bad(n, "languages", "form.fault.required")
		return
	}
	for _, tag := range o.keys {
		r.q.Languages[tag] = Status(r.oneOf(o.fields[tag], join("languages", tag), string(Draft), string(Reviewed)))
	}
}

func (r *reader) scales(n *node) {
	r.q.Scales = map[string]Scale{}
	if n == nil {
		return
	}
	o, ok := n.value.(*object)
	if !ok {
		r.bad(n, "scales", "form.fault.want_object")
		return
	}
	for _, name := range o.keys {
		path := join("scales", name)
		f := r.fields(o.fields[name], path, "points")
		if f == nil {
			continue
		}
		points := at(f, "points", o.fields[name])
		var scale Scale
		for i, p := range r.list(points, join(path, "points")) {
			scale.Points = append(scale.Points, r.words(p, fmt.Sprintf("%s.points[%d]", path, i)))
		}
		if len(scale.Points) != scalePoints {
			r.bad(points, path, "form.fault.scale_points")
		}
		r.q.Scales[name] = scale
	}
}

func (r *reader) missing(n *node) {
	r.q.Missing = map[Code]Text{}
	if n == nil {
		return
	}
	f := r.fields(n, "missing", "dont_know", "prefer_not", "not_applicable")
	for name, code := range missingNames {
		if f[name] != nil {
			r.q.Missing[code] = r.words(f[name], join("missing", name))
		}
	}
}

func (r *reader) readPage(n *node, path string) {
	f := r.fields(n, path, "id", "title", "intro", "items")
	if f == nil {
		return
	}
	p := Page{ID: r.id(at(f, "id", n), join(path, "id")), Title: r.words(at(f, "title", n), join(path, "title"))}
	if f["intro"] != nil {
		p.Intro = r.words(f["intro"], join(path, "intro"))
	}
	for _, other := range r.q.Pages {
		if other.ID == p.ID && p.ID != "" {
			r.bad(f["id"], join(path, "id"), "form.fault.duplicate_id", "Value", p.ID)
		}
	}
	for i, in := range r.list(at(f, "items", n), join(path, "items")) {
		p.Items = append(p.Items, r.item(in, fmt.Sprintf("%s.items[%d]", path, i)))
	}
	r.q.Pages = append(r.q.Pages, p)
}
