package perception_test

import (
	"fmt"
	"math"

	"adili/estimate"
	"adili/estimate/perception"
)

// Three answers to an item worded against integrity, one person who does not know and one who was not asked.
func ExampleScale_Item() {
	asked := []bool{true, true, true, true, false}
	it, err := perception.FivePoint().Item("q07", []float64{1, 2, 5, 8, math.NaN()}, asked, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, x := range it.Points() {
		fmt.Println(it.Kind[row], x)
	}
	_, err = perception.FivePoint().Item("q07", []float64{6}, nil, true)
	fmt.Println(err)
	// Output:
	// point 5
	// point 4
	// point 1
	// don't know NaN
	// not asked NaN
	// perception: item "q07", row 0: code 6 is no point of the scale and none of its codes for missing answers: add it to one of them, or empty the cell
}

// The manual of the SF-36 (Ware et al. 1993) works through its scale of physical functioning: ten items from 1 to 3,
// a sum of 21, and hence 55 on the range from 0 to 100. Somebody who answered five of the ten has a score, four are too few.
func ExampleScore() {
	scale := perception.Scale{Low: 1, High: 3, Refused: []int{9}}
	people := [][]float64{
		{2, 2, 2, 2, 2, 2, 2, 2, 2, 3},
		{2, 2, 2, 2, 3, 9, 9, 9, 9, 9},
		{2, 2, 2, 3, 9, 9, 9, 9, 9, 9},
	}
	var items []*perception.Item
	for i := range 10 {
		var code []float64
		for _, answers := range people {
			code = append(code, answers[i])
		}
		it, err := scale.Item(fmt.Sprint("item ", i+1), code, nil, false)
		if err != nil {
			fmt.Println(err)
			return
		}
		items = append(items, it)
	}
	score, err := perception.Score(perception.Half, items...)
	if err != nil {
		fmt.Println(err)
		return
	}
	percent, err := perception.Rescale(score, scale.Range(), perception.Percent())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f\n%.0f\n", score, percent)
	// Output:
	// [2.1 2.2 NaN]
	// [55 60 NaN]
}

// Eight people in four offices answer an item. Nobody refuses, yet the interval of refusals is not empty.
func ExampleDistribute() {
	office := []string{"a", "a", "b", "b", "c", "c", "d", "d"}
	weight := []float64{1, 1, 1, 1, 1, 1, 1, 1}
	d, err := estimate.Compile(estimate.Sample{Weight: weight, Stages: []estimate.Stage{{Unit: office}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	it, err := perception.FivePoint().Item("q01", []float64{4, 5, 4, 2, 8, 5, 3, 4}, nil, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := perception.Distribute(d, it, perception.Asked, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, c := range x.Categories {
		in := x.Interval(i, 0.95)
		fmt.Printf("%-11s %5.1f %% (%.1f to %.1f)\n", c.Label, 100*x.Result.At(i).Value, 100*in.Lower, 100*in.Upper)
	}
	agree, err := perception.Agreement(d, it, []float64{4, 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d agree, %.0f %%\n", agree.At(0).Hits, agree.At(0).N, 100*agree.At(0).Value)
	// Output:
	// 1             0.0 % (0.0 to 56.6)
	// 2            12.5 % (0.0 to 72.6)
	// 3            12.5 % (0.0 to 72.6)
	// 4            37.5 % (8.5 to 75.5)
	// 5            25.0 % (1.2 to 75.6)
	// don't know   12.5 % (0.0 to 72.6)
	// refused       0.0 % (0.0 to 56.6)
	// not reached   0.0 % (0.0 to 56.6)
	// 5 of 7 agree, 71 %
}

// A factor of two items: 5 of the 7 points given agree. The mean of the two shares, 3/4 and 2/3, is another number.
func ExampleAgreementRatio() {
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{1, 1, 1, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var items []*perception.Item
	for _, code := range [][]float64{{4, 5, 2, 4}, {5, 9, 1, 4}} {
		it, err := perception.FivePoint().Item("q", code, nil, false)
		if err != nil {
			fmt.Println(err)
			return
		}
		items = append(items, it)
	}
	r, err := perception.AgreementRatio(d, items, []float64{4, 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f ± %.4f\n", r.At(0).Value, r.SE(0))
	// Output:
	// 0.7143 ± 0.2748
}

// Two rounds of a survey, stacked: the offices a, b and c are in both, so that the change is known better than if the rounds had
// nothing in common.
func ExampleCompare() {
	office := []string{"a", "a", "b", "b", "c", "c", "a", "a", "b", "b", "c", "c"}
	weight := make([]float64, len(office))
	for i := range weight {
		weight[i] = 10
	}
	first := []float64{2.0, 3.0, 3.0, 3.5, 4.0, 4.5, 2.5, 3.5, 3.0, 4.5, 4.5, 4.5}
	second := []float64{3.0, 3.5, 3.0, 2.5, 4.0, 3.5, 3.0, 3.5, 2.5, 3.0, 4.0, 4.0}
	d, err := estimate.Compile(estimate.Sample{Weight: weight, Stages: []estimate.Stage{{Unit: office}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	before := d.Domain(func(row int) bool { return row < 6 })
	after := d.Domain(func(row int) bool { return row >= 6 })
	f, err := perception.Compare(d, []string{"F1", "F2"}, [][]float64{first, second}, perception.Difference(after, before))
	if err != nil {
		fmt.Println(err)
		return
	}
	holm := f.Holm()
	for i, c := range f.Contrasts {
		apart := math.Sqrt(f.Parts[i].Variance(0) + f.Parts[i].Variance(1))
		fmt.Printf("%s %+.3f ± %.3f (rounds apart ± %.3f), p %.3f, Holm %.3f\n", f.Names[i], c.Value, c.SE, apart, f.P()[i], holm[i])
	}
	// Output:
	// F1 +0.417 ± 0.083 (rounds apart ± 0.667), p 0.038, Holm 0.075
	// F2 +0.083 ± 0.083 (rounds apart ± 0.464), p 0.423, Holm 0.423
}

// The fifteen p-values of the example of Benjamini & Hochberg (1995): at 5 % Holm's method, like Bonferroni's in the
// paper, claims three differences, that of the paper four. The family is put together from independent contrasts here.
func ExampleFamily() {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	const df = 100
	f := &perception.Family{}
	for _, v := range p {
		f.Contrasts = append(f.Contrasts, estimate.Contrast{Value: estimate.Quantile(1-v/2, df), SE: 1, DF: df})
	}
	claims := func(adjusted []float64) (n int) {
		for _, v := range adjusted {
			if v <= 0.05 {
				n++
			}
		}
		return n
	}
	fmt.Println(claims(f.P()), claims(f.Holm()), claims(f.BenjaminiHochberg()))
	// Output: 9 3 4
}
