package quantile

import (
	"math"
	"sort"
)

// distinct is the curve with equal values taken together.
func (c *Curve) distinct() *Curve {
	d := Curve{total: c.total, near: c.near, exact: c.exact}
	for i, v := range c.x {
		if i > 0 && v == c.x[i-1] {
			d.w[len(d.w)-1] += c.w[i]
			d.below[len(d.below)-1] = c.below[i]
			continue
		}
		d.x, d.w, d.below = append(d.x, v), append(d.w, c.w[i]), append(d.below, c.below[i])
	}
	if c.exact {
		d.cumulate()
	}
	return &d
}

// step reads the curve as steps: one of the values, or half-way between two.
// Below the first step it is the first value; R takes the second one there.
func (c *Curve) step(rule Rule, p float64) float64 {
	i := sort.Search(len(c.x), func(i int) bool { return c.below[i] > float64((p+c.near)*c.total) }) - 1
	switch last := len(c.x) - 1; {
	case i < 0:
		return c.x[0]
	case i == last:
		return c.x[last]
	case c.exact && p-c.below[i]/c.total != 0, c.below[i] < float64((p-c.near)*c.total):
		return c.x[i+1] // p is inside the next step
	}
	switch rule { // p is on the edge between two
	case School, HF2:
		return (c.x[i] + c.x[i+1]) / 2
	case HF3:
		if i%2 == 0 { // counted from 1 the place is odd
			return c.x[i+1]
		}
	}
	return c.x[i]
}

// line reads the curve as a broken line through the values at the places that
// a rule gives them.
func (c *Curve) line(rule Rule, p float64) float64 {
	last := len(c.x) - 1
	if last == 0 {
		return c.x[0]
	}
	place := c.places(rule)
	i := sort.Search(len(c.x), func(i int) bool { return place(i) > p })
	switch i {
	case 0:
		return c.x[0]
	case last + 1:
		return c.x[last]
	}
	lo, hi := place(i-1), place(i)
	return c.x[i-1] + (c.x[i]-c.x[i-1])*((p-lo)/(hi-lo))
}

// places are the shares at which a rule puts the values.
func (c *Curve) places(rule Rule) func(i int) float64 {
	last := len(c.x) - 1
	total, end := c.total, c.w[last]
	part, all := 1.0, math.NaN() // of the value's own weight, and of everything
	switch rule {
	case HF4:
		all = total
	case HF5:
		part, all = 0.5, total
	case HF6:
		all = total + end
	case HF7:
		part, all = 0, c.below[last-1]
	case HF8:
		part, all = 2./3, total+end/3
	case HF9:
		part, all = 5./8, total+end/4
	}
	return func(i int) float64 { return (c.below[i] - (1-part)*c.w[i]) / all }
}
