package ui

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"adili/factor"
	"adili/form"
	"adili/instrument"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey/ui/fields"
)

type questionnaireView struct {
	Header    Header
	Action    string
	Download  string
	File      fields.Field
	Name      string
	Version   string
	ID        string
	Bundled   bool
	Items     string
	Languages []LanguageStatus
	Pages     []PagePreview
}

// LanguageStatus is how far the review of a language has come.
type LanguageStatus struct {
	Name, Lang, Dir string
	Reviewed        bool
	Text            string
}

// PagePreview is one page of the questionnaire.
type PagePreview struct {
	Number    int
	Title     string
	Intro     string
	Items     []ItemPreview
	Lang, Dir string
}

// ItemPreview is one question with what is known of it.
type ItemPreview struct {
	ID, Text, Hint string
	Tags           []string
	Choices        []string
	Action         string
	When           string
}

func (m *Room) questionnaire(r *web.Request, p place) (web.Reply, error) {
	return m.showQuestionnaire(r, p, nil), nil
}

func (m *Room) questionnaireFile(r *web.Request, p place) (web.Reply, error) {
	return web.File("adili-questionnaire-"+string(p.pop.Kind)+".json", "application/json", p.pop.Instrument), nil
}

// maxInstrument is the largest questionnaire file read, in bytes.
const maxInstrument = 2 << 20

func (m *Room) saveQuestionnaire(r *web.Request, p place) (web.Reply, error) {
	values, err := r.Form()
	switch {
	case err != nil:
	case values.Get("do") == "bundled":
		err = m.service.UseBundled(r.Context(), r.Person, p.ID, p.pop.Kind)
	default:
		err = m.takeInstrument(r, p)
	}
	return saved(p.popURL("questionnaire"), err, func() web.Reply { return m.showQuestionnaire(r, p, err) })
}

func (m *Room) takeInstrument(r *web.Request, p place) error {
	up, err := r.File("file")
	if err != nil {
		return err
	}
	if up.Size > maxInstrument {
		return errs.New(errs.TooLarge, "form.fault.too_large", "Max", maxInstrument>>10)
	}
	data, err := io.ReadAll(io.NewSectionReader(up, 0, up.Size))
	if err != nil {
		return err
	}
	return m.service.SaveInstrument(r.Context(), r.Person, p.ID, p.pop.Kind, up.Name, data)
}

func (m *Room) showQuestionnaire(r *web.Request, p place, err error) web.Reply {
	v := questionnaireView{Header: p.planned(r, "rounds.questionnaire_lead", err, nil), Action: p.popURL("questionnaire"), Download: p.popURL("questionnaire/file")}
	v.File = fields.New(r, nil, nil).Field("file", "file", "rounds.questionnaire_file")
	v.File.Accept = ".json"
	v.Bundled = bytes.Equal(p.pop.Instrument, instrument.Official()) || bytes.Equal(p.pop.Instrument, instrument.Private())
	q, qerr := form.Read(p.pop.Instrument)
	if qerr == nil {
		v.Name, _ = q.Title.In(r.Printer.Lang())
		v.Version, v.ID = q.Version, q.ID
		v.Items = r.Printer.N("rounds.items_n", q.Questions())
		v.Languages = languageStatus(r.Printer, q, p.Languages)
		for i, page := range q.Paged().Pages {
			v.Pages = append(v.Pages, previewer{r.Printer, q}.page(i, page))
		}
	}
	return m.page.questionnaire.ReplyStatus(r, status(err), "rounds.step.questionnaire", v)
}

// languageStatus lists the questionnaire's languages, and those of the round
// that it lacks.
func languageStatus(t *i18n.Printer, q *form.Questionnaire, wanted []string) []LanguageStatus {
	var list []LanguageStatus
	for _, tag := range q.LanguageTags() {
		s := LanguageStatus{Name: i18n.Native(tag), Lang: tag, Dir: i18n.Dir(tag), Reviewed: q.Languages[tag] == form.Reviewed, Text: t.T("rounds.review." + string(q.Languages[tag]))}
		list = append(list, s)
	}
	for _, tag := range wanted {
		if !slices.Contains(q.LanguageTags(), tag) {
			list = append(list, LanguageStatus{Name: i18n.Native(tag), Lang: tag, Dir: i18n.Dir(tag), Text: t.T("rounds.review.missing")})
		}
	}
	return list
}

// previewer says a questionnaire in the reader's language.
type previewer struct {
	*i18n.Printer
	q *form.Questionnaire
}

func (t previewer) page(i int, page form.Page) PagePreview {
	v := PagePreview{Number: i + 1}
	v.Title, v.Lang = page.Title.In(t.Lang())
	v.Intro, _ = page.Intro.In(t.Lang())
	v.Dir = i18n.Dir(v.Lang)
	for _, it := range page.Items {
		if it.Kind.Answered() || it.Kind == form.Note { // the others are worked out, not shown
			v.Items = append(v.Items, t.item(it))
		}
	}
	return v
}

func (t previewer) item(it form.Item) ItemPreview {
	v := ItemPreview{ID: it.ID, Action: it.Action}
	v.Text, _ = it.Text.In(t.Lang())
	v.Hint, _ = it.Hint.In(t.Lang())
	if f, ok := factor.ByNumber(it.Factor); ok {
		name, _ := f.Name(t.Lang())
		v.Tags = append(v.Tags, strconv.Itoa(it.Factor)+" · "+name)
	}
	if it.Role != "" {
		v.Tags = append(v.Tags, t.T("rounds.role."+string(it.Role)))
	}
	switch {
	case it.Kind == form.Agreement && it.Reverse:
		v.Tags = append(v.Tags, t.T("rounds.reversed"))
	case it.Kind == form.Agreement:
		v.Tags = append(v.Tags, t.T("rounds.direct"))
	}
	if it.Sensitivity == form.Personal || it.Sensitivity == form.HighSensitive {
		v.Tags = append(v.Tags, t.T("rounds.sensitive."+string(it.Sensitivity)))
	}
	if it.Window > 0 {
		v.Tags = append(v.Tags, t.N("rounds.window_n", it.Window))
	}
	for _, c := range it.Choices {
		label, _ := c.Label.In(t.Lang())
		v.Choices = append(v.Choices, label)
	}
	if it.ChoicesFrom != "" {
		v.Choices = []string{t.T("rounds.step.offices")}
	}
	if item, choices, ok := form.Chosen(it.Relevant); ok {
		v.When = t.T("rounds.when", "Item", item, "Choices", strings.Join(choices, ", "))
	} else if it.Relevant != nil {
		v.When = t.T("rounds.when_expression", "Expression", it.Relevant.Source())
	}
	return v
}
