package spelling

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameLength is how many bytes at the start of s are a name as XML has it,
// without a colon.
func NameLength(s string) int {
	for i, r := range s {
		if nameStart(r) || i > 0 && (r == '-' || r == '.' || r == '\u00b7' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)) {
			continue
		}
		return i
	}
	return len(s)
}

func nameStart(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || r > unicode.MaxLatin1 && unicode.Is(unicode.Nl, r)
}

// IsName reports whether s can name an element: a name, or two with a colon
// between them.
func IsName(s string) bool {
	n := NameLength(s)
	if n > 0 && n < len(s) && s[n] == ':' {
		s = s[n+1:]
		n = NameLength(s)
	}
	return n > 0 && n == len(s)
}

// Calculated reports whether a default is worked out rather than written down:
// whether it holds an operator, a reference or a call. A date or place may
// hold a minus sign.
func Calculated(value, kind string) bool {
	hyphens := kind == "date" || kind == "dateTime" || strings.HasPrefix(kind, "geo")
	for i := 0; i < len(value); {
		rest := value[i:]
		if n := literalLength(rest); n > 0 {
			i += n
			continue
		}
		if rest[0] == '-' && hyphens {
			return false
		}
		if strings.ContainsRune("*+-|", rune(rest[0])) || strings.HasPrefix(rest, " mod ") || strings.HasPrefix(rest, " div ") {
			return true
		}
		if strings.HasPrefix(rest, "${") {
			if end := strings.IndexByte(rest, '}'); end > 0 && IsName(strings.TrimPrefix(rest[2:end], "last-saved#")) {
				return true
			}
		}
		if n := wordLength(rest); n > 0 {
			if n < len(rest) && rest[n] == '(' {
				return true
			}
			i += n
			continue
		}
		_, n := utf8.DecodeRuneInString(rest)
		i += n
	}
	return false
}

// wordLength is the length of a name or of the start of an address, such as
// http://.
func wordLength(s string) int {
	n := NameLength(s)
	if n == 0 {
		return 0
	}
	if strings.HasPrefix(s[n:], "://") {
		return n + 3
	}
	if n < len(s) && s[n] == ':' {
		if m := NameLength(s[n+1:]); m > 0 {
			return n + 1 + m
		}
	}
	return n
}

// literalLength is the length of a date, time, number or quoted text at the
// start of s.
func literalLength(s string) int {
	if n := dateLength(strings.TrimPrefix(s, "-")); n > 0 {
		n += len(s) - len(strings.TrimPrefix(s, "-"))
		if strings.HasPrefix(s[n:], "T") {
			n += 1 + timeLength(s[n+1:])
		}
		return n
	}
	if n := timeLength(s); n > 0 {
		return n
	}
	if n := numberLength(s); n > 0 {
		return n
	}
	if s[0] == '"' || s[0] == '\'' {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return end + 2
		}
	}
	return 0
}

// matches reports whether s begins like pattern, where 0 stands for any digit.
func matches(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == '0' && (s[i] < '0' || s[i] > '9') || pattern[i] != '0' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}

func dateLength(s string) int {
	if matches(s, "0000-00-00") {
		return 10
	}
	return 0
}

func timeLength(s string) int {
	if !matches(s, "00:00:00") {
		return 0
	}
	n := 8
	if matches(s[n:], ".0") {
		for n++; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		}
	}
	switch {
	case strings.HasPrefix(s[n:], "Z"):
		return n + 1
	case matches(s[n:], "+00:00"), matches(s[n:], "-00:00"):
		return n + 6
	}
	return n
}

func numberLength(s string) int {
	n, digits := 0, 0
	if strings.HasPrefix(s, "-") {
		n = 1
	}
	for ; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		digits++
	}
	if n < len(s) && s[n] == '.' && (digits > 0 || matches(s[n:], ".0")) {
		for n++; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	return n
}

// IsReference reports whether s is one reference and nothing else.
func IsReference(s string) bool {
	inner, ok := strings.CutPrefix(s, "${")
	if !ok {
		return false
	}
	inner, ok = strings.CutSuffix(inner, "}")
	return ok && NameLength(inner) == len(inner) && inner != ""
}
