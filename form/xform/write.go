package xform

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"adili/form"
	"adili/form/expr"
)

// Write returns q as an XForm. Equal questionnaires give equal bytes. It fails
// where q holds what an XForm cannot say; the error names the item.
func Write(q *form.Questionnaire) ([]byte, error) {
	w := &writer{
		q:        q,
		root:     cmp.Or(q.Settings["name"], "data"),
		paths:    map[string]string{},
		rows:     map[string]int{},
		itemsets: map[string]itemset{},
		triggers: map[string][]*element{},
		metaNode: newElement("meta"),
	}
	w.place()
	w.findTriggers()
	document, err := w.document()
	if err != nil {
		return nil, fmt.Errorf("write XForm of %s: %w", cmp.Or(q.ID, "questionnaire"), err)
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0"?>` + "\n")
	document.write(&b, 0)
	return b.Bytes(), nil
}

// writer holds what is found on the way through the questionnaire.
type writer struct {
	q        *form.Questionnaire
	root     string
	paths    map[string]string     // of every item and group by id
	rows     map[string]int        // of an XLSForm, by id
	entries  []entry               // of itext, in the order they are met
	itemsets map[string]itemset    // secondary instances by id
	triggers map[string][]*element // what is set when the item of this id changes
	metaNode *element              // what a submission says about itself
	problems []error
}

// document builds the whole of it.
func (w *writer) document() (*element, error) {
	instance := newElement(w.root)
	w.name(w.root, "settings name")
	binds := newElement("")
	body := newElement("h:body")
	body.set("class", w.setting("style"))
	w.addLists()
	for i := range w.q.Pages {
		w.page(&w.q.Pages[i], instance, binds, body)
	}
	w.meta(instance, binds)
	w.instanceAttributes(instance)

	model := newElement("model").set("odk:xforms-version", "1.0.0")
	if s := w.submission(); s != nil {
		model.add(s)
	}
	choices := w.instances()
	if t := w.itext(); t != nil {
		model.add(t)
	}
	model.add(newElement("instance", instance))
	model.add(choices...)
	model.add(binds.kids...)

	title, _ := w.q.Title.In(w.defaultTag())
	html := newElement("h:html",
		newElement("h:head", newElement("h:title", words(cmp.Or(title, w.q.ID, "data"))), model),
		body)
	w.namespaces(html)
	w.checkPrefixes(html)
	return html, errors.Join(w.problems...)
}

// submission says where and how a client sends answers, nil where q does not.
func (w *writer) submission() *element {
	s := newElement("submission")
	if url := w.setting("submission_url"); url != "" {
		s.set("action", url).set("method", "post")
	}
	s.set("base64RsaPublicKey", w.setting("public_key"))
	s.set("orx:auto-send", w.setting("auto_send")).set("orx:auto-delete", w.setting("auto_delete"))
	if yes(w.setting("client_editable")) {
		s.set("odk:client-editable", "true")
	}
	if len(s.attrs) == 0 {
		return nil
	}
	return s
}

// meta adds what every submission says about itself: a random id, so that it
// is not counted twice, and a name where the questionnaire gives one.
func (w *writer) meta(instance, binds *element) {
	meta := w.metaNode
	path := "/" + w.root + "/meta"
	if !yes(w.setting("omit_instanceid")) {
		meta.add(newElement("instanceID"))
		binds.add(newElement("bind").set("nodeset", path+"/instanceID").set("type", "string").
			set("readonly", "true()").set("jr:preload", cmp.Or(w.setting("instance_id"), "uid")))
	}
	if source := w.setting("instance_name"); source != "" {
		name, err := expr.Parse(source)
		if err != nil {
			w.fail("settings instance_name: %v", err)
			return
		}
		meta.add(newElement("instanceName"))
		binds.add(newElement("bind").set("nodeset", path+"/instanceName").set("type", "string").
			set("calculate", w.source(name)))
	}
	if len(meta.kids) > 0 {
		instance.add(meta)
	}
}

func (w *writer) instanceAttributes(instance *element) {
	for _, key := range slices.Sorted(maps.Keys(w.q.Settings)) {
		if name, ok := strings.CutPrefix(key, "attribute::"); ok {
			instance.set(name, w.q.Settings[key])
		}
	}
	instance.set("id", cmp.Or(w.q.ID, "data")).set("version", w.q.Version)
	instance.set("odk:prefix", w.setting("prefix")).set("odk:delimiter", w.setting("delimiter"))
	instance.set("xmlns", w.setting("instance_xmlns"))
}

// standardSpaces are the namespaces of every XForm, in pyxform's order.
var standardSpaces = []attribute{
	{"xmlns", "http://www.w3.org/2002/xforms"},
	{"xmlns:h", "http://www.w3.org/1999/xhtml"},
	{"xmlns:ev", "http://www.w3.org/2001/xml-events"},
	{"xmlns:xsd", "http://www.w3.org/2001/XMLSchema"},
	{"xmlns:jr", "http://openrosa.org/javarosa"},
	{"xmlns:orx", "http://openrosa.org/xforms"},
	{"xmlns:odk", "http://www.opendatakit.org/xforms"},
}

var namespacePattern = regexp.MustCompile(`([\pL_][\pL\pN._-]*)\s*=\s*["']([^"']*)["']`)

func (w *writer) namespaces(html *element) {
	for _, space := range standardSpaces {
		html.set(space.name, space.value)
	}
	for _, m := range namespacePattern.FindAllStringSubmatch(w.setting("namespaces"), -1) {
		html.set("xmlns:"+m[1], m[2])
	}
}

// checkPrefixes makes sure that every prefix of an attribute is declared: a
// document with one that is not cannot be read at all.
func (w *writer) checkPrefixes(html *element) {
	known := map[string]bool{"xmlns": true, "xml": true}
	for _, a := range html.attrs {
		if _, prefix, ok := strings.Cut(a.name, ":"); ok {
			known[prefix] = true
		}
	}
	var walk func(e *element)
	walk = func(e *element) {
		for _, a := range e.attrs {
			prefix, local, ok := strings.Cut(a.name, ":")
			if ok && !known[prefix] {
				w.fail("attribute %s: prefix %s is not declared: add %s=\"address\" to settings namespaces", a.name, prefix, prefix)
			}
			if !ok {
				local = prefix
			}
			w.name(local, "attribute "+a.name)
		}
		for _, k := range e.kids {
			walk(k)
		}
	}
	walk(html)
}

func (w *writer) setting(key string) string { return strings.TrimSpace(w.q.Settings[key]) }

func (w *writer) fail(format string, args ...any) {
	w.problems = append(w.problems, fmt.Errorf(format, args...))
}

var namePattern = regexp.MustCompile(`^[\pL_][\pL\pN._-]*$`)

// name notes a problem where s cannot name an element or attribute.
func (w *writer) name(s, what string) {
	if !namePattern.MatchString(s) {
		w.fail("%s: %q cannot name an XML element: use letters, digits, - _ and . and begin with a letter or _", what, s)
	}
}

// yes reports whether a setting is switched on, in any spelling of XLSForm.
func yes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "true()":
		return true
	}
	return false
}
