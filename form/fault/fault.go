// Package fault is what can be wrong with a questionnaire, with the words for
// it in English.
package fault

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fault is one thing wrong with an instrument file.
type Fault struct {
	Line    int    // line of the file, from 1; 0 where it concerns the whole file
	Field   string // path of the field, for example pages[2].items[0].scale
	Key     string // message key, one of those Keys lists
	Args    []any  // name, value pairs for the message
	Warning bool   // stands in nobody's way
}

// List is all the faults found in one questionnaire; it is the error of what
// does not take it.
type List []Fault

func (f List) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Grave are the faults that are no warnings.
func (f List) Grave() List {
	return slices.DeleteFunc(slices.Clone(f), func(one Fault) bool { return one.Warning })
}

// String is the fault in English, for logs and the command line.
func (f Fault) String() string {
	s := cmp.Or(faultText[f.Key], obstacleText[f.Key])
	for i := 0; i+1 < len(f.Args); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{{.%v}}", f.Args[i]), fmt.Sprint(f.Args[i+1]))
	}
	if f.Field != "" {
		s = f.Field + ": " + s
	}
	if f.Line > 0 {
		s = fmt.Sprintf("line %d: %s", f.Line, s)
	}
	return s
}

// Keys lists every message key a Fault can carry, with its English text.
// A catalogue of messages has to have them all.
func Keys() map[string]string {
	keys := maps.Clone(faultText)
	maps.Copy(keys, obstacleText)
	return keys
}
