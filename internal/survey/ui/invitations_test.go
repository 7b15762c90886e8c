package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/internal/kernel/i18n"
	"adili/internal/survey"
	"adili/internal/survey/ui/fields"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/roundtest"
)

func planForm() url.Values {
	return url.Values{"selection": {"everyone"}, "stratify": {"Region"}, "margin": {"5"}, "response": {"60"}, "design_effect": {"2"}, "breakdown": {"stratum"}}
}

// regions is a frame of n regions of people each.
func regions(n, people int) []byte {
	text := "Region,People\n"
	for i := range n {
		text += fmt.Sprintf("R%d,%d\n", i+1, people)
	}
	return []byte(text)
}

func (f *fixture) lacks(page, text string) {
	f.t.Helper()
	if strings.Contains(f.get(page).Body.String(), text) {
		f.t.Errorf("%s has %q", page, text)
	}
}

func TestTooManyStrata(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.made()
	base := round + "/official"
	f.want(f.upload(base+"/frame/upload", "f.csv", regions(14, 200)), http.StatusSeeOther)
	f.want(f.post(base+"/plan", planForm()), http.StatusSeeOther)
	for _, lang := range i18n.Languages {
		f.token = "manager." + lang
		f.want(f.get(base+"/plan"), http.StatusOK, `name="merge_0"`, `name="merge_13"`)
	}
	f.token = "manager.en"
	const many = "There are 14 strata; at most 12 are possible"
	f.want(f.get(base+"/plan"), http.StatusOK, many)
	f.want(f.get(base+"/invitations"), http.StatusOK, many)
	f.lacks(base+"/invitations", "count_1")
	step := `<li class="%s"><span class="what"><a href="` + base + `/plan">`
	f.want(f.get(round), http.StatusOK, many, fmt.Sprintf(step, "todo"))

	values := planForm()
	values.Set("merge_1", "R1")
	values.Set("merge_2", "R1")
	f.want(f.post(base+"/plan", values), http.StatusSeeOther)
	f.lacks(base+"/plan", many)
	f.want(f.get(base+"/invitations"), http.StatusOK, "R1 &#43; R2 &#43; R3", `name="count_12"`)
	f.want(f.get(round), http.StatusOK, fmt.Sprintf(step, "done"))

	f.want(f.upload(base+"/frame/upload", "f.csv", regions(fields.MostRows+1, 60)), http.StatusSeeOther)
	f.want(f.post(base+"/plan", planForm()), http.StatusSeeOther)
	f.want(f.get(base+"/plan"), http.StatusOK, "Join them in the file of the frame")
	f.lacks(base+"/plan", "merge_0")
}

func TestSecondClickMakesNoCodes(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	page := f.made() + "/official/invitations"
	f.want(f.upload(strings.Replace(page, "invitations", "frame/upload", 1), "f.csv", regions(1, 300)), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, `name="made_before" value="0"`, `value="300"`)
	values := url.Values{"output": {"card_csv"}, "count_1": {"40"}, "made_before": {"0"}}
	codes := make([]int, 3)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() { codes[i] = f.post(page, values).Code })
	}
	wg.Wait()
	seen := map[int]int{}
	for _, code := range codes {
		seen[code]++
	}
	if seen[http.StatusOK] != 1 || seen[http.StatusConflict] != 2 {
		t.Errorf("answers %v", seen)
	}
	f.want(f.post(page, values), http.StatusConflict, "Codes were made meanwhile", `name="made_before" value="40"`, `value="260"`)
	f.want(f.get(page), http.StatusOK, "Codes made: 40")
}

func TestFewCodes(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	page := f.made() + "/official/invitations"
	f.want(f.upload(strings.Replace(page, "invitations", "frame/upload", 1), "f.csv", regions(2, 300)), http.StatusSeeOther)
	f.want(f.post(strings.Replace(page, "invitations", "plan", 1), planForm()), http.StatusSeeOther)
	const few = "Fewer than 30 codes: "
	f.lacks(page, few)
	f.want(f.post(page, url.Values{"output": {"none"}, "count_1": {"4"}, "count_2": {"30"}}), http.StatusBadRequest, few+"R1.")
	f.want(f.post(page, url.Values{"output": {"cards"}, "count_1": {"4"}, "count_2": {"30"}}), http.StatusOK, few+"R1.", "one of 4 for")
	f.lacks(page, few) // the rest is proposed
}

// TestOpenRound makes spare cards and looks at fieldwork of a population.
func TestOpenRound(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.made()
	for kind, first := range map[string]int{"official": 1, "private": 101} {
		base := round + "/" + kind
		f.want(f.upload(base+"/frame/upload", "f.csv", regions(2, 51)), http.StatusSeeOther)
		f.want(f.post(base+"/plan", planForm()), http.StatusSeeOther)
		f.want(f.post(base+"/invitations", url.Values{"output": {"card_csv"}, fmt.Sprintf("count_%d", first): {"51"}, fmt.Sprintf("count_%d", first+1): {"51"}}), http.StatusOK)
	}
	page := round + "/official/invitations"
	f.lacks(page, "Spare cards")
	f.want(f.post(round+"/open", url.Values{"passphrase": {passphrase}, "again": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, "Spare cards", "up to 10% more", `id="f-count_1" name="count_1" value="0"`, `<td class="num">57</td>`)
	f.want(f.post(page, url.Values{"output": {"cards"}, "count_1": {"7"}, "made_before": {"102"}}), http.StatusBadRequest, "codes for “")
	f.want(f.post(page, url.Values{"output": {"cards"}, "count_1": {"6"}, "made_before": {"102"}}), http.StatusOK, "one of 57 for")

	f.want(f.get(round+"/fieldwork"), http.StatusOK, `<tfoot><tr><th scope="row">Total</th><td class="num">108</td>`)
	f.clock.Advance(24 * time.Hour)
	if err := f.service.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages {
		f.token = "manager." + lang
		f.want(f.get(round+"/fieldwork"), http.StatusOK, "<tfoot>")
		f.want(f.get(page), http.StatusOK)
	}
	f.token = "manager.en"
	f.want(f.get(round+"/fieldwork"), http.StatusOK, "fewer than 30 in some strata; not shown")
}

func TestProgressRow(t *testing.T) {
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   survey.Progress
		want ProgressRow
	}{
		{survey.Progress{Invited: 90, Target: 54, Used: 70, Day: "2027-03-10"}, ProgressRow{"Total", "90", "54", "at least 70", 54, 54}},
		{survey.Progress{Invited: 90, Target: 54, Used: 70, Hidden: true, Day: "2027-03-10"}, ProgressRow{"Total", "90", "54", "fewer than 30 in some strata; not shown", 0, 0}},
		{survey.Progress{Invited: 90, Target: 54, Hidden: true}, ProgressRow{"Total", "90", "54", "—", 0, 0}},
	} {
		if got := progressRow(catalogue.Printer("en"), "Total", c.in, "rounds.fewer_in_some"); got != c.want {
			t.Errorf("%+v: %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestNoticeIsComplete(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	f.made()
	f.want(f.get("/staff/rounds/new"), http.StatusOK, `name="legal_basis" value="Customs Act" required`, `name="retention" value="Five years" required`)
	values := basicsForm()
	values.Del("legal_basis")
	values.Del("retention")
	f.want(f.post("/staff/rounds/new", values), http.StatusBadRequest, "on what legal basis", "how long the results are kept", `href="#f-retention"`)
}
