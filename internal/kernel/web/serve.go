package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
)

// Addresses the staff layout links to. The people room serves them.
const (
	StartPath    = "/staff/"
	SignInPath   = "/staff/sign-in"
	SignOutPath  = "/staff/sign-out"
	AccountPath  = "/staff/account"
	LanguagePath = "/staff/language"
)

// dispatch sends a request to its route. What matches no route gets an error page instead of the mux's bare line.
func (s *Server) dispatch(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		h, pattern := mux.Handler(req)
		if pattern != "" {
			mux.ServeHTTP(w, req)
			return
		}
		probe := &probe{header: make(http.Header)}
		h.ServeHTTP(probe, req)
		err := errs.New(errs.NotFound, errs.NotFound.Key())
		r := s.request(Route{Pattern: firstPart(req.URL.Path), Permission: Public}, req)
		if probe.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", probe.header.Get("Allow"))
			s.sendProblem(w, r, http.StatusMethodNotAllowed, err)
			return
		}
		s.sendProblem(w, r, http.StatusNotFound, err)
	}
}

// probe keeps only status and headers of an answer.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }

// firstPart gives the pattern class of an address nobody serves, so that its error page gets the right layout.
func firstPart(path string) string {
	if strings.HasPrefix(path, staffPrefix) {
		return staffPrefix
	}
	return "/"
}

// request makes the handler's view of req, with the language it can know without a session.
func (s *Server) request(t Route, req *http.Request) *Request {
	lang, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	if !i18n.Known(lang) {
		lang = i18n.Match(req.Header.Get("Accept-Language"))
	}
	return &Request{Request: req, Printer: s.options.Catalogue.Printer(lang), server: s, route: t}
}

// serve runs one request through its route.
func (s *Server) serve(t Route, w http.ResponseWriter, req *http.Request) {
	r := s.request(t, req)
	defer r.close()
	if t.staff() {
		began := time.Now()
		seen := &recorder{ResponseWriter: w}
		w = seen
		defer func() { s.logAccess(r, seen.status, time.Since(began)) }()
	}
	defer s.recover(w, r)
	if t.MaxBody >= longBody {
		end := time.Now().Add(longTimeout)
		control := http.NewResponseController(w)
		if err := errors.Join(control.SetReadDeadline(end), control.SetWriteDeadline(end)); err != nil {
			s.log.Debug("longer time limit refused", "error", err) // a test's recorder has no connection
		}
	}
	req.Body = http.MaxBytesReader(w, req.Body, t.MaxBody)
	reply, err := s.answer(r)
	if err == nil {
		err = reply.send(w, r)
	}
	if err != nil {
		s.fail(w, r, err)
	}
}

// answer does what comes before the handler, and runs it.
func (s *Server) answer(r *Request) (Reply, error) {
	if r.ContentLength > r.route.MaxBody {
		return nil, errs.New(errs.TooLarge, errs.TooLarge.Key())
	}
	if r.route.staff() {
		if err := s.enter(r); err != nil {
			return nil, err
		}
	} else if !i18n.Known(r.PathValue("lang")) {
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	reply, err := r.route.Handle(r)
	if err == nil && reply == nil {
		err = errors.New("the handler gave neither reply nor error")
	}
	return reply, err
}

// enter opens a staff route: session, language, cross-site check, permission, in this order, so that every refusal is said
// in the person's language.
func (s *Server) enter(r *Request) error {
	if token := r.SessionToken(); token != "" {
		person, err := s.options.People.Session(r.Context(), token)
		if err != nil && errs.KindOf(err) != errs.SignInNeeded {
			return fmt.Errorf("reading the session: %w", err)
		}
		r.Person = person
	}
	if wish := r.URL.Query().Get("lang"); i18n.Known(wish) {
		r.Printer = s.options.Catalogue.Printer(wish)
	} else if r.Person.Lang != "" {
		r.Printer = s.options.Catalogue.Printer(r.Person.Lang)
	}
	if err := s.origin.Check(r.Request); err != nil {
		return errs.New(errs.Forbidden, "web.error.cross_site").Because(err)
	}
	switch want := r.route.Permission; {
	case want == Public:
		return nil
	case r.Person.ID == "":
		return errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	case want != SignedIn && !r.Person.May(want):
		return errs.New(errs.Forbidden, errs.Forbidden.Key())
	}
	return nil
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
