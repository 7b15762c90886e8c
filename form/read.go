package form

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adili/form/expr"
	"adili/form/first"
	"adili/form/tree"
)

// The file formats this package reads. Write writes the second.
const (
	Format  = first.Format
	Format2 = "adili-instrument/2"
)

// maxDepth bounds nesting: two levels for each group in a group and eight more.
const maxDepth = 8 + 2*maxNested

// MaxBytes is the largest file that is read.
const MaxBytes = 2 << 20

// Read parses an instrument file. Everything that is wrong comes back at once
// as Faults, each with its line and field; then the questionnaire is nil.
func Read(data []byte) (*Questionnaire, error) {
	if len(data) > MaxBytes {
		return nil, Faults{{Key: "form.fault.too_large", Args: []any{"Max", MaxBytes >> 10}}}
	}
	root, fault := tree.Read(data, maxDepth)
	if fault != nil {
		return nil, Faults{*fault}
	}
	r := &reader{lines: map[string]int{}}
	if format(root) != Format2 {
		r.Faults = first.Convert(root)
	}
	if len(r.Faults) == 0 {
		r.questionnaire(root)
	}
	if len(r.Faults) > 0 {
		slices.SortStableFunc(r.Faults, func(a, b Fault) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field))
		})
		return nil, r.Faults
	}
	return &r.q, nil
}

// format is the format a file names.
func format(root *tree.Node) string {
	if o, ok := root.Value.(*tree.Object); ok && o.Fields["format"] != nil {
		s, _ := o.Fields["format"].Value.(string)
		return s
	}
	return ""
}

// reader turns the tree into a questionnaire and notes what is wrong with it.
type reader struct {
	tree.Reader
	q     Questionnaire
	lines map[string]int // of the fields, by path
}

// part is an object of a format 2 file being read. Its fields may be absent;
// what has to be there is for Check to say.
type part struct {
	r    *reader
	f    map[string]*tree.Node
	path string
}

// part reads the object at n, and remembers the lines of its fields for the
// faults that Check finds.
func (r *reader) part(n *tree.Node, path string, known ...string) part {
	p := part{r, r.Fields(n, path, known...), path}
	r.lines[path] = n.Line
	for name, field := range p.f {
		r.lines[tree.Join(path, name)] = field.Line
	}
	return p
}

func (p part) text(name string) string {
	if p.f[name] == nil {
		return ""
	}
	return p.r.Text(p.f[name], tree.Join(p.path, name))
}

func (p part) flag(name string) bool {
	return p.f[name] != nil && p.r.Flag(p.f[name], tree.Join(p.path, name))
}

func (p part) whole(name string) int {
	if p.f[name] == nil {
		return 0
	}
	return p.r.Whole(p.f[name], tree.Join(p.path, name))
}

func (p part) number(name string) float64 {
	n := p.f[name]
	if n == nil {
		return 0
	}
	f, ok := n.Value.(float64)
	if !ok {
		p.r.Bad(n, tree.Join(p.path, name), "form.fault.want_amount")
	}
	return f
}

func (p part) expression(name string) *expr.Expr {
	s := p.text(name)
	if s == "" {
		return nil
	}
	e, err := expr.Parse(s)
	if err != nil {
		p.r.Bad(p.f[name], tree.Join(p.path, name), "form.fault.expression", "Detail", err.Error())
		return nil
	}
	return e
}

func (p part) list(name string) []*tree.Node {
	if p.f[name] == nil {
		return nil
	}
	return p.r.List(p.f[name], tree.Join(p.path, name))
}

func (p part) strings(name string) []string {
	var all []string
	for i, n := range p.list(name) {
		all = append(all, p.r.Text(n, fmt.Sprintf("%s[%d]", tree.Join(p.path, name), i)))
	}
	return all
}

// pairs reads an object of texts: a text by language, or names and values. An
// absent one is nil.
func (p part) pairs(name string) map[string]string {
	if p.f[name] == nil {
		return nil
	}
	return p.r.pairs(p.f[name], tree.Join(p.path, name))
}

func (r *reader) pairs(n *tree.Node, path string) map[string]string {
	o, ok := n.Value.(*tree.Object)
	if !ok {
		r.Bad(n, path, "form.fault.want_object")
		return nil
	}
	m := map[string]string{}
	for _, key := range o.Keys {
		m[key] = r.Text(o.Fields[key], tree.Join(path, key))
		r.lines[tree.Join(path, key)] = o.Fields[key].Line
	}
	return m
}

func (p part) media() map[string]Text {
	n := p.f["media"]
	if n == nil {
		return nil
	}
	o := p.r.part(n, tree.Join(p.path, "media"), mediaKinds...)
	m := map[string]Text{}
	for _, kind := range mediaKinds {
		if o.f[kind] != nil {
			m[kind] = o.pairs(kind)
		}
	}
	return m
}

// each calls f for every member of the object in a field, sorted by name.
func (p part) each(name string, f func(key string, n *tree.Node, path string)) {
	n := p.f[name]
	if n == nil {
		return
	}
	path := tree.Join(p.path, name)
	o, ok := n.Value.(*tree.Object)
	if !ok {
		p.r.Bad(n, path, "form.fault.want_object")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(o.Fields)) {
		p.r.lines[tree.Join(path, key)] = o.Fields[key].Line
		f(key, o.Fields[key], tree.Join(path, key))
	}
}

