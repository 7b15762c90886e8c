package xlsform_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"adili/form/xlsform"
	"adili/internal/testkit/formtest"
)

func TestImport(t *testing.T) {
	left := make(map[string]int)
	total, taken := 0, 0
	for _, c := range formtest.Cases(t) {
		if c.XForm == "" {
			continue
		}
		if reason := c.OutOfScope(); reason != "" {
			left[reason]++
			continue
		}
		total++
		_, problems := xlsform.Read(c.Sheets)
		if errs := onlyErrors(problems); len(errs) > 0 {
			t.Errorf("%s: refused: %v\n%s", c.ID, errs, c.Source)
			continue
		}
		taken++
	}
	t.Logf("%d of %d forms imported", taken, total)
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		t.Logf("left out: %3d %s", left[reason], reason)
	}
	if total < 230 {
		t.Errorf("%d forms in scope, want at least 230", total)
	}
}

func onlyErrors(problems []xlsform.Problem) []xlsform.Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p xlsform.Problem) bool { return p.Warning })
}

// place is where an expected refusal points; empty parts are not said.
type place struct {
	sheet, column string
	row           int
}

var (
	wantRow    = regexp.MustCompile(`\[row : (\d+)\]`)
	wantSheet  = regexp.MustCompile(`On the '(\w+)' sheet|for sheet: '(\w+)'|sheet named '(\w+)'|should be an? (\w+) sheet`)
	wantColumn = regexp.MustCompile(`the '([^']+)' value|headers were not found: '(\w+)'`)
)

func placeOf(message string) place {
	message, _, _ = strings.Cut(message, "\n[row")
	var p place
	if m := wantRow.FindStringSubmatch(message); m != nil {
		p.row, _ = strconv.Atoi(m[1])
	}
	if m := wantSheet.FindStringSubmatch(message); m != nil {
		p.sheet = strings.Join(m[1:], "")
	}
	if m := wantColumn.FindStringSubmatch(message); m != nil {
		p.column = strings.Join(m[1:], "")
	}
	return p
}

func (w place) names(p xlsform.Problem) bool {
	return (w.sheet == "" || w.sheet == p.Sheet || w.sheet == "choices" && p.Key == "xlsform.problem.no_choices") &&
		(w.row == 0 || w.row == p.Row) && (w.column == "" || w.column == p.Column || w.column == p.Field)
}

func TestRefusals(t *testing.T) {
	left := make(map[string]int)
	total, right := 0, 0
	for _, c := range formtest.Cases(t) {
		if c.XForm != "" || c.Error == "" {
			continue
		}
		if reason := c.OutOfScope(); reason != "" {
			left[reason]++
			continue
		}
		total++
		_, problems := xlsform.Read(c.Sheets)
		want := placeOf(c.Error)
		if !slices.ContainsFunc(onlyErrors(problems), want.names) {
			t.Errorf("%s: want a refusal at %+v (%s), got %v\n%s", c.ID, want, c.Error, problems, c.Source)
			continue
		}
		right++
	}
	t.Logf("%d of %d refusals name the same sheet, row and column", right, total)
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		t.Logf("left out: %3d %s", left[reason], reason)
	}
	if total < 80 {
		t.Errorf("%d refusals in scope, want at least 80", total)
	}
}
