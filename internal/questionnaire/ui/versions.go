package ui

import (
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire"
	"adili/internal/questionnaire/ui/frame"
)

type versionsView struct {
	Header   frame.Header
	Action   string
	Editable bool
	Revision int
	Findings []frame.FaultLine
	Warnings []frame.FaultLine
	Label    frame.Field
	List     []VersionEntry
	Against  []frame.Option // versions to compare with
	Compared string         // the one compared with
	TextOnly bool
	Changes  []Change
	Gaps     []LanguageGap
	Ask      string         // address; empty where no round is planned
	Askings  []frame.Option // the rounds that are planned
}

// VersionEntry is a published version.
type VersionEntry struct {
	Version, Day, By, Questions, File, Compare string
	Languages                                  []frame.Link
}

// Change is a difference between two versions.
type Change struct {
	Sort, Where, What, Old, New string
	Lang, Dir                   string
	Shifts                      bool
}

// LanguageGap is what a language lacks before it should be offered.
type LanguageGap struct {
	frame.Link
	Percent int
	Open    string
}

func (m *Room) versions(r *web.Request, d frame.Draft) (web.Reply, error) {
	return m.showVersions(r, d, "", nil)
}

func (m *Room) showVersions(r *web.Request, d frame.Draft, typed string, err error) (web.Reply, error) {
	all, problem := m.service.Versions(r.Context(), r.Person, d.ID)
	if problem != nil {
		return nil, problem
	}
	e := editing{Printer: r.Printer, d: d, found: findings(r.Printer, d)}
	v := versionsView{
		Header: d.Header(r, err), Action: d.URL("versions"), Editable: d.Editable, Revision: d.Revision, Findings: e.lines(false), Warnings: e.lines(true),
		Gaps: e.gaps(),
	}
	if typed == "" {
		typed = d.Questionnaire.Version
		if typed == "" || typed == d.Published {
			typed = following(d.Published)
		}
	}
	v.Label = frame.Fill(r.Printer, map[string][]string{"version": {typed}}, err).Field("text", "version")
	v.Label.Short, v.Label.Must, v.Label.Code = true, true, true
	for _, one := range all {
		entry := VersionEntry{
			Version: one.Version, Day: one.Day, By: one.By, Questions: r.Printer.N("library.questions_n", one.Questions),
			File: d.URL("versions/" + one.Version), Compare: d.URL("versions", "against", one.Version),
		}
		for _, tag := range one.Languages {
			entry.Languages = append(entry.Languages, frame.Tongue(tag))
		}
		v.List = append(v.List, entry)
	}
	if v.Askings, problem = m.askings(r, d); problem != nil {
		return nil, problem
	}
	if len(v.Askings) > 0 && len(v.List) > 0 {
		v.Ask = d.URL("ask")
	}
	v.Compared = r.URL.Query().Get("against")
	if v.Compared == "" && len(all) > 0 {
		v.Compared = all[0].Version
	}
	if v.Compared != "" {
		old, err := m.service.Version(r.Context(), r.Person, d.ID, v.Compared)
		if err != nil {
			return nil, err
		}
		v.TextOnly = edit.TextOnly(old.Questionnaire, d.Questionnaire)
		v.Changes = changes(r.Printer, old.Questionnaire, d.Questionnaire)
	}
	return m.page.versions.ReplyStatus(r, frame.Status(err), "library.tab.versions", v), nil
}

// following is a label for the version after another one: 1.0 leads to 1.1.
func following(version string) string {
	if version == "" {
		return "1.0"
	}
	i := len(version)
	for i > 0 && version[i-1] >= '0' && version[i-1] <= '9' {
		i--
	}
	n := 0
	for _, digit := range version[i:] {
		if n > 1<<20 {
			return version + ".1"
		}
		n = 10*n + int(digit-'0')
	}
	if i == len(version) {
		return version + ".1"
	}
	return version[:i] + number(n+1)
}

// changes says how the draft differs from a version.
func changes(t *i18n.Printer, old, draft *form.Questionnaire) []Change {
	var list []Change
	for _, d := range edit.Compare(old, draft) {
		c := Change{Sort: t.T("library.sort." + string(d.Sort)), Where: d.Where, What: d.What, Old: d.Old, New: d.New, Lang: d.Lang, Shifts: d.Shifts}
		if d.Where == "" {
			c.Where = t.T("library.whole")
		}
		if d.Lang != "" {
			c.Dir = frame.Direction(d.Lang)
		}
		list = append(list, c)
	}
	return list
}

// gaps lists the languages that are not complete or not signed for.
func (e editing) gaps() []LanguageGap {
	q := e.d.Questionnaire
	book := translation.Of(q)
	var list []LanguageGap
	for _, tag := range q.LanguageTags() {
		gap := LanguageGap{Link: frame.Link{Text: frame.Native(tag), URL: e.d.URL("translate/" + tag), Lang: tag, Dir: frame.Direction(tag)}, Percent: e.d.Ledger.Covered(book, tag).Percent()}
		_, open := e.d.Ledger.Signed(book, tag)
		var names []string
		for _, role := range open {
			names = append(names, e.T("library.trapd."+string(role)))
		}
		gap.Open = strings.Join(names, ", ")
		if gap.Percent < 100 || gap.Open != "" {
			list = append(list, gap)
		}
	}
	return list
}

// publish freezes the draft.
func (m *Room) publish(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	version := strings.TrimSpace(values.Get("version"))
	if values.Get("confirm") != "yes" {
		err = errs.New(errs.Invalid, "library.fault.confirm")
	} else {
		err = m.service.Publish(r.Context(), r.Person, d.ID, frame.Revision(values), version)
	}
	switch {
	case err == nil:
		return web.RedirectFlash(d.URL("versions"), "library.flash.published"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showVersions(r, d, version, err)
}

// versionFile gives a version as a file.
func (m *Room) versionFile(r *web.Request, d frame.Draft) (web.Reply, error) {
	v, err := m.service.Version(r.Context(), r.Person, d.ID, r.PathValue("version"))
	if err != nil {
		return nil, err
	}
	file, err := questionnaire.Export(v.Questionnaire, "json")
	if err != nil {
		return nil, err
	}
	return web.File(file.Name, file.Type, v.Text), nil
}
