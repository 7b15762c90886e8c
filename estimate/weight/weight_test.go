package weight

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"adili/estimate"
	"adili/estimate/sum"
)

// population is a random sample with three variables and margins that are not those of the sample.
func population(rows int, seed uint64) (base []float64, margins []Margin) {
	rng := rand.New(rand.NewPCG(seed, 4))
	base = make([]float64, rows)
	for r := range base {
		base[r] = math.Exp(1 + 0.4*rng.NormFloat64())
	}
	all := 1.37 * sum.Of(base)
	for _, share := range [][]float64{{.6, .4}, {.2, .18, .17, .16, .15, .14}, {.38, .3, .21, .11}} {
		m := Margin{Name: string(rune('a' + len(margins))), Code: make([]int, rows)}
		for k, s := range share {
			m.Labels, m.Total = append(m.Labels, string(rune('0'+k))), append(m.Total, s*all)
		}
		for r := range m.Code {
			m.Code[r] = rng.IntN(len(share))
		}
		margins = append(margins, m)
	}
	return base, margins
}

func variables(base []float64, margins []Margin) []Variable {
	x := []Variable{Intercept(len(base), sum.Of(margins[0].Total))}
	for _, m := range margins {
		for k := 1; k < len(m.Labels); k++ {
			v := Variable{Name: m.Name + m.Labels[k], X: make([]float64, len(base)), Total: m.Total[k]}
			for r, c := range m.Code {
				if c == k {
					v.X[r] = 1
				}
			}
			x = append(x, v)
		}
	}
	return x
}

func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*math.Max(math.Abs(a), math.Abs(b))
}

func TestRakeMeetsTheMargins(t *testing.T) {
	base, margins := population(500, 1)
	c, err := Rake(base, margins, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range margins {
		have := make([]float64, len(m.Total))
		for r, w := range c.Weights() {
			have[m.Code[r]] += w
		}
		for k := range have {
			if !near(have[k], m.Total[k], 1e-11) {
				t.Errorf("margin %s %d: %v, want %v", m.Name, k, have[k], m.Total[k])
			}
		}
	}
	if least, greatest := c.Range(); !(least > 0 && least < 1 && greatest > 1.37) {
		t.Errorf("ratios from %v to %v", least, greatest)
	}
}

// Raking by turns and calibration with an exponential distance are two ways to one point.
func TestRakeIsCalibration(t *testing.T) {
	base, margins := population(300, 2)
	a, err := Rake(base, margins, Options{Relative: 1e-14})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Calibrate(base, variables(base, margins), Method{Distance: Raking})
	if err != nil {
		t.Fatal(err)
	}
	for r := range base {
		if !near(a.Weights()[r], b.Weights()[r], 1e-10) {
			t.Fatalf("row %d: %v and %v", r, a.Weights()[r], b.Weights()[r])
		}
	}
}

func TestScaleOfBaseWeights(t *testing.T) {
	base, margins := population(400, 3)
	scaled := make([]float64, len(base))
	for r := range base {
		scaled[r] = 8 * base[r] // a power of two, so that not a bit may change
	}
	for name, make := range map[string]func([]float64) (*Calibration, error){
		"rake":         func(d []float64) (*Calibration, error) { return Rake(d, margins, Options{}) },
		"poststratify": func(d []float64) (*Calibration, error) { return PostStratify(d, margins[1]) },
	} {
		a, err := make(base)
		if err != nil {
			t.Fatal(err)
		}
		b, err := make(scaled)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Weights(), b.Weights()) {
			t.Errorf("%s: base weights times 8 give other weights", name)
		}
	}
}

