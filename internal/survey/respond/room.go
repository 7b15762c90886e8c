package respond

import (
	"embed"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"net/url"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
)

//go:embed page/*.html
var pages embed.FS

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of the answering pages.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "message")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Room serves the answering pages.
type Room struct {
	service *survey.Service
	start   *web.Page[startView]
	welcome *web.Page[welcomeView]
	items   *web.Page[itemsView]
	summary *web.Page[summaryView]
	decline *web.Page[declineView]
	end     *web.Page[endView]
	privacy *web.Page[privacyView]
}

// New returns the room.
func New(service *survey.Service) *Room {
	return &Room{
		service: service,
		start:   web.NewPage[startView](web.Respond, pages, "page/start.html"),
		welcome: web.NewPage[welcomeView](web.Respond, pages, "page/welcome.html", "page/part.html"),
		items:   web.NewPage[itemsView](web.Respond, pages, "page/items.html", "page/part.html"),
		summary: web.NewPage[summaryView](web.Respond, pages, "page/summary.html", "page/part.html"),
		decline: web.NewPage[declineView](web.Respond, pages, "page/decline.html"),
		end:     web.NewPage[endView](web.Respond, pages, "page/end.html"),
		privacy: web.NewPage[privacyView](web.Respond, pages, "page/privacy.html"),
	}
}

// Routes lists the answering pages.
func (p *Room) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Pattern: "/{lang}/s/{round}", Permission: web.Respondent, Handle: p.getStart},
		{Method: http.MethodPost, Pattern: "/{lang}/s/{round}", Permission: web.Respondent, Handle: p.post},
		{Method: http.MethodGet, Pattern: "/{lang}/s/{round}/privacy", Permission: web.Respondent, Handle: p.getPrivacy},
	}
}

// visit is one request to a round that takes answers.
type visit struct {
	*web.Request
	in *survey.Intake
}

func (p *Room) visit(r *web.Request) (*visit, error) {
	in, err := p.service.Intake(r.Context(), r.PathValue("round"))
	if err != nil {
		return nil, err
	}
	if in.Round.Pilot() {
		r.Mark("respond.pilot")
	}
	return &visit{r, in}, nil
}

func (v *visit) lang() string { return v.Printer.Lang() }

// address is the survey's address in a language.
func (v *visit) address(lang string) string {
	return "/" + lang + "/s/" + url.PathEscape(v.in.Round.ID)
}

func (p *Room) getStart(r *web.Request) (web.Reply, error) {
	v, err := p.visit(r)
	if err != nil {
		return nil, err
	}
	return p.showStart(v, http.StatusOK, "", ""), nil
}

func (p *Room) getPrivacy(r *web.Request) (web.Reply, error) {
	v, err := p.visit(r)
	if err != nil {
		return nil, err
	}
	return p.showPrivacy(v), nil
}

// Names of the form's own fields. Items are named by their id, which has no
// capital letter.
const (
	fieldState = "STATE"
	fieldNav   = "NAV"
	fieldAgain = "AGAIN" // the page was shown again because of blanks; they are not asked about twice
	fieldCode  = "code"
	fieldOpen  = "OPEN"
)

// Values of the NAV field. A form sent without it goes on to the next page.
const (
	navNext    = "next"
	navPass    = "pass" // on, without the answers objected to
	navBack    = "back"
	navStay    = "stay"    // the same page again, in another language
	navDecline = "decline" // ask whether to stop
	navAsk     = "ask"     // ask again, in another language
	navResume  = "resume"  // do not stop: the page with the question is left, and has no answers
	navStop    = "stop"
)

func (p *Room) post(r *web.Request) (web.Reply, error) {
	v, err := p.visit(r)
	if err != nil {
		return nil, err
	}
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	if state := values.Get(fieldState); state != "" {
		return p.goOn(v, state, values)
	}
	return p.begin(v, values)
}

// begin starts a questionnaire by code or by open link.
func (p *Room) begin(v *visit, values url.Values) (web.Reply, error) {
	if kind := values.Get(fieldOpen); kind != "" {
		d, err := v.in.BeginOpen(form.Population(kind))
		if err != nil {
			return nil, err
		}
		return p.showWelcome(v, d)
	}
	d, err := v.in.Begin(values.Get(fieldCode))
	if errors.Is(err, code.ErrMistyped) {
		return p.showStart(v, http.StatusBadRequest, "respond.code.mistyped", values.Get(fieldCode)), nil
	}
	if err != nil {
		return nil, err
	}
	return p.showWelcome(v, d)
}

