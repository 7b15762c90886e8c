package pps

import (
	"math"
	"slices"
)

// sum adds the terms in their order of size, so that the order they come in changes no bit. It reorders them.
func sum(x []float64) float64 {
	slices.Sort(x)
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}

// over adds a function of the units lo to hi-1.
func over(lo, hi int, f func(u int) float64) float64 {
	terms := make([]float64, 0, hi-lo)
	for u := lo; u < hi; u++ {
		terms = append(terms, f(u))
	}
	return sum(terms)
}

// covariance of two estimates from the sums of their weighted influence values by unit.
func (d *Design) covariance(x, y []float64) float64 {
	if d.variance.kind == joint {
		return d.jointly(x, y)
	}
	var parts []float64
	for g, lo := range d.first[:len(d.first)-1] {
		hi := d.first[g+1]
		switch {
		case hi-lo == 1: // certain to be drawn
		case d.variance.kind == withReplacement:
			parts = append(parts, d.spread(x, y, lo, hi, func(int) float64 { return 1 }))
		case d.variance.kind == brewer:
			parts = append(parts, d.spread(x, y, lo, hi, func(u int) float64 { return 1 - d.p[u] }))
		default:
			parts = append(parts, d.approximately(x, y, lo, hi))
		}
	}
	return sum(parts)
}

// spread is n/(n-1) times the weighted sum of products of deviations from the means.
func (d *Design) spread(x, y []float64, lo, hi int, weight func(u int) float64) float64 {
	n := float64(hi - lo)
	mx := over(lo, hi, func(u int) float64 { return x[u] }) / n
	my := over(lo, hi, func(u int) float64 { return y[u] }) / n
	return n / (n - 1) * over(lo, hi, func(u int) float64 { return weight(u) * ((x[u] - mx) * (y[u] - my)) })
}

// approximately is for joint probabilities with (π_ij - π_i π_j)/π_ij = a + b (π_i + π_j) between different units of a
// stratum: the double sum then falls apart into single ones.
func (d *Design) approximately(x, y []float64, lo, hi int) float64 {
	n := float64(hi - lo)
	a, b := -1/(n-1), 0.5/(n-1)
	ps := over(lo, hi, func(u int) float64 { return d.p[u] })
	if d.variance.kind == hartleyRao {
		q := d.variance.mean
		if math.IsNaN(q) {
			q = ps / n
		}
		a, b = -(1+q)/(n-1), 1/(n-1)
	}
	p := d.p
	sx, sy := over(lo, hi, func(u int) float64 { return x[u] }), over(lo, hi, func(u int) float64 { return y[u] })
	px, py := over(lo, hi, func(u int) float64 { return p[u] * x[u] }), over(lo, hi, func(u int) float64 { return p[u] * y[u] })
	between := a*sx*sy + b*(px*sy+sx*py)
	own := over(lo, hi, func(u int) float64 { // what the diagonal has instead
		return (1 - p[u] - a - 2*b*p[u]) * (x[u] * y[u])
	})
	if d.variance.form == HorvitzThompson {
		return between + own
	}
	lines := over(lo, hi, func(u int) float64 { // of the sums of the lines, without the diagonal's own
		return (n*a + b*(ps+n*p[u])) * (x[u] * y[u])
	})
	return between - lines
}

// jointly is for joint probabilities as they are.
func (d *Design) jointly(x, y []float64) float64 {
	n := len(d.p)
	return over(0, n, func(i int) float64 {
		line := d.variance.joint[d.place[i]]
		return over(0, n, func(j int) float64 {
			p := line[d.place[j]]
			delta := (p - d.p[i]*d.p[j]) / p
			switch {
			case d.variance.form == YatesGrundy:
				return -0.5 * delta * ((x[i] - x[j]) * (y[i] - y[j]))
			case i == j:
				return (1 - d.p[i]) * (x[i] * y[i])
			}
			return delta * (x[i] * y[j])
		})
	})
}
