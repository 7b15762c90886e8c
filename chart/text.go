package chart

import (
	"strings"
	"unicode"
)

// textWidth estimates the width of s in user units at the given font size. The
// server has no fonts, and system fonts differ; the figures are those of common
// sans-serif faces, rounded up a little so that text is rather wrapped once too
// often than cut off.
func textWidth(s string, size float64) float64 {
	var em float64
	for _, r := range s {
		em += runeWidth(r)
	}
	return em * size
}

// runeWidth is the estimated advance of r in ems.
func runeWidth(r rune) float64 {
	switch {
	case zeroWidth(r):
		return 0
	case r < 0x80:
		return asciiWidth(r)
	case wide(r), unicode.IsSymbol(r), strings.ContainsRune("“”—…", r):
		return 1 // Chinese faces set these signs on a full square too
	case unicode.Is(unicode.Arabic, r):
		return 0.56
	case unicode.Is(unicode.Cyrillic, r):
		if unicode.IsUpper(r) || strings.ContainsRune("жмфшщыю", r) {
			return 0.78
		}
		return 0.6
	case unicode.IsSpace(r), unicode.IsPunct(r):
		return 0.4
	case unicode.IsUpper(r):
		return 0.7
	default:
		return 0.58
	}
}

func asciiWidth(r rune) float64 {
	switch {
	case strings.ContainsRune("iljI.,:;'|!", r):
		return 0.29
	case strings.ContainsRune(" ft()[]/\\-r\"`", r):
		return 0.36
	case strings.ContainsRune("mwMW@%", r):
		return 0.88
	case 'A' <= r && r <= 'Z':
		return 0.68
	default:
		return 0.57
	}
}

// zeroWidth reports runes that add nothing to the line: marks set on the letter
// before them, joiners and direction marks.
func zeroWidth(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
}

// wide reports runes set on a full square.
func wide(r rune) bool {
	return 0x1100 <= r && r <= 0x115f || // Hangul initials
		0x2e80 <= r && r <= 0xa4cf || // radicals, kana, CJK, Yi
		0xac00 <= r && r <= 0xd7a3 || // Hangul syllables
		0xf900 <= r && r <= 0xfaff || // compatibility ideographs
		0xfe30 <= r && r <= 0xfe6f || // compatibility forms
		0xff00 <= r && r <= 0xff60 || // full-width forms
		0xffe0 <= r && r <= 0xffe6 ||
		0x1f300 <= r && r <= 0x1faff || // pictographs
		0x20000 <= r && r <= 0x3fffd
}

// closing are the marks that may not begin a line in Chinese and Japanese.
const closing = "、。，．・：；？！）］｝」』】〉》”’%）"

// ellipsis ends a label that is longer than its lines; the table has it whole.
const ellipsis = "…"

// wrap breaks s into at most most lines that fit width, or more precisely that
// are estimated to. It breaks at spaces, between ideographs, and inside a word
// only when the word alone is too long. Runs of white space become one space;
// an empty text has no lines.
func wrap(s string, size, width float64, most int) []string {
	var (
		lines []string
		line  strings.Builder
		used  float64
	)
	width += 1e-6 // a width measured by the same sum fits
	flush := func() {
		if t := strings.TrimSpace(line.String()); t != "" {
			lines = append(lines, t)
		}
		line.Reset()
		used = 0
	}
	for _, word := range pieces(strings.Join(strings.Fields(s), " ")) {
		if len(lines) > most {
			break // a label of any length costs no more than its lines
		}
		w := textWidth(strings.TrimSuffix(word, " "), size)
		if used > 0 && used+w > width {
			flush()
		}
		for w > width && len(lines) <= most {
			head, tail := cut(word, size, width)
			if tail == "" {
				break
			}
			line.WriteString(head)
			flush()
			word, w = tail, textWidth(strings.TrimSuffix(tail, " "), size)
		}
		line.WriteString(word)
		used += textWidth(word, size)
	}
	flush()
	if len(lines) > most {
		lines = lines[:most]
		last := lines[most-1]
		if textWidth(last+ellipsis, size) > width {
			last, _ = cut(last, size, width-textWidth(ellipsis, size))
		}
		lines[most-1] = strings.TrimSpace(last) + ellipsis
	}
	return lines
}

// pieces splits s where a line may end: after a space, and around ideographs
// unless a closing mark follows.
func pieces(s string) []string {
	var (
		list  []string
		start int
		prev  rune
	)
	for i, r := range s {
		breakable := prev == ' ' || (wide(prev) || wide(r)) && prev != 0 && r != ' '
		if breakable && i > start && !strings.ContainsRune(closing, r) && !zeroWidth(r) {
			list = append(list, s[start:i])
			start = i
		}
		prev = r
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}

// cut splits a word after as many runes as fit width, at least one, keeping
// marks with their letter.
func cut(word string, size, width float64) (head, tail string) {
	var used float64
	for i, r := range word {
		w := runeWidth(r) * size
		if i > 0 && w > 0 && used+w > width {
			return word[:i], word[i:]
		}
		used += w
	}
	return word, ""
}
