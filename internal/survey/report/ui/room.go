package ui

import (
	"bytes"
	"context"
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"adili/chart"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/sheet"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/report"
)

//go:embed message/*.json
var messages embed.FS

//go:embed page/*.html
var pages embed.FS

//go:embed report.css
var style string

// Messages is the catalogue of the report's pages.
func Messages() fs.FS { return messages }

// Style is the style sheet of the report: that of the charts and a few rules of
// its own. The program hands it to web.Options as the further CSS of staff pages.
func Style() string { return chart.CSS() + style }

// source is where the room reads a closed round and its open answers, of which
// it gets only those to questions that survey.MinOpinions people answered.
type source struct {
	closed   func(ctx context.Context, by people.Person, id string) (*survey.Closed, error)
	opinions func(ctx context.Context, by people.Person, id string) ([]opinion, error)
	taken    func(ctx context.Context, by people.Person, id, what, table string) error // notes what leaves the system
}

// Room has the pages of the report.
type Room struct {
	source source
	report *web.Page[reportView]
	method *web.Page[methodView]

	mu    sync.Mutex
	cache map[string]*report.Report // by round; a closed round never changes
}

// New returns the room over the survey.
func New(service *survey.Service) *Room {
	return newRoom(source{
		closed: service.Closed, taken: service.Taken,
		opinions: func(ctx context.Context, by people.Person, id string) ([]opinion, error) {
			read, err := service.Opinions(ctx, by, id)
			list := make([]opinion, 0, len(read))
			for _, o := range read {
				list = append(list, opinion{report.Question{Kind: o.Kind, Item: o.Item}, o.Text})
			}
			return list, err
		},
	})
}

func newRoom(s source) *Room {
	return &Room{
		source: s, cache: map[string]*report.Report{},
		report: web.NewPage[reportView](web.Staff, pages, "page/report.html", "page/part.html"),
		method: web.NewPage[methodView](web.Staff, pages, "page/method.html", "page/part.html", "page/documented.html"),
	}
}

// Routes lists the addresses of the report.
func (m *Room) Routes() []web.Route {
	route := func(pattern string, h web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Pattern: pattern, Permission: people.ReportView, Handle: h}
	}
	return []web.Route{
		route("/staff/rounds/{round}/report", m.showReport),
		route("/staff/rounds/{round}/report/method", m.showMethod),
		route("/staff/rounds/{round}/report/{file}", m.sendTable),
	}
}

// load gives the report of the round in the address. The survey room is asked
// every time, since it knows whether the person may and the round is closed.
func (m *Room) load(r *web.Request) (*report.Report, error) {
	id := r.PathValue("round")
	closed, err := m.source.closed(r.Context(), r.Person, id)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		if kind := errs.KindOf(err); kind == errs.Gone || kind == errs.NotFound { // deleted: not even here
			delete(m.cache, id)
		}
		return nil, err
	}
	if closed.Round.Pilot() {
		r.Mark("report.pilot")
	}
	if made := m.cache[id]; made != nil {
		return made, nil
	}
	opinions, err := m.source.opinions(r.Context(), r.Person, id)
	if err != nil {
		return nil, err
	}
	made, err := report.Make(closed, tally(opinions))
	if err != nil {
		return nil, err
	}
	m.cache[id] = made
	return made, nil
}

func (m *Room) showReport(r *web.Request) (web.Reply, error) {
	made, err := m.load(r)
	if err != nil {
		return nil, err
	}
	v, err := newBuilder(made, r.Printer).reportView()
	if err != nil {
		return nil, err
	}
	return m.report.Reply(r, "report.title", v), nil
}

func (m *Room) showMethod(r *web.Request) (web.Reply, error) {
	made, err := m.load(r)
	if err != nil {
		return nil, err
	}
	return m.method.Reply(r, "report.method.title", newBuilder(made, r.Printer).methodView()), nil
}

// sendTable sends one table of the report, or the open answers, as CSV.
func (m *Room) sendTable(r *web.Request) (web.Reply, error) {
	name, ok := strings.CutSuffix(r.PathValue("file"), ".csv")
	if !ok {
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	made, err := m.load(r)
	if err != nil {
		return nil, err
	}
	b := newBuilder(made, r.Printer)
	t, ok := b.table(name)
	what := "report.exported"
	switch {
	case name == textsName:
		what = "opinions.exported"
		list, err := m.source.opinions(r.Context(), r.Person, made.Round.ID)
		if err != nil {
			return nil, err
		}
		t = b.textTable(list)
	case !ok:
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	head, rows := b.export(t)
	var out bytes.Buffer
	if err := sheet.WriteCSV(&out, head, rows); err != nil {
		return nil, err
	}
	if err := m.source.taken(r.Context(), r.Person, made.Round.ID, what, name); err != nil {
		return nil, err
	}
	if made.Round.Pilot() {
		name = "pilot-" + name
	}
	return web.File("adili-"+name+".csv", "text/csv; charset=utf-8", out.Bytes()), nil
}
