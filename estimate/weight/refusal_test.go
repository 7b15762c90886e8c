package weight

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// Every refusal names the place and the remedy.
func TestRefusals(t *testing.T) {
	two := func(code []int, total ...float64) Margin {
		return Margin{Name: "sex", Code: code, Labels: []string{"F", "M", "X"}[:len(total)], Total: total}
	}
	d := []float64{1, 1, 1, 1}
	both := []int{0, 0, 1, 1}
	column := func(x ...float64) Variable { return Variable{Name: "x", X: x, Total: 5} }
	cal := func(m Method, x ...Variable) error {
		_, err := Calibrate(d, x, m)
		return err
	}
	rake := func(d []float64, m ...Margin) error {
		_, err := Rake(d, m, Options{})
		return err
	}
	respond := func(answered []bool, code []int) error {
		_, err := Respond("unit", d, answered, code, []string{"a", "b"})
		return err
	}
	opposed := Margin{Name: "age", Code: []int{0, 0, 1, 1}, Labels: []string{"old", "young"}, Total: []float64{3, 7}}
	for _, c := range []struct {
		name string
		err  error
		is   any
		says []string
	}{
		{"empty category", rake(d, two(both, 5, 4, 1)), new(*EmptyCellError), []string{`"X"`, "sex", `neighbour "M"`, "2 respondents"}},
		{"only zero weights", rake([]float64{0, 0, 1, 1}, two(both, 5, 5)), new(*EmptyCellError), []string{`"F"`, `"M"`}},
		{"not in the population", rake(d, two(both, 0, 10)), new(*UnknownLevelError), []string{`"F"`, "2 respondents"}},
		{"no category", rake(d, two([]int{0, 1, -1, 7}, 5, 5)), new(*MissingCodeError), []string{"sex", "2 respondents", "row 3"}},
		{"totals disagree", rake(d, two(both, 5, 5), Margin{Name: "age", Code: both, Labels: []string{"a", "b"}, Total: []float64{5, 6}}),
			new(*MarginTotalsError), []string{"sex", "age", "10", "11"}},
		{"contradiction", rake(d, two(both, 5, 5), opposed), new(*NotConvergedError), []string{"sex", "instead of 5"}},
		{"no margin", rake(d), ErrEmpty, nil},
		{"short", rake([]float64{1}, two(both, 5, 5)), ErrLength, nil},
		{"weight missing", rake([]float64{1, math.NaN(), 1, 1}, two(both, 5, 5)), ErrWeight, []string{"row 2"}},
		{"weight negative", rake([]float64{1, 1, 1, -1}, two(both, 5, 5)), ErrWeight, []string{"row 4"}},
		{"total missing", rake(d, two(both, 5, math.NaN())), ErrTotal, []string{`"M"`}},
		{"totals 0", rake(d, two(both, 0, 0)), ErrTotal, nil},
		{"collinear", cal(Method{}, Intercept(4, 10), column(2, 2, 2, 2)), new(*CollinearError), []string{"x", "(Intercept)"}},
		{"empty variable", cal(Method{}, Intercept(4, 10), column(0, 0, 0, 0)), new(*EmptyCellError), []string{`"x"`}},
		{"missing value", cal(Method{}, column(1, 2, math.NaN(), 4)), ErrValue, []string{"x", "row 3"}},
		{"negative weights", cal(Method{}, Intercept(4, 4), column(0, 0, 0, 1)), new(*NegativeWeightError), []string{"3 weights", "row 1"}},
		{"out of reach", cal(Method{Distance: Logit, Lower: 0.5, Upper: 2}, Intercept(4, 10)), new(*NotConvergedError), []string{"(Intercept)", "logit"}},
		{"raking out of reach", cal(Method{Distance: Raking}, Intercept(4, 4), column(0, 0, 0, 1)), new(*NotConvergedError), []string{"raking"}},
		{"bounds", cal(Method{Distance: Logit, Lower: 2, Upper: 3}, column(1, 2, 3, 4)), ErrBounds, []string{"enclose 1"}},
		{"no variable", cal(Method{}), ErrEmpty, nil},
		{"nobody answered", respond([]bool{true, true, false, false}, both), new(*EmptyCellError), []string{`"b"`, `"a"`}},
		{"no class", respond([]bool{true, true, true, true}, []int{0, 1, 2, 0}), new(*MissingCodeError), []string{"row 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.err == nil {
				t.Fatal("no error")
			}
			fits := false
			if target, ok := c.is.(error); ok {
				fits = errors.Is(c.err, target)
			} else {
				fits = errors.As(c.err, c.is)
			}
			if !fits {
				t.Errorf("%T: %v", c.err, c.err)
			}
			for _, word := range c.says {
				if !strings.Contains(c.err.Error(), word) {
					t.Errorf("%q does not say %q", c.err, word)
				}
			}
		})
	}
}
