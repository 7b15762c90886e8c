package codebook

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"adili/form"
)

const ddiSpace = "ddi:codebook:2_5"

// DDI writes the codebook as a DDI-Codebook 2.5 document. Texts stand in every
// language of the questionnaire. It has no date: the same version gives the same
// bytes.
func DDI(q *form.Questionnaire) []byte {
	w := &ddi{q: q, tags: q.LanguageTags()}
	w.WriteString(xml.Header)
	w.open("codeBook", "xmlns", ddiSpace, "version", "2.5", "xml:lang", w.lang(q.Source))
	w.study()
	w.open("fileDscr", "ID", "F1")
	w.open("fileTxt")
	w.leaf("fileName", q.ID)
	w.close("fileTxt")
	w.close("fileDscr")
	w.open("dataDscr")
	all := Variables(q)
	w.groups(all)
	for _, v := range all {
		w.variable(v)
	}
	w.close("dataDscr")
	w.close("codeBook")
	return w.Bytes()
}

// ddi writes elements with their indentation.
type ddi struct {
	bytes.Buffer
	q     *form.Questionnaire
	tags  []string
	depth int
}

func (w *ddi) start(name string, attrs []string) {
	w.WriteString(strings.Repeat("  ", w.depth) + "<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			fmt.Fprintf(w, " %s=\"%s\"", attrs[i], escape(attrs[i+1]))
		}
	}
}

func (w *ddi) open(name string, attrs ...string) {
	w.start(name, attrs)
	w.WriteString(">\n")
	w.depth++
}

func (w *ddi) close(name string) {
	w.depth--
	w.WriteString(strings.Repeat("  ", w.depth) + "</" + name + ">\n")
}

func (w *ddi) leaf(name, text string, attrs ...string) {
	if text == "" {
		return
	}
	w.start(name, attrs)
	w.WriteString(">" + escape(text) + "</" + name + ">\n")
}

// words writes a text once for each language that has it.
func (w *ddi) words(name string, t form.Text, attrs ...string) {
	for _, tag := range w.tags {
		w.leaf(name, t[tag], append([]string{"xml:lang", w.lang(tag)}, attrs...)...)
	}
}

// lang is a tag as XML wants it: what has no language says so with nothing.
func (w *ddi) lang(tag string) string {
	if tag == form.Undetermined {
		return ""
	}
	return tag
}

func (w *ddi) study() {
	w.open("stdyDscr")
	w.open("citation")
	w.open("titlStmt")
	title, _ := w.q.Title.In(w.q.Source)
	if title == "" {
		title = w.q.ID
	}
	w.leaf("titl", title)
	for _, tag := range w.tags {
		if tag != w.q.Source {
			w.leaf("parTitl", w.q.Title[tag], "xml:lang", w.lang(tag))
		}
	}
	w.leaf("IDNo", w.q.ID)
	w.close("titlStmt")
	w.open("verStmt")
	w.leaf("version", w.q.Version)
	w.close("verStmt")
	w.close("citation")
	w.close("stdyDscr")
}

// groups writes a varGrp for each page and for each multi item.
func (w *ddi) groups(all []Variable) {
	on, of := map[int][]string{}, map[string][]Variable{}
	var multi []string
	for _, v := range all {
		on[v.Page] = append(on[v.Page], id(v.Name))
		if v.Kind == form.Multi {
			if of[v.Item] == nil {
				multi = append(multi, v.Item)
			}
			of[v.Item] = append(of[v.Item], v)
		}
	}
	for _, page := range slices.Sorted(maps.Keys(on)) {
		w.open("varGrp", "ID", "P"+strconv.Itoa(page+1), "type", "section", "var", strings.Join(on[page], " "))
		w.words("labl", w.q.Pages[page].Title)
		w.close("varGrp")
	}
	for _, item := range multi {
		var names []string
		for _, v := range of[item] {
			names = append(names, id(v.Name))
		}
		w.open("varGrp", "ID", "M-"+id(item), "type", "multipleResp", "var", strings.Join(names, " "))
		w.words("labl", of[item][0].Text)
		w.close("varGrp")
	}
}

// variable writes a var; the order of its parts is the schema's.
func (w *ddi) variable(v Variable) {
	interval := "discrete"
	if v.Kind == form.Decimal || v.Kind == form.Range {
		interval = "contin"
	}
	w.open("var", "ID", id(v.Name), "name", v.Name, "files", "F1", "intrvl", interval)
	label := v.Text
	if v.Kind == form.Multi {
		label = v.Option
	}
	w.words("labl", label)
	if v.Sensitive == form.HighSensitive || v.Sensitive == form.Personal {
		w.leaf("security", "Sensitive: "+string(v.Sensitive))
	}
	w.question(v)
	if v.Max > v.Min {
		w.open("valrng")
		w.start("range", []string{"min", number(v.Min), "max", number(v.Max)})
		w.WriteString("/>\n")
		w.close("valrng")
	}
	if v.Relevant != "" {
		w.leaf("universe", "Asked where: "+v.Relevant)
	}
	w.leaf("txt", indirect(v.Indirect))
	for _, c := range v.Codes {
		missing := ""
		if c.Missing {
			missing = "Y"
		}
		w.open("catgry", "missing", missing)
		w.leaf("catValu", c.Value)
		w.words("labl", c.Label)
		w.close("catgry")
	}
	if v.Factor > 0 {
		w.leaf("concept", strconv.Itoa(v.Factor), "vocab", "Key factors of the Revised Arusha Declaration")
	}
	if v.Calculate != "" {
		w.open("derivation")
		w.leaf("drvcmd", v.Calculate, "syntax", "ODK XForms XPath")
		w.close("derivation")
	}
	w.start("varFormat", []string{"type", format(v.Kind), "schema", "other"})
	w.WriteString("/>\n")
	w.notes(v)
	w.close("var")
}

func (w *ddi) question(v Variable) {
	if v.Kind == form.Calculate {
		return
	}
	w.open("qstn")
	w.words("qstnLit", v.Text)
	w.words("postQTxt", v.Hint)
	w.words("ivuInstr", v.Guidance)
	w.close("qstn")
}

func (w *ddi) notes(v Variable) {
	if v.Reverse {
		w.leaf("notes", "Agreeing speaks against integrity: scores turn the scale round.", "type", "polarity")
	}
	if v.Window > 0 {
		w.leaf("notes", fmt.Sprintf("Looks back %d months.", v.Window), "type", "window")
	}
	if v.Constrain != "" {
		w.leaf("notes", v.Constrain, "type", "constraint")
	}
	if len(v.Same) > 0 {
		w.leaf("notes", "Means the same as in: "+strings.Join(v.Same, ", "), "type", "equivalence")
	}
}

func indirect(p *form.Pair) string {
	if p == nil {
		return ""
	}
	s := fmt.Sprintf("Indirect question by the crosswise model: the code says whether the answers to the question and to an innocuous statement, true of a share of %s, are equal or differ.", number(p.Known))
	if p.Anchor {
		s += " Anchor: nobody can say yes to the question itself."
	}
	return s
}

// format is the DDI format of a kind: numeric or character.
func format(k form.Kind) string {
	switch k {
	case form.OpenAnswer, form.Calculate, form.Single, form.Date:
		return "character"
	}
	return "numeric"
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// id makes an XML ID of a name: letters, digits, ".", "-" and "_" stay.
func id(name string) string {
	return "V-" + strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
