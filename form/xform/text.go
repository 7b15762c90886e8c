package xform

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"adili/form"
	"adili/form/expr"
)

// entry is one text of itext with all its forms.
type entry struct {
	id       string
	long     form.Text
	guidance form.Text
	media    map[string]form.Text
}

// plain reports whether t is the same in every language, so that it can stand
// where it is used.
func plain(t form.Text) bool {
	for tag, s := range t {
		if tag != form.Undetermined && s != "" {
			return false
		}
	}
	return true
}

func empty(t form.Text) bool {
	for _, s := range t {
		if s != "" {
			return false
		}
	}
	return true
}

func noMedia(m map[string]form.Text) bool {
	for _, t := range m {
		if !empty(t) {
			return false
		}
	}
	return true
}

// label is the element tag ("label" or "hint") with the text of e, in place or
// as a reference to itext.
func (w *writer) label(tag string, e entry) *element {
	el := newElement(tag)
	if plain(e.long) && empty(e.guidance) && noMedia(e.media) {
		return el.add(w.output(e.long[form.Undetermined])...)
	}
	w.entries = append(w.entries, e)
	return el.set("ref", "jr:itext('"+e.id+"')")
}

// message is the value of a bind's message attribute.
func (w *writer) message(id string, t form.Text) string {
	s := t[form.Undetermined]
	if plain(t) && len(expr.References(s)) == 0 {
		return s
	}
	w.entries = append(w.entries, entry{id: id, long: t})
	return "jr:itext('" + id + "')"
}

// itext is all texts by language, nil where there are none.
func (w *writer) itext() *element {
	tags := w.tags()
	if len(tags) == 0 {
		return nil
	}
	all := newElement("itext")
	for _, tag := range tags {
		t := newElement("translation").set("lang", w.languageName(tag))
		if w.isDefault(tag) {
			t.set("default", "true()")
		}
		for _, e := range w.entries {
			if text := w.translation(e, tag); len(text.kids) > 0 {
				t.add(text)
			}
		}
		all.add(t)
	}
	return all
}

// missing stands where a language has no text. Without it a client would show
// the id of the text.
const missing = "-"

// mediaFolders are where a client looks for a file of a form.
var mediaFolders = map[string]string{"image": "images", "big-image": "images", "audio": "audio", "video": "video"}

func (w *writer) translation(e entry, tag string) *element {
	text := newElement("text").set("id", e.id)
	if !empty(e.long) {
		text.add(newElement("value", w.output(orDash(w.in(e.long, tag)))...))
	}
	if !empty(e.guidance) {
		text.add(newElement("value", w.output(orDash(w.in(e.guidance, tag)))...).set("form", "guidance"))
	}
	for _, kind := range slices.Sorted(maps.Keys(e.media)) {
		if file := w.in(e.media[kind], tag); file != "" {
			folder := mediaFolders[kind]
			if folder == "" {
				w.fail("%s: media %q is none of audio, image, big-image, video", e.id, kind)
			}
			text.add(newElement("value", w.output("jr://"+folder+"/"+file)...).set("form", kind))
		}
	}
	return text
}

func orDash(s string) string {
	if s == "" {
		return missing
	}
	return s
}

// in is t in tag. Text without a language counts as the default one's.
func (w *writer) in(t form.Text, tag string) string {
	if s := t[tag]; s != "" {
		return s
	}
	if tag == w.defaultTag() {
		return t[form.Undetermined]
	}
	return ""
}

// defaultTag is the language of texts that say none, and the one shown first.
func (w *writer) defaultTag() string {
	if want := w.setting("default_language"); want != "" {
		for tag, name := range w.q.Names {
			if name == want {
				return tag
			}
		}
		return cmpTag(want, w.q.Source)
	}
	if len(w.q.Names) == 0 && w.q.Source != "" {
		return w.q.Source
	}
	return form.Undetermined
}

// cmpTag is the tag of a language given as a tag or by a name nobody knows.
func cmpTag(want, source string) string {
	if _, err := language.Parse(want); err == nil {
		return want
	}
	if source != "" {
		return source
	}
	return form.Undetermined
}

func (w *writer) isDefault(tag string) bool { return tag == w.defaultTag() }

// tags are the languages of itext: the source first, because a client shows
// the first unless one is marked, then by tag.
func (w *writer) tags() []string {
	seen := map[string]bool{}
	note := func(t form.Text) {
		for tag, s := range t {
			if s == "" {
				continue
			}
			if tag == form.Undetermined {
				tag = w.defaultTag()
			}
			seen[tag] = true
		}
	}
	for _, e := range w.entries {
		note(e.long)
		note(e.guidance)
		for _, t := range e.media {
			note(t)
		}
	}
	tags := slices.Sorted(maps.Keys(seen))
	if i := slices.Index(tags, w.q.Source); i > 0 {
		tags = append([]string{w.q.Source}, slices.Delete(tags, i, i+1)...)
	}
	return tags
}

// languageName is what a person picks in a client's list of languages.
func (w *writer) languageName(tag string) string {
	if name := w.q.Names[tag]; name != "" {
		return name
	}
	if tag == form.Undetermined {
		return "default"
	}
	t, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if name := display.Self.Name(t); name != "" {
		return name + " (" + tag + ")"
	}
	return tag
}

// output splits a text into words and <output> elements, one for every ${name}
// and for every expression on a secondary instance, which pyxform also allows.
func (w *writer) output(s string) []*element {
	const mark = "\x00"
	s = strings.ReplaceAll(s, mark, "")
	marked := markInstances(s, mark)
	var parts []*element
	for i, part := range strings.Split(marked, mark) {
		if i%2 == 1 {
			parts = append(parts, newElement("output").set("value", expr.Fill(part, w.path)))
			continue
		}
		filled := expr.Fill(part, func(name string) string { return mark + w.path(name) + mark })
		for j, piece := range strings.Split(filled, mark) {
			switch {
			case j%2 == 1:
				parts = append(parts, newElement("output").set("value", piece))
			case piece != "":
				parts = append(parts, words(piece))
			}
		}
	}
	return parts
}

// markInstances puts mark before and after every expression of the form
// instance('list')/root/item[…]/label in s.
func markInstances(s, mark string) string {
	var b strings.Builder
	for {
		start := strings.Index(s, "instance(")
		if start < 0 {
			return b.String() + s
		}
		length := instanceLength(s[start:])
		if length == 0 {
			b.WriteString(s[:start+len("instance(")])
			s = s[start+len("instance("):]
			continue
		}
		b.WriteString(s[:start] + mark + s[start:start+length] + mark)
		s = s[start+length:]
	}
}

// instanceLength is how much of s, which begins with "instance(", is one path
// expression; 0 for none.
func instanceLength(s string) int {
	i := closing(s, len("instance"))
	if i == 0 || i >= len(s) || s[i] != '/' {
		return 0
	}
	for i < len(s) {
		switch c := s[i]; {
		case c == '[':
			end := closing(s, i)
			if end == 0 {
				return 0
			}
			i = end
		case c == '/' || c == '_' || c == '-' || c == '.' || c == ':' || c == '@' || c == '*' || c >= 0x80 || isLetterOrDigit(c):
			i++
		default:
			return i
		}
	}
	return i
}

func isLetterOrDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// closing is the offset behind the bracket that closes the one at start, 0 if
// none does. Brackets in quotes do not count.
func closing(s string, start int) int {
	depth := 0
	var quote byte
	for i := start; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
