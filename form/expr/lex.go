package expr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError is what is wrong with an expression, and where.
type SyntaxError struct {
	Offset  int    // in bytes from the start
	Problem string // with the remedy
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("at character %d: %s", e.Offset+1, e.Problem)
}

type kind int

const (
	endToken kind = iota
	numberToken
	textToken
	nameToken
	referenceToken
	symbolToken
	operatorToken // a symbol or a word between two operands
)

type token struct {
	kind       kind
	text       string // of a literal without its quotes, of a reference the name
	start, end int
}

type lexer struct {
	source string
	at     int
	tokens []token
}

// lex cuts the source into tokens; the last is an endToken.
func lex(source string) ([]token, error) {
	l := &lexer{source: source}
	for {
		l.at += len(l.rest()) - len(strings.TrimLeft(l.rest(), " \t\r\n"))
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
		if t.kind == endToken {
			return l.tokens, nil
		}
		l.at = t.end
	}
}

func (l *lexer) rest() string { return l.source[l.at:] }

func (l *lexer) problem(format string, args ...any) error {
	return &SyntaxError{Offset: l.at, Problem: fmt.Sprintf(format, args...)}
}

func (l *lexer) token(k kind, length int) token {
	return token{k, l.source[l.at : l.at+length], l.at, l.at + length}
}

// afterOperand reports whether what comes next can only be an operator, which
// is how XPath tells a product from a wildcard and "div" from a name.
func (l *lexer) afterOperand() bool {
	if len(l.tokens) == 0 {
		return false
	}
	last := l.tokens[len(l.tokens)-1]
	switch last.kind {
	case operatorToken:
		return false
	case symbolToken:
		return last.text == ")" || last.text == "]" || last.text == "." || last.text == ".." || last.text == "*"
	}
	return true
}

func (l *lexer) next() (token, error) {
	rest := l.rest()
	if rest == "" {
		return l.token(endToken, 0), nil
	}
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		return l.literal(c)
	case c == '$':
		return l.reference()
	case digit(c) || c == '.' && len(rest) > 1 && digit(rest[1]):
		return l.token(numberToken, numberLength(rest)), nil
	}
	if l.afterOperand() {
		if word := operatorWord(rest); word != "" {
			return l.token(operatorToken, len(word)), nil
		}
	}
	if n := nameLength(rest); n > 0 {
		return l.token(nameToken, n), nil
	}
	return l.symbol()
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func numberLength(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	if n < len(s) && s[n] == '.' {
		n++
		for n < len(s) && digit(s[n]) {
			n++
		}
	}
	return n
}

// operatorWord is the operator spelled as a word at the start of s. A digit may
// follow at once, as in 7 mod2.
func operatorWord(s string) string {
	for _, word := range []string{"and", "or", "div", "mod"} {
		if !strings.HasPrefix(s, word) {
			continue
		}
		r, _ := utf8.DecodeRuneInString(s[len(word):])
		if !unicode.IsLetter(r) && r != '_' {
			return word
		}
	}
	return ""
}

func (l *lexer) literal(quote byte) (token, error) {
	end := strings.IndexByte(l.rest()[1:], quote)
	if end < 0 {
		return token{}, l.problem("the text that begins here has no closing %c: add it", quote)
	}
	t := l.token(textToken, end+2)
	t.text = t.text[1 : len(t.text)-1]
	return t, nil
}

func (l *lexer) reference() (token, error) {
	rest := l.rest()
	end := strings.IndexByte(rest, '}')
	if !strings.HasPrefix(rest, "${") || end < 0 {
		return token{}, l.problem("a question is named as ${name}, with both braces")
	}
	name := rest[2:end]
	if strings.HasPrefix(name, "last-saved#") {
		return token{}, l.problem("${%s} asks for an earlier record, which an anonymous survey does not keep: remove it", name)
	}
	if name == "" || simpleNameLength(name) != len(name) {
		return token{}, l.problem("${%s} is no name: use letters, digits, . - and _, no spaces", name)
	}
	t := l.token(referenceToken, end+1)
	t.text = name
	return t, nil
}

// nameLength is the length of the name at the start of s, with its prefix, or 0.
func nameLength(s string) int {
	n := simpleNameLength(s)
	if n == 0 || n+1 >= len(s) || s[n] != ':' || s[n+1] == ':' {
		return n
	}
	if s[n+1] == '*' {
		return n + 2
	}
	if more := simpleNameLength(s[n+1:]); more > 0 {
		return n + 1 + more
	}
	return n
}

func simpleNameLength(s string) int {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) {
			continue
		}
		if i > 0 && (r == '-' || r == '.' || unicode.IsDigit(r) || unicode.Is(unicode.M, r)) {
			continue
		}
		return i
	}
	return len(s)
}

var mistakes = []struct{ text, remedy string }{
	{"<>", "<> is not known: write != for \"is not equal\""},
	{"==", "== is not known: write one = sign"},
	{"&&", "&& is not known: write the word and"},
	{"||", "|| is not known: write the word or"},
	{"“", "write straight quotes, \" or ', instead of “"},
	{"”", "write straight quotes, \" or ', instead of ”"},
	{"‘", "write straight quotes, \" or ', instead of ‘"},
	{"’", "write straight quotes, \" or ', instead of ’"},
	{"≤", "write <= instead of ≤"},
	{"≥", "write >= instead of ≥"},
	{"≠", "write != instead of ≠"},
	{"×", "write * instead of ×"},
	{"÷", "write div instead of ÷"},
	{"\u00a0", "there is a non-breaking space here: write an ordinary space"},
	{"%", "% is not known: write the word mod"},
	{"#", "# has no meaning here: remove it"},
}

func (l *lexer) symbol() (token, error) {
	rest := l.rest()
	for _, m := range mistakes {
		if strings.HasPrefix(rest, m.text) {
			return token{}, l.problem("%s", m.remedy)
		}
	}
	for _, s := range []string{"!=", "<=", ">=", "=", "<", ">", "+", "-", "|"} {
		if strings.HasPrefix(rest, s) {
			return l.token(operatorToken, len(s)), nil
		}
	}
	if rest[0] == '*' && l.afterOperand() {
		return l.token(operatorToken, 1), nil
	}
	for _, s := range []string{"//", "/", "..", ".", "::", "(", ")", "[", "]", ",", "@", "*"} {
		if strings.HasPrefix(rest, s) {
			return l.token(symbolToken, len(s)), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, l.problem("%q has no meaning here: remove it, or put text in quotes", r)
}
