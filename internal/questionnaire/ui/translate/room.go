// Package translate has the pages on which a questionnaire of the library is
// translated: its languages, the texts side by side, translators' files, and
// who answers for a language.
package translate

import (
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

// Messages is the catalogue of these pages.
func Messages() fs.FS { return messages }

// Room has the pages.
type Room struct {
	service   *questionnaire.Service
	overview  *web.Page[languagesView]
	translate *web.Page[translateView]
}

// New returns the room.
func New(service *questionnaire.Service) *Room {
	return &Room{
		service:  service,
		overview: frame.Page[languagesView](files, "languages"), translate: frame.Page[translateView](files, "translate"),
	}
}

type handler = func(*web.Request, frame.Draft) (web.Reply, error)

// Routes lists the pages with the permission of each.
func (m *Room) Routes() []web.Route {
	get := func(page string, handle handler) web.Route {
		return web.Route{Method: http.MethodGet, Pattern: frame.OneURL + page, Permission: people.RoundView, Handle: frame.Of(m.service, handle)}
	}
	post := func(page string, size int64, handle handler) web.Route {
		return web.Route{Method: http.MethodPost, Pattern: frame.OneURL + page, Permission: people.RoundPlan, Handle: frame.Of(m.service, handle), MaxBody: size}
	}
	return []web.Route{
		get("/translate", m.languages),
		post("/translate", frame.UploadBody, m.changeLanguages),
		get("/translate/{tag}", m.texts),
		post("/translate/{tag}", frame.FormBody, m.saveTranslation),
		post("/translate/{tag}/sign", 0, m.sign),
		post("/translate/{tag}/file", frame.UploadBody, m.takeTranslation),
		get("/translate/{tag}/file/{format}", m.giveTranslation),
	}
}
