package translate

import (
	"net/url"
	"strings"

	"golang.org/x/text/language"

	"adili/form"
	"adili/form/edit"
	"adili/form/translation"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire/ui/frame"
)

type languagesView struct {
	Header   frame.Header
	Edit     bool
	Action   string
	Revision int
	Source   frame.Link
	List     []LanguageEntry
	Tag      frame.Field
	File     frame.Field
	Native   frame.Field
	Offers   []frame.Option
}

// LanguageEntry is a language of the questionnaire.
type LanguageEntry struct {
	frame.Link
	Tag         string
	Percent     int
	Done, Stale string
	Signed      string
	Source      bool
}

func (m *Room) languages(r *web.Request, d frame.Draft) (web.Reply, error) {
	return m.showLanguages(r, d, nil, nil), nil
}

func (m *Room) showLanguages(r *web.Request, d frame.Draft, values url.Values, err error) web.Reply {
	q := d.Questionnaire
	f := frame.Fill(r.Printer, values, err)
	v := languagesView{
		Header: d.Header(r, err), Edit: d.Editable, Action: d.URL("translate"), Revision: d.Revision,
		Source: frame.Link{Text: frame.Native(q.Source), Lang: q.Source, Dir: frame.Direction(q.Source)}, Tag: f.Field("text", "tag"), File: f.Field("file", "file"), Native: f.Field("text", "native"),
	}
	v.Tag.Short, v.Tag.Code, v.Tag.Must = true, true, true
	v.File.Accept, v.File.Hint = ".xlf,.xliff,.po,.xlsx", r.Printer.T("library.language_file_hint")
	book := translation.Of(q)
	for _, tag := range q.LanguageTags() {
		covered := d.Ledger.Covered(book, tag)
		hold, open := d.Ledger.Signed(book, tag)
		entry := LanguageEntry{
			Link: frame.Link{Text: frame.Native(tag), URL: d.URL("translate/" + tag), Lang: tag, Dir: frame.Direction(tag)}, Tag: tag, Percent: covered.Percent(), Source: tag == q.Source,
			Done:   r.Printer.T("library.covered", "Done", covered.Done, "Need", covered.Need),
			Signed: r.Printer.T("library.signed_n", "N", len(hold), "All", len(hold)+len(open)),
		}
		if covered.Stale > 0 {
			entry.Stale = r.Printer.N("library.stale_n", covered.Stale)
		}
		v.List = append(v.List, entry)
	}
	return m.overview.ReplyStatus(r, frame.Status(err), "library.tab.translate", v)
}

// changeLanguages adds a language, by its tag or by a file that holds it too,
// and removes one.
func (m *Room) changeLanguages(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	tag := strings.TrimSpace(values.Get("tag"))
	switch values.Get("do") {
	case "remove":
		_, err = m.service.Change(r.Context(), r.Person, d.ID, frame.Revision(values), "library.change.language_remove", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return edit.RemoveLanguage(q, tag)
		})
		if err == nil {
			return web.RedirectFlash(d.URL("translate"), "library.flash.saved"), nil
		}
	case "file":
		return m.addLanguageFile(r, d, values, tag)
	default:
		if parsed, problem := language.Parse(tag); problem == nil {
			tag = parsed.String() // fr-fr is fr-FR
		}
		_, err = m.service.Change(r.Context(), r.Person, d.ID, frame.Revision(values), "library.change.language_add", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return edit.AddLanguage(q, tag)
		})
		if err == nil {
			return web.RedirectFlash(d.URL("translate/"+tag), "library.flash.language"), nil
		}
	}
	if !frame.Mendable(err) {
		return nil, err
	}
	return m.showLanguages(r, d, values, err), nil
}

// addLanguageFile adds a further language with the respondent's screens.
func (m *Room) addLanguageFile(r *web.Request, d frame.Draft, values url.Values, tag string) (web.Reply, error) {
	name, data, err := frame.Upload(r)
	if err == nil {
		_, err = m.service.AddLanguageFile(r.Context(), r.Person, d.ID, tag, strings.TrimSpace(values.Get("native")), name, data)
	}
	switch {
	case err == nil:
		return web.RedirectFlash(d.URL("translate"), "library.flash.language"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showLanguages(r, d, values, err), nil
}
