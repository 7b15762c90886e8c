// Package ui has the staff pages of the survey: planning a round, its
// questionnaires, frames and invitations, opening, watching and closing it. The
// rules are those of package survey; here are forms, tables and words.
package ui

import (
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"sync"

	"adili/form"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
)

//go:embed message/*.json
var messages embed.FS

//go:embed page/*.html
var files embed.FS

//go:embed survey.css
var style string

// Style is what these pages need beyond the style sheet of the shell.
func Style() string { return style }

// Messages is the catalogue of these pages.
func Messages() fs.FS { return messages }

// Room has the pages.
type Room struct {
	service *survey.Service
	clock   clock.Clock
	cards   *i18n.Catalogue // for cards, which speak the languages of the round
	page    pages
	making  sync.Mutex // codes are made for one form at a time
}

type pages struct {
	list          *web.Page[listView]
	basics        *web.Page[basicsView]
	overview      *web.Page[overviewView]
	frame         *web.Page[frameView]
	plan          *web.Page[planView]
	offices       *web.Page[officesView]
	questionnaire *web.Page[questionnaireView]
	invitations   *web.Page[invitationsView]
	cards         *web.Page[cardsView]
	open          *web.Page[openView]
	fieldwork     *web.Page[fieldworkView]
	closing       *web.Page[closeView]
	pilot         *web.Page[pilotView]
}

// New returns the room. It panics where one of its own pages or catalogues is
// faulty.
func New(service *survey.Service, clk clock.Clock) *Room {
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		panic(err) // embedded, and tested
	}
	return &Room{service: service, clock: clk, cards: catalogue, page: pages{
		list:          page[listView]("list"),
		basics:        page[basicsView]("basics"),
		overview:      page[overviewView]("overview"),
		frame:         page[frameView]("frame"),
		plan:          page[planView]("plan"),
		offices:       page[officesView]("offices"),
		questionnaire: page[questionnaireView]("questionnaire"),
		invitations:   page[invitationsView]("invitations"),
		cards:         page[cardsView]("cards"),
		open:          page[openView]("open"),
		fieldwork:     page[fieldworkView]("fieldwork"),
		closing:       page[closeView]("close"),
		pilot:         page[pilotView]("pilot"),
	}}
}

func page[V any](name string) *web.Page[V] {
	return web.NewPage[V](web.Staff, files, "page/"+name+".html", "page/part.html")
}

// NavItems are the entries in the navigation of staff pages.
func (m *Room) NavItems() []web.NavItem {
	return []web.NavItem{{Key: "rounds.nav", URL: listURL, Permission: people.RoundView}}
}

const (
	listURL = "/staff/rounds"
	oneURL  = "/staff/rounds/{round}"
)

// Sizes of what may be sent.
const (
	formBody   = 256 << 10
	uploadBody = 8<<20 + formBody
)

var kinds = []form.Population{form.Official, form.Private}

