package frame

import "fmt"

// Reader reads columns of a view. The first error is kept in Err, and after it nothing is read, so that an estimator reads
// all it needs and looks at Err once. An error begins with the argument that holds the expression, if one is named.
type Reader struct {
	Err  error
	view *View
}

// Reader reads columns.
func (v *View) Reader() *Reader { return &Reader{view: v} }

// take reads unless something went wrong before.
func take[T any](r *Reader, argument []string, read func() (T, error)) (x T) {
	if r.Err != nil {
		return x
	}
	x, r.Err = read()
	if r.Err != nil && argument != nil {
		r.Err = fmt.Errorf("%s: %w", argument[0], r.Err)
	}
	return x
}

// Number reads an expression that has to be numeric; NaN is missing.
func (r *Reader) Number(expr string, argument ...string) []float64 {
	return take(r, argument, func() ([]float64, error) { return r.view.Number(expr) })
}

// Column reads the only one of some columns.
func (r *Reader) Column(vars Names) []float64 {
	return take(r, nil, func() ([]float64, error) {
		if len(vars) != 1 {
			return nil, fmt.Errorf("vars has %d columns; one is expected", len(vars))
		}
		return r.view.Number(vars[0])
	})
}

// Columns reads several columns.
func (r *Reader) Columns(vars Names) [][]float64 {
	all := make([][]float64, len(vars))
	for i, name := range vars {
		all[i] = r.Number(name)
	}
	return all
}

// Text reads an expression as text; "" is missing.
func (r *Reader) Text(expr string) []string {
	return take(r, nil, func() ([]string, error) { return r.view.Text(expr) })
}

// Labels numbers the categories of an expression; -1 is missing.
func (r *Reader) Labels(expr string, argument ...string) (code []int, labels []string) {
	code = take(r, argument, func() (code []int, err error) {
		code, labels, err = r.view.Labels(expr)
		return code, err
	})
	return code, labels
}

// Score reads the scores of a factor.
func (r *Reader) Score(factor string) []float64 {
	return take(r, nil, func() ([]float64, error) { return r.view.Score(factor) })
}

// Answer reads the valid answers to an item.
func (r *Reader) Answer(item string) []float64 {
	return take(r, nil, func() ([]float64, error) { return r.view.Answer(item) })
}

// Answers reads the valid answers to each item of a factor.
func (r *Reader) Answers(factor string) (points [][]float64) {
	for _, item := range take(r, nil, func() ([]Item, error) { return r.view.items(factor) }) {
		points = append(points, r.Answer(item.Name))
	}
	return points
}
