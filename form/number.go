package form

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Acknowledged is the value of an acknowledge item in forms and expressions.
const Acknowledged = "OK"

// maxWhole is the largest number an integer item takes: above it a float64
// does not hold every whole number.
const maxWhole = 1 << 53

// PlainDigits writes Arabic-Indic, Persian and wide digits, and the signs that
// go with them, with ASCII ones.
func PlainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '٫':
			return '.'
		case r == '−' || r == '－':
			return '-'
		case r == '\u200e' || r == '\u200f' || r == '\u061c': // marks of direction that keyboards add
			return -1
		}
		return r
	}, s)
}

// readNumber reads what a person typed for an integer, decimal or range item.
// A comma may stand before decimals, unless it could as well part thousands.
func readNumber(it Item, typed string) (float64, Reason) {
	s := strings.TrimSpace(PlainDigits(typed))
	if before, after, ok := strings.Cut(s, ","); ok && !strings.ContainsAny(after, ",.") && !strings.Contains(before, ".") && len(after) != 3 {
		s = before + "." + after
	}
	if s == "" || strings.Trim(s, "0123456789.-") != "" || len(s) > 40 {
		return 0, NoNumber
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || math.IsInf(f, 0):
		return 0, NoNumber
	case it.Kind == Integer && (f != math.Trunc(f) || math.Abs(f) > maxWhole):
		return 0, NotWhole
	case it.Kind == Range && !onStep(it, f):
		return 0, OutOfRange
	}
	if f == 0 {
		f = 0 // no minus before zero
	}
	return f, ""
}

// onStep reports whether f is one of the numbers of a range.
func onStep(it Item, f float64) bool {
	if f < it.Min || f > it.Max {
		return false
	}
	if it.Step <= 0 {
		return true
	}
	n := (f - it.Min) / it.Step
	return math.Abs(n-math.Round(n)) < 1e-9
}

func writeNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

const day = 24 * time.Hour

// dateLayout is how much of a date an item asks for.
func dateLayout(it Item) string {
	switch {
	case strings.Contains(it.Appearance, "month-year"):
		return "2006-01"
	case strings.Contains(it.Appearance, "year"):
		return "2006"
	}
	return time.DateOnly
}

// readDate reads a civil date as the days since 1970-01-01.
func readDate(it Item, typed string) (float64, Reason) {
	s := strings.TrimSpace(PlainDigits(typed))
	for _, layout := range []string{time.DateOnly, dateLayout(it)} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return float64(t.Unix() / int64(day/time.Second)), ""
		}
	}
	return 0, NoDate
}

func writeDate(days float64) string {
	return time.Unix(int64(days)*int64(day/time.Second), 0).UTC().Format(time.DateOnly)
}

// Typed is an answer as a person would type it: what stands in the field when
// the page is shown again.
func (it Item) Typed(a Answer) string {
	switch {
	case !a.Code.Valid():
		return ""
	case it.Kind == Date:
		s := writeDate(a.Number)
		return s[:min(len(s), len(dateLayout(it)))]
	case it.Kind.Numeric():
		return writeNumber(a.Number)
	}
	return a.Text
}
