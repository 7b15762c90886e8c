package xform

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Two XForms are compared after both went through normal, which takes away
// only what no client can tell apart:
//
//   - white space around elements, and at the ends of texts and attributes,
//     where pyxform pads; inside a text it counts;
//   - the order of attributes, of secondary instances, of the columns of a
//     choice, of texts in a translation and of the forms of a text: all are
//     looked up by name;
//   - the order of translations, once the first is marked as the default where
//     none is: that is what clients take;
//   - the name of a language that one side gives by its tag only;
//   - a text in its place instead of the only translation, where there is one
//     translation and the text has no other form;
//   - required="false()", which is what leaving it out means;
//   - ../name in a relevance, written as the path it stands for.

func normal(document []byte) (string, error) {
	root, err := parse(document)
	if err != nil {
		return "", err
	}
	if len(root.kids) == 0 {
		return "", errors.New("no element")
	}
	root.normalise()
	if model := root.find("model"); model != nil {
		model.placeOnly(root)
	}
	var b bytes.Buffer
	for _, k := range root.kids {
		k.write(&b, 0)
	}
	return b.String(), nil
}

func parse(document []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	root := newElement("")
	stack := []*element{root}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := newElement(rawName(token.Name))
			for _, a := range token.Attr {
				e.attrs = append(e.attrs, attribute{rawName(a.Name), strings.TrimSpace(lineEnds.Replace(a.Value))})
			}
			top.add(e)
			stack = append(stack, e)
		case xml.EndElement:
			if top.name != rawName(token.Name) {
				return nil, fmt.Errorf("%s ends as %s", top.name, rawName(token.Name))
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if top != root {
				top.add(words(string(token)))
			}
		}
	}
}

func rawName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

var parentStep = regexp.MustCompile(`\.\./([\pL_][\pL\pN._-]*)`)

func (e *element) normalise() {
	e.normaliseText()
	for _, k := range e.kids {
		k.normalise()
	}
	switch e.name {
	case "model":
		e.sortRun("instance", func(k *element) string { return k.get("id") })
	case "item":
		slices.SortStableFunc(e.kids, func(a, b *element) int { return cmp.Compare(a.name, b.name) })
	case "itext":
		e.markDefault()
		for _, k := range e.kids {
			k.set("lang", fullName(k.get("lang")))
		}
		e.sortRun("translation", func(k *element) string { return k.get("lang") })
	case "translation":
		e.sortRun("text", func(k *element) string { return k.get("id") })
	case "text":
		e.sortRun("value", func(k *element) string { return k.get("form") })
	case "bind":
		if e.get("required") == "false()" {
			e.attrs = slices.DeleteFunc(e.attrs, func(a attribute) bool { return a.name == "required" })
		}
		path := e.get("nodeset")
		if i := strings.LastIndex(path, "/"); i >= 0 && e.get("relevant") != "" {
			e.set("relevant", parentStep.ReplaceAllString(e.get("relevant"), " "+path[:i]+"/$1 "))
		}
	}
	e.sortAttributes()
}

func (e *element) sortAttributes() {
	slices.SortFunc(e.attrs, func(a, b attribute) int { return cmp.Compare(a.name, b.name) })
}

// normaliseText trims what stands at the ends of an element's content and
// drops the white space between elements that stand on lines of their own.
func (e *element) normaliseText() {
	blank := func(k *element) bool { return k.name == "" && strings.TrimSpace(k.text) == "" }
	inline := slices.ContainsFunc(e.kids, func(k *element) bool { return k.name == "" && !blank(k) || k.name == "output" })
	if !inline {
		e.kids = slices.DeleteFunc(e.kids, blank)
		return
	}
	if n := len(e.kids); n > 0 {
		if e.kids[0].name == "" {
			e.kids[0].text = strings.TrimLeft(e.kids[0].text, " \n\t")
		}
		if e.kids[n-1].name == "" {
			e.kids[n-1].text = strings.TrimRight(e.kids[n-1].text, " \n\t")
		}
	}
	e.kids = slices.DeleteFunc(e.kids, func(k *element) bool { return k.name == "" && k.text == "" })
}

