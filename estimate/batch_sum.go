package estimate

import (
	"math"
	"math/bits"

	"adili/estimate/sum"
)

// deviate writes down how far every answer is from the mean of its group, or
// returns false if a group has no unit for that, or sums could outgrow 128 bits.
func (t *tally) deviate(c *cells) bool {
	digits, answers := 0, 0
	for _, y := range t.item.Value {
		answers = max(answers, finest(y))
	}
	for g, e := range t.est {
		of := t.answers[g*c.width:][:c.width]
		clear(of)
		if math.IsNaN(e.Value) {
			continue
		}
		fine := max(answers, finest(e.Value))
		mean := math.Ldexp(e.Value, fine)
		for code, y := range t.item.Value {
			if math.IsNaN(y) {
				continue
			}
			if y = math.Ldexp(y, fine); max(math.Abs(y), math.Abs(mean)) >= 1<<61 || fine > mostFine {
				return false
			}
			d := int64(y) - int64(mean)
			of[code] = deviation(2*d + 1)
			digits = max(digits, bits.Len64(uint64(max(d, -d))))
		}
		t.scale[g] = math.Ldexp(1/e.Population, c.grid-fine)
	}
	return c.digits+digits+bits.Len(uint(c.most)) < 126
}

// mostFine keeps products of weights and answers far from the smallest float64.
const mostFine = 500

// finest is the smallest number n from 0 such that x is a whole number of units
// of 2^-n, 0 for NaN.
func finest(x float64) int {
	if x == 0 || math.IsNaN(x) {
		return 0
	}
	low, _ := sum.Digits(x)
	return max(0, -low)
}

// deviations computes the influence values of all cells, block by block.
func (w *walk) deviations(tallies []tally) {
	c := w.cells
	for cell := 0; cell < len(c.group); {
		start := int(c.from[cell])
		end := min(len(c.row), max(start+blockRows, int(c.from[cell+1])))
		next := cell
		for next < len(c.group) && int(c.from[next+1]) <= end {
			next++
		}
		for i := range tallies {
			if t := &tallies[i]; t.fit {
				t.run(c, w.sums, start, int(c.from[next]))
				t.cut(c, w.sums, cell, next)
			}
		}
		cell = next
	}
}

// run sums weighted deviations from row to row, modulo 2^128.
func (t *tally) run(c *cells, sums []deviations, start, end int) {
	var s deviations
	people, rows, codes, last, answers := c.sorted[start:end], c.row[start:end], t.item.Code, len(t.item.Value), t.answers
	sums = sums[1:][:len(rows)]
	for i, r := range rows {
		p := &people[i]
		y := answers[int(p.place)+min(int(codes[r]), last)]
		high, low := bits.Mul64(p.weight, uint64(y>>1))
		high -= p.weight & uint64(y>>63) // a negative factor is 2^64 too large
		var carry uint64
		s.low, carry = bits.Add64(s.low, low, 0)
		s.high, _ = bits.Add64(s.high, high, carry)
		s.people += int(y & 1)
		sums[i] = s
	}
}

// cut gives every cell the sum behind it less the sum before it.
func (t *tally) cut(c *cells, sums []deviations, cell, next int) {
	start := c.from[cell]
	before := &sums[0]
	for ; cell < next; cell++ {
		z := math.NaN()
		behind := &sums[c.from[cell+1]-start]
		if people := behind.people - before.people; people > 0 {
			low, borrow := bits.Sub64(behind.low, before.low, 0)
			high, _ := bits.Sub64(behind.high, before.high, borrow)
			g := c.group[cell]
			z = float64(sum.Nearest(int64(high), low) * t.scale[g])
			t.est[g].N += people
		}
		t.z[c.to[cell]] = z
		before = behind
	}
}

// stratum sums the influence values of one group of people in one stratum.
type stratum struct {
	total, square sum.Quick
	mean          float64
	units         int // with an answer
}

// variances adds up the strata as level.add does for one column, and counts
// their units.
func (w *walk) variances(t *tally, v []float64) {
	c, est := w.cells, t.est
	all := make([]exact, len(v))
	for h, g := range w.d.levels[0].groups {
		clear(w.strata)
		from, to := int(c.first[h]), int(c.first[h+1])
		zs, groups := t.z[from:to], c.of[from:to]
		for i, z := range zs {
			if z == z { // not NaN
				s := &w.strata[groups[i]]
				s.total.Add(z)
				s.units++
			}
		}
		n := float64(g.hi - g.lo)
		counts := g.rate < 1 && g.share > 0 && !g.alone()
		for q := range w.strata {
			s := &w.strata[q]
			if s.units > 0 {
				est[q].PSUs += s.units
				est[q].Strata++
				s.mean = settle(s.total, s.units, zs, groups, q, func(z float64) float64 { return z }, 0) / n
			}
		}
		if !counts {
			continue
		}
		for i, z := range zs {
			if z == z {
				s := &w.strata[groups[i]]
				s.square.Add(float64((z - s.mean) * (z - s.mean)))
			}
		}
		for q := range w.strata {
			s := &w.strata[q]
			if s.units == 0 {
				continue
			}
			others := float64((n - float64(s.units)) * (s.mean * s.mean))
			s.square.Add(others)
			scatter := settle(s.square, s.units+1, zs, groups, q, func(z float64) float64 { return float64((z - s.mean) * (z - s.mean)) }, others)
			all[q].add(g.share * (1 - g.rate) * n / (n - 1) * scatter)
		}
	}
	for q := range v {
		v[q] = all[q].value()
		if est[q].N == 0 {
			v[q] = math.NaN()
		}
	}
}

// settle is a quick sum over some cells of a group, or where that is not sure
// the exact one, with one more term.
func settle(quick sum.Quick, n int, zs []float64, groups []int32, group int, term func(z float64) float64, more float64) float64 {
	if v, sure := quick.Value(n); sure {
		return v
	}
	var s exact
	for i, z := range zs {
		if z == z && int(groups[i]) == group {
			s.add(term(z))
		}
	}
	s.add(more)
	return s.value()
}
