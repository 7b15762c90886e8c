package bench

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/estimate"
	"adili/estimate/perception"
)

// The report of the target: 5,000 people in each round, drawn in offices of 25,
// half of which are in both rounds.
const (
	reportPeople  = 5000
	reportOffices = reportPeople / 25
	reportItems   = 45
	reportFactors = 10
	maxReport     = 50 * time.Millisecond
	reportRuns    = 21 // its time is the median
)

// breakdowns are the categories of sex, seniority, region and position.
var breakdowns = [...]int{2, 4, 6, 5}

// rounds is a survey of two populations in two rounds as it lies in memory: the
// round before stands below the new one. Offices of even number are of officials.
type rounds struct {
	sample  estimate.Sample
	round   []int // 0 the new one, 1 the one before
	people  []int // 0 officials, 1 private sector
	class   [len(breakdowns)][]int
	answer  [reportItems][]uint8 // 0 not asked, 1 to 5, 7 not reached, 8 don't know, 9 refused
	reverse []bool
}

func inventRounds() *rounds {
	r := rand.New(rand.NewPCG(2026, 45))
	s := &rounds{reverse: make([]bool, reportItems)}
	var st estimate.Stage
	mood := make([]float64, 2*reportOffices)
	for i := range mood {
		mood[i] = 0.3 * r.NormFloat64()
	}
	for i := range reportItems {
		s.reverse[i] = i%4 == 3
	}
	for row := range 2 * reportPeople {
		round, office := row/reportPeople, row%reportPeople/25
		s.round, s.people = append(s.round, round), append(s.people, office%2)
		if round == 1 && office >= reportOffices/2 {
			office += reportOffices / 2
		}
		st.UnitCode, st.StratumCode = append(st.UnitCode, int32(office)), append(st.StratumCode, int32(office%12))
		s.sample.Weight = append(s.sample.Weight, math.Round(1e4*math.Exp(1+0.4*r.NormFloat64()))/1e4)
		for i, n := range breakdowns {
			s.class[i] = append(s.class[i], r.IntN(n))
		}
		person := r.NormFloat64() + mood[office] + 0.1*float64(round)
		for i := range s.answer {
			s.answer[i] = append(s.answer[i], inventAnswer(r, i, office%2, person))
		}
	}
	s.sample.Stages = []estimate.Stage{st}
	return s
}

func inventAnswer(r *rand.Rand, item, people int, person float64) uint8 {
	switch n := r.IntN(40); {
	case people == 1 && item%9 == 8:
		return 0
	case n < 3:
		return uint8(7 + n)
	}
	x := max(-2, min(2, math.Round(0.7*person+r.NormFloat64())))
	if item%4 == 3 {
		x = -x
	}
	return uint8(3 + x)
}

// latest is the new round alone.
func (s *rounds) latest() *rounds {
	n := reportPeople
	st := s.sample.Stages[0]
	l := &rounds{
		sample: estimate.Sample{Weight: s.sample.Weight[:n], Stages: []estimate.Stage{{UnitCode: st.UnitCode[:n], StratumCode: st.StratumCode[:n]}}},
		round:  s.round[:n], people: s.people[:n], reverse: s.reverse,
	}
	for i := range s.class {
		l.class[i] = s.class[i][:n]
	}
	for i := range s.answer {
		l.answer[i] = s.answer[i][:n]
	}
	return l
}

// shares are the recodes of an item's codes: agreement with it, counting against
// the answers given, and each answer against all who were asked.
func (s *rounds) shares(item int) []estimate.Item {
	nan := math.NaN()
	agree := []float64{nan, 0, 0, 0, 1, 1}
	if s.reverse[item] {
		agree = []float64{nan, 1, 1, 0, 0, 0}
	}
	list := []estimate.Item{{Code: s.answer[item], Value: agree}}
	for _, code := range []int{1, 2, 3, 4, 5, 7, 8, 9} {
		one := []float64{nan, 0, 0, 0, 0, 0, nan, 0, 0, 0}
		one[code] = 1
		list = append(list, estimate.Item{Code: s.answer[item], Value: one})
	}
	return list
}

// score is the score of everybody on a factor.
func (s *rounds) score(factor int) []float64 {
	var items []int
	for i := factor; i < reportItems; i += reportFactors {
		items = append(items, i)
	}
	y, answer, reverse := make([]float64, len(s.round)), make([]uint8, len(items)), make([]bool, len(items))
	for row := range y {
		for k, i := range items {
			answer[k], reverse[k] = s.answer[i][row], s.reverse[i]
			if answer[k] > 5 {
				answer[k] = estimate.NoAnswer
			}
		}
		y[row] = estimate.Score(answer, reverse)
	}
	return y
}

