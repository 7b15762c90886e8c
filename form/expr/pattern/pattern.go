// Package pattern compiles regular expressions for two engines: RE2, which is
// Go's, and the one of the browser's interpreter in form/script.
//
// The browser gets the instructions that Go runs and not the pattern, because
// its own engine reads several spellings otherwise, and needs a time that
// doubles with each character for patterns such as (a+)+$.
package pattern

import (
	"encoding/json"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode"
)

// Bounds of a program. `^.{1,1000}$` and `^[\pL ]{2,500}$` keep them.
const (
	maxInstructions = 2_500
	maxBytes        = 32_000 // as JSON
)

// Pattern is a compiled regular expression. It does not change.
type Pattern struct {
	re      *regexp.Regexp
	program []byte
	size    int
}

// Compile compiles a regular expression in RE2's syntax. One of which the
// program is too large for a phone is refused.
func Compile(source string) (*Pattern, error) {
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q cannot be read (%v): write it in RE2 syntax, without look-ahead and back-references", source, err)
	}
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q cannot be read: %w", source, err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("the pattern %q cannot be compiled: %w", source, err)
	}
	tooLarge := fmt.Errorf("the pattern %q is too large: use smaller counts in braces, or string-length() for the length", source)
	if len(prog.Inst) > maxInstructions {
		return nil, tooLarge
	}
	program, err := write(prog)
	if err != nil {
		return nil, fmt.Errorf("writing the program of the pattern %q: %w", source, err)
	}
	if len(program) > maxBytes {
		return nil, tooLarge
	}
	return &Pattern{re, program, len(prog.Inst)}, nil
}

// Match reports whether the pattern is found in a text.
func (p *Pattern) Match(text string) bool { return p.re.MatchString(text) }

// Size counts the instructions: a match takes at most so many steps for each
// character.
func (p *Pattern) Size() int { return p.size }

// MarshalJSON writes the program for the browser: where it begins, its classes
// of characters, then its instructions,
//
//	[start, [[from, to, from, to, ...], ...], [kind, next, operand], ...]
//
// where next is the place of an instruction, from 0. See the kinds.
func (p *Pattern) MarshalJSON() ([]byte, error) { return p.program, nil }

// Kinds of instructions; form/script/pattern.ts has the same.
const (
	match = iota // the pattern is found
	fork         // go on at next and at the operand
	pass         // go on at next
	place        // go on at next if the place fits: the operand's bits are those of syntax.EmptyOp
	take         // take a character of the class the operand names, go on at next
	fail         // give up
)

type instruction [3]int

func write(prog *syntax.Prog) ([]byte, error) {
	var known classes
	program := []any{prog.Start, nil}
	for i := range prog.Inst {
		program = append(program, known.instruction(&prog.Inst[i]))
	}
	program[1] = append([][]rune{}, known.all...)
	return json.Marshal(program)
}

// classes are the classes of characters of a program, each once.
type classes struct {
	all    [][]rune
	places map[string]int
}

func (c *classes) instruction(inst *syntax.Inst) instruction {
	next := int(inst.Out)
	switch inst.Op {
	case syntax.InstMatch:
		return instruction{match}
	case syntax.InstAlt, syntax.InstAltMatch:
		return instruction{fork, next, int(inst.Arg)}
	case syntax.InstCapture, syntax.InstNop:
		return instruction{pass, next}
	case syntax.InstEmptyWidth:
		return instruction{place, next, int(inst.Arg)}
	case syntax.InstRuneAny:
		return instruction{take, next, c.place([]rune{0, unicode.MaxRune})}
	case syntax.InstRuneAnyNotNL:
		return instruction{take, next, c.place([]rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune})}
	case syntax.InstRune, syntax.InstRune1:
		return instruction{take, next, c.place(pairs(inst))}
	}
	return instruction{fail}
}

// place is where a class stands; one not yet there is added.
func (c *classes) place(class []rune) int {
	key := fmt.Sprint(class)
	at, ok := c.places[key]
	if !ok {
		if c.places == nil {
			c.places = map[string]int{}
		}
		at = len(c.all)
		c.all = append(c.all, class)
		c.places[key] = at
	}
	return at
}

// pairs are the first and last characters of an instruction's ranges, in
// order. Go writes a single character as itself, with a flag if its other
// cases match too.
func pairs(inst *syntax.Inst) []rune {
	if len(inst.Rune) != 1 {
		return inst.Rune
	}
	r := inst.Rune[0]
	class := []rune{r, r}
	if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			class = append(class, f, f)
		}
		slices.Sort(class)
	}
	return class
}
