package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"adili/internal/kernel/errs"
)

// logAccess writes the one line of a staff request: the pattern, not the path, since paths may hold one-time links.
func (s *Server) logAccess(r *Request, status int, took time.Duration) {
	s.rare.flush(false)
	s.log.Info("request", "method", r.Method, "pattern", r.route.Pattern, "status", status, "ms", took.Milliseconds())
	if s.options.Observe != nil {
		s.options.Observe(r.Method, r.route.Pattern, status, took)
	}
}

// logFault logs an error that is a fault of ours or of the machine. What a sender did wrong is not logged. On staff routes
// the whole text is; elsewhere only kind and key, and not before the day is over (see rareLog).
func (s *Server) logFault(r *Request, err error, reference string) {
	kind := errs.KindOf(err)
	if kind != errs.Internal && kind != errs.Unavailable {
		return
	}
	if !r.route.staff() && r.Context().Err() != nil {
		return // the sender went away, which is most likely the whole fault
	}
	if r.route.staff() {
		s.log.Error("fault", "pattern", r.route.Pattern, "kind", kind.String(), "error", err.Error(), "reference", reference)
		return
	}
	key := kind.Key()
	if e, ok := errs.Find(err); ok {
		key = e.Key
	}
	s.rare.add("respondent fault", slog.String("kind", kind.String()), slog.String("key", key))
}

// recover turns a panic into an error page. The value of the panic is logged for staff only: on other routes it may hold a
// piece of the request.
func (s *Server) recover(w http.ResponseWriter, r *Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v) // asks net/http to break the connection off
	}
	stack := callers()
	if r.route.staff() {
		s.log.Error("panic", "pattern", r.route.Pattern, "value", fmt.Sprint(v), "stack", stack)
	} else {
		s.rare.add("panic", slog.String("stack", stack))
	}
	s.sendProblem(w, r, http.StatusInternalServerError, errs.New(errs.Internal, errs.Internal.Key()))
}

// callers gives the functions and lines above recover, without arguments.
func callers() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		fmt.Fprintf(&b, "%s:%d; ", f.Function, f.Line)
		if !more {
			return b.String()
		}
	}
}
