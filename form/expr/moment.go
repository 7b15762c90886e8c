package expr

import (
	"math"

	"adili/form/expr/civil"
)

var dateFunctions = []Function{
	{"date", 1, 1, "Reads a text or a number of days since 1970 as a date.", moment},
	{"date-time", 1, 1, "The same as date.", moment},
	{"decimal-date-time", 1, 1, "Days since 1970-01-01.", func(ev *evaluator, a []Value) Value { return OfNumber(days(ev, a)) }},
	{"decimal-time", 1, 1, "The part of the day that has passed at a time such as 06:00.", func(ev *evaluator, a []Value) Value {
		return OfNumber(civil.ParseTime(a[0].String(), ev.zone))
	}},
	{"format-date", 2, 2, "A date written by a pattern: %Y %y %m %n %b %d %e %a %H %h %M %S %3.", format},
	{"format-date-time", 2, 2, "The same as format-date.", format},
	{"now", 0, 0, "The date and time.", func(ev *evaluator, _ []Value) Value {
		return ofDays(civil.Now(ev.Now))
	}},
	{"today", 0, 0, "The date.", func(ev *evaluator, _ []Value) Value { return ofDays(civil.Midnight(ev.Now, ev.zone)) }},
}

// moment makes a date. The empty text stays empty; what is no date is one that
// is invalid.
func moment(ev *evaluator, a []Value) Value {
	switch v := a[0]; v.kind {
	case momentValue:
		return v
	case numberValue:
		return ofDays(v.number)
	case boolValue:
		return ofDays(math.NaN())
	default:
		text := trim(v.String())
		if text == "" {
			return Value{}
		}
		return ofDays(civil.ParseDate(text, ev.zone))
	}
}

func days(ev *evaluator, a []Value) float64 {
	v := moment(ev, a)
	if v.kind != momentValue {
		return math.NaN()
	}
	return v.number
}

func format(ev *evaluator, a []Value) Value {
	return OfText(civil.Format(days(ev, a[:1]), a[1].String(), ev.zone))
}
