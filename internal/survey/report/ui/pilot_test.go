package ui

import (
	"context"
	"strings"
	"testing"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
)

// The report on a trial says in every language that it is one, on its pages and
// in every row of its tables.
func TestPilotIsMarked(t *testing.T) {
	c := invented.Closed(1)
	c.Round.Invented, c.Round.PilotOf = false, "r_1"
	h := newHandler(t, c)
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages {
		mark := catalogue.Printer(lang).T("report.pilot")
		for _, address := range []string{base, base + "/method"} {
			if page := want(t, h, address+"?lang="+lang); !strings.Contains(page, mark) {
				t.Errorf("%s in %s does not say that it is a trial", address, lang)
			}
		}
		table, _, _ := strings.Cut(want(t, h, base+"/items.csv?lang="+lang), "\r\n\r\n")
		rows := strings.Split(table, "\r\n")
		for _, row := range rows[1:] {
			if !strings.Contains(row, mark) {
				t.Errorf("%s: a row does not say that it is a trial: %s", lang, row)
			}
		}
	}
	c.Round.PilotOf = ""
	if page := want(t, newHandler(t, c), base+"?lang=en"); strings.Contains(page, "PILOT") {
		t.Error("the report on a survey says that it is a trial")
	}
}

func TestLostAnswersAreSaid(t *testing.T) {
	c := invented.Closed(1)
	c.Round.LostNodes, c.Round.Lost = 1, 1234
	if page := want(t, newHandler(t, c), base+"?lang=en"); !strings.Contains(page, "Used codes without an answer: 1,234") {
		t.Error("lost answers are not said")
	}
}

// A report that was read is gone from memory once the results are deleted, and
// what leaves the system is noted.
func TestDeletedResultsAndTheTrail(t *testing.T) {
	c := invented.Closed(1)
	from := fixed(c)
	deleted := false
	var noted []string
	from.closed = func(context.Context, people.Person, string) (*survey.Closed, error) {
		if deleted {
			return nil, errs.New(errs.Gone, "survey.round.expired", "Name", c.Round.Name)
		}
		return c, nil
	}
	from.taken = func(_ context.Context, by people.Person, id, what, table string) error {
		noted = append(noted, by.Name+" "+id+" "+what+" "+table)
		return nil
	}
	catalogue, err := i18n.Load(web.Messages(), Messages(), survey.Messages())
	if err != nil {
		t.Fatal(err)
	}
	m := newRoom(from)
	s := web.New(web.Options{Catalogue: catalogue, People: analyst{}})
	s.Mount(m.Routes()...)
	h := s.Handler()
	want(t, h, base)
	want(t, h, base+"/items.csv")
	want(t, h, base+"/opinions-text.csv")
	if got := strings.Join(noted, ", "); got != "Ada "+c.Round.ID+" report.exported items, Ada "+c.Round.ID+" opinions.exported opinions-text" {
		t.Errorf("noted: %s", got)
	}
	deleted = true
	if status, page := get(t, h, base+"?lang=en", people.Analyst); status != 410 || !strings.Contains(page, "as respondents were promised") {
		t.Errorf("status %d\n%s", status, page)
	}
	if len(m.cache) != 0 {
		t.Error("the report is still in memory")
	}
}
