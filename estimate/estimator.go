package estimate

import (
	"fmt"
	"math"
)

// Total estimates the population total of y in each domain, or of everyone when none is given, in units of y:
//
//	t = Σ w_k y_k      z_k = y_k
//
// (Horvitz & Thompson 1952; Särndal, Swensson & Wretman, Model Assisted Survey Sampling, 1992). y has one value a row;
// NaN is a missing answer, and counts nothing.
//
// All estimators return ErrLength, ErrValue or ErrDesign for input that does not fit. A domain without a valid answer
// has the value NaN, not 0: nothing was observed.
func (d *Design) Total(y []float64, domains ...Domain) (*Result, error) {
	return d.ratios("total", kindTotal, y, nil, domains)
}

// Mean estimates the mean of y in each domain, or of everyone: the ratio of the estimated total to the estimated number
// of people with an answer,
//
//	m = Σ w_k y_k / N̂      z_k = (y_k - m)/N̂      N̂ = Σ w_k
//
// over the people of the domain who gave an answer. It does not need the size of the domain and is never outside the
// range of the answers.
//
// Sources: J. Hájek, comment on a paper of D. Basu, Foundations of Statistical Inference, 1971; C.-E. Särndal, B.
// Swensson & J. Wretman, Model Assisted Survey Sampling, 1992.
//
// In Go, dividing by a known size instead is Total over that size. See Total for the rest.
func (d *Design) Mean(y []float64, domains ...Domain) (*Result, error) {
	return d.ratios("mean", kindMean, y, nil, domains)
}

// Ratio estimates total(num)/total(den) over people who have both:
//
//	R = Σ w_k num_k / X̂      z_k = (num_k - R den_k)/X̂      X̂ = Σ w_k den_k
//
// (Särndal, Swensson & Wretman 1992). A factor's share of agreeing answers is one: count of agreeing answers over count
// of valid answers. It is not the mean of the people's own shares. A denominator of zero gives NaN. See Total for the
// rest.
func (d *Design) Ratio(num, den []float64, domains ...Domain) (*Result, error) {
	return d.ratios("ratio", kindRatio, num, den, domains)
}

// Proportion estimates the share of people with y = 1 among those with y = 0 or 1, a mean. Other values are ErrValue.
// Take its interval from Result.Share, not from Result.Interval. See Total for the rest.
func (d *Design) Proportion(y []float64, domains ...Domain) (*Result, error) {
	for i, v := range y {
		if v != 0 && v != 1 && !math.IsNaN(v) {
			return nil, fmt.Errorf("estimate: proportion: row %d is %v: %w", i, v, ErrValue)
		}
	}
	return d.ratios("proportion", kindShare, y, nil, domains)
}

// Proportions estimates the share of each category c among the people with a valid answer, which is the mean of 1 for
// those in it and 0 for the others:
//
//	p_c = Σ_c w_k / N̂      z_k = (1 - p_c)/N̂ in category c, -p_c/N̂ elsewhere      N̂ = Σ w_k
//
// Other answers (don't know, not asked) are missing. The shares add to 1.
//
// In Go, the valid answers are the codes in categories, and the result has one estimate a category, in their order,
// with covariances.
func (d *Design) Proportions(code, categories []int, domain Domain) (*Result, error) {
	if len(code) != d.Rows() {
		return nil, fmt.Errorf("estimate: proportions: %d codes for %d rows: %w", len(code), d.Rows(), ErrLength)
	}
	if domain.design != d {
		return nil, fmt.Errorf("estimate: proportions: domain: %w", ErrDesign)
	}
	place := make(map[int]int, len(categories))
	for i, c := range categories {
		if _, twice := place[c]; twice {
			return nil, fmt.Errorf("estimate: proportions: category %d is named twice: %w", c, ErrValue)
		}
		place[c] = i
	}
	of, rows := make([]int, len(code)), make([]int32, 0, len(domain.rows))
	sums, hits := make([]exact, len(categories)), make([]int, len(categories))
	var weight exact
	for _, row := range domain.rows {
		i, known := place[code[row]]
		if w := d.weight[row]; known && w > 0 {
			of[row], rows = i, append(rows, row)
			hits[i]++
			sums[i].add(w)
			weight.add(w)
		}
	}
	r := &Result{design: d}
	people, y := weight.value(), make([]float64, len(code))
	for i := range categories {
		e := Estimate{Value: sums[i].value() / people, N: len(rows), Hits: hits[i], Population: people}
		if len(rows) == 0 {
			r.add(Estimate{Value: math.NaN()}, column{}, nil)
			continue
		}
		for _, row := range rows {
			y[row] = 0
			if of[row] == i {
				y[row] = 1
			}
		}
		r.add(d.spreadOut(e, y, nil, e.Value, 1/people, rows))
	}
	return r, nil
}

type kind uint8

const (
	kindTotal kind = iota
	kindMean
	kindRatio
	kindShare
)

// ratios runs one estimator over domains. All are ratios of totals: num over den, over the count of people (den nil),
// or over nothing.
func (d *Design) ratios(what string, k kind, num, den []float64, domains []Domain) (*Result, error) {
	if err := d.answers(num); err != nil {
		return nil, fmt.Errorf("estimate: %s: %w", what, err)
	}
	if k == kindRatio {
		if err := d.answers(den); err != nil {
			return nil, fmt.Errorf("estimate: %s: denominator: %w", what, err)
		}
	}
	if len(domains) == 0 {
		domains = []Domain{d.Everyone()}
	}
	r := &Result{design: d}
	for _, dom := range domains {
		if dom.design != d {
			return nil, fmt.Errorf("estimate: %s: domain: %w", what, ErrDesign)
		}
		r.add(d.estimate(k, num, den, dom.rows))
	}
	return r, nil
}

