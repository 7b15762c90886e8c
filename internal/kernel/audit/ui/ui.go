// Package ui has the page of the trail: what staff did, newest first, and the files to take away.
package ui

import (
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
)

//go:embed page/*.html
var files embed.FS

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of the trail.
func Messages() fs.FS { return messages }

// Path is the page's address.
const Path = "/staff/trail"

// pageSize is how many entries a page shows.
const pageSize = 50

// Options say what the room shows beside the trail itself.
type Options struct {
	// Notes are held against the trail.
	Notes *audit.Notes
	// Names gives what people call the objects of entries, by identifier, such as the names of rounds. It may be nil.
	Names func(context.Context) (map[string]string, error)
}

// Room serves the page of the trail.
type Room struct {
	db      *storage.DB
	options Options
	page    *web.Page[view]
}

// New gives the room over a migrated database.
func New(db *storage.DB, o Options) *Room {
	return &Room{db: db, options: o, page: newPage(files)}
}

func newPage(fsys fs.FS) *web.Page[view] {
	return web.NewPage[view](web.Staff, fsys, "page/trail.html")
}

// Routes implements web.Room.
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Pattern: Path, Permission: people.TrailView, Handle: m.show},
		{Method: http.MethodGet, Pattern: Path + "/{file}", Permission: people.TrailView, Handle: m.download},
	}
}

// Nav gives the room's entry of the staff navigation.
func (m *Room) Nav() []web.NavItem {
	return []web.NavItem{{Key: "audit.nav", URL: Path, Permission: people.TrailView}}
}

// view is the page.
type view struct {
	Whole    bool   // the chain holds
	State    string // in words
	Head     string // number and hash of the last entry; empty without entries
	Actors   []choice
	Actions  []choice
	From, To string // days as typed
	Lines    []line
	Filtered bool
	Older    string // address; empty on the last page
}

// choice is an option of a filter.
type choice struct {
	Value, Label string
	Chosen       bool
}

// line is an entry in words.
type line struct {
	Seq           int64
	Day, Time     string
	Actor, Action string
	Raw           string // the action's own name when there are no words for it
	Object        string
	ObjectID      string // when Object is a name
	Detail        []detail
}

type detail struct{ Name, Value string }

func (m *Room) show(r *web.Request) (web.Reply, error) {
	filter, err := readFilter(r.URL.Query())
	if err != nil {
		return nil, err
	}
	v := view{From: r.URL.Query().Get("from"), To: r.URL.Query().Get("to"), Filtered: filter != audit.Filter{Before: filter.Before}}
	if err := m.verify(r, &v); err != nil {
		return nil, err
	}
	if err := m.choices(r, &v, filter); err != nil {
		return nil, err
	}
	entries, err := audit.Search(r.Context(), m.db.Read(), filter, pageSize+1)
	if err != nil {
		return nil, err
	}
	if len(entries) > pageSize {
		entries = entries[:pageSize]
		q := r.URL.Query()
		q.Set("before", strconv.FormatInt(entries[pageSize-1].Seq, 10))
		v.Older = Path + "?" + q.Encode()
	}
	names := map[string]string{}
	if m.options.Names != nil {
		if names, err = m.options.Names(r.Context()); err != nil {
			return nil, err
		}
	}
	for _, e := range entries {
		v.Lines = append(v.Lines, newLine(r.Printer, e, names))
	}
	return m.page.Reply(r, "audit.title", v), nil
}

// verify says whether the trail is what was written.
func (m *Room) verify(r *web.Request, v *view) error {
	head, err := m.options.Notes.Verify(r.Context(), m.db.Read())
	if broken, ok := errors.AsType[*audit.Broken](err); ok {
		v.State = r.Printer.T("audit.state."+broken.How, "Seq", broken.Seq)
		return nil
	}
	if err != nil {
		return err
	}
	v.Whole, v.State = true, r.Printer.N("audit.state.whole", int(head.Seq))
	if head.Seq > 0 {
		v.Head = strconv.FormatInt(head.Seq, 10) + ":" + hex.EncodeToString(head.Hash)
	}
	return nil
}

