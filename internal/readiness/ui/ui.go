// Package ui has the page "Is my server ready?".
package ui

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/readiness"
)

//go:embed page/*.html
var files embed.FS

// Path is the page's address.
const Path = "/staff/ready"

// fresh is for how long findings are shown again, so that clicking often does not ask the mail server often.
const fresh = 3 * time.Second

// Room serves the page.
type Room struct {
	check func(context.Context) []readiness.Finding
	page  *web.Page[view]

	mu    sync.Mutex // held while checking
	last  []readiness.Finding
	since time.Time
}

// New gives the room. Check looks at everything; readiness.Check does.
func New(check func(context.Context) []readiness.Finding) *Room {
	return &Room{check: check, page: newPage(files)}
}

func newPage(fsys fs.FS) *web.Page[view] {
	return web.NewPage[view](web.Staff, fsys, "page/ready.html")
}

// Routes implements web.Room. Whoever manages accounts runs the server.
func (m *Room) Routes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Pattern: Path, Permission: people.AccountManage, Handle: m.show}}
}

// Nav gives the room's entry of the staff navigation.
func (m *Room) Nav() []web.NavItem {
	return []web.NavItem{{Key: "readiness.nav", URL: Path, Permission: people.AccountManage}}
}

// view is the page: the findings that need somebody, the worst first, and the others.
type view struct {
	Ready     bool
	Sum       string
	Attention []finding
	Fine      []finding
}

type finding struct {
	readiness.Said
	StateText string
	Strong    bool // it has to be mended
}

func (m *Room) show(r *web.Request) (web.Reply, error) {
	findings := m.look(r.Context())
	worst := readiness.Worst(findings)
	v := view{Ready: worst != readiness.Bad && worst != readiness.Warn, Sum: r.Printer.T("readiness.sum." + string(worst))}
	said := readiness.Say(r.Printer, findings)
	for _, state := range []readiness.State{readiness.Bad, readiness.Warn, readiness.Unknown, readiness.OK} {
		for _, s := range said {
			if s.State != state {
				continue
			}
			f := finding{Said: s, StateText: r.Printer.T("readiness.state." + string(state)), Strong: state == readiness.Bad}
			if state == readiness.OK {
				v.Fine = append(v.Fine, f)
			} else {
				v.Attention = append(v.Attention, f)
			}
		}
	}
	return m.page.Reply(r, "readiness.page.title", v), nil
}

// look checks, unless that was done just now. It goes on when the reader goes away: the next one wants it too.
func (m *Room) look(ctx context.Context) []readiness.Finding {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == nil || time.Since(m.since) > fresh {
		m.last = m.check(context.WithoutCancel(ctx))
		m.since = time.Now()
	}
	return m.last
}