func TestRowOrder(t *testing.T) {
	base, margins := population(1000, 5)
	z := make([]float64, len(base))
	rng := rand.New(rand.NewPCG(1, 1))
	for r := range z {
		z[r] = rng.NormFloat64()
	}
	order := rng.Perm(len(base))
	base2, z2, margins2 := make([]float64, len(base)), make([]float64, len(base)), slices.Clone(margins)
	for i := range margins2 {
		margins2[i].Code = make([]int, len(base))
	}
	for to, from := range order {
		base2[to], z2[to] = base[from], z[from]
		for i := range margins {
			margins2[i].Code[to] = margins[i].Code[from]
		}
	}
	for name, make := range map[string]func([]float64, []Margin) (*Calibration, error){
		"rake":         func(d []float64, m []Margin) (*Calibration, error) { return Rake(d, m, Options{}) },
		"poststratify": func(d []float64, m []Margin) (*Calibration, error) { return PostStratify(d, m[1]) },
		"calibrate":    func(d []float64, m []Margin) (*Calibration, error) { return Calibrate(d, variables(d, m), Method{}) },
	} {
		a, err := make(base, margins)
		if err != nil {
			t.Fatal(err)
		}
		b, err := make(base2, margins2)
		if err != nil {
			t.Fatal(err)
		}
		x, y := slices.Clone(z), slices.Clone(z2)
		a.Residuals(x)
		b.Residuals(y)
		for to, from := range order {
			if a.Weights()[from] != b.Weights()[to] || x[from] != y[to] {
				t.Errorf("%s: row %d: weight %v and %v, residual %v and %v", name, from, a.Weights()[from], b.Weights()[to], x[from], y[to])
				break
			}
		}
	}
}

