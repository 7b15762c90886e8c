// Package ui has the staff pages of the library of questionnaires: the list,
// the editor with its preview, versions, translation, and the codebook. The
// rules are those of package questionnaire; here are forms, tables and words.
package ui

import (
	"context"
	"embed"
	"io/fs"
	"net/http"

	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire"
	"adili/internal/questionnaire/ui/frame"
)

//go:embed message/*.json
var messages embed.FS

//go:embed page/*.html
var files embed.FS

//go:embed questionnaire.css
var style string

// Style is what these pages need beyond the style sheet of the shell and that
// of the survey's pages.
func Style() string { return style }

// Messages is the catalogue of these pages.
func Messages() fs.FS { return messages }

// Asking is one population of a round that is still planned: where a version can
// be asked.
type Asking struct{ Round, Name, Population string }

// Rounds are those of the survey. internal/app knows both rooms.
type Rounds interface {
	// Planned lists the rounds that are still planned, one Asking for each of
	// their populations.
	Planned(ctx context.Context, by people.Person) ([]Asking, error)
	// Ask makes text, a version, the questionnaire of a population of a round.
	// name is what errors call it.
	Ask(ctx context.Context, by people.Person, where Asking, name string, text []byte) error
}

// Room has the pages.
type Room struct {
	service *questionnaire.Service
	rounds  Rounds
	page    pages
}

type pages struct {
	list     *web.Page[listView]
	create   *web.Page[createView]
	editor   *web.Page[editorView]
	bank     *web.Page[bankView]
	versions *web.Page[versionsView]
}

// New returns the room. It panics where one of its own pages is faulty.
func New(service *questionnaire.Service, rounds Rounds) *Room {
	return &Room{service: service, rounds: rounds, page: pages{
		list:     frame.Page[listView](files, "list"),
		create:   frame.Page[createView](files, "create"),
		editor:   frame.Page[editorView](files, "editor"),
		bank:     frame.Page[bankView](files, "bank"),
		versions: frame.Page[versionsView](files, "versions"),
	}}
}

// NavItems are the entries in the navigation of staff pages.
func (m *Room) NavItems() []web.NavItem {
	return []web.NavItem{{Key: "library.nav", URL: frame.ListURL, Permission: people.RoundView}}
}

// Routes lists the pages with the permission of each.
func (m *Room) Routes() []web.Route {
	get := func(pattern string, handle web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Pattern: pattern, Permission: people.RoundView, Handle: handle}
	}
	look := func(pattern string, handle web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Pattern: pattern, Permission: people.RoundPlan, Handle: handle}
	}
	post := func(pattern string, size int64, handle web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Pattern: pattern, Permission: people.RoundPlan, Handle: handle, MaxBody: size}
	}
	routes := []web.Route{
		get(frame.ListURL, m.list),
		look(frame.ListURL+"/new", m.start),
		post(frame.ListURL+"/new", frame.UploadBody, m.create),
		get(frame.OneURL, frame.Of(m.service, m.editor)),
		post(frame.OneURL+"/settings", frame.FormBody, frame.Of(m.service, m.saveSettings)),
		post(frame.OneURL+"/page", frame.FormBody, frame.Of(m.service, m.savePage)),
		post(frame.OneURL+"/item", frame.FormBody, frame.Of(m.service, m.arrange)),
		post(frame.OneURL+"/item/{item}", frame.FormBody, frame.Of(m.service, m.saveItem)),
		look(frame.OneURL+"/bank", frame.Of(m.service, m.bank)),
		post(frame.OneURL+"/bank", frame.FormBody, frame.Of(m.service, m.addFromBank)),
		post(frame.OneURL+"/history", 0, frame.Of(m.service, m.history)),
		post(frame.OneURL+"/replace", frame.UploadBody, frame.Of(m.service, m.replace)),
		post(frame.OneURL+"/delete", 0, frame.Of(m.service, m.remove)),
		get(frame.OneURL+"/versions", frame.Of(m.service, m.versions)),
		post(frame.OneURL+"/versions", frame.FormBody, frame.Of(m.service, m.publish)),
		post(frame.OneURL+"/ask", frame.FormBody, frame.Of(m.service, m.ask)),
		get(frame.OneURL+"/versions/{version}", frame.Of(m.service, m.versionFile)),
	}
	for _, format := range formats {
		routes = append(routes, get(frame.OneURL+"/export."+format, frame.Of(m.service, m.export(format))))
	}
	return routes
}

// formats are those a questionnaire is written in.
var formats = []string{"xlsx", "md", "json", "xml"}