func (m *Room) choices(r *web.Request, v *view, f audit.Filter) error {
	actors, err := audit.Actors(r.Context(), m.db.Read())
	if err != nil {
		return err
	}
	for _, a := range actors {
		v.Actors = append(v.Actors, choice{a.Key(), actorName(r.Printer, a), a.Key() == f.Actor})
	}
	actions, err := audit.Actions(r.Context(), m.db.Read())
	for _, a := range actions {
		words, _ := actionName(r.Printer, a)
		v.Actions = append(v.Actions, choice{a, words, a == f.Action})
	}
	return err
}

func readFilter(q url.Values) (f audit.Filter, err error) {
	f = audit.Filter{Actor: q.Get("person"), Action: q.Get("action")}
	if f.From, err = day(q.Get("from")); err != nil {
		return f, err
	}
	if f.To, err = day(q.Get("to")); err != nil {
		return f, err
	}
	if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1) // the last day counts
	}
	if before := q.Get("before"); before != "" {
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil || f.Before < 1 {
			return f, errs.New(errs.NotFound, errs.NotFound.Key())
		}
	}
	return f, nil
}

// day reads a day as date fields send it, in UTC.
func day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, i18n.Digits(text))
	if err != nil {
		return t, errs.New(errs.Invalid, "audit.error.day").Because(err)
	}
	return t, nil
}

func newLine(p *i18n.Printer, e audit.Entry, names map[string]string) line {
	l := line{Seq: e.Seq, Day: p.Date(e.At), Time: e.At.Format(time.TimeOnly), Actor: actorName(p, e.Actor)}
	if e.Object != e.Actor.ID { // else it was done to oneself
		l.Object = e.Object
	}
	var known bool
	if l.Action, known = actionName(p, e.Action); known {
		l.Raw = e.Action
	}
	if name := names[l.Object]; name != "" && l.Object != "" {
		l.Object, l.ObjectID = name, e.Object
	}
	for _, d := range e.Detail {
		name := d.Name
		if p.Has("audit.detail." + d.Name) {
			name = p.T("audit.detail." + d.Name)
		}
		l.Detail = append(l.Detail, detail{name, valueName(p, d)})
	}
	return l
}

// worded are the details whose values are words of the program, such as "password+totp", and not names that somebody gave.
var worded = []string{"by", "for", "from", "kind", "method", "population", "role", "to"}

// valueName says the value of a detail in words where there are some.
func valueName(p *i18n.Printer, d audit.Pair) string {
	if !slices.Contains(worded, d.Name) {
		return d.Value
	}
	parts := strings.Split(d.Value, "+")
	for i, part := range parts {
		if key := "audit.word." + part; p.Has(key) {
			parts[i] = p.T(key)
		}
	}
	return strings.Join(parts, " · ")
}

// actionName says an action in words, or gives its own name and false when there are none.
func actionName(p *i18n.Printer, action string) (string, bool) {
	if key := "audit.action." + action; p.Has(key) {
		return p.T(key), true
	}
	return action, false
}

func actorName(p *i18n.Printer, a audit.Actor) string {
	switch a {
	case audit.Console:
		return p.T("audit.actor.console")
	case audit.System:
		return p.T("audit.actor.system")
	}
	return a.Name
}

// download sends the whole trail as a file.
func (m *Room) download(r *web.Request) (web.Reply, error) {
	kinds := map[string]string{"trail.csv": "text/csv; charset=utf-8", "trail.jsonl": "application/jsonl"}
	formats := map[string]string{"trail.csv": audit.CSV, "trail.jsonl": audit.JSONL}
	file := r.PathValue("file")
	if kinds[file] == "" {
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	return web.Stream("adili-"+file, kinds[file], func(w io.Writer) error {
		return audit.Export(r.Context(), m.db.Read(), w, formats[file])
	}), nil
}
