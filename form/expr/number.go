package expr

import (
	"math"
	"strconv"
	"strings"
)

// plain makes a function of one number.
func plain(f func(float64) float64) func(*evaluator, []Value) Value {
	return func(_ *evaluator, a []Value) Value { return OfNumber(f(a[0].Number())) }
}

var numberFunctions = []Function{
	{"abs", 1, 1, "The number without its sign.", plain(math.Abs)},
	{"ceiling", 1, 1, "The next whole number upwards.", plain(math.Ceil)},
	{"exp10", 1, 1, "Ten to a power.", plain(func(f float64) float64 { return power(10, f) })},
	{"floor", 1, 1, "The next whole number downwards.", plain(math.Floor)},
	{"int", 1, 1, "The number without its decimals.", plain(math.Trunc)},
	{"max", 1, -1, "The greatest of all values; NaN if one is no number.", func(ev *evaluator, a []Value) Value {
		return OfNumber(extreme(spread(ev, a), 1))
	}},
	{"min", 1, -1, "The least of all values; NaN if one is no number.", func(ev *evaluator, a []Value) Value {
		return OfNumber(extreme(spread(ev, a), -1))
	}},
	{"number", 0, 1, "Reads a value as a number; NaN if it is none.", func(ev *evaluator, a []Value) Value {
		return OfNumber(own(ev, a).Number())
	}},
	{"pi", 0, 0, "3.141592653589793.", func(*evaluator, []Value) Value { return OfNumber(math.Pi) }},
	{"pow", 2, 2, "The first number to the power of the second.", func(_ *evaluator, a []Value) Value {
		return OfNumber(power(a[0].Number(), a[1].Number()))
	}},
	{"random", 0, 0, "A number by chance, from 0 up to 1.", func(ev *evaluator, _ []Value) Value { return OfNumber(ev.chance()) }},
	{"round", 1, 2, "Rounds to whole numbers or so many decimals, halves away from 0.", func(_ *evaluator, a []Value) Value {
		places := 0.0
		if len(a) > 1 {
			places = a[1].Number()
		}
		return OfNumber(round(a[0].Number(), places))
	}},
	{"sqrt", 1, 1, "The square root.", plain(math.Sqrt)},
	{"sum", 1, 1, "The sum over a set of nodes.", func(ev *evaluator, a []Value) Value {
		sum := 0.0
		for _, v := range spread(ev, a) {
			sum += v.Number()
		}
		return OfNumber(sum)
	}},
}

// extreme is the greatest value, or with sign -1 the least.
func extreme(all []Value, sign float64) float64 {
	best := math.NaN()
	for i, v := range all {
		f := sign * v.Number()
		if math.IsNaN(f) {
			return f
		}
		if i == 0 || f > best {
			best = f
		}
	}
	return sign * best
}

// half rounds to whole numbers, halves away from 0.
func half(f float64) float64 {
	if f < 0 {
		return -math.Floor(0.5 - f)
	}
	return math.Floor(f + 0.5)
}

// round moves the point in the digits of the number as written, so that 2.15
// gives 2.2 although the number kept is a little below.
func round(f, places float64) float64 {
	places = math.Trunc(places)
	if places == 0 || math.IsNaN(places) || math.IsNaN(f) || math.IsInf(f, 0) {
		return half(f)
	}
	by := int(max(-400, min(400, places)))
	moved := shift(f, by)
	if math.IsInf(moved, 0) {
		return f // it has no digit as far to the right
	}
	return shift(half(moved), -by)
}

func shift(f float64, by int) float64 {
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exponent)                                    // FormatFloat always writes one
	moved, _ := strconv.ParseFloat(digits+"e"+strconv.Itoa(e+by), 64) // ±Inf if too large
	return moved
}

// power needs no exponential: whole exponents are products, and binary
// fractions are square roots. So it gives the same bits on every device.
func power(base, exponent float64) float64 {
	if math.IsNaN(exponent) || math.IsInf(exponent, 0) {
		return math.NaN()
	}
	whole, rest := math.Modf(math.Abs(exponent))
	result := 1.0
	for square := base; whole > 0; square *= square {
		if math.Mod(whole, 2) == 1 {
			result *= square
		}
		whole = math.Floor(whole / 2)
	}
	for root := base; rest > 0; {
		root = math.Sqrt(root)
		rest *= 2
		if rest >= 1 {
			result *= root
			rest--
		}
	}
	if exponent < 0 {
		return 1 / result
	}
	return result
}
