package sensitive

import (
	"fmt"
	"math"

	"adili/estimate"
)

// Listed is the result of a list experiment on survey data.
type Listed struct {
	Control, Treatment *estimate.Result // mean counts
	Result             *estimate.Result // their difference, the prevalence
}

// List estimates the prevalence as the difference of two weighted means: count
// has the number of true statements of each row, NaN for none; control and
// treatment are the people with the short and with the long list. The arms are
// domains of one design, so that offices in both count as they should. ErrEmpty
// if an arm has no answers.
func List(d *estimate.Design, count []float64, control, treatment estimate.Domain) (Listed, error) {
	r, err := d.Mean(count, control, treatment)
	if err != nil {
		return Listed{}, fmt.Errorf("sensitive: list: %w", err)
	}
	for i, arm := range []string{"control", "treatment"} {
		if r.At(i).N == 0 {
			return Listed{}, fmt.Errorf("sensitive: list: %s: %w", arm, ErrEmpty)
		}
	}
	var out Listed
	if out.Control, err = r.Combine(1, 0); err != nil {
		return Listed{}, err
	}
	if out.Treatment, err = r.Combine(0, 1); err != nil {
		return Listed{}, err
	}
	out.Result, err = r.Combine(-1, 1)
	return out, err
}

// Joint are the shares of people by the count of true harmless statements and
// the trait. Estimate 0 of Without is the floor and estimate J of With the
// ceiling: people with the long list whose answer, none or all, tells about the
// trait for sure. Large ones mean that the list protects badly (Blair & Imai
// 2012).
type Joint struct {
	With    *estimate.Result // estimate y: count y, trait present
	Without *estimate.Result // estimate y: count y, trait absent
}

// JointShares estimates, for y = 0..J,
//
//	P(y, trait)    = P(Y_c ≤ y) - P(Y_t ≤ y)
//	P(y, no trait) = P(Y_t ≤ y) - P(Y_c ≤ y-1)
//
// with Y_c, Y_t the counts with the short and the long list (Blair & Imai
// 2012). They add to 1. If the longer list changed the answers, some can be
// negative; P tests that. ErrAnswer for a count outside 0..J, or 0..J+1 in the
// treatment.
func JointShares(d *estimate.Design, count []float64, items int, control, treatment estimate.Domain) (Joint, error) {
	if err := length(items); err != nil {
		return Joint{}, err
	}
	if len(count) != d.Rows() {
		return Joint{}, fmt.Errorf("sensitive: list: %d counts for %d rows: %w", len(count), d.Rows(), ErrLength)
	}
	c, err := cumulative(d, count, items, items, control)
	if err != nil {
		return Joint{}, fmt.Errorf("sensitive: list: control: %w", err)
	}
	t, err := cumulative(d, count, items, items+1, treatment)
	if err != nil {
		return Joint{}, fmt.Errorf("sensitive: list: treatment: %w", err)
	}
	all, err := estimate.Join(append(c, t...)...)
	if err != nil {
		return Joint{}, err
	}
	with, without := make([]*estimate.Result, items+1), make([]*estimate.Result, items+1)
	for y := range items + 1 {
		coef := make([]float64, all.Len())
		coef[y], coef[items+1+y] = 1, -1
		if with[y], err = all.Combine(coef...); err != nil {
			return Joint{}, err
		}
		coef[y], coef[items+1+y] = 0, 1
		if y > 0 {
			coef[y-1] = -1
		}
		if without[y], err = all.Combine(coef...); err != nil {
			return Joint{}, err
		}
	}
	var j Joint
	if j.With, err = estimate.Join(with...); err != nil {
		return Joint{}, err
	}
	j.Without, err = estimate.Join(without...)
	return j, err
}

// length refuses lists that nobody would read.
func length(items int) error {
	if items < 1 || items > 100 {
		return fmt.Errorf("sensitive: list: %d statements: %w", items, ErrParameter)
	}
	return nil
}