// answers checks a column of answers.
func (d *Design) answers(y []float64) error {
	if len(y) != d.Rows() {
		return fmt.Errorf("%d values for %d rows: %w", len(y), d.Rows(), ErrLength)
	}
	for i, v := range y {
		if !usable(v) && !math.IsNaN(v) {
			return fmt.Errorf("row %d is %v: %w", i, v, ErrValue)
		}
	}
	return nil
}

// estimate computes one estimate and its influence values.
func (d *Design) estimate(k kind, num, den []float64, rows []int32) (Estimate, column, []int32) {
	var top, bottom, weight exact
	e := Estimate{}
	for _, r := range rows {
		w := d.weight[r]
		if !(w > 0) || math.IsNaN(num[r]) || den != nil && math.IsNaN(den[r]) {
			continue
		}
		e.N++
		if k == kindShare && num[r] == 1 {
			e.Hits++
		}
		top.product(w, num[r])
		weight.add(w)
		if den != nil {
			bottom.product(w, den[r])
		}
	}
	e.Population = weight.value()
	e.Value = top.value()
	slope, scale := 0.0, 1.0
	switch {
	case e.N == 0:
		e.Value = math.NaN()
		return e, column{}, nil
	case k == kindMean || k == kindShare:
		e.Value /= e.Population
		slope, scale = e.Value, 1/e.Population
	case k == kindRatio:
		e.Value /= bottom.value()
		slope, scale = e.Value, 1/bottom.value()
		if !usable(e.Value) || !usable(scale) {
			e.Value = math.NaN() // a denominator of zero
			return e, column{}, nil
		}
	}
	return d.spreadOut(e, num, den, slope, scale, rows)
}

// spreadOut gives an estimate its influence values and what it rests on.
func (d *Design) spreadOut(e Estimate, num, den []float64, slope, scale float64, rows []int32) (Estimate, column, []int32) {
	var c column
	if d.residual == nil {
		c = d.influence(num, den, slope, scale, rows)
		e.PSUs, e.Strata = d.spread(c.unit)
		return e, c, c.unit
	}
	c = d.calibrated(func(r int32) float64 {
		x := 1.0
		if den != nil {
			x = den[r]
		}
		return (num[r] - float64(slope*x)) * scale
	}, rows)
	seen := d.answering(num, den, rows)
	e.PSUs, e.Strata = d.spread(seen)
	return e, c, seen
}

// answering are the leaves with a valid answer.
func (d *Design) answering(num, den []float64, rows []int32) []int32 {
	leaves := make([]int32, 0, min(len(rows), d.levels[len(d.levels)-1].units))
	for _, r := range rows {
		if !(d.weight[r] > 0) || math.IsNaN(num[r]) || den != nil && math.IsNaN(den[r]) {
			continue
		}
		if u := d.leaf[r]; len(leaves) == 0 || leaves[len(leaves)-1] != u {
			leaves = append(leaves, u)
		}
	}
	return leaves
}

// add appends an estimate.
func (r *Result) add(e Estimate, c column, seen []int32) {
	r.est = append(r.est, e)
	r.col = append(r.col, c)
	r.seen = append(r.seen, seen)
}

// influence adds w (num - slope den) inside each leaf unit, rounds once, and multiplies by scale.
func (d *Design) influence(num, den []float64, slope, scale float64, rows []int32) column {
	c := newColumn(min(len(rows), d.levels[len(d.levels)-1].units))
	var top, bottom exact
	open := int32(-1)
	shut := func() {
		if den != nil {
			top.less(slope, &bottom)
			bottom.reset()
		}
		c.put(open, top.value()*scale)
		top.reset()
	}
	for _, r := range rows {
		w := d.weight[r]
		if !(w > 0) || math.IsNaN(num[r]) || den != nil && math.IsNaN(den[r]) {
			continue
		}
		if u := d.leaf[r]; u != open {
			if open >= 0 {
				shut()
			}
			open = u
		}
		top.product(w, num[r])
		switch {
		case slope == 0:
		case den == nil:
			top.product(-slope, w)
		default:
			bottom.product(w, den[r])
		}
	}
	if open >= 0 {
		shut()
	}
	return c
}

// units are the units of a level above some leaves, in their order.
func (d *Design) units(level int, leaves []int32) []int32 {
	up := d.levels[level].up
	if up == nil {
		return leaves
	}
	var above []int32
	for _, leaf := range leaves {
		if u := up[leaf]; len(above) == 0 || above[len(above)-1] != u {
			above = append(above, u)
		}
	}
	return above
}

// spread counts the PSUs and strata above some leaves.
func (d *Design) spread(leaves []int32) (psus, strata int) {
	first := d.units(0, leaves)
	g := -1
	next := 0
	for _, u := range first {
		for int(u) >= next {
			g++
			next = d.levels[0].groups[g].hi
			if int(u) < next {
				strata++
			}
		}
	}
	return len(first), strata
}