// goOn takes the answers of the page that was sent and shows the next one.
func (p *Room) goOn(v *visit, state string, values url.Values) (web.Reply, error) {
	d, err := v.in.Open(state)
	if err != nil {
		return nil, err
	}
	// What was sent is out of reach, also for whoever presses Back on this
	// machine next.
	if v.in.Sent(d) {
		return p.submit(v, d)
	}
	nav := values.Get(fieldNav)
	switch nav { // of the page that asks whether to stop, which carries no answers
	case navAsk:
		return p.showDecline(v, d)
	case navResume:
		return p.show(v, d)
	case navStop:
		return p.showEnd(v, "respond.declined"), nil
	}
	q := v.in.Questionnaire(d.Kind)
	last := d.Page == len(q.Pages)
	answers := maps.Clone(values)
	maps.DeleteFunc(answers, func(name string, _ []string) bool {
		return name == fieldState || name == fieldNav || name == fieldAgain || name == fieldCode && last // an item may be called code
	})
	objections, err := p.takeAnswers(v, d, answers)
	if err != nil {
		return nil, err
	}
	if nav == navStay || values.Get(fieldAgain) != "" {
		objections = unanswered(objections)
	}
	switch nav {
	case navNext, "":
		if last {
			return p.send(v, d, values.Get(fieldCode))
		}
		if len(objections) > 0 {
			return p.showItems(v, d, sent{objections, answers})
		}
		d.Page = q.Step(d.Page, 1, d.Answers)
	case navPass:
		if last || d.Page < 0 {
			return nil, errs.New(errs.Invalid, "survey.intake.altered")
		}
		d.Page = q.Step(d.Page, 1, d.Answers)
	case navBack:
		d.Page = max(-1, q.Step(d.Page, -1, d.Answers))
	case navDecline:
		return p.showDecline(v, d)
	case navStay:
		if len(objections) > 0 {
			return p.showItems(v, d, sent{objections, answers})
		}
	default:
		return nil, errs.New(errs.Invalid, "survey.intake.altered")
	}
	return p.show(v, d)
}

// takeAnswers checks and keeps the answers of the draft's page, but for those
// objected to.
func (p *Room) takeAnswers(v *visit, d *paper.Draft, answers url.Values) (form.Objections, error) {
	q := v.in.Questionnaire(d.Kind)
	if d.Page < 0 || d.Page >= len(q.Pages) {
		if len(answers) > 0 {
			return nil, errs.New(errs.Invalid, "survey.intake.altered")
		}
		return nil, nil
	}
	next, err := q.AcceptAt(p.service.Now(v.in.Round), d.Page, d.Answers, answers)
	objections, ok := errors.AsType[form.Objections](err)
	if err != nil && !ok {
		return nil, errs.New(errs.Invalid, "survey.intake.altered").Because(err)
	}
	d.Answers = next
	return objections, nil
}

// send submits the draft, with another code if the first one was refused and
// typed again.
func (p *Room) send(v *visit, d *paper.Draft, typed string) (web.Reply, error) {
	if typed != "" && d.Code != "" {
		parsed, err := code.Parse(typed)
		if errors.Is(err, code.ErrMistyped) {
			return p.showSummary(v, d, http.StatusBadRequest, "respond.code.mistyped")
		}
		d.Code = parsed
	}
	return p.submit(v, d)
}

func (p *Room) submit(v *visit, d *paper.Draft) (web.Reply, error) {
	err := p.service.Submit(v.Context(), v.in, d)
	if errors.Is(err, survey.ErrCode) {
		return p.showSummary(v, d, http.StatusConflict, "respond.code.refused")
	}
	if errs.KindOf(err) == errs.Unavailable { // the form comes back whole, to be sent again
		reply, show := p.showSummary(v, d, web.Status(err), errs.Unavailable.Key())
		if show != nil {
			return nil, err
		}
		return web.Faulty(reply, err), nil
	}
	if err != nil {
		return nil, err
	}
	return p.showEnd(v, "respond.thanks"), nil
}

// show shows the page the draft stands on.
func (p *Room) show(v *visit, d *paper.Draft) (web.Reply, error) {
	switch q := v.in.Questionnaire(d.Kind); {
	case d.Page < 0:
		return p.showWelcome(v, d)
	case d.Page >= len(q.Pages):
		return p.showSummary(v, d, http.StatusOK, "")
	}
	return p.showItems(v, d, sent{})
}
