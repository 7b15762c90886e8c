package run

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"adili/form"
	"adili/form/expr"
)

// kind is how a value is read.
type kind string

const (
	groupKind  kind = "g"
	textKind   kind = "s"
	wholeKind  kind = "i"
	numberKind kind = "n"
	stepKind   kind = "r" // a whole number in a range
	rangeKind  kind = "f" // a number in a range
	dateKind   kind = "d"
	tickKind   kind = "t"
	oneKind    kind = "1"
	manyKind   kind = "m"
)

var kinds = map[form.Kind]kind{
	form.Group: groupKind, form.Agreement: oneKind, form.Single: oneKind, form.Multi: manyKind, form.Integer: wholeKind,
	form.Decimal: numberKind, form.Range: rangeKind, form.Date: dateKind, form.Acknowledge: tickKind,
}

// typed are the kinds of what was imported as a type and is calculated or not
// asked.
var typed = map[string]kind{"integer": wholeKind, "decimal": numberKind, "date": dateKind, "range": numberKind}

func kindOf(it *form.Item) kind {
	k := kinds[it.Kind]
	if it.Kind == form.Calculate || it.Kind == form.Unasked {
		k = typed[it.Type]
	}
	if (it.Kind == form.Range || it.Type == "range") && isWhole(it.Min) && isWhole(it.Max) && isWhole(it.Step) {
		k = map[kind]kind{rangeKind: stepKind, numberKind: wholeKind}[k]
	}
	if k == "" {
		return textKind
	}
	return k
}

func isWhole(f float64) bool { return f == math.Trunc(f) }

// pad is what a date lacks where less of it is asked for.
func pad(it *form.Item) string {
	switch {
	case it.Kind != form.Date:
	case strings.Contains(it.Appearance, "month-year"):
		return "-01"
	case strings.Contains(it.Appearance, "year"):
		return "-01-01"
	}
	return ""
}

// maxWhole is the largest number below which a float64 holds every whole one.
const maxWhole = 1 << 53

var (
	dateShape   = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?)?$`)
	numberShape = regexp.MustCompile(`^-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$`)
	commaShape  = regexp.MustCompile(`^[^.,]*,(\d{0,2}|\d{4,})$`)
)

// read is a text as the value of the field; "" if it is none.
func (f *field) read(text string) string {
	switch f.kind {
	case wholeKind, numberKind, stepKind, rangeKind:
		return f.readNumber(text)
	case dateKind:
		return f.readDate(plain(text))
	case tickKind:
		if strings.EqualFold(text, form.Acknowledged) {
			return form.Acknowledged
		}
		return ""
	case manyKind:
		return strings.Join(codes(text), " ")
	}
	return text
}

func (f *field) readNumber(text string) string {
	text = plain(text)
	if commaShape.MatchString(text) {
		text = strings.Replace(text, ",", ".", 1)
	}
	if !numberShape.MatchString(text) {
		return ""
	}
	n, _ := strconv.ParseFloat(text, 64) // the one error left is ±Inf, which n is
	if f.kind == wholeKind || f.kind == stepKind {
		n = math.Trunc(n)
	}
	switch {
	case math.IsInf(n, 0), f.kind == wholeKind && math.Abs(n) > maxWhole,
		(f.kind == stepKind || f.kind == rangeKind) && !(n >= f.low && n <= f.high):
		return ""
	}
	return expr.OfNumber(n).String()
}

func (f *field) readDate(text string) string {
	if f.pad != "" && len(text)+len(f.pad) == len("2006-01-02") {
		text += f.pad
	}
	m := dateShape.FindStringSubmatch(text)
	if m == nil || math.IsNaN(expr.OfText(m[1]).Number()) {
		return ""
	}
	return m[1]
}

// plain is a text with ASCII digits and no white space around it.
func plain(text string) string { return strings.Trim(form.PlainDigits(text), " \t\r\n") }

func codes(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
}

// answer is what a person's choices are: those offered, in their order.
// Missing codes go with nothing else.
func (f *field) answer(text string, offered []string) string {
	said := codes(text)
	if f.kind == oneKind {
		said = []string{text}
	}
	var chosen []string
	for _, code := range offered {
		if slices.Contains(said, code) {
			chosen = append(chosen, code)
		}
	}
	if len(chosen) == 0 {
		for _, code := range f.missing {
			if slices.Contains(said, code) {
				chosen = append(chosen, code)
			}
		}
	}
	if f.kind == oneKind || len(chosen) > 0 && slices.Contains(f.missing, chosen[0]) {
		chosen = chosen[:min(len(chosen), 1)]
	}
	return strings.Join(chosen, " ")
}

// shown is the part of a value that is offered.
func (f *field) shown(value string, offered []string) string {
	if f.list == "" || value == "" {
		return value
	}
	said := []string{value}
	if f.kind == manyKind {
		said = codes(value)
	}
	kept := slices.DeleteFunc(said, func(code string) bool {
		return !slices.Contains(offered, code) && !slices.Contains(f.missing, code)
	})
	return strings.Join(kept, " ")
}

// seen is a value as expressions see it.
func (f *field) seen(value string) string {
	if slices.Contains(f.missing, value) {
		return ""
	}
	return value
}

// within reports whether a value keeps to the limits that need no expression.
func (f *field) within(value string) bool {
	if f.maxLength > 0 && f.kind == textKind && utf8.RuneCountInString(value) > f.maxLength {
		return false
	}
	if len(f.exclusive) == 0 {
		return true
	}
	said := codes(value)
	return len(said) < 2 || !slices.ContainsFunc(said, func(code string) bool { return slices.Contains(f.exclusive, code) })
}
