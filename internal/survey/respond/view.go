package respond

import (
	"net/http"
	"slices"
	"time"

	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/paper"
)

// language is one language the survey can be answered in.
type language struct {
	Lang, Dir, Name, Action string
	Current                 bool
}

// languages are those of the round. Inside the questionnaire each is a button
// that sends the form, so that no answer is lost.
func (v *visit) languages() []language {
	var all []language
	for _, lang := range i18n.Languages {
		if slices.Contains(v.in.Round.Languages, lang) {
			all = append(all, language{lang, i18n.Dir(lang), i18n.Native(lang), v.address(lang), lang == v.lang()})
		}
	}
	return all
}

// words is a text with the language it is in, where that is not the page's.
type words struct {
	Text, Lang, Dir string
}

func (v *visit) words(t form.Text) words {
	text, got := t.In(v.lang())
	if got == v.lang() || text == "" {
		return words{Text: text}
	}
	return words{text, got, i18n.Dir(got)}
}

// title is the name of the survey: the administration's own, or ours.
func (v *visit) title() string {
	for _, lang := range []string{v.lang(), "en"} {
		if t := v.in.Round.Title[lang]; t != "" {
			return t
		}
	}
	return v.Printer.T("respond.title")
}

// Shown is what every answering page has.
type Shown struct {
	Name      string // of the survey
	Languages []language
	Action    string
	State     string // sealed draft
}

func (v *visit) shown(d *paper.Draft) (Shown, error) {
	s := Shown{Name: v.title(), Languages: v.languages(), Action: v.address(v.lang())}
	if d == nil {
		return s, nil
	}
	var err error
	s.State, err = v.in.Seal(d)
	return s, err
}

type startView struct {
	Shown
	Controller string
	Closes     time.Time
	Coded      bool
	OpenLinks  []form.Population
	Error      string // message key
	Code       string // as typed
	Fallback   bool   // the survey has no text in this language
}

func (p *Room) showStart(v *visit, status int, problem, typed string) web.Reply {
	s, _ := v.shown(nil) // without a draft there is nothing to seal
	r := v.in.Round
	return p.start.Titled(status, s.Name, startView{
		Shown: s, Controller: r.Notice.Controller, Closes: r.Time(r.Closes), Coded: v.in.Coded(), OpenLinks: v.in.OpenLinks(),
		Error: problem, Code: typed, Fallback: !slices.Contains(r.Languages, v.lang()),
	})
}

type welcomeView struct {
	Shown
	Kind     form.Population
	Crowd    int
	Stratum  string
	Open     bool
	Link     bool // the code came in a link, not on a card
	Items    int
	Channels []survey.Channel
}

func (p *Room) showWelcome(v *visit, d *paper.Draft) (web.Reply, error) {
	s, err := v.shown(d)
	if err != nil {
		return nil, err
	}
	crowd, label := v.in.Crowd(d)
	q := v.in.Questionnaire(d.Kind)
	return p.welcome.Titled(http.StatusOK, s.Name, welcomeView{
		Shown: s, Kind: d.Kind, Crowd: crowd, Stratum: label, Open: d.Code == "", Link: d.Code != "" && !d.Code.Card(),
		Items: q.Questions(), Channels: v.in.Round.Channels,
	}), nil
}

type summaryView struct {
	Shown
	Answered, Blank int
	Error           string
	Refused         bool // because of the code, which can be typed again
	Unsent          bool // because of the machine; sending again helps
}

func (p *Room) showSummary(v *visit, d *paper.Draft, status int, problem string) (web.Reply, error) {
	s, err := v.shown(d)
	if err != nil {
		return nil, err
	}
	view := summaryView{Shown: s, Error: problem, Refused: status == http.StatusConflict || status == http.StatusBadRequest, Unsent: status == http.StatusServiceUnavailable}
	q := v.in.Questionnaire(d.Kind)
	settled := q.Settle(d.Answers)
	for _, it := range q.Items() {
		if !it.Kind.Answered() || !q.Asked(it, settled) {
			continue
		}
		if settled[it.ID].Code == form.Unanswered {
			view.Blank++
			continue
		}
		view.Answered++
	}
	return p.summary.ReplyStatus(v.Request, status, "respond.summary", view), nil
}

type declineView struct{ Shown }

// showDecline asks whether to stop. The page shows no answers, so that it, and
// not they, stands behind the last page.
func (p *Room) showDecline(v *visit, d *paper.Draft) (web.Reply, error) {
	s, err := v.shown(d)
	if err != nil {
		return nil, err
	}
	return p.decline.Reply(v.Request, "respond.decline_ask", declineView{s}), nil
}

type endView struct {
	Shown
	Key      string
	Channels []survey.Channel
}

// showEnd is the last page. It tells the browser to forget the pages before.
func (p *Room) showEnd(v *visit, key string) web.Reply {
	s, _ := v.shown(nil)
	reply := p.end.Reply(v.Request, key, endView{Shown: s, Key: key, Channels: v.in.Round.Channels})
	return web.Header(reply, "Clear-Site-Data", `"cache"`)
}

type privacyView struct {
	Shown
	Notice   survey.Notice
	Deleted  time.Time // the last day the results are kept; zero where none is set
	Channels []survey.Channel
}

func (p *Room) showPrivacy(v *visit) web.Reply {
	s, _ := v.shown(nil)
	r := v.in.Round
	return p.privacy.Reply(v.Request, "respond.privacy", privacyView{Shown: s, Notice: r.Notice, Deleted: r.Time(r.Keep), Channels: r.Channels})
}
