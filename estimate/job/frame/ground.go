package frame

import (
	"errors"
	"fmt"

	"adili/estimate"
)

// Decoded is the estimator of a function that takes the arguments of a case besides the case: they are the fields of A.
func Decoded[A any](answer func(c *Case, args A) (map[string]any, error)) Estimator {
	return func(c *Case) (map[string]any, error) {
		var args A
		if err := c.Decode(&args); err != nil {
			return nil, err
		}
		return answer(c, args)
	}
}

// Ground is what an estimator stands on: a design, a domain of it, and the columns over its rows.
type Ground struct {
	Reader
	Design *estimate.Design
	Domain estimate.Domain
}

// Ground is the design of the case and a domain of it.
func (c *Case) Ground(in Domain) *Ground { return c.On(c.Design()).Within(in) }

// On is everyone on a design that was compiled for the case.
func (c *Case) On(d *estimate.Design, err error) *Ground { return c.View.On(d, err) }

// On is everyone on a design that was compiled from the rows of this view.
func (v *View) On(d *estimate.Design, err error) *Ground {
	g := &Ground{Reader: Reader{Err: err, view: v}, Design: d}
	if err == nil {
		g.Domain = d.Everyone()
	}
	return g
}

// Within is a domain of the same design.
func (g *Ground) Within(in Domain) *Ground {
	if g.Err != nil || in.Everyone() {
		return g
	}
	n := *g
	match, err := g.view.Match(in)
	if err != nil {
		n.Err = fmt.Errorf("domain: %w", err)
		return &n
	}
	n.Domain = g.Design.Domain(func(row int) bool { return match[row] })
	return &n
}

// Domain is a domain of a design that was compiled from the rows of the case.
func (c *Case) Domain(d *estimate.Design, in Domain) (estimate.Domain, error) {
	g := c.On(d, nil).Within(in)
	return g.Domain, g.Err
}

// Split are the parts of the domain by a code from 0 to k-1, one a row.
func (g *Ground) Split(code []int, k int) ([]estimate.Domain, error) {
	inside, own := g.Domain.Has(), make([]int, len(code))
	for row, c := range code {
		own[row] = -1
		if inside[row] {
			own[row] = c
		}
	}
	return g.Design.Groups(own, k)
}

// Groups are the cells of some columns crossed, within the domain.
func (g *Ground) Groups(by []string) (groups []estimate.Domain, labels []string) {
	groups = take(&g.Reader, nil, func() ([]estimate.Domain, error) {
		if len(by) == 0 {
			return nil, errors.New("by has no columns")
		}
		code, names, err := g.view.Labels(by...)
		if err != nil {
			return nil, err
		}
		labels = names
		return g.Split(code, len(labels))
	})
	return groups, labels
}

// Parts are the domains of a contrast, within the domain, and their coefficients.
func (g *Ground) Parts(x Contrast) (parts []estimate.Domain, coef []float64) {
	if g.Err != nil {
		return nil, nil
	}
	inside := g.Domain.Has()
	for _, term := range x.Terms {
		match, err := g.view.Match(term.Domain)
		if err != nil {
			g.Err = fmt.Errorf("contrast: %w", err)
			return nil, nil
		}
		parts = append(parts, g.Design.Domain(func(row int) bool { return inside[row] && match[row] }))
		coef = append(coef, term.Coef)
	}
	return parts, coef
}
