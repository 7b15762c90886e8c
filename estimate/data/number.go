package data

import (
	"math"
	"strconv"
	"strings"
)

// mostDigits is the number of decimal digits that a float64 keeps: a number
// of that many comes back from it as it was written.
const mostDigits = 15

var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// plain reads a number written the one way that strconv would write it: no
// plus, no exponent, no zero that says nothing, at most 15 digits. It is
// digits / 10^places.
func plain(s []byte) (digits int64, places int, ok bool) {
	negative := len(s) > 0 && s[0] == '-'
	if negative {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > mostDigits+1 || s[0] == '0' && len(s) > 1 && s[1] != '.' {
		return 0, 0, false
	}
	point := -1
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits = digits*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0 && i < len(s)-1:
			point = i
		default:
			return 0, 0, false
		}
	}
	if point >= 0 {
		places = len(s) - 1 - point
		if s[len(s)-1] == '0' {
			return 0, 0, false
		}
	} else if len(s) > mostDigits {
		return 0, 0, false
	}
	if negative {
		return -digits, places, digits != 0
	}
	return digits, places, true
}

// real is digits / 10^places, rounded once.
func real(digits int64, places int) float64 { return float64(digits) / powers[places] }

// written is the text of a number that plain accepted.
func written(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// number reads any decimal number, with or without an exponent, and blanks
// around it. No text is NaN, which is a missing value.
func number(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return math.NaN(), true
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}
