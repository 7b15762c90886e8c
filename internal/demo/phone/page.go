package phone

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Option is one answer a form offers.
type Option struct {
	Value string
	Label string
}

// item is one question of a form: the inputs of one name.
type item struct {
	name    string
	options []Option // none of a text
	multi   bool
	chosen  []string // ticked or written when the page came
}

// formShown is a form as the page has it.
type formShown struct {
	action string
	answer bool // carries answers: the form of the questionnaire
	hidden url.Values
	items  []item
	press  [2]string // name and value of the first button
	button bool      // a button was seen
}

// page is what the phone sees of a page.
type page struct {
	forms   []formShown
	files   []string // style sheets and scripts
	heading string
	done    bool // the thank-you page
}

// asksCode reports whether the page has a field for the code.
func (p *page) asksCode() bool { return p.formWith(fieldCode) != nil }

// formWith finds the form that has a field of that name.
func (p *page) formWith(name string) *formShown {
	for i := range p.forms {
		f := &p.forms[i]
		if f.hidden.Has(name) || slices.ContainsFunc(f.items, func(it item) bool { return it.name == name }) {
			return f
		}
	}
	return nil
}

// answers finds the form of the questionnaire.
func (p *page) answers() *formShown {
	for i := range p.forms {
		if p.forms[i].answer {
			return &p.forms[i]
		}
	}
	return nil
}

// reader walks through the tokens of a page.
type reader struct {
	page  page
	form  *formShown
	label *strings.Builder // words of the label or heading being read
	text  *item            // textarea being read
	words strings.Builder
	head  bool // in the first heading
}

// parse reads a page. Whatever is not a form, a heading or a file to load is
// skipped, and text that is no page gives an empty one.
func parse(body []byte) *page {
	r := &reader{}
	tokens := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end, since reading from memory cannot fail
			return &r.page
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open(tokens)
		case html.EndTagToken:
			name, _ := tokens.TagName()
			r.close(string(name))
		case html.TextToken:
			if r.label != nil || r.text != nil {
				r.words.Write(tokens.Text())
			}
		}
	}
}

// attributes are those of one tag that the phone looks at.
func attributes(tokens *html.Tokenizer) map[string]string {
	all := map[string]string{}
	for {
		key, value, more := tokens.TagAttr()
		if len(key) > 0 {
			all[string(key)] = string(value)
		}
		if !more {
			return all
		}
	}
}

func (r *reader) open(tokens *html.Tokenizer) {
	raw, has := tokens.TagName()
	name := string(raw)
	switch name {
	case "form", "input", "textarea", "button", "label", "h1", "link", "script":
	default:
		return
	}
	var a map[string]string
	if has {
		a = attributes(tokens)
	}
	switch name {
	case "form":
		_, answers := a["data-answers"]
		r.page.forms = append(r.page.forms, formShown{action: a["action"], answer: answers, hidden: url.Values{}})
		r.form = &r.page.forms[len(r.page.forms)-1]
	case "h1":
		_, done := a["data-done"]
		r.page.done = r.page.done || done
		r.head = r.page.heading == ""
		r.begin()
	case "label":
		r.begin()
	case "link", "script":
		r.file(name, a)
	default:
		if r.form != nil {
			r.field(name, a)
		}
	}
}

func (r *reader) begin() {
	r.words.Reset()
	r.label = &r.words
}

func (r *reader) file(name string, a map[string]string) {
	address := a["src"]
	if name == "link" && a["rel"] != "alternate" {
		address = a["href"]
	}
	if strings.HasPrefix(address, "/") {
		r.page.files = append(r.page.files, address)
	}
}

// field takes an input, a textarea or a button of the form that is open.
func (r *reader) field(name string, a map[string]string) {
	_, checked := a["checked"]
	switch {
	case name == "button" || a["type"] == "submit":
		if !r.form.button && a["type"] != "button" {
			r.form.button, r.form.press = true, [2]string{a["name"], a["value"]}
		}
	case name == "textarea":
		r.text = r.item(a["name"])
		r.words.Reset()
	case a["type"] == "hidden":
		r.form.hidden.Add(a["name"], a["value"])
	case a["type"] == "radio" || a["type"] == "checkbox":
		it := r.item(a["name"])
		it.multi = a["type"] == "checkbox"
		it.options = append(it.options, Option{Value: a["value"]})
		if checked {
			it.chosen = append(it.chosen, a["value"])
		}
	case a["name"] != "":
		r.item(a["name"]).chosen = []string{a["value"]}
	}
}

// item finds the question of that name in the open form, or begins it.
func (r *reader) item(name string) *item {
	all := &r.form.items
	for i := range *all {
		if (*all)[i].name == name {
			return &(*all)[i]
		}
	}
	*all = append(*all, item{name: name})
	return &(*all)[len(*all)-1]
}

func (r *reader) close(name string) {
	switch name {
	case "form":
		r.form = nil
	case "textarea":
		if r.text != nil {
			r.text.chosen = []string{strings.TrimPrefix(html.UnescapeString(r.words.String()), "\n")}
			r.text = nil
		}
	case "h1":
		if r.head {
			r.page.heading = r.read()
		}
		r.label, r.head = nil, false
	case "label":
		r.name()
		r.label = nil
	}
}

// name gives the label that was read to the last option of the form.
func (r *reader) name() {
	if r.form == nil || len(r.form.items) == 0 || r.label == nil {
		return
	}
	it := &r.form.items[len(r.form.items)-1]
	if n := len(it.options); n > 0 && it.options[n-1].Label == "" {
		it.options[n-1].Label = r.read()
	}
}

func (r *reader) read() string {
	return strings.Join(strings.Fields(html.UnescapeString(r.words.String())), " ")
}
