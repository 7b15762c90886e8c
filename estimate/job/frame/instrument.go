package frame

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"adili/estimate/data"
	"adili/estimate/perception"
)

// Instrument is a questionnaire: its items, the factors they belong to and who is asked them.
type Instrument struct {
	items   []Item
	asked   string                     // column that says who is asked; "" everyone is asked everything
	flags   map[string]map[string]bool // by value of that column: items asked
	valid   []float64
	sum     float64 // a reversed answer is sum - x
	atLeast float64 // share of the items asked that must be valid for a score
}

// Item is a question with a scale.
type Item struct {
	Name    string
	Factor  string
	Reverse bool
}

// instrumentSpec is an instrument in a job file.
type instrumentSpec struct {
	File       string  `json:"file"`
	Item       string  `json:"item"`
	Factor     string  `json:"factor"`
	Reverse    string  `json:"reverse"`
	ReverseSum float64 `json:"reverse_sum"`
	Asked      *struct {
		Column string            `json:"column"`
		Flags  map[string]string `json:"flags"`
	} `json:"asked"`
	Valid         []float64 `json:"valid"`
	MinValidShare float64   `json:"min_valid_share"`
}

// build reads the items from their table.
func (s instrumentSpec) build(t *data.Table) (*Instrument, error) {
	n := &Instrument{valid: s.Valid, sum: s.ReverseSum, atLeast: s.MinValidShare}
	names, err := t.Text(s.Item)
	if err != nil {
		return nil, err
	}
	factors, err := t.Text(s.Factor)
	if err != nil {
		return nil, err
	}
	reverse := make([]string, len(names))
	if s.Reverse != "" {
		if reverse, err = t.Text(s.Reverse); err != nil {
			return nil, err
		}
	}
	for i, name := range names {
		n.items = append(n.items, Item{name, factors[i], flag(reverse[i])})
	}
	if s.Asked == nil {
		return n, nil
	}
	n.asked, n.flags = s.Asked.Column, map[string]map[string]bool{}
	for value, column := range s.Asked.Flags {
		text, err := t.Text(column)
		if err != nil {
			return nil, err
		}
		n.flags[value] = map[string]bool{}
		for i, name := range names {
			n.flags[value][name] = flag(text[i])
		}
	}
	return n, nil
}

// flag reads yes or no as spreadsheets write them.
func flag(text string) bool {
	switch strings.ToLower(text) {
	case "1", "true", "yes":
		return true
	}
	return false
}

// Items are the items of a factor, or all of them for "".
func (n *Instrument) Items(factor string) []Item {
	if factor == "" {
		return slices.Clone(n.items)
	}
	var items []Item
	for _, i := range n.items {
		if i.Factor == factor {
			items = append(items, i)
		}
	}
	return items
}

// Item finds an item by name.
func (n *Instrument) Item(name string) (Item, bool) {
	i := slices.IndexFunc(n.items, func(i Item) bool { return i.Name == name })
	if i < 0 {
		return Item{}, false
	}
	return n.items[i], true
}

// Instrument is the questionnaire of the design; nil without one.
func (v *View) Instrument() *Instrument { return v.instrument }

func (v *View) item(name string) (Item, error) {
	if v.instrument == nil {
		return Item{}, fmt.Errorf("item %s: the design has no instrument", name)
	}
	i, ok := v.instrument.Item(name)
	if !ok {
		return Item{}, fmt.Errorf("the instrument has no item %s", name)
	}
	return i, nil
}

// items are those of a factor, which must have some.
func (v *View) items(factor string) ([]Item, error) {
	if v.instrument == nil {
		return nil, fmt.Errorf("factor %s: the design has no instrument", factor)
	}
	items := v.instrument.Items(factor)
	if len(items) == 0 {
		return nil, fmt.Errorf("the instrument has no factor %s", factor)
	}
	return items, nil
}

// Asked says of each row whether the item was put to this person.
func (v *View) Asked(item string) ([]bool, error) {
	if _, err := v.item(item); err != nil {
		return nil, err
	}
	if v.instrument.asked == "" {
		return fill(v.Rows(), true), nil
	}
	who, err := v.written(v.instrument.asked)
	if err != nil {
		return nil, err
	}
	asked := make([]bool, len(who))
	for i, w := range who {
		asked[i] = v.instrument.flags[w][item]
	}
	return asked, nil
}

// Answer gives the valid answers to an item, after reversal; NaN for any other.
func (v *View) Answer(item string) ([]float64, error) {
	i, err := v.item(item)
	if err != nil {
		return nil, err
	}
	raw, err := v.Number(item)
	if err != nil {
		return nil, err
	}
	x := make([]float64, len(raw))
	for r, y := range raw {
		switch {
		case !slices.Contains(v.instrument.valid, y):
			x[r] = math.NaN()
		case i.Reverse:
			x[r] = v.instrument.sum - y
		default:
			x[r] = y
		}
	}
	return x, nil
}

// Score is the mean of a person's valid answers to the items of a factor, if enough of those asked are valid; else NaN.
func (v *View) Score(factor string) ([]float64, error) {
	items, err := v.items(factor)
	if err != nil {
		return nil, err
	}
	points, asked := make([][]float64, len(items)), make([][]bool, len(items))
	for i, it := range items {
		if points[i], err = v.Answer(it.Name); err != nil {
			return nil, err
		}
		if asked[i], err = v.Asked(it.Name); err != nil {
			return nil, err
		}
	}
	return perception.Means(v.instrument.atLeast, points, asked)
}
