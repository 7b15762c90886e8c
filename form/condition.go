package form

import (
	"regexp"
	"strings"

	"adili/form/expr"
)

var oneChosen = regexp.MustCompile(`^selected\(\s*\$\{([^}]+)\}\s*,\s*'([^']*)'\s*\)$`)

// Chosen takes apart an expression that only asks whether one of some choices
// was made at one item, so that it can be said in words. Others are not ok.
func Chosen(e *expr.Expr) (item string, choices []string, ok bool) {
	if e == nil {
		return "", nil, false
	}
	for part := range strings.SplitSeq(e.Source(), " or ") {
		m := oneChosen.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil || item != "" && m[1] != item {
			return "", nil, false
		}
		item, choices = m[1], append(choices, m[2])
	}
	return item, choices, true
}
