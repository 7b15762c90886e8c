package respond_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/respond"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/roundtest"
)

const allKinds = `{"format":"adili-instrument/2","id":"kinds","population":"private","source":"en",
"languages":{"en":"draft","fr":"draft","es":"draft","pt":"draft","ar":"draft","ru":"draft","zh":"draft"},
"pages":[
 {"id":"first","title":{"en":"Visits"},"appearance":"field-list","items":[
  {"id":"words","type":"note","text":{"en":"Think of <b>last</b> year."}},
  {"id":"met","type":"single","text":{"en":"Did you meet an officer?"},"required":"true()","choices":[{"id":"yes","label":{"en":"Yes"}},{"id":"no","label":{"en":"No"}}]},
  {"id":"visits","type":"integer","text":{"en":"How often?","ar":"كم مرة؟"},"constraint":". <= 50","constraint_message":{"en":"Fifty at most."}},
  {"id":"day","type":"date","text":{"en":"When last?"},"constraint":". <= today()"},
  {"id":"rate","type":"range","min":0,"max":10,"step":5,"text":{"en":"Rate it","ar":"ما تقييمك؟"}},
  {"id":"value","type":"range","min":0,"max":20000000,"step":1,"text":{"en":"What were the goods worth?","ar":"ما قيمة البضائع؟"}},
  {"id":"seen","type":"acknowledge","text":{"en":"I know this is anonymous"}}]},
 {"id":"second","items":[
  {"id":"fee","type":"decimal","text":{"en":"You said ${met}, ${visits} times. What fee?"},"relevant":"${visits} > 2"}]}
]}`

// newKinds is a site whose private sector is asked a questionnaire of ours by
// an open link.
func newKinds(t *testing.T) (s *site, first string) {
	t.Helper()
	service, clk := roundtest.Service(t, dbtest.SQLite(t, roundtest.Migrate))
	catalogue, err := i18n.Load(web.Messages(), survey.Messages(), respond.Messages())
	if err != nil {
		t.Fatal(err)
	}
	basics := roundtest.Basics()
	basics.Populations = []form.Population{form.Private}
	r, err := service.CreateRound(t.Context(), roundtest.Manager, basics)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		service.SaveFrame(t.Context(), roundtest.Manager, r.ID, form.Private, survey.Frame{Dimensions: []string{"role"}, Cells: []survey.Cell{{Values: []string{"Brokers"}, People: 800}}}),
		service.SaveChoices(t.Context(), roundtest.Manager, r.ID, form.Private, survey.Choices{Selection: survey.OpenLink, OpenLink: true, Margin: 0.05, Response: 0.6, DesignEffect: 1}),
		service.SaveInstrument(t.Context(), roundtest.Manager, r.ID, form.Private, "kinds.json", []byte(allKinds)),
		service.OpenRound(t.Context(), roundtest.Manager, r.ID, roundtest.Passphrase),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	server := web.New(web.Options{Catalogue: catalogue, Clock: clk})
	server.Mount(respond.New(service).Routes()...)
	s = &site{httptest.NewServer(server.Handler()), service, r.ID, nil}
	t.Cleanup(s.Close)
	_, page, _ := s.post(t, "en", url.Values{"OPEN": {"private"}})
	_, page, _ = s.post(t, "en", url.Values{"STATE": {state(t, page)}})
	return s, page
}

func TestNewKindsAreShown(t *testing.T) {
	_, page := newKinds(t)
	for _, want := range []string{
		`Think of &lt;b&gt;last&lt;/b&gt; year.`, `inputmode="numeric"`, `type="date"`, `name="rate" value="5"`, `name="seen" value="OK"`,
		`value="prefer_not"`, "I prefer not to say", "From 0 to 20000000",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, `value="pass"`) || strings.Contains(page, `aria-invalid`) {
		t.Error("something is objected to at once")
	}
}

// What does not fit is said beside the question and above, in any language;
// what was typed stays; and one can go on without.
func TestObjections(t *testing.T) {
	s, page := newKinds(t)
	sent := url.Values{"STATE": {state(t, page)}, "visits": {"٩٩"}, "day": {"2030-01-01"}, "rate": {"5"}}
	status, page, _ := s.post(t, "en", sent)
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{`href="#visits"`, `id="visits-error"`, "Fifty at most.", `value="٩٩"`, `href="#met"`, `href="#day"`, `aria-invalid="true"`, `value="pass"`, `value="5" checked`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	// Blanks are asked about once: the same page sent again goes on when the numbers fit.
	again := url.Values{"STATE": {state(t, page)}, "AGAIN": {"yes"}, "visits": {"٤"}, "met": {}}
	status, next, _ := s.post(t, "en", again)
	if status != http.StatusOK || !strings.Contains(html.UnescapeString(next), "You said …, 4 times. What fee?") {
		t.Errorf("status %d\n%s", status, next)
	}
	// A violated constraint is asked about again, unless one goes on without an answer.
	again.Set("visits", "99")
	if status, _, _ = s.post(t, "en", again); status != http.StatusUnprocessableEntity {
		t.Errorf("99 visits: status %d", status)
	}
	again.Set("NAV", "pass")
	status, next, _ = s.post(t, "en", again)
	if status != http.StatusOK || strings.Contains(next, "What fee?") || !strings.Contains(next, "respond") && !strings.Contains(next, "Ready to send") {
		t.Errorf("passing on: status %d\n%s", status, next)
	}
}

func TestObjectionsInEveryLanguage(t *testing.T) {
	s, page := newKinds(t)
	for _, lang := range i18n.Languages {
		status, back, _ := s.post(t, lang, url.Values{"STATE": {state(t, page)}, "visits": {"many"}, "NAV": {"stay"}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(back, `value="many"`) || strings.Contains(back, "respond.") {
			t.Errorf("%s: status %d\n%s", lang, status, back)
		}
	}
}

func TestFormsWithForgedNumbersAreRefused(t *testing.T) {
	s, page := newKinds(t)
	for _, forged := range []url.Values{{"rate": {"5", "10"}}, {"seen": {"yes"}}, {"words": {"x"}}, {"fee": {"1"}}} {
		forged.Set("STATE", state(t, page))
		if status, _, _ := s.post(t, "en", forged); status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d", forged, status)
		} else if _, back, _ := s.post(t, "en", forged); strings.Contains(back, `id="rate"`) {
			t.Errorf("%v: taken", forged)
		}
	}
}

// An instrument that asks who somebody is does not get into a round.
func TestIdentifyingInstrumentIsRefused(t *testing.T) {
	service, _ := roundtest.Service(t, dbtest.SQLite(t, roundtest.Migrate))
	r, err := service.CreateRound(t.Context(), roundtest.Manager, roundtest.Basics())
	if err != nil {
		t.Fatal(err)
	}
	data := strings.Replace(allKinds, `{"id":"words","type":"note"`, `{"id":"words","type":"unasked","was":"deviceid"`, 1)
	if err = service.SaveInstrument(t.Context(), roundtest.Manager, r.ID, form.Private, "x.json", []byte(data)); err == nil {
		t.Error("an instrument with a device id was taken")
	}
}
