package web

import (
	"strings"
	"testing"

	"adili/internal/kernel/i18n"
)

// Staff are told while nothing can be saved, respondents are not: their pages need no database.
func TestReadOnlyIsSaidToStaff(t *testing.T) {
	writable := false
	f := newFixture(t, func(o *Options) { o.Writable = func() bool { return writable } })
	for _, lang := range i18n.Languages {
		text := f.Server.options.Catalogue.Printer(lang).T("web.read_only")
		if body := f.do(request{url: "/staff/rounds?lang=" + lang, token: "manager"}).Body.String(); !strings.Contains(body, text) {
			t.Errorf("%s: not said:\n%s", lang, body)
		}
		if body := f.do(request{url: "/" + lang + "/s/abc"}).Body.String(); strings.Contains(body, text) {
			t.Errorf("%s: said to respondents", lang)
		}
	}
	writable = true
	if body := f.do(request{url: "/staff/rounds?lang=en", token: "manager"}).Body.String(); strings.Contains(body, "saved now") {
		t.Error("still said")
	}
}
