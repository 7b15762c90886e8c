package weight

import (
	"fmt"

	"adili/estimate/sum"
)

// Class is a class of people who are taken to answer alike: those who did stand for those who did not.
type Class struct {
	Label             string
	Issued, Responded int     // people asked, people who answered
	IssuedWeight      float64 // sum of the base weights of those asked
	RespondedWeight   float64 // and of those who answered
	Factor            float64 // IssuedWeight / RespondedWeight
}

// Response is the outcome of a survey by class.
type Response struct{ Classes []Class }

// Respond adjusts for people who were asked and did not answer. In each class the base weights of the respondents are
// raised until they make those of everybody who was asked:
//
//	w = d Σ d over those asked / Σ d over those who answered
//
// (R. Little, International Statistical Review 54, 1986; Valliant, Dever & Kreuter, 2018, chapter 13; J. M. Brick, Journal
// of Official Statistics 29, 2013). This removes the bias of non-response as far as the classes explain both who answers
// and what is answered. Classes need 20 to 30 respondents; [Thin] merges smaller ones.
//
// There is one row for everybody asked; code is the class, an index of labels. name is what the classes are called in
// messages. A class without respondents is an EmptyCellError, a row without a class a MissingCodeError.
func Respond(name string, base []float64, responded []bool, code []int, labels []string) (*Response, error) {
	if len(base) == 0 {
		return nil, fmt.Errorf("weight: %s: %w", name, ErrEmpty)
	}
	if len(responded) != len(base) || len(code) != len(base) {
		return nil, fmt.Errorf("weight: %s: %d weights, %d answers, %d codes: %w", name, len(base), len(responded), len(code), ErrLength)
	}
	g := sum.NewGrid(sum.Size(base), len(base))
	asked, answered := make([]pair, len(labels)), make([]pair, len(labels))
	r := &Response{Classes: make([]Class, len(labels))}
	for i, d := range base {
		if !(d >= 0 && d <= limit) {
			return nil, fmt.Errorf("weight: %s: row %d is %v: %w", name, i+1, d, ErrWeight)
		}
		k := code[i]
		if k < 0 || k >= len(labels) {
			return nil, &MissingCodeError{Margin: name, Row: i, Count: outside(code, len(labels))}
		}
		if d == 0 {
			continue
		}
		r.Classes[k].Issued++
		asked[k].add(g, d)
		if responded[i] {
			r.Classes[k].Responded++
			answered[k].add(g, d)
		}
	}
	counts := make([]int, len(labels))
	for k := range r.Classes {
		c := &r.Classes[k]
		c.Label, c.IssuedWeight, c.RespondedWeight = labels[k], asked[k].value(), answered[k].value()
		c.Factor = c.IssuedWeight / c.RespondedWeight
		counts[k] = c.Responded
	}
	for k, c := range r.Classes {
		if c.Issued > 0 && c.Responded == 0 {
			e := &EmptyCellError{Margin: name, Level: c.Label, Total: c.IssuedWeight}
			if n := neighbour(counts, k); n >= 0 {
				e.Neighbour, e.Respondents = labels[n], counts[n]
			}
			return nil, e
		}
	}
	return r, nil
}

// outside counts codes that are not below k.
func outside(code []int, k int) int {
	n := 0
	for _, c := range code {
		if c < 0 || c >= k {
			n++
		}
	}
	return n
}

// Rate is the share of the people asked who answered.
func (r *Response) Rate() float64 {
	asked, answered := 0, 0
	for _, c := range r.Classes {
		asked += c.Issued
		answered += c.Responded
	}
	return float64(answered) / float64(asked)
}

// WeightedRate is the share of the population who would have answered: the response rate with base weights.
func (r *Response) WeightedRate() float64 {
	asked, answered := 0.0, 0.0
	for _, c := range r.Classes {
		asked += c.IssuedWeight
		answered += c.RespondedWeight
	}
	return answered / asked
}

// Weights are the adjusted weights of respondents, given their base weights and classes. A class that the outcome does not
// know is a MissingCodeError.
func (r *Response) Weights(base []float64, code []int) ([]float64, error) {
	if len(code) != len(base) {
		return nil, fmt.Errorf("weight: %d codes for %d weights: %w", len(code), len(base), ErrLength)
	}
	w := make([]float64, len(base))
	for i, d := range base {
		k := code[i]
		if k < 0 || k >= len(r.Classes) || r.Classes[k].Issued == 0 {
			return nil, &MissingCodeError{Margin: "response classes", Row: i, Count: 1}
		}
		w[i] = d * r.Classes[k].Factor
	}
	return w, nil
}
