package report

import (
	"errors"
	"runtime"
	"sync"

	"adili/form"
	"adili/internal/survey"
)

// columns are the answers of a group by question: a report asks each question of everybody many times.
func columns(g *survey.Group) map[string][]form.Answer {
	all := map[string][]form.Answer{}
	for _, it := range g.Questionnaire.Items() {
		all[it.ID] = make([]form.Answer, len(g.Responses))
	}
	for i, r := range g.Responses {
		for id, a := range r.Answers {
			if column := all[id]; column != nil {
				column[i] = a
			}
		}
	}
	return all
}

// each calls f for 0 to n-1, as many at a time as there are processors, and joins the errors in their order.
func each(n int, f func(i int) error) error {
	errs := make([]error, n)
	next := make(chan int)
	var work sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		work.Go(func() {
			for i := range next {
				errs[i] = f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	work.Wait()
	return errors.Join(errs...)
}
