package ui

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"adili/form"
	"adili/instrument"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/report"
	"adili/internal/survey/report/reporttest"

	"github.com/jba/templatecheck"
)

// invented makes rounds with the bundled questionnaires.
var invented = reporttest.Maker{Official: instrument.Official(), Private: instrument.Private()}

// fixed is a survey room with one closed round.
func fixed(c *survey.Closed) source {
	return source{
		closed: func(_ context.Context, _ people.Person, id string) (*survey.Closed, error) {
			switch id {
			case c.Round.ID:
				return c, nil
			case "open":
				return nil, errs.New(errs.Conflict, "survey.report.not_closed")
			}
			return nil, errs.New(errs.NotFound, errs.NotFound.Key())
		},
		opinions: func(context.Context, people.Person, string) ([]opinion, error) {
			return written(form.Official, 41), nil
		},
		taken: func(context.Context, people.Person, string, string, string) error { return nil },
	}
}

type analyst struct{}

func (analyst) Session(_ context.Context, token string) (people.Person, error) {
	return people.Person{ID: "p", Name: "Ada", Email: "ada@example.org", Role: people.Role(token)}, nil
}

func newHandler(t *testing.T, c *survey.Closed) http.Handler {
	t.Helper()
	catalogue, err := i18n.Load(web.Messages(), Messages())
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Options{Catalogue: catalogue, People: analyst{}})
	s.Mount(newRoom(fixed(c)).Routes()...)
	return s.Handler()
}

func get(t *testing.T, h http.Handler, address string, role people.Role) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.AddCookie(&http.Cookie{Name: "__Host-adili", Value: string(role)})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func want(t *testing.T, h http.Handler, address string) string {
	t.Helper()
	code, body := get(t, h, address, people.Analyst)
	if code != http.StatusOK {
		t.Fatalf("%s: status %d\n%.400s", address, code, body)
	}
	return body
}

const base = "/staff/rounds/round_1/report"

func csvAddresses() []string {
	var list []string
	for _, name := range tableNames {
		list = append(list, base+"/"+name+".csv")
	}
	return list
}

func TestMessages(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
}

func TestTemplates(t *testing.T) {
	m := newRoom(source{})
	if err := templatecheck.CheckHTMLStrict(m.report.Parts()); err != nil {
		t.Error(err)
	}
	if err := templatecheck.CheckHTMLStrict(m.method.Parts()); err != nil {
		t.Error(err)
	}
}

// written are open answers to one question, which start as formulas do.
func written(kind form.Population, n int) []opinion {
	var list []opinion
	for i := range n {
		list = append(list, opinion{report.Question{Kind: kind, Item: "open_change"}, "=Less paper, " + strconv.Itoa(n-i)})
	}
	return list
}

func TestPermissions(t *testing.T) {
	h := newHandler(t, invented.Closed(1))
	tests := []struct {
		address string
		role    people.Role
		want    int
	}{
		{base, people.Analyst, 200}, {base, people.Manager, 200}, {base, people.Operator, 403},
		{base + "/opinions-text.csv", people.Operator, 403}, {base + "/opinions-text.csv", people.Manager, 200},
		{"/staff/rounds/open/report/opinions-text.csv", people.Analyst, 409}, {"/staff/rounds/none/report/opinions-text.csv", people.Analyst, 404},
		{base + "/gaps.csv", people.Operator, 403}, {base + "/method", people.Operator, 403},
		{base + "/gaps", people.Analyst, 404}, {base + "/other.csv", people.Analyst, 404},
		{"/staff/rounds/open/report", people.Analyst, 409}, {"/staff/rounds/none/report", people.Analyst, 404},
		{"/staff/rounds/open/report/items.csv", people.Analyst, 409},
	}
	for _, tt := range tests {
		if got, _ := get(t, h, tt.address, tt.role); got != tt.want {
			t.Errorf("%s as %s: %d, want %d", tt.address, tt.role, got, tt.want)
		}
	}
}

// rounds are rounds of every kind of selection.
func rounds() map[string]*survey.Closed {
	all := map[string]*survey.Closed{"usual": invented.Closed(1)}
	for _, how := range survey.Selections {
		c := invented.Closed(2)
		c.Groups[0] = invented.Group(3, form.Official, how, reporttest.Stratum{Label: "A", People: 90, Answers: 45}, reporttest.Stratum{Label: "B", People: 90, Answers: 30}, reporttest.Stratum{Label: "C", People: 90, Answers: 0})
		c.Groups[0].Plan.Breakdown = "years_service"
		all[string(how)] = c
	}
	linked := invented.Closed(4)
	linked.Groups = append(linked.Groups, invented.Opened(5, form.Official, 60), invented.Opened(6, form.Private, 25))
	all["linked"] = linked
	small := invented.Closed(7)
	small.Groups[0] = invented.Group(8, form.Official, survey.Everyone, reporttest.Stratum{Label: "A", People: 90, Answers: 8})
	small.Groups[1] = invented.Group(9, form.Private, survey.Everyone, reporttest.Stratum{Label: "A", People: 90, Answers: 24})
	all["small"] = small
	return all
}

