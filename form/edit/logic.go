package edit

import (
	"encoding/json"
	"maps"
	"strconv"

	"adili/form"
	"adili/form/expr"
)

// Say gives the words of a key of Phrases in the reader's language; args are
// name, value pairs.
type Say func(key string, args ...any) string

// Phrases lists the keys that Logic says things with, with their English words.
func Phrases() map[string]string { return maps.Clone(phrases) }

var phrases = map[string]string{
	"edit.logic.is":       "“{{.Question}}” is “{{.Answer}}”",
	"edit.logic.is_not":   "“{{.Question}}” is not “{{.Answer}}”",
	"edit.logic.has":      "“{{.Question}}” has “{{.Answer}}” among its answers",
	"edit.logic.has_not":  "“{{.Question}}” does not have “{{.Answer}}” among its answers",
	"edit.logic.more":     "“{{.Question}}” is more than {{.Answer}}",
	"edit.logic.less":     "“{{.Question}}” is less than {{.Answer}}",
	"edit.logic.least":    "“{{.Question}}” is {{.Answer}} or more",
	"edit.logic.most":     "“{{.Question}}” is {{.Answer}} or less",
	"edit.logic.answered": "“{{.Question}}” is answered",
	"edit.logic.blank":    "“{{.Question}}” is not answered",
	"edit.logic.and":      "{{.A}}, and {{.B}}",
	"edit.logic.or":       "{{.A}}, or {{.B}}",
	"edit.logic.group":    "({{.A}})",
	"edit.logic.this":     "the answer",
}

func nothing(string, **expr.Expr) {}

// tree is an expression as package expr writes it for the browser: numbers,
// texts, and lists that begin with an operator.
func tree(e *expr.Expr) any {
	data, err := e.MarshalJSON()
	if err != nil {
		return nil
	}
	var t any
	if json.Unmarshal(data, &t) != nil {
		return nil
	}
	return t
}

// holds reports whether a text literal stands in a tree.
func holds(t any, text string) bool {
	list, ok := t.([]any)
	if !ok || len(list) == 0 {
		return t == text
	}
	from := 1
	switch list[0] {
	case "var", "re":
		return false
	case "call":
		from = 2
	case "path":
		for _, step := range list[1:] {
			if parts, ok := step.([]any); ok && len(parts) > 2 && stepHolds(parts[2:], text) {
				return true
			}
		}
		return false
	}
	return stepHolds(list[from:], text)
}

func stepHolds(parts []any, text string) bool {
	for _, part := range parts {
		if holds(part, text) {
			return true
		}
	}
	return false
}

// Logic says a condition in words, in lang as far as the texts of q go. The
// second result is false where it is not a simple one: then the words are the
// expression as written.
func Logic(e *expr.Expr, q *form.Questionnaire, lang string, say Say) (string, bool) {
	if e == nil {
		return "", true
	}
	w := wording{q, lang, say}
	if s, ok := w.condition(tree(e)); ok {
		return s, true
	}
	return e.Source(), false
}

// wording says conditions in one language.
type wording struct {
	q    *form.Questionnaire
	lang string
	say  Say
}

func (w wording) condition(t any) (string, bool) {
	list, _ := t.([]any)
	if len(list) < 2 {
		return "", false
	}
	switch op, _ := list[0].(string); op {
	case "and", "or":
		return w.both(op, list)
	case "call":
		return w.call(list)
	case "=", "!=", "<", "<=", ">", ">=":
		return w.comparison(op, list)
	}
	return "", false
}

func (w wording) both(op string, list []any) (string, bool) {
	parts := [2]string{}
	for i, t := range list[1:3] {
		s, ok := w.condition(t)
		if !ok {
			return "", false
		}
		if inner, _ := t.([]any); op == "and" && inner[0] == "or" {
			s = w.say("edit.logic.group", "A", s)
		}
		parts[i] = s
	}
	return w.say("edit.logic."+op, "A", parts[0], "B", parts[1]), true
}

// call says selected(…), and what not(…) makes of a comparison.
func (w wording) call(list []any) (string, bool) {
	switch {
	case list[1] == "selected" && len(list) == 4:
		return w.selected(list, "")
	case list[1] != "not" || len(list) != 3:
		return "", false
	}
	inner, _ := list[2].([]any)
	switch {
	case len(inner) == 4 && inner[0] == "call" && inner[1] == "selected":
		return w.selected(inner, "_not")
	case len(inner) == 3 && inner[0] == "=":
		return w.comparison("!=", inner)
	case len(inner) == 3 && inner[0] == "!=":
		return w.comparison("=", inner)
	}
	return "", false
}

func (w wording) selected(list []any, not string) (string, bool) {
	question, it, ok := w.question(list[2])
	answer, isText := list[3].(string)
	if !ok || !isText {
		return "", false
	}
	key := "edit.logic.is"
	if it.Kind == form.Multi {
		key = "edit.logic.has"
	}
	return w.say(key+not, "Question", question, "Answer", w.answer(it, answer)), true
}

// turned are the comparisons with their sides changed.
var turned = map[string]string{"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (w wording) comparison(op string, list []any) (string, bool) {
	left, right := list[1], list[2]
	question, it, ok := w.question(left)
	if !ok {
		if question, it, ok = w.question(right); !ok {
			return "", false
		}
		op, right = turned[op], left
	}
	answer, ok := literal(right)
	switch {
	case !ok:
		return "", false
	case answer == "" && op == "=":
		return w.say("edit.logic.blank", "Question", question), true
	case answer == "" && op == "!=":
		return w.say("edit.logic.answered", "Question", question), true
	}
	key := map[string]string{"=": "is", "!=": "is_not", "<": "less", "<=": "most", ">": "more", ">=": "least"}[op]
	return w.say("edit.logic."+key, "Question", question, "Answer", w.answer(it, answer)), true
}

// literal is a number or text as written.
func literal(t any) (string, bool) {
	switch t := t.(type) {
	case string:
		return t, true
	case float64:
		return strconv.FormatFloat(t, 'f', -1, 64), true
	case []any:
		if len(t) == 2 && t[0] == "neg" {
			if n, ok := t[1].(float64); ok {
				return strconv.FormatFloat(-n, 'f', -1, 64), true
			}
		}
	}
	return "", false
}

// question gives the words of an item that a tree refers to, or of the answer
// that a constraint is about.
func (w wording) question(t any) (words string, it form.Item, ok bool) {
	list, _ := t.([]any)
	if len(list) != 2 {
		return "", it, false
	}
	if list[0] == "path" && list[1] == "." {
		return w.say("edit.logic.this"), it, true
	}
	name, _ := list[1].(string)
	if list[0] != "var" {
		return "", it, false
	}
	if it, ok = w.q.Item(name); !ok {
		return "", it, false
	}
	if words, _ = it.Text.In(w.lang); words == "" {
		words = name
	}
	return words, it, true
}

// answer gives the label of a code.
func (w wording) answer(it form.Item, code string) string {
	for _, c := range it.Choices {
		if c.ID == code {
			if label, _ := c.Label.In(w.lang); label != "" {
				return label
			}
		}
	}
	for missing, label := range w.q.Missing {
		if missing.Name() == code {
			s, _ := label.In(w.lang)
			return s
		}
	}
	points := w.q.Scales[it.Scale].Points
	if n, err := strconv.Atoi(code); err == nil && n >= 1 && n <= len(points) {
		if label, _ := points[n-1].In(w.lang); label != "" {
			return label
		}
	}
	return code
}
