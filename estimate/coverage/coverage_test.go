// Package coverage draws many samples from a population that is known completely, and counts how often the intervals of package
// estimate hold the true value. Intervals at 95 % must do so 95 times in 100: this is the one test that no formula can pass by
// being copied correctly from a wrong book.
//
// The long form draws 2,000 samples, so that a count is known to half a point; the short form, 40, notices only what is badly
// wrong.
package coverage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"adili/estimate"
	"adili/estimate/perception"
	"adili/estimate/sensitive"
)

// seed was chosen before the first run and is not to be changed for a result.
const seed = 20261123

// born is the share of birthdays of the crosswise question.
const born = 90.0 / 365

// band is the coverage that is good enough, in percent.
type band struct{ low, high float64 }

var (
	strict = band{93, 97} // means, gaps, changes
	wide   = band{92, 98} // shares near 0 and 1, crosswise
	broken = band{0, 90}  // a mistake made on purpose
)

// line is one estimand in one sample.
type line struct {
	name      string
	within    band
	truth     float64
	value, se float64
	interval  estimate.Interval
}

// survey is one sample with its designs.
type survey struct {
	t      *testing.T
	of     *population
	random *rand.Rand
	first  *sample
	rounds *sample // both, the first round first
	out    []line
}

func (s *survey) note(name string, within band, truth, value, se float64, i estimate.Interval) {
	s.out = append(s.out, line{name, within, truth, value, se, i})
}

// check ends the test on an error.
func (s *survey) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// run draws a sample and estimates everything. Samples are independent of each other and of the order they are drawn in.
func run(t *testing.T, p *population, number int) []line {
	s := &survey{t: t, of: p, random: rand.New(rand.NewPCG(seed, uint64(number+1)))}
	s.first = &sample{of: p}
	s.first.draw(s.random, 0)
	s.rounds = &sample{of: p}
	*s.rounds = *s.first
	s.rounds.draw(s.random, 1)
	s.means()
	s.shares()
	s.raked()
	s.changes()
	s.crosswise()
	return s.out
}

func (p *population) everyOfficial(i int) bool { return p.official(i) }
func (p *population) private(i int) bool       { return !p.official(i) }
func (p *population) women(i int) bool         { return p.official(i) && p.woman[i] }
func (p *population) men(i int) bool           { return p.official(i) && !p.woman[i] }
func (p *population) central(i int) bool       { return p.stratum[i] == headquarters }

// part is a domain of people.
func part(d *estimate.Design, s *sample, in func(i int) bool) estimate.Domain {
	return d.Domain(func(row int) bool { return in(s.person[row]) })
}

// means are scores and gaps by the design as it was drawn: two stages, finite populations.
func (s *survey) means() {
	p := s.of
	d := s.first.compile(s.t, s.first.weight, true, false)
	wrong := s.first.compile(s.t, s.first.weight, false, true)
	for _, m := range []struct {
		name   string
		d      *estimate.Design
		within band
		in     func(i int) bool
	}{
		{"score, officials", d, strict, p.everyOfficial},
		{"score, private sector", d, strict, p.private},
		{"score, headquarters (40 % drawn)", d, strict, p.central},
		{"score, women among officials", d, strict, p.women},
		{"score, officials, offices ignored (must fail)", wrong, broken, p.everyOfficial},
	} {
		r, err := m.d.Mean(s.first.column(p.score[0][0]), part(m.d, s.first, m.in))
		s.check(err)
		s.note(m.name, m.within, p.mean(p.score[0][0], m.in), r.At(0).Value, r.SE(0), r.Interval(0, 0.95))
	}
	for f := range factorItems {
		s.contrast(fmt.Sprintf("gap, officials less private sector, factor %d", f+1), d, s.first, p.score[0][f], p.everyOfficial, p.private)
	}
	s.contrast("gap, women less men among officials", d, s.first, p.score[0][0], p.women, p.men)
}

// contrast notes the difference of two parts.
func (s *survey) contrast(name string, d *estimate.Design, of *sample, y []float64, plus, minus func(i int) bool) {
	c := perception.Difference(part(d, of, plus), part(d, of, minus))
	f, err := perception.Compare(d, []string{name}, [][]float64{of.column(y)}, c)
	s.check(err)
	x := f.Contrasts[0]
	s.note(name, strict, s.of.mean(y, plus)-s.of.mean(y, minus), x.Value, x.SE, x.Interval(0.95))
}

// shares are those near 0 and 1 by Korn and Graubard, and the agreement with a factor as a ratio.
func (s *survey) shares() {
	p := s.of
	d := s.first.compile(s.t, s.first.weight, true, false)
	for _, m := range []struct {
		name string
		y    []float64
		in   func(i int) bool
	}{
		{"share near 0, officials", p.rare, p.everyOfficial},
		{"share near 1, officials", p.common, p.everyOfficial},
		{"share near 0, private sector", p.rare, p.private},
		{"share near 1, private sector", p.common, p.private},
		{"share near 0, women among officials", p.rare, p.women},
	} {
		r, err := d.Proportion(s.first.column(m.y), part(d, s.first, m.in))
		s.check(err)
		i := estimate.KornGraubard(r.Share(0), 0.95, true)
		s.note(m.name, wide, p.mean(m.y, m.in), r.At(0).Value, r.SE(0), i.Interval)
	}
	r, err := d.Ratio(s.first.column(p.agreeing), s.first.column(p.given), part(d, s.first, p.everyOfficial))
	s.check(err)
	truth := p.mean(p.agreeing, p.everyOfficial) / p.mean(p.given, p.everyOfficial)
	s.note("agreement with a factor, officials", strict, truth, r.At(0).Value, r.SE(0), r.Interval(0, 0.95))
}

