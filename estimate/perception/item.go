package perception

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"adili/estimate"
)

// Errors of items and scales, wrapped with the place of the fault.
var (
	// ErrScale means a scale without points, or items of one factor on different scales.
	ErrScale = errors.New("scale does not fit")
	// ErrItems means no item where at least one is needed.
	ErrItems = errors.New("no items")
	// ErrShare means a share of items outside 0..1.
	ErrShare = errors.New("share of answered items outside 0..1")
	// ErrComparison means a comparison whose coefficients, domains or columns do not fit.
	ErrComparison = errors.New("comparison does not fit")
)

// CodeError is an answer that the scale cannot read.
type CodeError struct {
	Item string
	Row  int // from 0
	Code float64
	// Unasked says that the code is an answer to an item that was not put to this person.
	Unasked bool
}

// Error names the item, the row and what to do.
func (e *CodeError) Error() string {
	if e.Unasked {
		return fmt.Sprintf("perception: item %q, row %d: an answer %v, but the item was not put to this person: correct who was asked, or empty the cell",
			e.Item, e.Row, e.Code)
	}
	return fmt.Sprintf("perception: item %q, row %d: code %v is no point of the scale and none of its codes for missing answers: add it to one of them, or empty the cell",
		e.Item, e.Row, e.Code)
}

// Answer says what a person did with an item. The kinds are never merged: an item that is not known to many says something about
// the item, one that is refused by many something about fear, one that is not reached something about the length of the
// questionnaire.
type Answer uint8

const (
	// NotAsked means the item was not put to the person.
	NotAsked Answer = iota
	// Point means a point of the scale was given. Only points enter scores and agreement.
	Point
	// DontKnow means the person said so.
	DontKnow
	// Refused means the person preferred not to answer.
	Refused
	// NotReached means the item was meant for the person and nothing is on record: she stopped before it, or passed over it.
	NotReached
)

// String is the English name of the kind.
func (a Answer) String() string {
	names := []string{"not asked", "point", "don't know", "refused", "not reached"}
	if int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("answer %d", uint8(a))
}

// Scale is how answers are coded. The points are the whole numbers from Low to High; High means most agreement.
type Scale struct {
	Low, High  int
	DontKnow   []int
	Refused    []int
	NotReached []int
}

// FivePoint is the scale of the customs integrity perception survey: 1 "strongly disagree" to 5 "strongly agree", 7 not
// reached, 8 don't know, 9 prefers not to answer, an empty cell not asked.
func FivePoint() Scale {
	return Scale{Low: 1, High: 5, DontKnow: []int{8}, Refused: []int{9}, NotReached: []int{7}}
}

// Range is where the points of the scale lie.
func (s Scale) Range() Range { return Range{float64(s.Low), float64(s.High)} }

// Item is the answers of a sample to one item.
type Item struct {
	Name    string
	Scale   Scale
	Reverse bool      // worded against what is measured
	Kind    []Answer  // by row
	Given   []float64 // by row: the point as it was given, NaN where there is none
}

// Item reads the codes of one item, one a row. NaN is an empty cell: not asked where asked is nil or says so, otherwise not
// reached. With reverse, [Item.Points] turns the scale round. A code the scale does not know, and an answer of somebody who
// was not asked, are a *CodeError; columns of different lengths are estimate.ErrLength, a scale without two points ErrScale.
func (s Scale) Item(name string, code []float64, asked []bool, reverse bool) (*Item, error) {
	if s.High <= s.Low {
		return nil, fmt.Errorf("perception: item %q: points from %d to %d: %w", name, s.Low, s.High, ErrScale)
	}
	if asked != nil && len(asked) != len(code) {
		return nil, fmt.Errorf("perception: item %q: %d codes, %d rows of who was asked: %w", name, len(code), len(asked), estimate.ErrLength)
	}
	it := &Item{Name: name, Scale: s, Reverse: reverse, Kind: make([]Answer, len(code)), Given: make([]float64, len(code))}
	for row, c := range code {
		it.Given[row] = math.NaN()
		switch {
		case math.IsNaN(c) && asked != nil && asked[row]:
			it.Kind[row] = NotReached
		case math.IsNaN(c):
			it.Kind[row] = NotAsked
		case asked != nil && !asked[row]:
			return nil, &CodeError{Item: name, Row: row, Code: c, Unasked: true}
		default:
			kind, ok := s.kind(c)
			if !ok {
				return nil, &CodeError{Item: name, Row: row, Code: c}
			}
			if it.Kind[row] = kind; kind == Point {
				it.Given[row] = c
			}
		}
	}
	return it, nil
}

// kind is what a code means; not ok if the scale does not know it.
func (s Scale) kind(code float64) (Answer, bool) {
	n := int(code)
	switch {
	case float64(n) != code:
		return NotAsked, false
	case n >= s.Low && n <= s.High:
		return Point, true
	case slices.Contains(s.DontKnow, n):
		return DontKnow, true
	case slices.Contains(s.Refused, n):
		return Refused, true
	case slices.Contains(s.NotReached, n):
		return NotReached, true
	}
	return NotAsked, false
}

// Points are the points after reversal, low + high - x for a reversed item, NaN where no point was given: what scores and
// agreement are made of.
func (it *Item) Points() []float64 {
	points := slices.Clone(it.Given)
	if it.Reverse {
		for row, x := range points {
			points[row] = float64(it.Scale.Low+it.Scale.High) - x
		}
	}
	return points
}

// Asked says of each row whether the item was put to the person.
func (it *Item) Asked() []bool {
	asked := make([]bool, len(it.Kind))
	for row, kind := range it.Kind {
		asked[row] = kind != NotAsked
	}
	return asked
}

// together takes the items of a factor apart into columns, once it is sure that they belong on one scale.
func together(items []*Item) (points [][]float64, asked [][]bool, err error) {
	for _, it := range items {
		if first := items[0]; it.Scale.Range() != first.Scale.Range() {
			return nil, nil, fmt.Errorf("item %q runs from %d to %d, %q from %d to %d: %w", it.Name, it.Scale.Low, it.Scale.High,
				first.Name, first.Scale.Low, first.Scale.High, ErrScale)
		}
		points, asked = append(points, it.Points()), append(asked, it.Asked())
	}
	return points, asked, nil
}
