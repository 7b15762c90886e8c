package expr

import "strings"

// References are the names of all ${name} in a label or message, each once, in
// order.
func References(text string) []string {
	var places []place
	Fill(text, func(name string) string {
		places = append(places, place{name: name})
		return ""
	})
	return unique(places)
}

// Fill replaces every ${name} in a text by what f returns for it. What only
// looks like a reference stays.
func Fill(text string, f func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		trimmed := trim(name)
		if !closed || trimmed == "" || simpleNameLength(trimmed) != len(trimmed) {
			b.WriteString("${")
			text = rest
			continue
		}
		b.WriteString(f(trimmed))
		text = after
	}
}
