package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"adili/internal/kernel/people"
)

// Permission is what a route asks for: an action of the permission table, or one of the three constants below.
type Permission = people.Action

// Public is the permission of routes for anybody (under /staff/ the session is read if there is one), and the layout of
// pages for anybody: an untyped constant, so that it serves as both.
const Public = "public"

// The other permissions that are no action of the table.
const (
	Respondent Permission = "respondent" // anybody, and nothing is known or kept of them
	SignedIn   Permission = "signed-in"  // anybody with a session, whatever the role
)

// Handler answers one request. What it returns is sent by the server: a reply, or an error as a page.
type Handler func(*Request) (Reply, error)

// Route is one address of the program. Path parameters are those of http.ServeMux.
type Route struct {
	Method     string // GET or POST
	Pattern    string // "/staff/…" or "/{lang}/…"
	Permission Permission
	Handle     Handler
	MaxBody    int64 // bytes of the request's body; 0 means DefaultBody
}

// DefaultBody is the most bytes a request's body may have when its route says nothing else.
const DefaultBody = 64 << 10

// Room is a part of the program that has pages.
type Room interface{ Routes() []Route }

const staffPrefix = "/staff/"

func (t Route) staff() bool { return strings.HasPrefix(t.Pattern, staffPrefix) }

// check gives the reason why the route cannot be served, or nil.
func (t Route) check() error {
	switch {
	case t.Method != http.MethodGet && t.Method != http.MethodPost:
		return fmt.Errorf("method %q is neither GET nor POST", t.Method)
	case t.Handle == nil:
		return fmt.Errorf("no handler")
	case t.Permission == "":
		return fmt.Errorf("no permission")
	case t.Permission == Respondent && t.staff():
		return fmt.Errorf("a respondent route under %s", staffPrefix)
	case t.Permission == Public || t.Permission == Respondent:
	case t.Permission != SignedIn && !slices.Contains(people.Actions, t.Permission):
		return fmt.Errorf("unknown permission %q", t.Permission)
	case !t.staff():
		return fmt.Errorf("permission %q outside %s", t.Permission, staffPrefix)
	}
	if !t.staff() && !strings.HasPrefix(t.Pattern, "/{lang}/") {
		return fmt.Errorf("the address starts neither with %s nor with /{lang}/", staffPrefix)
	}
	return nil
}

// Mount adds routes. A route without a permission, or with one that does not fit its address, panics: it is a fault of the
// program that must not reach a user.
func (s *Server) Mount(routes ...Route) {
	for _, t := range routes {
		if err := t.check(); err != nil {
			panic(fmt.Sprintf("web: route %s %s: %v", t.Method, t.Pattern, err))
		}
		if t.MaxBody == 0 {
			t.MaxBody = DefaultBody
		}
		mux := s.open
		if t.staff() {
			mux = s.staff
		}
		mux.HandleFunc(t.Method+" "+t.Pattern, func(w http.ResponseWriter, req *http.Request) { s.serve(t, w, req) })
		s.routes = append(s.routes, t)
	}
}

// Routes lists what was mounted, by address and method, for the golden list of routes.
func (s *Server) Routes() []Route {
	list := slices.Clone(s.routes)
	slices.SortFunc(list, func(a, b Route) int {
		return strings.Compare(a.Pattern+" "+a.Method, b.Pattern+" "+b.Method)
	})
	return list
}

// NavItem is an entry of the staff navigation. The text is the message Key, a sentence about it the message Key+"_hint".
type NavItem struct {
	Key, URL   string
	Permission Permission
}

// AddNav adds entries to the navigation of staff pages, in this order. Each person sees those their role allows.
func (s *Server) AddNav(items ...NavItem) { s.nav = append(s.nav, items...) }
