package sheet

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// richText is a text of a workbook, plain or in runs of different looks. Phonetic guides (rPh) are left out.
type richText struct {
	Plain []string `xml:"t"`
	Runs  []struct {
		Text []string `xml:"t"`
	} `xml:"r"`
}

// String puts the text together.
func (r richText) String() string {
	var b strings.Builder
	for _, text := range r.Plain {
		b.WriteString(text)
	}
	for _, run := range r.Runs {
		for _, text := range run.Text {
			b.WriteString(text)
		}
	}
	return unescape(b.String())
}

// escaped is how a workbook writes characters that XML has no room for, such as _x000D_.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(code string) string {
		n, err := strconv.ParseUint(code[2:6], 16, 16)
		if err != nil || n == 0 {
			return ""
		}
		return string(rune(n))
	})
}

// cell is a c element of ECMA-376, part 1, 18.3.1.4.
type cell struct {
	Type   string   `xml:"t,attr"`
	Value  string   `xml:"v"`
	Inline richText `xml:"is"`
}

// text gives what the cell says, whatever its number format: 1,250.00 is "1250", a date is the number of its day.
func (c cell) text(shared []string) (string, error) {
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(c.Value))
		if err != nil || i < 0 || i >= len(shared) {
			return "", errors.New("no such shared text")
		}
		return shared[i], nil
	case "inlineStr":
		return c.Inline.String(), nil
	case "str":
		return unescape(c.Value), nil
	case "b":
		return strings.NewReplacer("1", "TRUE", "0", "FALSE").Replace(strings.TrimSpace(c.Value)), nil
	case "", "n":
		return number(c.Value), nil
	}
	return c.Value, nil // "e" is an error, "d" a date in ISO 8601
}

// number writes a number as a person typed it: with the 15 digits that Excel keeps, and whole numbers without exponent.
func number(value string) string {
	value = strings.TrimSpace(value)
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return value
	}
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatInt(int64(x), 10)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil {
		return value
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
