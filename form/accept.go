package form

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// accept reads the values of one item. A reason is an objection, an error
// means that the form was not ours.
func (s *sitting) accept(it *Item, values []string) (Answer, Reason, error) {
	switch {
	case it.Kind == Multi:
		a, err := s.acceptMulti(it, values)
		return a, "", err
	case it.Kind.Numeric() && len(values) == 2: // a field and, beside it, a missing code
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
		if len(values) == 2 { // what was typed counts
			values = slices.DeleteFunc(values, func(v string) bool { return it.missing(v) != 0 })
		}
	}
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return Answer{}, "", nil
	case len(values) > 1:
		return Answer{}, "", &AnswerError{it.ID, "has more than one value"}
	case it.Kind == OpenAnswer:
		a, err := acceptText(*it, values[0])
		return a, "", err
	case it.missing(values[0]) != 0:
		return Answer{Code: it.missing(values[0])}, "", nil
	case it.Kind.Numeric():
		return acceptNumber(*it, values[0])
	}
	a, err := s.acceptCode(it, values[0])
	return a, "", err
}

// missing is the missing code of a name, where the item offers it.
func (it *Item) missing(name string) Code {
	if code := missingNames[name]; slices.Contains(it.Missing, code) {
		return code
	}
	return 0
}

func (s *sitting) acceptCode(it *Item, value string) (Answer, error) {
	switch it.Kind {
	case Agreement:
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > s.q.Points(*it) || strconv.Itoa(n) != value {
			return Answer{}, &AnswerError{it.ID, "is outside the scale"}
		}
		return Answer{Code: Code(n)}, nil
	case Acknowledge:
		if value == Acknowledged {
			return Answer{Code: 1}, nil
		}
	case Single:
		if i := choiceIndex(*it, value); i >= 0 && i < maxChoice && s.offered(it)[i] {
			return Answer{Code: Code(i + 1)}, nil
		}
	}
	return Answer{}, &AnswerError{it.ID, "is not one of the choices"}
}

func choiceIndex(it Item, id string) int {
	return slices.IndexFunc(it.Choices, func(c Choice) bool { return c.ID == id })
}

func acceptNumber(it Item, typed string) (Answer, Reason, error) {
	if !utf8.ValidString(typed) {
		return Answer{}, "", &AnswerError{it.ID, "is not valid text"}
	}
	if strings.TrimSpace(typed) == "" {
		return Answer{}, "", nil
	}
	read := readNumber
	if it.Kind == Date {
		read = readDate
	}
	f, reason := read(it, typed)
	if reason != "" {
		return Answer{}, reason, nil
	}
	return Answer{Code: 1, Number: f}, "", nil
}

func (s *sitting) acceptMulti(it *Item, values []string) (Answer, error) {
	var set uint64
	var missing Code
	through := s.offered(it)
	for _, v := range values {
		if code := it.missing(v); code != 0 {
			missing = code
			continue
		}
		i := choiceIndex(*it, v)
		if i < 0 || i >= maxMulti || !through[i] {
			return Answer{}, &AnswerError{it.ID, "is not one of the choices"}
		}
		set |= 1 << i
	}
	// Without a script a person can tick "none of these" beside others; what
	// was said by ticking something specific counts, the exclusive tick is dropped.
	if bits.OnesCount64(set) > 1 {
		for i, c := range it.Choices {
			if c.Exclusive {
				set &^= 1 << i
			}
		}
	}
	switch {
	case set != 0:
		return Answer{Code: 1, Set: set}, nil
	case missing != 0:
		return Answer{Code: missing}, nil
	}
	return Answer{}, nil
}

func acceptText(it Item, s string) (Answer, error) {
	if !utf8.ValidString(s) {
		return Answer{}, &AnswerError{it.ID, "is not valid text"}
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > it.MaxLength {
		return Answer{}, &AnswerError{it.ID, "is longer than allowed"}
	}
	if s == "" {
		return Answer{}, nil
	}
	return Answer{Code: 1, Text: s}, nil
}
