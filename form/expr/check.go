package expr

import (
	"fmt"
	"slices"
	"strings"
)

// Names are the questions that ${name} may name.
type Names map[string]bool

// Source is the expression as written.
func (e *Expr) Source() string { return e.source }

// Refs are the names of all ${name}, each once, in order.
func (e *Expr) Refs() []string { return unique(e.refs) }

// Calls are the names of all functions called, each once, in order.
func (e *Expr) Calls() []string { return unique(e.calls) }

func unique(places []place) []string {
	var names []string
	for _, p := range places {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

// Rename is the source with every ${name} replaced by what f returns for it.
func (e *Expr) Rename(f func(name string) string) string {
	var b strings.Builder
	at := 0
	for _, r := range e.refs {
		b.WriteString(e.source[at:r.start])
		b.WriteString(f(r.name))
		at = r.end
	}
	b.WriteString(e.source[at:])
	return b.String()
}

// Check lists what would go wrong when the expression is evaluated: functions
// that do not exist or get the wrong number of arguments, patterns that cannot
// be checked beforehand, and references to questions that are not among the
// known. With nil, references are not checked. Each is a *SyntaxError.
func (e *Expr) Check(known Names) []error {
	var problems []error
	for _, c := range e.calls {
		if problem := c.checkCall(); problem != "" {
			problems = append(problems, &SyntaxError{c.start, problem})
		}
		if c.pattern != nil {
			problems = append(problems, c.pattern)
		}
	}
	if known == nil {
		return problems
	}
	for _, r := range e.refs {
		if !known[r.name] {
			problem := fmt.Sprintf("there is no question ${%s}%s", r.name, hint(r.name, known))
			problems = append(problems, &SyntaxError{r.start, problem})
		}
	}
	return problems
}

func (p place) checkCall() string {
	f := function(p.name)
	switch {
	case f == nil && Excluded[p.name] != "":
		return fmt.Sprintf("%s() is left out: %s", p.name, Excluded[p.name])
	case f == nil:
		names := Names{}
		for _, f := range table {
			names[f.Name] = true
		}
		return fmt.Sprintf("there is no function %s()%s", p.name, hint(p.name, names))
	case f.takes(p.args):
		return ""
	case f.Max < 0:
		return fmt.Sprintf("%s() takes %d arguments or more, not %d", p.name, f.Min, p.args)
	case f.Min == f.Max:
		return fmt.Sprintf("%s() takes exactly %d arguments, not %d", p.name, f.Min, p.args)
	}
	return fmt.Sprintf("%s() takes %d to %d arguments, not %d", p.name, f.Min, f.Max, p.args)
}

// hint proposes the known name that looks most alike, if one does.
func hint(name string, known Names) string {
	best, least := "", (1+min(len(name), 24))/3
	for other := range known {
		if len(other)-len(name) > least || len(name)-len(other) > least {
			continue
		}
		d := distance(strings.ToLower(name), strings.ToLower(other))
		if d < least || d == least && (best == "" || other < best) {
			best, least = other, d
		}
	}
	if best == "" {
		return ": correct the name"
	}
	return fmt.Sprintf(": is %s meant?", best)
}

// distance counts the letters to change, add or remove.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// Excluded are functions of XPath and ODK that are left out on purpose, each
// with the reason.
var Excluded = map[string]string{
	"acos":           lastDigits,
	"area":           locates,
	"asin":           lastDigits,
	"atan":           lastDigits,
	"atan2":          lastDigits,
	"base64-decode":  ciphers,
	"base64-encode":  ciphers,
	"cos":            lastDigits,
	"digest":         ciphers,
	"distance":       locates,
	"exp":            lastDigits,
	"extract-signed": ciphers,
	"geofence":       locates,
	"id":             namespaces,
	"indexed-repeat": repeats,
	"jr:itext":       "write the text in each language in the label",
	"lang":           namespaces,
	"log":            lastDigits,
	"log10":          lastDigits,
	"namespace-uri":  namespaces,
	"property":       "it asks the device for an identity, and an anonymous survey takes none",
	"pulldata":       external,
	"search":         external,
	"sin":            lastDigits,
	"tan":            lastDigits,
	"version":        "a questionnaire keeps its version by itself",
}

const (
	lastDigits = "its last digits differ between devices, so that server and phone would not agree"
	locates    = "it works on places, and an anonymous survey asks for none"
	external   = "it reads a file or record outside the questionnaire"
	repeats    = "there are no repeats"
	namespaces = "instances of questionnaires have no namespaces and no identifiers"
	ciphers    = "nothing in an anonymous survey needs a digest or an encoding"
)
