package web

import (
	"context"
	"net/http"
	"time"

	"adili/internal/kernel/i18n"
)

// home gives the handler of the start page: what this is, where staff sign in, what respondents need.
func home() Handler {
	page := NewPage[struct{}](Public, layoutFiles, "layout/home.html")
	return func(r *Request) (Reply, error) { return page.Reply(r, "web.home.title", struct{}{}), nil }
}

// root sends a visitor of the bare address to the start page in their language.
func (s *Server) root(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/"+i18n.Match(r.Header.Get("Accept-Language"))+"/", http.StatusSeeOther)
}

// Addresses for whoever watches over the program.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// health says that the process answers.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// ready says whether the database answers too.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if s.options.Ready != nil {
		if err := s.options.Ready(ctx); err != nil {
			w.Header().Set("Retry-After", "5")
			plain(w, http.StatusServiceUnavailable, "unavailable\n")
			return
		}
	}
	plain(w, http.StatusOK, "ok\n")
}