func (r *reader) questionnaire(root *tree.Node) {
	p := r.part(root, "", "format", "id", "version", "population", "title", "source", "languages", "names", "scales", "lists", "missing", "settings", "pages")
	q := &r.q
	q.ID, q.Version, q.Population, q.Source = p.text("id"), p.text("version"), Population(p.text("population")), p.text("source")
	q.Title, q.Names, q.Settings = p.pairs("title"), p.pairs("names"), p.pairs("settings")
	q.Languages, q.Scales, q.Missing = map[string]Status{}, map[string]Scale{}, map[Code]Text{}
	for tag, status := range p.pairs("languages") {
		q.Languages[tag] = Status(status)
	}
	p.each("scales", func(name string, n *tree.Node, path string) {
		s := r.part(n, path, "points")
		var scale Scale
		for i, point := range s.list("points") {
			scale.Points = append(scale.Points, r.pairs(point, fmt.Sprintf("%s.points[%d]", path, i)))
		}
		q.Scales[name] = scale
	})
	p.each("lists", func(name string, n *tree.Node, path string) {
		if q.Lists == nil {
			q.Lists = map[string][]Choice{}
		}
		q.Lists[name] = r.choicesTwo(r.List(n, path), path)
	})
	p.each("missing", func(name string, n *tree.Node, path string) {
		code, ok := missingNames[name]
		if !ok {
			r.Bad(n, path, "form.fault.unknown_field")
			return
		}
		q.Missing[code] = r.pairs(n, path)
	})
	for i, n := range p.list("pages") {
		q.Pages = append(q.Pages, r.pageTwo(n, fmt.Sprintf("pages[%d]", i)))
	}
	for _, f := range Check(q) {
		f.Line = r.line(f.Field)
		r.Faults = append(r.Faults, f)
	}
}

// line is where the field at path stands, or the nearest one around it.
func (r *reader) line(path string) int {
	for path != "" {
		if line, ok := r.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return r.lines[""]
}

func (r *reader) choicesTwo(nodes []*tree.Node, path string) []Choice {
	var choices []Choice
	for i, n := range nodes {
		p := r.part(n, fmt.Sprintf("%s[%d]", path, i), "id", "label", "exclusive", "fixed", "media", "extra")
		choices = append(choices, Choice{ID: p.text("id"), Label: p.pairs("label"), Exclusive: p.flag("exclusive"),
			Fixed: p.flag("fixed"), Media: p.media(), Extra: p.pairs("extra")})
	}
	return choices
}

func (r *reader) pageTwo(n *tree.Node, path string) Page {
	p := r.part(n, path, "id", "title", "intro", "appearance", "relevant", "items")
	return Page{ID: p.text("id"), Title: p.pairs("title"), Intro: p.pairs("intro"), Appearance: p.text("appearance"),
		Relevant: p.expression("relevant"), Items: p.items()}
}

func (p part) items() []Item {
	var items []Item
	for i, n := range p.list("items") {
		items = append(items, p.r.itemTwo(n, fmt.Sprintf("%s[%d]", tree.Join(p.path, "items"), i)))
	}
	return items
}

func (r *reader) itemTwo(n *tree.Node, path string) Item {
	p := r.part(n, path, "id", "type", "was", "role", "factor", "reverse", "sensitivity", "window_months", "action", "equivalent",
		"text", "hint", "guidance", "media", "scale", "list", "choices", "choices_from", "filter", "random", "seed", "missing",
		"relevant", "required", "required_message", "constraint", "constraint_message", "calculation", "default", "read_only",
		"min", "max", "step", "max_length", "appearance", "parameters", "extra", "items", "pair")
	it := Item{
		ID: p.text("id"), Kind: Kind(p.text("type")), Type: p.text("was"), Role: Role(p.text("role")), Factor: p.whole("factor"),
		Reverse: p.flag("reverse"), Sensitivity: Sensitivity(p.text("sensitivity")), Window: p.whole("window_months"),
		Action: p.text("action"), Equivalent: p.strings("equivalent"),
		Text: p.pairs("text"), Hint: p.pairs("hint"), Guidance: p.pairs("guidance"), Media: p.media(),
		Scale: p.text("scale"), List: p.text("list"), ChoicesFrom: p.text("choices_from"),
		Filter: p.expression("filter"), Random: p.flag("random"), Seed: p.text("seed"),
		Relevant: p.expression("relevant"), Required: p.expression("required"), RequiredMessage: p.pairs("required_message"),
		Constraint: p.expression("constraint"), ConstraintMessage: p.pairs("constraint_message"),
		Calculation: p.expression("calculation"), Default: p.expression("default"), ReadOnly: p.expression("read_only"),
		Min: p.number("min"), Max: p.number("max"), Step: p.number("step"), MaxLength: p.whole("max_length"),
		Appearance: p.text("appearance"), Parameters: p.pairs("parameters"), Extra: p.pairs("extra"), Items: p.items(),
	}
	switch {
	case it.List != "" && p.f["choices"] != nil:
		r.Bad(p.f["choices"], tree.Join(path, "choices"), "form.fault.list_both")
	case it.List != "":
		it.Choices = r.q.Lists[it.List]
	default:
		it.Choices = r.choicesTwo(p.list("choices"), tree.Join(path, "choices"))
	}
	for i, name := range p.strings("missing") {
		code, ok := missingNames[name]
		if !ok && name != "" {
			r.Bad(p.f["missing"], fmt.Sprintf("%s.missing[%d]", path, i), "form.fault.choice", "Value", name, "Allowed", "dont_know, not_applicable, prefer_not")
		}
		it.Missing = append(it.Missing, code)
	}
	if p.f["pair"] != nil {
		o := r.part(p.f["pair"], tree.Join(path, "pair"), "statement", "known", "anchor", "practice")
		it.Pair = &Pair{Statement: o.pairs("statement"), Known: o.number("known"), Anchor: o.flag("anchor"), Practice: o.pairs("practice")}
	}
	return it
}
