package frame

import (
	"fmt"
	"math"
	"strconv"
)

// Value is a column that an expression gave: numbers or texts, one a row.
type Value struct {
	Number []float64 // NaN is missing
	Text   []string  // "" is missing; nil for numbers
	Levels []string  // of cut(): all of them, in their order
}

// numbers evaluates a part that has to be numeric.
func numbers(v *View, n node) ([]float64, error) {
	x, err := n.eval(v)
	if err != nil {
		return nil, err
	}
	if x.Text != nil {
		return nil, fmt.Errorf("%s is text, and a number is needed", describe(n))
	}
	return x.Number, nil
}

func describe(n node) string {
	switch n := n.(type) {
	case column:
		return "column " + string(n)
	case quoted:
		return "'" + string(n) + "'"
	}
	return "a part of it"
}

// texts evaluates a part as text: a column as it is written in the file.
func texts(v *View, n node) ([]string, error) {
	switch n := n.(type) {
	case quoted:
		return fill(v.Rows(), string(n)), nil
	case column:
		return v.written(string(n))
	}
	x, err := n.eval(v)
	if err != nil {
		return nil, err
	}
	return x.texts(), nil
}

// texts says numbers as text.
func (x Value) texts() []string {
	if x.Text != nil {
		return x.Text
	}
	all := make([]string, len(x.Number))
	for i, y := range x.Number {
		if !math.IsNaN(y) {
			all[i] = strconv.FormatFloat(y, 'g', -1, 64)
		}
	}
	return all
}

func fill[T any](n int, x T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = x
	}
	return all
}

func (n number) eval(v *View) (Value, error) { return Value{Number: fill(v.Rows(), float64(n))}, nil }

func (n quoted) eval(v *View) (Value, error) { return Value{Text: fill(v.Rows(), string(n))}, nil }

func (n column) eval(v *View) (Value, error) { return v.column(string(n)) }

func (n negative) eval(v *View) (Value, error) {
	return each(v, []node{n.of}, func(x []float64) float64 { return -x[0] })
}

// each applies f to numbers, row by row; a missing operand makes the result missing.
func each(v *View, args []node, f func(x []float64) float64) (Value, error) {
	operands := make([][]float64, len(args))
	for i, a := range args {
		var err error
		if operands[i], err = numbers(v, a); err != nil {
			return Value{}, err
		}
	}
	result := make([]float64, v.Rows())
	x := make([]float64, len(args))
	for r := range result {
		missing := false
		for i := range operands {
			x[i] = operands[i][r]
			missing = missing || math.IsNaN(x[i])
		}
		if missing {
			result[r] = math.NaN()
		} else {
			result[r] = f(x)
		}
	}
	return Value{Number: result}, nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (n binary) eval(v *View) (Value, error) {
	return each(v, []node{n.left, n.right}, func(x []float64) float64 {
		switch n.op {
		case '+':
			return x[0] + x[1]
		case '-':
			return x[0] - x[1]
		case '*':
			return x[0] * x[1]
		}
		return x[0] / x[1]
	})
}

func (n comparison) eval(v *View) (Value, error) {
	_, left := n.left.(quoted)
	_, right := n.right.(quoted)
	if left || right {
		return n.asText(v)
	}
	return each(v, []node{n.left, n.right}, func(x []float64) float64 {
		c := 0
		switch {
		case x[0] < x[1]:
			c = -1
		case x[0] > x[1]:
			c = 1
		}
		return truth(holds(n.op, c))
	})
}

func (n comparison) asText(v *View) (Value, error) {
	left, err := texts(v, n.left)
	if err != nil {
		return Value{}, err
	}
	right, err := texts(v, n.right)
	if err != nil {
		return Value{}, err
	}
	result := make([]float64, len(left))
	for i := range left {
		switch {
		case left[i] == "" || right[i] == "":
			result[i] = math.NaN()
		case left[i] < right[i]:
			result[i] = truth(holds(n.op, -1))
		case left[i] > right[i]:
			result[i] = truth(holds(n.op, 1))
		default:
			result[i] = truth(holds(n.op, 0))
		}
	}
	return Value{Number: result}, nil
}

// holds says whether a comparison is true where its sides compare as c.
func holds(op string, c int) bool {
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "==":
		return c == 0
	}
	return c != 0
}

func (n logical) eval(v *View) (Value, error) {
	return each(v, n.parts, func(x []float64) float64 {
		for _, y := range x {
			if (y != 0) == n.or {
				return truth(n.or)
			}
		}
		return truth(!n.or)
	})
}

func (n function) eval(v *View) (Value, error) {
	return each(v, n.args, func(x []float64) float64 {
		switch n.name {
		case "not":
			return truth(x[0] == 0)
		case "mod":
			return x[0] - x[1]*math.Floor(x[0]/x[1])
		case "log":
			return math.Log(x[0])
		}
		return math.Exp(x[0])
	})
}

func (rowNumber) eval(v *View) (Value, error) {
	rows := make([]float64, v.Rows())
	for i := range rows {
		rows[i] = float64(v.origin(i) + 1)
	}
	return Value{Number: rows}, nil
}

func (n interval) eval(v *View) (Value, error) {
	x, err := numbers(v, n.of)
	if err != nil {
		return Value{}, err
	}
	levels := make([]string, len(n.breaks)-1)
	for i := range levels {
		open := "("
		if i == 0 {
			open = "["
		}
		levels[i] = open + short(n.breaks[i]) + "," + short(n.breaks[i+1]) + "]"
	}
	text := make([]string, len(x))
	for r, y := range x {
		for i := range levels {
			if y <= n.breaks[i+1] && (y > n.breaks[i] || i == 0 && y == n.breaks[0]) {
				text[r] = levels[i]
				break
			}
		}
	}
	return Value{Text: text, Levels: levels}, nil
}

func short(x float64) string {
	if math.IsInf(x, 0) {
		return map[bool]string{true: "Inf", false: "-Inf"}[x > 0]
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func (n answered) eval(v *View) (Value, error) {
	x, err := v.Answer(n.item)
	return Value{Number: x}, err
}

func (n scored) eval(v *View) (Value, error) {
	x, err := v.Score(n.factor)
	return Value{Number: x}, err
}