// report counts the figures with an interval and those with a p-value, and adds
// them up, so that none is left out.
type report struct {
	mu             sync.Mutex
	figures, tests int
	check          float64
}

func (r *report) put(figures, tests int, check float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.figures, r.tests, r.check = r.figures+figures, r.tests+tests, r.check+check
}

// groups numbers everybody's population and category of a breakdown; -1 is no
// breakdown.
func (s *rounds) groups(breakdown int) (group []int32, groups int) {
	group, n := make([]int32, len(s.people)), 1
	if breakdown >= 0 {
		n = breakdowns[breakdown]
	}
	for row, people := range s.people {
		group[row] = int32(people * n)
		if breakdown >= 0 {
			group[row] += int32(s.class[breakdown][row])
		}
	}
	return group, 2 * n
}

// shared estimates shares of items with their Korn-Graubard intervals, and where
// asked the gaps in agreement between the populations, drawn independently.
func (s *rounds) shared(d *estimate.Design, r *report, breakdown int) error {
	var items []estimate.Item
	each := 1
	for i := range reportItems {
		list := s.shares(i)
		if breakdown >= 0 {
			list = list[:1]
		}
		each = len(list)
		items = append(items, list...)
	}
	group, groups := s.groups(breakdown)
	m, err := d.MeansOf(items, group, groups)
	if err != nil {
		return err
	}
	check, figures := 0.0, 0
	var gaps []float64
	for i := range m.Items() {
		for g := range groups {
			e := m.At(i, g)
			if e.N == 0 {
				continue // an item that this population was not asked
			}
			in := estimate.KornGraubard(estimate.Share{Value: e.Value, Variance: m.Variance(i, g), N: e.N, DF: m.DF(i, g)}, 0.95, true)
			check += e.Value + in.Lower + in.Upper
			figures++
		}
		if i%each == 0 && breakdown < 0 {
			c := estimate.Independent(term(m, i, 0, 1), term(m, i, 1, -1))
			gaps = append(gaps, c.P())
			check += total([]float64{c.Interval(0.95).Lower})
		}
	}
	r.put(figures, len(gaps), check+total(estimate.BenjaminiHochberg(gaps)))
	return nil
}

// total leaves out the numbers that are not known.
func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		if v == v {
			sum += v
		}
	}
	return sum
}

func term(m *estimate.Means, item, group int, coef float64) estimate.Term {
	return estimate.Term{Coef: coef, Value: m.At(item, group).Value, Variance: m.Variance(item, group), DF: m.DF(item, group)}
}

// levels estimates the scores of all factors in both populations and the
// categories of a breakdown.
func (s *rounds) levels(d *estimate.Design, r *report, breakdown int, items []estimate.Item) error {
	group, groups := s.groups(breakdown)
	m, err := d.MeansOf(items, group, groups)
	if err != nil {
		return err
	}
	check := 0.0
	for i := range m.Items() {
		for g := range groups {
			in := estimate.StudentInterval(m.At(i, g).Value, m.SE(i, g), m.DF(i, g), 0.95)
			check += m.At(i, g).Value + in.Lower + in.Upper
		}
	}
	r.put(m.Items()*groups, 0, check)
	return nil
}

// coded writes scores, of which few are different, as codes; 0 is missing.
func coded(score []float64) estimate.Item {
	it := estimate.Item{Code: make([]uint8, len(score)), Value: []float64{math.NaN()}}
	place := make(map[float64]uint8)
	for row, y := range score {
		if y != y {
			continue
		}
		code, known := place[y]
		if !known {
			code = uint8(len(it.Value))
			place[y] = code
			it.Value = append(it.Value, y)
		}
		it.Code[row] = code
	}
	return it
}

// agreed estimates the share of a factor's answers that agree.
func (s *rounds) agreed(d *estimate.Design, r *report, factor int) error {
	agree, valid := make([]float64, len(s.people)), make([]float64, len(s.people))
	for i := factor; i < reportItems; i += reportFactors {
		for row, code := range s.answer[i] {
			if code >= 1 && code <= 5 {
				valid[row]++
				if code > 3 != s.reverse[i] && code != 3 {
					agree[row]++
				}
			}
		}
	}
	ratio, err := d.Ratio(agree, valid, s.part(d, 0, 0, -1), s.part(d, 0, 1, -1))
	if err != nil {
		return err
	}
	check := 0.0
	for i := range ratio.Len() {
		in := ratio.Interval(i, 0.95)
		check += ratio.At(i).Value + in.Lower + in.Upper
	}
	r.put(ratio.Len(), 0, check)
	return nil
}