func (e *element) markDefault() {
	if len(e.kids) > 0 && !slices.ContainsFunc(e.kids, func(k *element) bool { return k.get("default") != "" }) {
		e.kids[0].set("default", "true()")
		e.kids[0].sortAttributes()
	}
}

// fullName puts the name of a language before its tag.
func fullName(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return lang
	}
	return display.Self.Name(tag) + " (" + lang + ")"
}

// find is the first element called name in e, nil for none.
func (e *element) find(name string) *element {
	if e.name == name {
		return e
	}
	for _, k := range e.kids {
		if found := k.find(name); found != nil {
			return found
		}
	}
	return nil
}

var (
	itextRef    = regexp.MustCompile(`^jr:itext\('(.*)'\)$`)
	instanceRef = regexp.MustCompile(`instance\('([^']*)'\)/root/item`)
)

// only is the one translation of a form.
type only struct {
	model       *element
	translation *element
	lists       map[string]bool // whose labels came out of itext
}

// placeOnly puts the texts of a form with one translation where they are used.
func (model *element) placeOnly(root *element) {
	itext := model.find("itext")
	if itext == nil || len(itext.kids) != 1 {
		return
	}
	o := only{model, itext.kids[0], map[string]bool{}}
	for _, k := range model.kids {
		if k.name == "instance" && k.get("id") != "" {
			o.list(k)
		}
	}
	o.place(root)
	if len(o.translation.kids) == 0 {
		model.kids = slices.DeleteFunc(model.kids, func(k *element) bool { return k == itext })
	}
}

// value is the text with this id if it has no other form, nil otherwise.
func (o only) value(id string) *element {
	for _, text := range o.translation.kids {
		if text.get("id") == id && len(text.kids) == 1 && text.kids[0].get("form") == "" {
			return text.kids[0]
		}
	}
	return nil
}

func (o only) remove(id string) {
	o.translation.kids = slices.DeleteFunc(o.translation.kids, func(text *element) bool { return text.get("id") == id })
}

// list puts the labels of a list into its instance, where all are only words.
func (o only) list(instance *element) {
	var labels []*element
	for _, item := range instance.kids[0].kids {
		id := item.find("itextId")
		if id == nil {
			continue
		}
		value := o.value(id.kids[0].text)
		if value == nil || value.find("output") != nil {
			return
		}
		labels = append(labels, id)
	}
	for _, label := range labels {
		id := label.kids[0].text
		label.name, label.kids = "label", o.value(id).kids
		o.remove(id)
	}
	for _, item := range instance.kids[0].kids {
		slices.SortStableFunc(item.kids, func(a, b *element) int { return cmp.Compare(a.name, b.name) })
	}
	o.lists[instance.get("id")] = true
}

func (o only) place(e *element) {
	if m := itextRef.FindStringSubmatch(e.get("ref")); m != nil && (e.name == "label" || e.name == "hint") {
		if value := o.value(m[1]); value != nil {
			e.kids, e.attrs = value.kids, nil
			o.remove(m[1])
		}
	}
	for i, a := range e.attrs {
		m := itextRef.FindStringSubmatch(a.value)
		if m == nil || e.name != "bind" {
			continue
		}
		if value := o.value(m[1]); value != nil && value.find("output") == nil {
			e.attrs[i].value = value.kids[0].text
			o.remove(m[1])
		}
	}
	if m := instanceRef.FindStringSubmatch(e.get("nodeset")); m != nil && e.name == "itemset" && o.lists[m[1]] {
		e.find("label").set("ref", "label")
	}
	for _, k := range e.kids {
		o.place(k)
	}
}

// sortRun sorts the elements called name by key, in the places that they have
// among the others; one without a key stays first.
func (e *element) sortRun(name string, key func(*element) string) {
	var places []int
	var run []*element
	for i, k := range e.kids {
		if k.name == name {
			places = append(places, i)
			run = append(run, k)
		}
	}
	slices.SortStableFunc(run, func(a, b *element) int { return cmp.Compare(key(a), key(b)) })
	for i, place := range places {
		e.kids[place] = run[i]
	}
}

func (e *element) get(name string) string {
	for _, a := range e.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}