var (
	tag       = regexp.MustCompile(`<[^>]*>`)
	guillemet = regexp.MustCompile(`«[a-z_]+\.[a-z_.]+»`)
)

func TestEveryLanguage(t *testing.T) {
	for name, c := range rounds() {
		h := newHandler(t, c)
		for _, lang := range i18n.Languages {
			for _, address := range append(csvAddresses(), base, base+"/method", base+"/opinions-text.csv") {
				body := want(t, h, address+"?lang="+lang)
				if found := guillemet.FindString(body); found != "" {
					t.Errorf("%s, %s, %s: untranslated %s", name, address, lang, found)
				}
				if strings.Contains(body, "NaN") || strings.Contains(body, "%!") {
					t.Errorf("%s, %s, %s: a broken number", name, address, lang)
				}
			}
		}
		if body := want(t, h, base+"?lang=ar"); !strings.Contains(body, `<html lang="ar" dir="rtl">`) {
			t.Errorf("%s: Arabic is not set from the right", name)
		}
	}
}

// TestWords reads every English text of the report for words that judge.
func TestWords(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\b(best|worst|rank\w*|fail\w*|corrupt|better|worse|traders?|margin of error|red|amber|green|top|bottom|CIPS)\b|±|[↑↓▲▼★]`)
	text, err := os.ReadFile("message/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for key, value := range all {
		list := []any{value}
		if forms, ok := value.(map[string]any); ok {
			list = nil
			for _, v := range forms {
				list = append(list, v)
			}
		}
		for _, v := range list {
			if found := forbidden.FindString(v.(string)); found != "" {
				t.Errorf("%s says %q", key, found)
			}
		}
	}
}

func TestSelectionWords(t *testing.T) {
	const uncheckable = "if those who answered were like a random sample, which cannot be checked"
	all := rounds()
	for how, words := range map[string]string{
		"everyone": "everybody was invited", "listed": "the draw by chance from the list", "clusters": "draw of offices",
		"sites": "at these 3 sites", "quota": uncheckable, "link": uncheckable,
	} {
		h := newHandler(t, all[how])
		for _, address := range []string{base, base + "/factors.csv", base + "/breakdown.csv", base + "/choices.csv"} {
			if body := want(t, h, address); !strings.Contains(body, words) {
				t.Errorf("%s, %s: does not say %q", how, address, words)
			}
		}
		body := want(t, h, base)
		if gap := strings.Contains(body, "No gap is given"); gap != (how == "quota" || how == "link") {
			t.Errorf("%s: no gap is %v", how, gap)
		}
		if strings.Contains(body, "Nobody answered") || !strings.Contains(body, "those without any answer are not represented") {
			t.Errorf("%s: an empty stratum is named, or not spoken of", how)
		}
	}
}

// TestNothingSmall looks for the number of people of small groups in page and
// files: nothing of a group under ten is there but that it is not shown.
func TestNothingSmall(t *testing.T) {
	h := newHandler(t, rounds()["small"])
	for _, address := range csvAddresses() {
		for _, line := range strings.Split(want(t, h, address), "\r\n") {
			if strings.Contains(line, "Officials") && !strings.Contains(line, "minus") && strings.ContainsAny(strings.ReplaceAll(line, "90", ""), "123456789") {
				if address == base+"/opinions.csv" {
					continue // counted over all links
				}
				t.Errorf("%s tells of eight people: %s", address, line)
			}
		}
	}
	page := want(t, h, base)
	if strings.Contains(page, "series-official") {
		t.Error("the page draws results of eight people")
	}
	// 24 people: three categories.
	if strings.Contains(page, "Strongly agree<") && strings.Contains(page, `<svg xmlns`) && strings.Contains(page, `id="items-1-0-5"`) {
		t.Error("five categories drawn for 24 people")
	}
}

// TestCountsAreRounded: every number of people is a multiple of five.
func TestCountsAreRounded(t *testing.T) {
	h := newHandler(t, rounds()["linked"])
	page := want(t, h, base)
	for _, m := range regexp.MustCompile(`n = (\d+)`).FindAllStringSubmatch(page, -1) {
		if !strings.HasSuffix(m[1], "0") && !strings.HasSuffix(m[1], "5") {
			t.Errorf("number of answers %s", m[1])
		}
	}
	if !strings.Contains(page, "n = ") {
		t.Error("no number of answers on the page")
	}
}

// TestAnswersColumns: in every file the columns of answers hold multiples of
// five from ten on, or words.
func TestAnswersColumns(t *testing.T) {
	columns := []string{"Answers", "Does not know", "Prefers not to say", "Does not apply", "Left blank"}
	for name, c := range rounds() {
		h := newHandler(t, c)
		for _, address := range csvAddresses() {
			text, _, _ := strings.Cut(strings.TrimPrefix(want(t, h, address), "\ufeff"), "\r\n\r\n")
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil {
				t.Fatalf("%s, %s: %v", name, address, err)
			}
			for k, title := range rows[0] {
				for _, row := range rows[1:] {
					if n, err := strconv.Atoi(row[k]); slices.Contains(columns, title) && err == nil && n > 0 && (n < 10 || n%5 != 0) {
						t.Errorf("%s, %s: %s %d", name, address, title, n)
					}
				}
			}
		}
	}
}

func TestInventedAndAffiliation(t *testing.T) {
	c := invented.Closed(1)
	for _, invented := range []bool{true, false} {
		c.Round.Invented = invented
		h := newHandler(t, c)
		for _, address := range append(csvAddresses(), base, base+"/method", base+"/opinions-text.csv") {
			body := want(t, h, address)
			if strings.Contains(body, "Invented data") != invented {
				t.Errorf("%s: invented data is %v", address, !invented)
			}
			if !strings.Contains(body, "ot affiliated with or endorsed by the World Customs Organization") {
				t.Errorf("%s: no word on affiliation", address)
			}
		}
	}
}

// TestTableForEachChart: each drawing has a table in its section, and no inline
// style, which the content security policy would forbid.
func TestTableForEachChart(t *testing.T) {
	page := want(t, newHandler(t, invented.Closed(1)), base)
	if charts, tables := strings.Count(page, "<figcaption"), strings.Count(page, "<table"); charts == 0 || tables < charts-20 {
		t.Errorf("%d charts, %d tables", charts, tables)
	}
	if strings.Contains(page, " style=") || strings.Contains(page, "<style") {
		t.Error("inline style")
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("id %s stands twice", m[1])
		}
		ids[m[1]] = true
	}
}

// TestFrameOrder: strata keep the order of the frame whatever their results.
func TestFrameOrder(t *testing.T) {
	page := tag.ReplaceAllString(want(t, newHandler(t, invented.Closed(1)), base), "|")
	last := -1
	for _, name := range []string{"Headquarters", "Northern ports", "Airports", "Land borders", "Inland"} {
		at := strings.Index(page, name)
		if at < last {
			t.Errorf("%s stands before its turn", name)
		}
		last = at
	}
}

func TestBorrowedLanguage(t *testing.T) {
	c := invented.Closed(1)
	q := c.Groups[0].Questionnaire
	for p := range q.Pages {
		for i := range q.Pages[p].Items {
			it := &q.Pages[p].Items[i]
			it.Text = form.Text{"en": it.Text["en"]}
		}
	}
	page := want(t, newHandler(t, c), base+"?lang=fr")
	if !strings.Contains(page, "affichées en : English") || !strings.Contains(page, `lang="en"`) {
		t.Error("the page does not say that questions are in English")
	}
}

// TestDump writes the pages to the folder named by ADILI_LOOK, to be looked at.
func TestDump(t *testing.T) {
	dir := os.Getenv("ADILI_LOOK")
	if dir == "" {
		return // asked for by hand only
	}
	all := rounds()
	h := newHandler(t, all["usual"])
	front := want(t, h, base)
	sheet := regexp.MustCompile(`/assets/adili\.[0-9a-f]+\.css`).FindString(front)
	css := want(t, h, sheet) + Style()
	write := func(name, body string) {
		body = strings.Replace(body, "</head>", "<style>"+css+"</style></head>", 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, lang := range []string{"en", "ar", "fr", "zh"} {
		write("report-"+lang+".html", want(t, h, base+"?lang="+lang))
		write("method-"+lang+".html", want(t, h, base+"/method?lang="+lang))
	}
	write("report-linked.html", want(t, newHandler(t, all["linked"]), base))
	write("report-small.html", want(t, newHandler(t, all["small"]), base))
	for _, address := range csvAddresses() {
		if err := os.WriteFile(filepath.Join(dir, "report-"+filepath.Base(address)), []byte(want(t, h, address)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
