package web

import (
	"net/http"
	"net/url"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/id"
)

// problem is the view of an error page.
type problem struct {
	Text      string
	Details   []detail
	Reference string // names the log line of an internal fault
	Back      string // address to go on from
	BackKey   string // message of the link there
}

// detail is one fault in something that was sent.
type detail struct {
	File, Field string
	Row         int
	Text        string
}

// statuses gives the HTTP status of each kind of error.
var statuses = map[errs.Kind]int{
	errs.Internal:     http.StatusInternalServerError,
	errs.Invalid:      http.StatusBadRequest,
	errs.NotFound:     http.StatusNotFound,
	errs.Conflict:     http.StatusConflict,
	errs.Forbidden:    http.StatusForbidden,
	errs.SignInNeeded: http.StatusUnauthorized,
	errs.Gone:         http.StatusGone,
	errs.TooMany:      http.StatusTooManyRequests,
	errs.TooLarge:     http.StatusRequestEntityTooLarge,
	errs.Unavailable:  http.StatusServiceUnavailable,
}

// Status gives the HTTP status for an error, for handlers that show it inside their own page.
func Status(err error) int { return statuses[errs.KindOf(err)] }

// fail sends an error as a page in the reader's language and logs what may be logged.
func (s *Server) fail(w http.ResponseWriter, r *Request, err error) {
	kind := errs.KindOf(err)
	if kind == errs.SignInNeeded && r.route.staff() {
		target := SignInPath
		if r.Method == http.MethodGet {
			target += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		_ = Redirect(target).send(w, r) // cannot fail
		return
	}
	var reference string
	if kind == errs.Internal && r.route.staff() {
		reference = strings.TrimPrefix(id.New("ref"), "ref_")[:8]
	}
	s.logFault(r, err, reference)
	s.sendProblemRef(w, r, statuses[kind], err, reference)
}

// surveyPattern is the address of a survey's first page, which those of its other pages begin with.
const surveyPattern = "/{lang}/s/{round}"

// surveyStart gives the address of the first page of the survey a respondent's request belongs to, and "" when there is none
// or when it would only say the same again.
func (r *Request) surveyStart(err error) string {
	if rest, ok := strings.CutPrefix(r.route.Pattern, surveyPattern); !ok || rest != "" && rest[0] != '/' {
		return ""
	}
	start := "/" + r.Printer.Lang() + "/s/" + url.PathEscape(r.PathValue("round"))
	kind := errs.KindOf(err)
	if kind == errs.Gone || kind == errs.NotFound && r.Method == http.MethodGet && r.URL.EscapedPath() == start {
		return ""
	}
	return start
}

// sendProblem shows an error page.
func (s *Server) sendProblem(w http.ResponseWriter, r *Request, status int, err error) {
	s.sendProblemRef(w, r, status, err, "")
}

func (s *Server) sendProblemRef(w http.ResponseWriter, r *Request, status int, err error, reference string) {
	layout, back, backKey := Layout(Public), "/"+r.Printer.Lang()+"/", "web.start"
	switch {
	case r.route.staff():
		layout, back = Staff, StartPath
	case r.route.Permission == Respondent:
		layout, back, backKey = Respond, r.surveyStart(err), "web.survey_start"
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	v := problem{Text: r.Printer.Error(err), Reference: reference, Back: back, BackKey: backKey}
	if e, ok := errs.Find(err); ok {
		for _, d := range e.Details {
			v.Details = append(v.Details, detail{File: d.File, Field: d.Field, Row: d.Row, Text: r.Printer.T(d.Key, d.Args...)})
		}
	}
	title := "web.problem." + errs.KindOf(err).String()
	if sendErr := s.problems[layout].ReplyStatus(r, status, title, v).send(w, r); sendErr != nil {
		s.logFault(r, sendErr, reference)
		plain(w, status, v.Text+"\n") // the page about the fault is at fault
	}
}