// Routes lists the pages with the permission of each. The populations stand in
// them by name, so that no other room's addresses under a round can clash.
func (m *Room) Routes() []web.Route {
	get := func(pattern string, may people.Action, handle web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Pattern: pattern, Permission: may, Handle: handle}
	}
	post := func(pattern string, may people.Action, size int64, handle web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Pattern: pattern, Permission: may, Handle: handle, MaxBody: size}
	}
	routes := []web.Route{
		get(listURL, people.RoundView, m.list),
		get(listURL+"/new", people.RoundPlan, m.newRound),
		post(listURL+"/new", people.RoundPlan, formBody, m.createRound),
		get(oneURL, people.RoundView, m.overview),
		post(oneURL+"/delete", people.RoundPlan, 0, m.deleteRound),
		get(oneURL+"/basics", people.RoundView, m.basics),
		post(oneURL+"/basics", people.RoundPlan, formBody, m.saveBasics),
		get(oneURL+"/pilot", people.RoundOpen, m.piloting),
		post(oneURL+"/pilot", people.RoundOpen, 0, m.startPilot),
		post(oneURL+"/pilot/end", people.RoundOpen, 0, m.endPilot),
		get(oneURL+"/open", people.RoundOpen, m.opening),
		post(oneURL+"/open", people.RoundOpen, 0, m.open),
		get(oneURL+"/fieldwork", people.FieldworkView, m.fieldwork),
		get(oneURL+"/close", people.RoundClose, m.closing),
		post(oneURL+"/close", people.RoundClose, 0, m.close),
		post(oneURL+"/forget-node", people.RoundClose, 0, m.forgetNode),
	}
	for _, kind := range kinds {
		base := oneURL + "/" + string(kind) + "/"
		routes = append(routes,
			get(base+"frame", people.RoundView, m.of(kind, m.frame)),
			get(base+"frame/template", people.RoundView, m.of(kind, m.frameTemplate)),
			post(base+"frame", people.RoundPlan, formBody, m.of(kind, m.saveFrame)),
			post(base+"frame/upload", people.RoundPlan, uploadBody, m.of(kind, m.uploadFrame)),
			get(base+"plan", people.RoundView, m.of(kind, m.plan)),
			post(base+"plan", people.RoundPlan, formBody, m.of(kind, m.savePlan)),
			get(base+"offices", people.RoundView, m.of(kind, m.offices)),
			get(base+"offices/template", people.RoundView, m.of(kind, m.officesTemplate)),
			post(base+"offices", people.RoundPlan, formBody, m.of(kind, m.saveOffices)),
			post(base+"offices/upload", people.RoundPlan, uploadBody, m.of(kind, m.uploadOffices)),
			get(base+"questionnaire", people.RoundView, m.of(kind, m.questionnaire)),
			get(base+"questionnaire/file", people.RoundView, m.of(kind, m.questionnaireFile)),
			post(base+"questionnaire", people.RoundPlan, uploadBody, m.of(kind, m.saveQuestionnaire)),
			get(base+"invitations", people.InvitationMake, m.of(kind, m.invitations)),
			post(base+"invitations", people.InvitationMake, 0, m.of(kind, m.makeInvitations)),
			post(base+"invitations/void", people.InvitationMake, 0, m.of(kind, m.voidInvitations)),
		)
	}
	return routes
}

// place is the round, and the population if the page is about one.
type place struct {
	survey.Round
	all []survey.Population
	pop survey.Population
}

// find loads the round in the address.
func (m *Room) find(r *web.Request) (place, error) {
	round, populations, err := m.service.Round(r.Context(), r.Person, r.PathValue("round"))
	if round.Pilot() {
		r.Mark("rounds.pilot_mark")
	}
	return place{Round: round, all: populations}, err
}

// sent is the round a form was sent to, and what the form holds.
func (m *Room) sent(r *web.Request) (place, url.Values, error) {
	p, err := m.find(r)
	if err != nil {
		return p, nil, err
	}
	values, err := r.Form()
	return p, values, err
}

// of makes a handler of one for a population.
func (m *Room) of(kind form.Population, handle func(*web.Request, place) (web.Reply, error)) web.Handler {
	return func(r *web.Request) (web.Reply, error) {
		p, err := m.findOf(r, kind)
		if err != nil {
			return nil, err
		}
		return handle(r, p)
	}
}

// findOf loads the round in the address for a page about a population.
func (m *Room) findOf(r *web.Request, kind form.Population) (place, error) {
	p, err := m.find(r)
	if err != nil {
		return p, err
	}
	for _, p.pop = range p.all {
		if p.pop.Kind == kind {
			return p, nil
		}
	}
	return p, errs.New(errs.NotFound, errs.NotFound.Key())
}

func (p place) url(page string) string {
	if page == "" {
		return listURL + "/" + url.PathEscape(p.ID)
	}
	return listURL + "/" + url.PathEscape(p.ID) + "/" + page
}

// popURL is the address of a page about the population.
func (p place) popURL(page string) string { return p.url(string(p.pop.Kind) + "/" + page) }

// editable reports whether the person may still change the plan.
func (p place) editable(r *web.Request) bool {
	return p.State == survey.DraftState && r.Person.May(people.RoundPlan)
}
