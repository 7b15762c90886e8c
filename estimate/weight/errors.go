package weight

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of input that no method can use. They are wrapped with the place of the fault; use errors.Is.
var (
	// ErrEmpty means nothing to weight: no rows, no margin, no column.
	ErrEmpty = errors.New("nothing to weight")
	// ErrLength means columns of different lengths.
	ErrLength = errors.New("columns differ in length")
	// ErrWeight means a weight that is missing, negative or not finite.
	ErrWeight = errors.New("weight missing, negative or not finite")
	// ErrTotal means a population total that is missing or cannot be.
	ErrTotal = errors.New("population total missing or impossible")
	// ErrValue means a calibration variable that is missing or not finite.
	ErrValue = errors.New("calibration variable missing or not finite")
	// ErrBounds means bounds that no set of weights can keep.
	ErrBounds = errors.New("bounds cannot be kept")
)

// EmptyCellError is a category with people in the population and nobody among the respondents: no weight can make up for
// them.
type EmptyCellError struct {
	Margin      string  // name of the margin, or of the classes
	Level       string  // the empty category
	Total       float64 // people of the population in it
	Neighbour   string  // the category to merge it with; "" if there is none
	Respondents int     // of the neighbour
}

// Error names the category and the remedy.
func (e *EmptyCellError) Error() string {
	s := fmt.Sprintf("weight: %s: nobody responded in %q, which stands for %g people", e.Margin, e.Level, e.Total)
	if e.Neighbour == "" {
		return s + ": leave the margin out"
	}
	return s + fmt.Sprintf(": merge it with its neighbour %q (%d respondents), or leave the margin out", e.Neighbour, e.Respondents)
}

// UnknownLevelError is a category with respondents and, by the totals, nobody in the population.
type UnknownLevelError struct {
	Margin, Level string
	Respondents   int
}

// Error names the category and the remedy.
func (e *UnknownLevelError) Error() string {
	return fmt.Sprintf("weight: %s: %d respondents in %q, of which the population totals know nobody: correct the totals or the coding",
		e.Margin, e.Respondents, e.Level)
}

// MissingCodeError is a respondent whose category of a margin is not known.
type MissingCodeError struct {
	Margin string
	Row    int // the first, from 0
	Count  int // how many
}

// Error names the row and the remedy.
func (e *MissingCodeError) Error() string {
	return fmt.Sprintf("weight: %s: %d respondents without a category, first in row %d: take it from the sampling frame, impute it or leave the margin out",
		e.Margin, e.Count, e.Row+1)
}

// MarginTotalsError is two margins that do not add to the same population.
type MarginTotalsError struct {
	First, Second           string
	FirstTotal, SecondTotal float64
}

// Error names both margins and the remedy.
func (e *MarginTotalsError) Error() string {
	return fmt.Sprintf("weight: margin %s adds to %g, margin %s to %g: take both from the same source and date, or scale the shares of one to the total of the other",
		e.First, e.FirstTotal, e.Second, e.SecondTotal)
}

// NotConvergedError is an iteration that did not settle. What is furthest from its total tells which margin contradicts
// the others.
type NotConvergedError struct {
	Method     string
	Iterations int
	Change     float64 // greatest change of a cell in the last sweep, or greatest misfit of a total
	Limit      float64 // what it had to fall below
	Margin     string  // the worst margin or calibration variable
	Level      string  // its worst category; "" for a variable
	Reached    float64
	Wanted     float64
}

// Error names the worst margin and the remedy.
func (e *NotConvergedError) Error() string {
	where := e.Margin
	if e.Level != "" {
		where += fmt.Sprintf(" %q", e.Level)
	}
	return fmt.Sprintf("weight: %s: not settled after %d iterations (%.3g, not below %.3g); furthest off is %s: %g instead of %g: merge thin categories, leave a margin out, widen the bounds or allow more iterations",
		e.Method, e.Iterations, e.Change, e.Limit, where, e.Reached, e.Wanted)
}

// CollinearError is a calibration variable that the others determine, so that its total cannot be chosen freely.
type CollinearError struct {
	Variable string
	Others   []string // those kept before it
}

// Error names the variable and the remedy.
func (e *CollinearError) Error() string {
	return fmt.Sprintf("weight: calibration variable %s is determined by %s: leave it out", e.Variable, strings.Join(e.Others, ", "))
}

// NegativeWeightError is a linear calibration that made a weight negative: nobody stands for fewer than no people.
type NegativeWeightError struct {
	Row    int // the first, from 0
	Count  int
	Weight float64
}

// Error names the row and the remedy.
func (e *NegativeWeightError) Error() string {
	return fmt.Sprintf("weight: linear calibration made %d weights negative, first in row %d (%g): calibrate by raking or logit, set bounds, or trim them",
		e.Count, e.Row+1, e.Weight)
}
