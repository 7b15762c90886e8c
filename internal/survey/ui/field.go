package ui

import (
	"strings"

	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/ui/fields"
)

// saved leads to where once a form is saved; a form that can be mended comes
// back as again shows it.
func saved(where string, err error, again func() web.Reply) (web.Reply, error) {
	switch {
	case err == nil:
		return web.RedirectFlash(where, "rounds.flash.saved"), nil
	case !fields.Mendable(err):
		return nil, err
	}
	return again(), nil
}

// Header is the top of a page about a round.
type Header struct {
	Label   string // of the way here, for screen readers
	Way     []Link
	Tag     string // the population
	Class   string
	Lead    string
	Locked  string // why nothing can be changed
	Faults  *fields.Faults
	Sibling []Link // the other pages of the population
}

// Link is a link in the reader's language.
type Link struct {
	Text, URL string
	Current   bool
}

// header makes the top of a page about the round or one of its populations.
func (p place) header(r *web.Request, leadKey string, err error, named func(string) bool) Header {
	t := r.Printer
	h := Header{Label: t.T("rounds.way"), Faults: fields.NewFaults(r, err, named)}
	h.Way = []Link{{Text: t.T("rounds.nav"), URL: listURL}}
	switch {
	case p.Pilot():
		h.Way = append(h.Way, Link{Text: p.Name, URL: place{Round: survey.Round{ID: p.PilotOf}}.url("")}, Link{Text: t.T("rounds.step.pilot"), URL: p.url("")})
	case p.ID != "":
		h.Way = append(h.Way, Link{Text: p.Name, URL: p.url("")})
	}
	if leadKey != "" && t.Has(leadKey) {
		h.Lead = t.T(leadKey)
	}
	if p.pop.Kind != "" {
		h.Tag, h.Class = t.T("rounds.kind."+string(p.pop.Kind)), "tag tag-"+string(p.pop.Kind)
		for _, page := range []string{"questionnaire", "frame", "plan", "offices", "invitations"} {
			if page == "invitations" && !r.Person.May("invitation.make") {
				continue
			}
			u := p.popURL(page)
			h.Sibling = append(h.Sibling, Link{Text: t.T("rounds.step." + page), URL: u, Current: strings.HasPrefix(r.URL.Path+"/", u+"/")})
		}
	}
	return h
}

// planned is header with the reason why a plan can no longer be changed.
func (p place) planned(r *web.Request, leadKey string, err error, named func(string) bool) Header {
	h := p.header(r, leadKey, err, named)
	switch {
	case p.State != survey.DraftState && p.ID != "":
		h.Locked = r.Printer.T("rounds.locked")
	case !p.editable(r) && p.ID != "":
		h.Locked = r.Printer.T("rounds.view_only")
	}
	return h
}