func TestCalibratedTotalDoesNotVary(t *testing.T) {
	base, margins := population(400, 6)
	x := variables(base, margins)
	length := Variable{Name: "years", X: make([]float64, len(base)), Total: 8.2 * x[0].Total}
	for r := range length.X {
		length.X[r] = float64(r % 17)
	}
	withLength := append(slices.Clone(x), length)
	bounded := Method{Distance: LinearBounded, Lower: 0.5, Upper: 3}
	for _, c := range []struct {
		name string
		x    []Variable
		run  func() (*Calibration, error)
	}{
		{"poststratify", x[2:7], func() (*Calibration, error) { return PostStratify(base, margins[1]) }},
		{"rake", x, func() (*Calibration, error) { return Rake(base, margins, Options{}) }},
		{"linear", x[:7], func() (*Calibration, error) { return Calibrate(base, x[:7], Method{}) }},
		{"raking", withLength, func() (*Calibration, error) { return Calibrate(base, withLength, Method{Distance: Raking}) }},
		{"logit", withLength, func() (*Calibration, error) {
			return Calibrate(base, withLength, Method{Distance: Logit, Lower: 0.5, Upper: 3})
		}},
		{"bounded", withLength, func() (*Calibration, error) { return Calibrate(base, withLength, bounded) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cal, err := c.run()
			if err != nil {
				t.Fatal(err)
			}
			fixed, err := estimate.Compile(estimate.Sample{Weight: cal.Weights()})
			if err != nil {
				t.Fatal(err)
			}
			d := fixed.Calibrated(cal)
			for _, v := range c.x {
				r, err := d.Total(v.X)
				if err != nil {
					t.Fatal(err)
				}
				plain, err := fixed.Total(v.X)
				if err != nil {
					t.Fatal(err)
				}
				if !near(r.At(0).Value, v.Total, 1e-10) {
					t.Errorf("%s: total %v, want %v", v.Name, r.At(0).Value, v.Total)
				}
				// ten sweeps of raking leave a trace of what the margins explain together
				if !(r.SE(0) < 1e-6*max(1, plain.SE(0))) {
					t.Errorf("%s: standard error %v, with fixed weights %v", v.Name, r.SE(0), plain.SE(0))
				}
			}
			free := make([]float64, len(base))
			for i := range free {
				free[i] = float64(i * i % 31)
			}
			if r, err := d.Total(free); err != nil || !(r.SE(0) > 1) {
				t.Errorf("a total that was not calibrated: %v, %v", r.SE(0), err)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	base, margins := population(300, 7)
	x := variables(base, margins)
	for _, m := range []Method{
		{Distance: Logit, Lower: 0.3, Upper: 2.7}, {Distance: LinearBounded, Lower: 0.5, Upper: 2.5}, {Distance: Raking, Lower: 0.5, Upper: 2.5},
	} {
		c, err := Calibrate(base, x, m)
		if err != nil {
			t.Errorf("%v: %v", m.Distance, err)
			continue
		}
		if least, greatest := c.Range(); least < m.Lower-1e-12 || greatest > m.Upper+1e-12 {
			t.Errorf("%v: ratios from %v to %v", m.Distance, least, greatest)
		}
		var e *NotConvergedError
		m.Upper = 1.1
		if _, err := Calibrate(base, x, m); !errors.As(err, &e) {
			t.Errorf("%v with bounds that cannot be kept: %v", m.Distance, err)
		}
	}
}

// Rows without weight stay without, and change nothing for the others, even without a category.
func TestRowsWithoutWeight(t *testing.T) {
	base, margins := population(200, 8)
	plain, err := Rake(base, margins, Options{})
	if err != nil {
		t.Fatal(err)
	}
	more := append(slices.Clone(base), 0, 0)
	wide := slices.Clone(margins)
	for i := range wide {
		wide[i].Code = append(slices.Clone(wide[i].Code), -1, 0)
	}
	c, err := Rake(more, wide, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Weights()[:200], plain.Weights()) || c.Weights()[200] != 0 || c.Weights()[201] != 0 {
		t.Error("rows without weight change the weights")
	}
	x, y := make([]float64, 202), make([]float64, 200)
	for r := range y {
		x[r] = plain.Weights()[r] * float64(r%5)
		y[r] = x[r]
	}
	c.Residuals(x)
	plain.Residuals(y)
	if !slices.Equal(x[:200], y) || x[200] != 0 || x[201] != 0 {
		t.Error("rows without weight change the residuals")
	}
}

// A variable with a value of its own for everybody goes another way than one with few: the two must meet.
func TestPatterns(t *testing.T) {
	base, margins := population(1500, 11)
	x := variables(base, margins)
	fine := Variable{Name: "fine", X: make([]float64, len(base)), Total: 700 * x[0].Total}
	for r := range fine.X {
		fine.X[r] = float64(r)
	}
	base[7], fine.X[7], margins[0].Code[7] = 0, math.NaN(), -1
	for _, m := range []Method{{}, {Distance: Raking}, {Distance: Logit, Lower: 0.1, Upper: 4}} {
		m.AllowNegative = true
		few, err := Calibrate(base, x, m)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newPatterns(base, x)
		if err != nil || len(p.base) != 48 {
			t.Fatalf("%d patterns of 2 x 6 x 4 categories: %v", len(p.base), err)
		}
		if p, err = newPatterns(base, append(slices.Clone(x), fine)); err != nil || len(p.base) != 1500 {
			t.Fatalf("%d patterns of 1500 values: %v", len(p.base), err)
		}
		fine.Total = 0 // what the weights give already, so that nothing may change
		for r, w := range few.Weights() {
			if w != 0 {
				fine.Total += w * fine.X[r]
			}
		}
		many, err := Calibrate(base, append(slices.Clone(x), fine), m)
		if err != nil {
			t.Fatal(err)
		}
		for r := range base {
			if math.Abs(few.Weights()[r]-many.Weights()[r]) > 1e-9*base[r] {
				t.Fatalf("%v: row %d: %v and %v", m.Distance, r, few.Weights()[r], many.Weights()[r])
			}
		}
	}
}

// Many categories in many margins must not need a table of their product.
func TestSparseCells(t *testing.T) {
	const rows = 300
	margins := make([]Margin, 6)
	for i := range margins {
		m := Margin{Name: string(rune('a' + i)), Code: make([]int, rows)}
		for k := range 100 {
			m.Labels, m.Total = append(m.Labels, string(rune('A'+k))), append(m.Total, 3)
		}
		for r := range m.Code {
			m.Code[r] = (r*(2*i+1) + i) % 100
		}
		margins[i] = m
	}
	c, err := Cross(margins...)
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() != 100 {
		t.Errorf("%d cells, want 100: row r and r+100 are alike", c.Len())
	}
	if c.Of()[0] != c.Of()[100] || c.Of()[0] == c.Of()[1] {
		t.Errorf("cells %v", c.Of()[:3])
	}
}

func TestFixedSweeps(t *testing.T) {
	base, margins := population(300, 9)
	for _, n := range []int{1, 3} {
		c, err := Rake(base, margins, Options{Sweeps: n})
		if err != nil || c.Iterations() != n {
			t.Errorf("%d sweeps asked for: %v, %v", n, c.Iterations(), err)
		}
	}
}

func TestTrim(t *testing.T) {
	w := []float64{1, 2, 4, 9, 0}
	for _, strict := range []bool{false, true} {
		got, err := Trim(w, 1.5, 5, strict)
		if err != nil || !near(sum.Of(got), 16, 1e-15) || got[4] != 0 {
			t.Errorf("strict %v: %v, %v", strict, got, err)
		}
		if strict && (slices.Max(got) > 5 || slices.Min(got[:4]) < 1.5) {
			t.Errorf("outside the bounds: %v", got)
		}
	}
	if _, err := Trim(w, 0, 3, true); !errors.Is(err, ErrBounds) {
		t.Errorf("a mean of 4 under a bound of 3: %v", err)
	}
	if _, err := Trim([]float64{1, math.NaN()}, 0, 3, true); !errors.Is(err, ErrWeight) {
		t.Errorf("a missing weight: %v", err)
	}
}

func TestThin(t *testing.T) {
	for _, c := range []struct {
		people  []int
		ordered bool
		labels  string // of what is left; "" for dropped
	}{
		{[]int{40, 50, 60}, true, "A|B|C"},
		{[]int{40, 5, 60}, true, "A + B|C"},
		{[]int{40, 100, 10, 5}, true, "A|B + C + D"},
		{[]int{10, 100, 40, 10}, false, "A + C + D|B"},
		{[]int{20, 100, 40, 10}, false, "A + D|B|C"},
		{[]int{10, 15}, false, ""},
		{[]int{100, 15}, false, ""},
		{[]int{100}, true, ""},
		{[]int{0, 80, 90}, true, "A + B|C"},
	} {
		m := Margin{Name: "m"}
		people := 0
		for k, n := range c.people {
			m.Labels, m.Total = append(m.Labels, string(rune('A'+k))), append(m.Total, float64(k+1))
			for range n {
				m.Code = append(m.Code, k)
			}
			people += n
		}
		got, told := Thin(m, nil, c.ordered, LeastRespondents)
		if strings.Join(got.Labels, "|") != c.labels || told.Dropped != (c.labels == "") {
			t.Errorf("%v: %v, %v", c.people, got.Labels, told)
			continue
		}
		if told.Dropped {
			continue
		}
		if sum.Of(got.Total) != sum.Of(m.Total) || len(got.Code) != people || slices.Min(got.Code) < 0 {
			t.Errorf("%v: totals %v, codes from %d", c.people, got.Total, slices.Min(got.Code))
		}
		if told.Changed() != (len(got.Labels) < len(m.Labels)) {
			t.Errorf("%v: %v", c.people, told)
		}
	}
}

func BenchmarkRake(b *testing.B) {
	base, margins := population(1_000_000, 10)
	for b.Loop() {
		if _, err := Rake(base, margins, Options{Relative: 1e-9}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRakingResiduals(b *testing.B) {
	base, margins := population(1_000_000, 10)
	c, err := Rake(base, margins, Options{Relative: 1e-9})
	if err != nil {
		b.Fatal(err)
	}
	wz := slices.Clone(base)
	for b.Loop() {
		c.Residuals(wz)
	}
}
