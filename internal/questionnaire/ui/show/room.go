// Package show has the pages on which a questionnaire of the library is looked
// at: the preview, drawn as the answering pages will draw it, and the codebook.
package show

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
	service  *questionnaire.Service
	preview  *web.Page[previewView]
	codebook *web.Page[codebookView]
}

// New returns the room.
func New(service *questionnaire.Service) *Room {
	return &Room{
		service: service,
		preview: web.NewPage[previewView](web.Respond, files, "page/preview.html"), codebook: frame.Page[codebookView](files, "codebook"),
	}
}

// Routes lists the pages with the permission of each.
func (m *Room) Routes() []web.Route {
	get := func(page string, handle func(*web.Request, frame.Draft) (web.Reply, error)) web.Route {
		return web.Route{Method: http.MethodGet, Pattern: frame.OneURL + "/" + page, Permission: people.RoundView, Handle: frame.Of(m.service, handle)}
	}
	return []web.Route{get("preview", m.showPreview), get("codebook", m.showCodebook), get("codebook.xml", m.codebookFile)}
}
