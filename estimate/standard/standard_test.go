package standard_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
	"adili/estimate/standard"
)

func sample(t interface{ Fatal(...any) }, weight []float64) *estimate.Design {
	d, err := estimate.Compile(estimate.Sample{Weight: weight})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMeans checks that a standard population with the composition of the
// sample changes nothing, and one with a single level is that level's mean.
func TestMeans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "n")
		w, y, level := make([]float64, n), make([]float64, n), make([]int, n)
		share, sums := make([]float64, 2), make([]float64, 2)
		for i := range w {
			w[i] = rapid.Float64Range(0.5, 9).Draw(t, "w")
			y[i] = rapid.Float64Range(-3, 3).Draw(t, "y")
			level[i] = rapid.IntRange(0, 1).Draw(t, "level")
			if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
				y[i] = math.NaN()
				continue
			}
			share[level[i]] += w[i]
			sums[level[i]] += w[i] * y[i]
		}
		if share[0] == 0 || share[1] == 0 {
			t.Skip("a level without answers")
		}
		d := sample(t, w)
		mean, err := d.Mean(y)
		own, err2 := standard.Means(d, y, level, share)
		first, err3 := standard.Means(d, y, level, []float64{2, 0})
		if err = errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		if math.Abs(own.At(0).Value-mean.At(0).Value) > 1e-12 {
			t.Fatalf("%v, mean %v", own.At(0).Value, mean.At(0).Value)
		}
		if want := sums[0] / share[0]; math.Abs(first.At(0).Value-want) > 1e-12 {
			t.Fatalf("%v, mean of the first level %v", first.At(0).Value, want)
		}
	})
}

func TestRefuses(t *testing.T) {
	d := sample(t, []float64{1, 1, 1, 1})
	y := []float64{1, 2, math.NaN(), 4}
	level := []int{0, 0, 1, 2}
	for _, c := range []struct {
		level []int
		share []float64
		want  error
	}{
		{level, []float64{1, 1, 1}, standard.ErrCell},
		{level[:3], []float64{1, 1, 1}, estimate.ErrLength},
		{level, []float64{1, -1, 1}, estimate.ErrValue},
		{level, []float64{0, 0, 0}, estimate.ErrValue},
	} {
		if _, err := standard.Means(d, y, c.level, c.share); !errors.Is(err, c.want) {
			t.Errorf("%v %v: error %v, want %v", c.level, c.share, err, c.want)
		}
	}
	r, err := standard.Means(d, y, level, []float64{1, 0, 3}) // nobody is needed where the share is 0
	if err != nil || r.At(0).Value != 0.25*1.5+0.75*4 {
		t.Errorf("%v, %v", r, err)
	}
}

func ExampleMeans() {
	// Two border posts; the second has more juniors, who answer higher.
	post := []string{"A", "A", "A", "A", "B", "B", "B", "B"}
	grade := []int{0, 1, 1, 1, 0, 0, 0, 1} // 0 junior, 1 senior
	score := []float64{8, 5, 6, 4, 8, 7, 9, 5}
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{1, 1, 1, 1, 1, 1, 1, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	a := d.Domain(func(i int) bool { return post[i] == "A" })
	b := d.Domain(func(i int) bool { return post[i] == "B" })
	plain, err := d.Mean(score, a, b)
	if err != nil {
		fmt.Println(err)
		return
	}
	same, err := standard.Means(d, score, grade, []float64{60, 40}, a, b) // 60 juniors for 40 seniors
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("as they are: %.2f and %.2f\n", plain.At(0).Value, plain.At(1).Value)
	fmt.Printf("at equal grades: %.2f and %.2f\n", same.At(0).Value, same.At(1).Value)
	// Output:
	// as they are: 5.75 and 7.25
	// at equal grades: 6.80 and 6.80
}