// raked are estimates from those who answered, with weights raked to known totals and variances from calibration residuals.
func (s *survey) raked() {
	p := s.of
	answered := s.first.respond(s.random)
	raked := answered.rake(s.t)
	d := answered.compile(s.t, raked.Weights(), false, false).Calibrated(raked)
	r, err := d.Mean(answered.column(p.score[0][0]), part(d, answered, p.everyOfficial))
	s.check(err)
	s.note("score, officials, raked", strict, p.mean(p.score[0][0], p.everyOfficial), r.At(0).Value, r.SE(0), r.Interval(0, 0.95))
	s.contrast("gap, officials less private sector, raked", d, answered, p.score[0][0], p.everyOfficial, p.private)
	r, err = d.Proportion(answered.column(p.rare), part(d, answered, p.everyOfficial))
	s.check(err)
	i := estimate.KornGraubard(r.Share(0), 0.95, true)
	s.note("share near 0, officials, raked", wide, p.mean(p.rare, p.everyOfficial), r.At(0).Value, r.SE(0), i.Interval)
}

// changes are differences between rounds on the stacked sample: half the offices are in both.
func (s *survey) changes() {
	p := s.of
	d := s.rounds.compile(s.t, s.rounds.weight, false, false)
	round := func(r int, in func(i int) bool) estimate.Domain {
		return d.Domain(func(row int) bool { return s.rounds.round[row] == r && in(s.rounds.person[row]) })
	}
	change := func(f int, in func(i int) bool) float64 { return p.mean(p.score[1][f], in) - p.mean(p.score[0][f], in) }
	for f := range factorItems {
		y := [][]float64{s.rounds.column(p.score[0][f], p.score[1][f])}
		for _, m := range []struct {
			name  string
			truth float64
			c     perception.Comparison
		}{
			{"change, officials, shared offices", change(f, p.everyOfficial), perception.Difference(round(1, p.everyOfficial), round(0, p.everyOfficial))},
			{"change, private sector", change(f, p.private), perception.Difference(round(1, p.private), round(0, p.private))},
			{"change of the gap", change(f, p.everyOfficial) - change(f, p.private), perception.DifferenceInDifferences(
				round(1, p.everyOfficial), round(0, p.everyOfficial), round(1, p.private), round(0, p.private))},
		} {
			family, err := perception.Compare(d, []string{m.name}, y, m.c)
			s.check(err)
			x := family.Contrasts[0]
			s.note(fmt.Sprintf("%s, factor %d", m.name, f+1), strict, m.truth, x.Value, x.SE, x.Interval(0.95))
		}
	}
}

// crosswise is the prevalence from the crosswise question with its anchor. Offices count as drawn with replacement: a finite
// population correction would shrink the chance of birthdays too, which does not end when everybody has been asked.
func (s *survey) crosswise() {
	p := s.of
	d := s.first.compile(s.t, s.first.weight, false, false)
	same, anchor := s.first.crosswise(s.random, born)
	for _, m := range []struct {
		name string
		in   func(i int) bool
	}{
		{"crosswise with anchor, officials", p.everyOfficial}, {"crosswise with anchor, private sector", p.private},
	} {
		a, err := sensitive.Crosswise(d, same, anchor, born, part(d, s.first, m.in))
		s.check(err)
		r := a.Corrected
		s.note(m.name, wide, p.mean(p.bribed, m.in), r.At(0).Value, r.SE(0), r.Interval(0, 0.95))
	}
}

// tally is one estimand over all samples.
type tally struct {
	line
	n, sum, squares, se float64
	below, above        float64 // intervals that lie below or above the truth
}

func (y tally) covered() float64 { return 100 * (1 - (y.below+y.above)/y.n) }

// simulate draws samples on all processors and adds them up in their order.
func simulate(t *testing.T, samples int) []tally {
	p := populate(t, seed)
	results := make([][]line, samples)
	workers := runtime.GOMAXPROCS(0)
	t.Run("samples", func(t *testing.T) {
		for w := range workers {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				for k := w; k < samples; k += workers {
					results[k] = run(t, p, k)
				}
			})
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	var all []tally
	for _, lines := range results {
		if all == nil {
			all = make([]tally, len(lines))
		}
		for i, l := range lines {
			y := &all[i]
			y.line = l
			y.n++
			y.sum += l.value - l.truth
			y.squares += (l.value - l.truth) * (l.value - l.truth)
			y.se += l.se
			if !(l.interval.Upper >= l.truth) {
				y.below++
			} else if !(l.interval.Lower <= l.truth) {
				y.above++
			}
		}
	}
	return all
}

// table is the result as it stands in the documentation.
func table(all []tally) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| estimand | true value | bias / SD | mean SE / SD | below %% | above %% | coverage %% | wanted %% |\n|---|---|---|---|---|---|---|---|\n")
	for _, y := range all {
		bias := y.sum / y.n
		sd := math.Sqrt(y.squares/y.n - bias*bias)
		fmt.Fprintf(&b, "| %s | %.4f | %+.3f | %.3f | %.2f | %.2f | %.2f | %g to %g |\n",
			y.name, y.truth, bias/sd, y.se/y.n/sd, 100*y.below/y.n, 100*y.above/y.n, y.covered(), y.within.low, y.within.high)
	}
	return b.String()
}

// TestFewSamples notices what is badly wrong: with 40 samples, 33 intervals must hold the truth.
func TestFewSamples(t *testing.T) {
	all := simulate(t, 40)
	for _, y := range all {
		if y.within != broken && y.covered() < 82 {
			t.Errorf("%s: only %.0f %% of the intervals hold the true value %v", y.name, y.covered(), y.truth)
		}
	}
	if t.Failed() {
		t.Log("\n" + table(all))
	}
}
