package show

import (
	"strconv"
	"strings"

	"adili/form"
	"adili/form/codebook"
	"adili/form/edit"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire/ui/frame"
)

type codebookView struct {
	Header    frame.Header
	Lang, Dir string // of the questionnaire's texts
	Title     string
	About     string
	Languages []frame.Link
	File      string
	Groups    []CodebookPage
}

// CodebookPage is the variables of one page of the questionnaire.
type CodebookPage struct {
	Title     string
	Variables []CodebookLine
}

// CodebookLine is a variable.
type CodebookLine struct {
	Name    string
	Text    Wording
	Option  Wording
	Kind    string
	Factor  string
	Tags    []string
	Codes   []CodebookCode
	Missing []CodebookCode
	When    string
	Rule    string // expression of a calculation or constraint
	Same    string
}

// CodebookCode is a value with its label.
type CodebookCode struct {
	Value string
	Label Wording
}

// codebook documents the draft; versions are documented by what is frozen.
func (m *Room) showCodebook(r *web.Request, d frame.Draft) (web.Reply, error) {
	q := d.Questionnaire
	lang := r.URL.Query().Get("lang")
	if _, ok := q.Languages[lang]; !ok {
		lang = q.Source
		if _, ok := q.Languages[r.Printer.Lang()]; ok {
			lang = r.Printer.Lang()
		}
	}
	s := speaker{Printer: r.Printer, q: q, lang: lang}
	v := codebookView{Header: d.Header(r, nil), Lang: lang, Dir: frame.Direction(lang), File: d.URL("codebook.xml")}
	v.Title = s.words(q.Title).Text
	v.About = q.ID
	if q.Version != "" {
		v.About += " · " + r.Printer.T("library.version_n", "Version", q.Version)
	}
	for _, tag := range q.LanguageTags() {
		v.Languages = append(v.Languages, frame.Link{Text: frame.Native(tag), URL: d.URL("codebook", "lang", tag), Lang: tag, Dir: frame.Direction(tag), Current: tag == lang})
	}
	at := -1
	for _, one := range codebook.Variables(q) {
		if one.Page != at {
			at = one.Page
			title := s.words(q.Pages[at].Title).Text
			if title == "" {
				title = r.Printer.T("library.page_n", "N", at+1)
			}
			v.Groups = append(v.Groups, CodebookPage{Title: title})
		}
		g := &v.Groups[len(v.Groups)-1]
		g.Variables = append(g.Variables, s.variable(one))
	}
	return m.codebook.Reply(r, "library.tab.codebook", v), nil
}

func (s speaker) variable(one codebook.Variable) CodebookLine {
	l := CodebookLine{
		Name: one.Name, Text: s.words(one.Text), Option: s.words(one.Option), Kind: s.T("library.kind." + string(one.Kind)), Same: strings.Join(one.Same, ", "),
	}
	if name, ok := frame.FactorName(s.Lang(), one.Factor); ok {
		l.Factor = strconv.Itoa(one.Factor) + " · " + name
	}
	if one.Role != "" {
		l.Tags = append(l.Tags, s.T("library.role."+string(one.Role)))
	}
	if one.Reverse {
		l.Tags = append(l.Tags, s.T("library.reversed"))
	}
	if one.Window > 0 {
		l.Tags = append(l.Tags, s.N("library.window_n", one.Window))
	}
	if one.Sensitive == form.Personal || one.Sensitive == form.HighSensitive {
		l.Tags = append(l.Tags, s.T("library.sensitivity."+string(one.Sensitive)))
	}
	for _, c := range one.Codes {
		code := CodebookCode{c.Value, s.words(c.Label)}
		if c.Missing {
			l.Missing = append(l.Missing, code)
		} else {
			l.Codes = append(l.Codes, code)
		}
	}
	if it, ok := s.q.Item(one.Item); ok && it.Relevant != nil && one.Relevant == it.Relevant.Source() {
		if words, ok := edit.Logic(it.Relevant, s.q, s.lang, s.T); ok {
			l.When = s.T("library.only_if", "Condition", words)
		}
	}
	if l.When == "" {
		l.When = one.Relevant
	}
	l.Rule = strings.TrimSpace(one.Calculate + " " + one.Constrain)
	return l
}

// codebookFile gives the codebook as DDI-Codebook 2.5.
func (m *Room) codebookFile(_ *web.Request, d frame.Draft) (web.Reply, error) {
	return web.File(d.Questionnaire.ID+"-codebook.xml", "application/xml", codebook.DDI(d.Questionnaire)), nil
}