// compared judges one comparison for all factors together.
func compared(d *estimate.Design, r *report, scores [][]float64, c perception.Comparison) error {
	f, err := perception.Compare(d, make([]string, len(scores)), scores, c)
	if err != nil {
		return err
	}
	check := total(f.Holm())
	for _, c := range f.Contrasts {
		in := c.Interval(0.95)
		check += c.Value + in.Lower + in.Upper
	}
	r.put(len(f.Contrasts), len(f.Contrasts), check)
	return nil
}

// part is a population in a round, and of one sex unless that is below 0.
func (s *rounds) part(d *estimate.Design, round, people, sex int) estimate.Domain {
	return d.Domain(func(row int) bool {
		return s.round[row] == round && s.people[row] == people && (sex < 0 || s.class[0][row] == sex)
	})
}

// families are the gaps between populations, those between the sexes within
// each, the changes since the round before, and the change of the gap.
func (s *rounds) families(now, both *estimate.Design) map[*estimate.Design][]perception.Comparison {
	gaps := []perception.Comparison{perception.Difference(s.part(now, 0, 0, -1), s.part(now, 0, 1, -1))}
	var changes []perception.Comparison
	for people := range 2 {
		gaps = append(gaps, perception.Difference(s.part(now, 0, people, 0), s.part(now, 0, people, 1)))
		changes = append(changes, perception.Difference(s.part(both, 0, people, -1), s.part(both, 1, people, -1)))
	}
	official, private := changes[0].Domains, changes[1].Domains
	changes = append(changes, perception.DifferenceInDifferences(official[0], official[1], private[0], private[1]))
	return map[*estimate.Design][]perception.Comparison{now: gaps, both: changes}
}

// make does all of it, on all processors.
func (s *rounds) make() (*report, error) {
	latest := s.latest()
	now, err := estimate.Compile(latest.sample)
	if err != nil {
		return nil, err
	}
	both, err := estimate.Compile(s.sample)
	if err != nil {
		return nil, err
	}
	scores, new := make([][]float64, reportFactors), make([][]float64, reportFactors)
	items := make([]estimate.Item, reportFactors)
	var work []func() error
	for f := range scores {
		work = append(work, func() error {
			scores[f] = s.score(f)
			new[f] = scores[f][:reportPeople]
			items[f] = coded(new[f])
			return nil
		})
	}
	if err := together(work); err != nil {
		return nil, err
	}
	r := &report{}
	work = nil
	for f := range scores {
		work = append(work, func() error { return latest.agreed(now, r, f) })
	}
	for b := -1; b < len(breakdowns); b++ {
		work = append(work, func() error { return latest.shared(now, r, b) })
		work = append(work, func() error { return latest.levels(now, r, b, items) })
	}
	for d, list := range s.families(now, both) {
		y := scores
		if d == now {
			y = new
		}
		for _, c := range list {
			work = append(work, func() error { return compared(d, r, y, c) })
		}
	}
	return r, together(work)
}

// together does work on all processors.
func together(work []func() error) error {
	var next atomic.Int32
	var wg sync.WaitGroup
	errs := make([]error, len(work))
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(work); i = int(next.Add(1)) - 1 {
				errs[i] = work[i]()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// BenchmarkWholeReport makes all figures of a perception survey from answers in
// memory: 5,000 people of two populations in this round and as many in the one
// before, 45 items, ten factors, four breakdowns, gaps and changes, designs
// compiled anew, with all intervals and adjusted p-values.
func BenchmarkWholeReport(b *testing.B) {
	s := inventRounds()
	for b.Loop() {
		var took []time.Duration
		var r *report
		cpu := processor()
		for range reportRuns {
			began := time.Now()
			var err error
			if r, err = s.make(); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		median := milliseconds(Quantile(took, 0.5))
		b.ReportMetric(median, "report-ms")
		b.ReportMetric(milliseconds(Quantile(took, 1)), "worst-report-ms")
		b.ReportMetric(1000*(processor()-cpu)/reportRuns, "report-cpu-ms")
		b.ReportMetric(float64(r.figures), "figures")
		b.ReportMetric(float64(r.tests), "tests")
		if math.IsNaN(r.check) {
			b.Error("a figure is not a number")
		}
		figure("a whole report of 5,000 answers", median, milliseconds(maxReport), "ms")
	}
}
