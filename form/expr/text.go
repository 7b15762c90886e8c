package expr

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

var textFunctions = []Function{
	{"concat", 0, -1, "Joins all values.", func(ev *evaluator, a []Value) Value { return OfText(join(ev, "", a)) }},
	{"contains", 2, 2, "Whether the second text is in the first.", onTexts(func(a, b string) Value { return OfBool(strings.Contains(a, b)) })},
	{"ends-with", 2, 2, "Whether the first text ends with the second.", onTexts(func(a, b string) Value { return OfBool(strings.HasSuffix(a, b)) })},
	{"join", 1, -1, "Joins the values after the first, with the first between them.", func(ev *evaluator, a []Value) Value {
		return OfText(join(ev, a[0].String(), a[1:]))
	}},
	{"normalize-space", 0, 1, "The text with single spaces, and none at its ends.", func(ev *evaluator, a []Value) Value {
		return OfText(strings.Join(words(own(ev, a).String()), " "))
	}},
	{"starts-with", 2, 2, "Whether the first text starts with the second.", onTexts(func(a, b string) Value { return OfBool(strings.HasPrefix(a, b)) })},
	{"string", 0, 1, "The value as text.", func(ev *evaluator, a []Value) Value { return OfText(own(ev, a).String()) }},
	{"string-length", 0, 1, "How many characters (Unicode code points) a text has.", func(ev *evaluator, a []Value) Value {
		return OfNumber(float64(utf8.RuneCountInString(own(ev, a).String())))
	}},
	{"substr", 2, 3, "Part of a text from a place up to before another, counted from 0; below 0 from the end.", substr},
	{"substring", 2, 3, "Part of a text from a place, counted from 1, with so many characters.", substring},
	{"substring-after", 2, 2, "What follows the second text in the first.", onTexts(func(a, b string) Value {
		_, after, _ := strings.Cut(a, b)
		return OfText(after)
	})},
	{"substring-before", 2, 2, "What precedes the second text in the first.", onTexts(func(a, b string) Value {
		before, _, found := strings.Cut(a, b)
		if !found {
			return Value{}
		}
		return OfText(before)
	})},
	{"translate", 3, 3, "Replaces each character of the second text by its counterpart in the third.", translate},
	{"uuid", 0, 0, "A random identifier of 36 characters.", uuid},
}

func onTexts(f func(a, b string) Value) func(*evaluator, []Value) Value {
	return func(_ *evaluator, args []Value) Value { return f(args[0].String(), args[1].String()) }
}

func join(ev *evaluator, between string, args []Value) string {
	var b strings.Builder
	for i, v := range spread(ev, args) {
		if i > 0 {
			b.WriteString(between)
		}
		text := v.String()
		if !ev.spend((len(text) + len(between)) / 64) {
			return ""
		}
		b.WriteString(text)
	}
	return b.String()
}

// substr counts from 0, or from the end if below 0.
func substr(_ *evaluator, a []Value) Value {
	runes := []rune(a[0].String())
	end := len(runes)
	if len(a) > 2 {
		end = index(a[2].Number(), len(runes))
	}
	start := index(a[1].Number(), len(runes))
	if start >= end {
		return Value{}
	}
	return OfText(string(runes[start:end]))
}

// index is a place in a list of a length; NaN is its start.
func index(f float64, length int) int {
	if math.IsNaN(f) {
		return 0
	}
	f = math.Trunc(f)
	if f < 0 {
		f += float64(length)
	}
	return int(max(0, min(f, float64(length))))
}

// substring counts from 1 and rounds both numbers, as XPath says.
func substring(_ *evaluator, a []Value) Value {
	from, length := math.Floor(a[1].Number()+0.5), math.Inf(1)
	if len(a) > 2 {
		length = math.Floor(a[2].Number() + 0.5)
	}
	to := from + length
	var b strings.Builder
	place := 0.0
	for _, r := range a[0].String() {
		place++
		if place >= from && place < to {
			b.WriteRune(r)
		}
	}
	return OfText(b.String())
}

func translate(_ *evaluator, a []Value) Value {
	from, to := []rune(a[1].String()), []rune(a[2].String())
	replaced := map[rune]rune{}
	for i, r := range slices.Backward(from) {
		replaced[r] = -1 // strings.Map drops it
		if i < len(to) {
			replaced[r] = to[i]
		}
	}
	return OfText(strings.Map(func(r rune) rune {
		if other, ok := replaced[r]; ok {
			return other
		}
		return r
	}, a[0].String()))
}

// uuid writes 32 digits by chance in the form of version 4.
func uuid(ev *evaluator, _ []Value) Value {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx" {
		switch c {
		case 'x':
			b.WriteByte(digits[int(ev.chance()*16)])
		case 'y':
			b.WriteByte(digits[8+int(ev.chance()*4)])
		default:
			b.WriteRune(c)
		}
	}
	return OfText(b.String())
}
