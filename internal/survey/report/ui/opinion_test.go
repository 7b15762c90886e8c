package ui

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/report/reporttest"
)

// handlerWith serves a round with these open answers, as if the survey room
// withheld none.
func handlerWith(t *testing.T, c *survey.Closed, list []opinion) http.Handler {
	t.Helper()
	catalogue, err := i18n.Load(web.Messages(), Messages())
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Options{Catalogue: catalogue, People: analyst{}})
	from := fixed(c)
	from.opinions = func(context.Context, people.Person, string) ([]opinion, error) { return list, nil }
	s.Mount(newRoom(from).Routes()...)
	return s.Handler()
}

// readTexts are the rows of the open answers before the notes, head first.
func readTexts(t *testing.T, h http.Handler) [][]string {
	t.Helper()
	text, _, _ := strings.Cut(strings.TrimPrefix(want(t, h, base+"/opinions-text.csv"), "\ufeff"), "\r\n\r\n")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTexts(t *testing.T) {
	c := invented.Closed(1)
	c.Round.Invented = false
	h := handlerWith(t, c, append(written(form.Official, survey.MinOpinions), written(form.Private, survey.MinOpinions-1)...))
	rows := readTexts(t, h)
	if !slices.Equal(rows[0], []string{"Population", "Question", "Text"}) || len(rows) != 1+survey.MinOpinions {
		t.Fatalf("head %q, %d rows", rows[0], len(rows)-1)
	}
	var texts []string
	for _, row := range rows[1:] {
		texts = append(texts, row[2])
		if row[0] != "Officials" || !strings.HasPrefix(row[2], "'=Less paper") {
			t.Errorf("row %q", row)
		}
	}
	if !slices.IsSorted(texts) {
		t.Errorf("the order of the answers is kept: %q", texts)
	}
	body := want(t, h, base+"/opinions-text.csv")
	for _, g := range c.Groups {
		for _, st := range g.Strata {
			if strings.Contains(body, st.Label) {
				t.Errorf("the file names the stratum %s", st.Label)
			}
		}
	}
	if page := want(t, h, base); !strings.Contains(page, base+"/opinions-text.csv") || !strings.Contains(page, "do not try to recognise anybody") {
		t.Error("no link to the texts, or no warning")
	}
	h = handlerWith(t, c, written(form.Official, survey.MinOpinions-1))
	if rows := readTexts(t, h); len(rows) != 1 {
		t.Errorf("%d texts of a question under twenty", len(rows)-1)
	}
	if strings.Contains(want(t, h, base), "opinions-text.csv") {
		t.Error("a link to nothing")
	}
}

func TestTextsTogether(t *testing.T) {
	h := newHandler(t, rounds()["linked"])
	const together = "Officials, invited and by open link together"
	if rows := readTexts(t, h); rows[1][1] != together {
		t.Errorf("row %q", rows[1])
	}
	for _, address := range []string{base, base + "/opinions.csv"} {
		if !strings.Contains(want(t, h, address), together) {
			t.Errorf("%s gives the answers to those invited", address)
		}
	}
}

func TestPartlyInvited(t *testing.T) {
	c := invented.Closed(1)
	c.Groups[0] = invented.Group(3, form.Official, survey.Everyone, reporttest.Stratum{Label: "A", People: 160, Answers: 15})
	c.Groups[0].Invited[c.Groups[0].Strata[0].Number] = 15
	h := newHandler(t, c)
	for _, address := range []string{base, base + "/method", base + "/response.csv", base + "/factors.csv"} {
		body := want(t, h, address)
		if !strings.Contains(body, "nvitations were made for 15 of 160 people") || strings.Contains(body, "verybody in the frame") || strings.Contains(body, "Officials: everybody was") {
			t.Errorf("%s says that everybody was invited", address)
		}
	}
}

func TestNoItem(t *testing.T) {
	c := invented.Closed(1)
	c.Groups[0].Plan.Breakdown = "no_such_item"
	h := newHandler(t, c)
	for _, address := range []string{base, base + "/breakdown.csv"} {
		if !strings.Contains(want(t, h, address), "is not among the single-choice questions of the questionnaire") {
			t.Errorf("%s is silent on the breakdown", address)
		}
	}
}
