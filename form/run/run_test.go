package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/form/expr"
)

func parsed(t testing.TB, source string) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func start(t testing.TB, q *form.Questionnaire) *Run {
	t.Helper()
	r, err := New(q, Settings{Now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// large is a questionnaire of items items with two expressions to most, as
// nested filters and sums make them.
func large(t testing.TB, items int) *form.Questionnaire {
	q := &form.Questionnaire{ID: "large", Lists: map[string][]form.Choice{"yn": {{ID: "y"}, {ID: "n"}}}}
	page := form.Page{ID: "p0"}
	for i := range items {
		it := form.Item{ID: fmt.Sprintf("q%d", i), Kind: form.Single, List: "yn"}
		switch i % 6 {
		case 1:
			it.Relevant = parsed(t, fmt.Sprintf("selected(${q%d}, 'y') or ${q0} = 'n'", i-1))
			it.Required = parsed(t, "true()")
		case 2:
			it.Kind, it.Constraint = form.Integer, parsed(t, ". >= 0 and . <= 120")
			it.Relevant = parsed(t, "${q0} = 'y'")
		case 3:
			it.Kind, it.Calculation = form.Calculate, parsed(t, fmt.Sprintf("coalesce(${q%d}, 0) + if(${q0} = 'y', 1, 0)", i-1))
			it.Relevant = parsed(t, "true()")
		case 4:
			it.Kind, it.Required = form.OpenAnswer, parsed(t, "${q0} = 'y'")
			it.Constraint = parsed(t, "string-length(.) < 200")
		case 5:
			it.Relevant = parsed(t, fmt.Sprintf("${q%d} > 3 and ${q0} != ''", i-2))
			it.Required = parsed(t, "${q0} = 'y'")
		}
		page.Items = append(page.Items, it)
		if len(page.Items) == 20 {
			q.Pages = append(q.Pages, page)
			page = form.Page{ID: fmt.Sprintf("p%d", len(q.Pages))}
		}
	}
	q.Pages = append(q.Pages, page)
	return q
}

// BenchmarkSet answers the question on which nearly all 1,000 expressions of a
// questionnaire of 600 items depend.
func BenchmarkSet(b *testing.B) {
	r := start(b, large(b, 600))
	answers := []string{"y", "n"}
	for i := 0; b.Loop(); i++ {
		if err := r.Set("q0", answers[i%2]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	q := large(b, 600)
	for b.Loop() {
		start(b, q)
	}
}

func TestCycle(t *testing.T) {
	var _ = errors.Is
	var _ = slices.Index[[]int]
	var _ = strings.Join
}
