package sensitive_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"adili/estimate"
	"adili/estimate/sensitive"
)

// arms are the people with the short and with the long list.
func (s survey) arms(d *estimate.Design) (control, treatment estimate.Domain) {
	return d.Domain(func(row int) bool { return s.arm[row] == 0 }), d.Domain(func(row int) bool { return s.arm[row] == 1 })
}

func TestJointSharesAddUp(t *testing.T) {
	s := makeSurvey(9, 200)
	d := s.compile(t)
	control, treatment := s.arms(d)
	j, err := sensitive.JointShares(d, s.count, 3, control, treatment)
	if err != nil {
		t.Fatal(err)
	}
	e, err := sensitive.List(d, s.count, control, treatment)
	if err != nil {
		t.Fatal(err)
	}
	with, without := 0.0, 0.0
	for y := range j.With.Len() {
		with += j.With.At(y).Value
		without += j.Without.At(y).Value
	}
	if !near(with+without, 1, 1e-12) || !near(with, e.Result.At(0).Value, 1e-12) {
		t.Errorf("with the trait %v, without %v; difference of means %v", with, without, e.Result.At(0).Value)
	}
	if p := j.P(); !(p > 0 && p <= 1) {
		t.Errorf("p = %v", p)
	}
	want := s.numeric(t, func(d *estimate.Design) float64 {
		control, treatment := s.arms(d)
		e, err := sensitive.List(d, s.count, control, treatment)
		if err != nil {
			t.Fatal(err)
		}
		return e.Result.At(0).Value
	})
	if got := e.Result.SE(0); !near(got/want, 1, 1e-6) {
		t.Errorf("standard error %v, by differences %v", got, want)
	}
}

// A longer list that lowers the other counts must be noticed.
func TestDesignEffectIsNoticed(t *testing.T) {
	s := makeSurvey(11, 400)
	for k := range s.count {
		if s.arm[k] == 1 {
			s.count[k] = math.Max(0, s.count[k]-2)
		}
	}
	d := s.compile(t)
	control, treatment := s.arms(d)
	j, err := sensitive.JointShares(d, s.count, 3, control, treatment)
	if err != nil || j.P() > 0.001 {
		t.Errorf("p = %v, %v", j.P(), err)
	}
}

// Counts of people drawn singly are the survey with equal weights: the same
// difference, and the same joint shares.
func TestCountListIsSurvey(t *testing.T) {
	values, control, treatment := []int{0, 1, 2, 3}, []int{5, 11, 4, 0}, []int{4, 9, 6, 3}
	c, err := sensitive.CountList(2, values, control, treatment)
	if err != nil {
		t.Fatal(err)
	}
	var s survey
	for arm, people := range [][]int{control, treatment} {
		for i, n := range people {
			for range n {
				s.arm, s.count, s.y = append(s.arm, float64(arm)), append(s.count, float64(values[i])), append(s.y, 0)
				s.sample.Weight = append(s.sample.Weight, 1)
			}
		}
	}
	d := s.compile(t)
	short, long := s.arms(d)
	e, err := sensitive.List(d, s.count, short, long)
	if err != nil || !near(e.Result.At(0).Value, c.Value, 1e-14) {
		t.Errorf("%v, want %v (%v)", e.Result.At(0).Value, c.Value, err)
	}
	j, err := sensitive.JointShares(d, s.count, 2, short, long)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 3 {
		if !near(j.With.At(y).Value, c.With[y], 1e-14) || !near(j.Without.At(y).Value, c.Without[y], 1e-14) {
			t.Errorf("count %d: %v and %v, want %v and %v", y, j.With.At(y).Value, j.Without.At(y).Value, c.With[y], c.Without[y])
		}
	}
	if !near(c.Floor, 4.0/22, 1e-15) || !near(c.Ceiling, 3.0/22, 1e-14) {
		t.Errorf("floor %v, ceiling %v", c.Floor, c.Ceiling)
	}
	for name, err := range map[string]error{
		"lengths":           call(sensitive.CountList(2, values, control[1:], treatment)),
		"one person":        call(sensitive.CountList(2, values, []int{1, 0, 0, 0}, treatment)),
		"too many":          call(sensitive.CountList(2, values, []int{1, 1, 1, 1}, treatment)),
		"negative people":   call(sensitive.CountList(2, values, []int{5, -1, 1, 0}, treatment)),
		"too many of three": call(sensitive.CountList(2, []int{0, 1, 2, 4}, control, treatment)),
	} {
		if !errors.Is(err, sensitive.ErrAnswer) && !errors.Is(err, sensitive.ErrEmpty) && !errors.Is(err, sensitive.ErrLength) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func call(_ sensitive.ListCounted, err error) error { return err }

// Blair & Imai (2012), from Kuklinski, Cobb & Gilens (1997): would a
// black family moving in next door make people upset? They print 0.068 (0.050).
func ExampleCountList() {
	r, err := sensitive.CountList(3, []int{0, 1, 2, 3, 4}, []int{8, 132, 222, 227, 0}, []int{19, 123, 229, 219, 34})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f (%.3f)\n", r.Value, r.Welch)
	fmt.Printf("count 0 with the trait: %.3f\n", r.With[0])
	// Output:
	// 0.068 (0.050)
	// count 0 with the trait: -0.017
}