// cumulative are the shares of counts up to 0, 1, ..., items.
func cumulative(d *estimate.Design, count []float64, items, most int, arm estimate.Domain) ([]*estimate.Result, error) {
	in := arm.Has()
	for k, v := range count {
		if in[k] && !math.IsNaN(v) && (v != math.Trunc(v) || v < 0 || v > float64(most)) {
			return nil, fmt.Errorf("row %d: count %v of %d statements: %w", k+1, v, most, ErrAnswer)
		}
	}
	shares := make([]*estimate.Result, items+1)
	upTo := make([]float64, len(count))
	for y := range shares {
		for k, v := range count {
			upTo[k] = math.NaN()
			if !math.IsNaN(v) {
				upTo[k] = indicator(v <= float64(y))
			}
		}
		var err error
		if shares[y], err = d.Mean(upTo, arm); err != nil {
			return nil, err
		}
		if shares[y].At(0).N == 0 {
			return nil, ErrEmpty
		}
	}
	return shares, nil
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// P is the p-value of "the longer list changed nothing": the smallest one-sided
// p of the joint shares being at least 0, times their number (Bonferroni). Blair
// & Imai test the same inequalities together; this bound is cautious, and needs
// no choice.
func (j Joint) P() float64 {
	p, tests := 1.0, 0
	for _, r := range []*estimate.Result{j.With, j.Without} {
		for i := range r.Len() {
			tests++
			switch v, se := r.At(i).Value, r.SE(i); {
			case se > 0:
				p = math.Min(p, math.Erfc(-v/se/math.Sqrt2)/2)
			case v < -1e-12:
				p = 0
			}
		}
	}
	return math.Min(1, p*float64(tests))
}

// ListCounted is a list experiment from counts of people drawn singly.
type ListCounted struct {
	Control, Treatment int // people
	Value              float64
	Welch              float64 // standard error with a variance for each arm
	Pooled             float64 // standard error with one variance: that of a regression on the arm
	With, Without      []float64
	// Floor and Ceiling are the shares of people with the long list whose
	// answer, 0 or J+1, tells about the trait for sure.
	Floor, Ceiling float64
}

// CountList estimates the prevalence from the number of people, by arm, with
// each count: values[i] true statements were counted by control[i] and
// treatment[i] people. With and Without are the joint shares for y = 0..items;
// see JointShares. ErrAnswer for a count of statements outside the list, ErrEmpty
// for an arm with fewer than two people, ErrParameter for a list of no statement.
func CountList(items int, values, control, treatment []int) (ListCounted, error) {
	if err := length(items); err != nil {
		return ListCounted{}, err
	}
	if len(control) != len(values) || len(treatment) != len(values) {
		return ListCounted{}, fmt.Errorf("sensitive: list: %d values, %d and %d counts: %w", len(values), len(control), len(treatment), ErrLength)
	}
	c, err := newArm("control", values, control, items)
	if err != nil {
		return ListCounted{}, err
	}
	t, err := newArm("treatment", values, treatment, items+1)
	if err != nil {
		return ListCounted{}, err
	}
	out := ListCounted{Control: int(c.n), Treatment: int(t.n), Value: t.mean - c.mean}
	out.Welch = math.Sqrt(c.squares/(c.n-1)/c.n + t.squares/(t.n-1)/t.n)
	out.Pooled = math.Sqrt((c.squares + t.squares) / (c.n + t.n - 2) * (1/c.n + 1/t.n))
	for y := range items + 1 {
		out.With = append(out.With, c.upTo(y)-t.upTo(y))
		out.Without = append(out.Without, t.upTo(y)-c.upTo(y-1))
	}
	out.Floor, out.Ceiling = t.upTo(0), 1-t.upTo(items)
	return out, nil
}

// arm is one group of a list experiment.
type arm struct {
	n, mean, squares float64 // squares of the distances from the mean
	people           []int   // by count
}

func newArm(name string, values, people []int, most int) (arm, error) {
	a := arm{people: make([]int, most+1)}
	for i, v := range values {
		switch {
		case people[i] < 0:
			return arm{}, fmt.Errorf("sensitive: list: %s: %d people: %w", name, people[i], ErrAnswer)
		case (v < 0 || v > most) && people[i] > 0:
			return arm{}, fmt.Errorf("sensitive: list: %s: %d true of %d statements: %w", name, v, most, ErrAnswer)
		case people[i] > 0:
			a.people[v] += people[i]
			a.n += float64(people[i])
			a.mean += float64(v) * float64(people[i])
		}
	}
	if a.n < 2 {
		return arm{}, fmt.Errorf("sensitive: list: %s: %v people: %w", name, a.n, ErrEmpty)
	}
	a.mean /= a.n
	for v, k := range a.people {
		a.squares += float64(k) * (float64(v) - a.mean) * (float64(v) - a.mean)
	}
	return a, nil
}

// upTo is the share of people who count y or fewer.
func (a arm) upTo(y int) float64 {
	sum := 0
	for _, k := range a.people[:max(0, min(y+1, len(a.people)))] {
		sum += k
	}
	return float64(sum) / a.n
}
