package plan

import (
	"slices"
	"strings"
	"time"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
)

// Basics is what a manager states about a round on its first page.
type Basics struct {
	Name        string
	Iteration   int
	Zone        string
	Opens       Day
	Closes      Day
	Keep        Day // the last day the results are kept; empty: KeepYears after Closes
	Languages   []string
	Title       map[string]string
	Populations []form.Population
	Notice      Notice
	Channels    []Channel
}

// KeepYears is how long the results of a round are kept, unless its manager
// states another day.
const KeepYears = 3

// KeepUntil is the last day the results are kept of a round that closes on a
// day.
func KeepUntil(closes Day) Day {
	last, err := time.Parse(DayFormat, string(closes))
	if err != nil {
		return ""
	}
	return Day(last.AddDate(KeepYears, 0, 0).Format(DayFormat))
}

// Check says everything that is wrong with the basics, field by field.
func (b Basics) Check() error {
	e := errs.New(errs.Invalid, "survey.basics.invalid")
	bad := func(field, key string, args ...any) {
		e.Details = append(e.Details, errs.Detail{Field: field, Key: key, Args: args})
	}
	if strings.TrimSpace(b.Name) == "" || len(b.Name) > 200 {
		bad("name", "survey.basics.name")
	}
	if b.Iteration < 1 || b.Iteration > 1000 {
		bad("iteration", "survey.basics.iteration")
	}
	if _, err := time.LoadLocation(b.Zone); err != nil || b.Zone == "" || b.Zone == "Local" {
		bad("zone", "survey.basics.zone", "Value", b.Zone)
	}
	_, oerr := time.Parse(DayFormat, string(b.Opens))
	_, cerr := time.Parse(DayFormat, string(b.Closes))
	if oerr != nil {
		bad("opens", "survey.basics.day")
	}
	if cerr != nil {
		bad("closes", "survey.basics.day")
	}
	if oerr == nil && cerr == nil && b.Closes < b.Opens {
		bad("closes", "survey.basics.closes_before")
	}
	if _, err := time.Parse(DayFormat, string(b.Keep)); b.Keep != "" && (err != nil || cerr == nil && b.Keep <= b.Closes) {
		bad("keep", "survey.basics.keep")
	}
	if len(b.Languages) == 0 || slices.ContainsFunc(b.Languages, func(l string) bool { return !i18n.Known(l) }) {
		bad("languages", "survey.basics.languages")
	}
	if len(b.Populations) == 0 {
		bad("populations", "survey.basics.populations")
	}
	if strings.TrimSpace(b.Notice.Controller) == "" {
		bad("controller", "survey.basics.controller")
	}
	if strings.TrimSpace(b.Notice.LegalBasis) == "" {
		bad("legal_basis", "survey.basics.legal_basis")
	}
	if strings.TrimSpace(b.Notice.Retention) == "" {
		bad("retention", "survey.basics.retention")
	}
	if len(e.Details) > 0 {
		return e
	}
	return nil
}

// Apply writes the basics into a round.
func (b Basics) Apply(r *Round) {
	r.Name, r.Iteration = strings.TrimSpace(b.Name), b.Iteration
	r.Zone, r.Opens, r.Closes = b.Zone, b.Opens, b.Closes
	if r.Keep = b.Keep; r.Keep == "" {
		r.Keep = KeepUntil(b.Closes)
	}
	r.Languages, r.Title, r.Notice, r.Channels = b.Languages, b.Title, b.Notice, b.Channels
}
