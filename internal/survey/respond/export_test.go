package respond

import (
	"html/template"

	"adili/internal/survey"
)

// Checks gives every page's template with an empty view.
func Checks(s *survey.Service) map[string]func() (*template.Template, any) {
	p := New(s)
	return map[string]func() (*template.Template, any){
		"start": p.start.Parts, "welcome": p.welcome.Parts, "items": p.items.Parts, "summary": p.summary.Parts, "decline": p.decline.Parts, "end": p.end.Parts, "privacy": p.privacy.Parts,
	}
}
