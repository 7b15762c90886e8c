package perception_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"adili/estimate"
	"adili/estimate/perception"
)

var gone = math.NaN() // an empty cell

// same compares numbers, NaN being equal to NaN.
func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) })
}

// item reads codes on the five-point scale.
func item(t *testing.T, name string, reverse bool, code ...float64) *perception.Item {
	t.Helper()
	it, err := perception.FivePoint().Item(name, code, nil, reverse)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func TestItemKeepsMissingAnswersApart(t *testing.T) {
	codes := []float64{1, 5, 7, 8, 9, gone, gone}
	asked := []bool{true, true, true, true, true, true, false}
	it, err := perception.FivePoint().Item("q07", codes, asked, true)
	if err != nil {
		t.Fatal(err)
	}
	want := []perception.Answer{
		perception.Point, perception.Point, perception.NotReached, perception.DontKnow, perception.Refused, perception.NotReached, perception.NotAsked,
	}
	if !slices.Equal(it.Kind, want) {
		t.Errorf("kinds %v, want %v", it.Kind, want)
	}
	if points := it.Points(); !same(points, []float64{5, 1, gone, gone, gone, gone, gone}) {
		t.Errorf("points after reversal: %v", points)
	}
	if !same(it.Given[:2], codes[:2]) {
		t.Errorf("points as given: %v", it.Given)
	}
	if got := it.Asked(); !slices.Equal(got, asked) {
		t.Errorf("asked %v", got)
	}
	seen := map[string]bool{}
	for _, kind := range want {
		seen[kind.String()] = true
	}
	if len(seen) != 5 {
		t.Errorf("five kinds have the names %v", seen)
	}
}

func TestItemRefuses(t *testing.T) {
	var code *perception.CodeError
	_, err := perception.FivePoint().Item("q03", []float64{4, 6}, nil, false)
	if !errors.As(err, &code) || code.Item != "q03" || code.Row != 1 || code.Code != 6 || code.Unasked {
		t.Errorf("unknown code: %v", err)
	}
	_, err = perception.FivePoint().Item("q33", []float64{4, 3}, []bool{false, true}, false)
	if !errors.As(err, &code) || !code.Unasked || !strings.Contains(err.Error(), "not put to this person") {
		t.Errorf("answer of somebody not asked: %v", err)
	}
	if _, err = perception.FivePoint().Item("q", []float64{2.5}, nil, false); !errors.As(err, &code) {
		t.Errorf("half a point: %v", err)
	}
	if _, err = perception.FivePoint().Item("q", []float64{math.Inf(1)}, nil, false); !errors.As(err, &code) {
		t.Errorf("infinite code: %v", err)
	}
	if _, err = perception.FivePoint().Item("q", []float64{1}, []bool{true, true}, false); !errors.Is(err, estimate.ErrLength) {
		t.Errorf("lengths: %v", err)
	}
	if _, err = (perception.Scale{Low: 3, High: 3}).Item("q", nil, nil, false); !errors.Is(err, perception.ErrScale) {
		t.Errorf("scale of one point: %v", err)
	}
}

// TestScoreRule walks through the rule, half of an odd number included.
func TestScoreRule(t *testing.T) {
	for _, test := range []struct {
		share float64
		code  []float64
		want  float64
	}{
		{perception.Half, []float64{4, 2, 9}, 3},
		{perception.Half, []float64{4, 8, 9}, gone},          // half of three is two
		{perception.Half, []float64{4, gone, gone}, 4},       // one was asked
		{perception.Half, []float64{4, gone, 9}, 4},          // two were asked
		{perception.Half, []float64{gone, gone, gone}, gone}, // none
		{0, []float64{5, 8, 9}, 5},
		{0, []float64{7, 8, 9}, gone},
		{1, []float64{5, 5, 9}, gone},
		{1, []float64{5, 5, 2}, 4},
		{0.6, []float64{1, 2, 3, 7, 8}, 2}, // 0.6 of 5 is 3
		{0.8, []float64{1, 2, 3, 7, 8}, gone},
	} {
		var items []*perception.Item
		for _, c := range test.code {
			items = append(items, item(t, "q", false, c))
		}
		got, err := perception.Score(test.share, items...)
		if err != nil || !same(got, []float64{test.want}) {
			t.Errorf("share %v of %v: %v, %v, want %v", test.share, test.code, got, err, test.want)
		}
	}
}

// TestScoreOfTheReport compares with estimate.Score, which the report uses, on every pattern of four answers.
func TestScoreOfTheReport(t *testing.T) {
	codes := []float64{1, 2, 3, 4, 5, 9, gone}
	reverse := []bool{false, true, false, true}
	columns := make([][]float64, 4)
	var want []float64
	for pattern := range 7 * 7 * 7 * 7 {
		var answer []uint8
		for i := range columns {
			c := codes[pattern%7]
			pattern /= 7
			columns[i] = append(columns[i], c)
			if math.IsNaN(c) {
				c = estimate.NotAsked
			}
			answer = append(answer, uint8(c))
		}
		want = append(want, estimate.Score(answer, reverse))
	}
	var items []*perception.Item
	for i, c := range columns {
		items = append(items, item(t, "q", reverse[i], c...))
	}
	score, err := perception.Score(perception.Half, items...)
	if err != nil {
		t.Fatal(err)
	}
	ten, err := perception.Rescale(score, perception.FivePoint().Range(), perception.Range{Low: 0, High: 10})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.IsNaN(ten[i]) != math.IsNaN(want[i]) || math.Abs(ten[i]-want[i]) > 1e-14 {
			t.Fatalf("pattern %d: %v, want %v", i, ten[i], want[i])
		}
	}
}

func TestScoreRefuses(t *testing.T) {
	five, other := item(t, "a", false, 1), item(t, "b", false, 1, 2)
	seven, err := perception.Scale{Low: 1, High: 7}.Item("c", []float64{7}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		share float64
		items []*perception.Item
		want  error
	}{
		{"none", 0.5, nil, perception.ErrItems},
		{"share", 1.5, []*perception.Item{five}, perception.ErrShare},
		{"share NaN", gone, []*perception.Item{five}, perception.ErrShare},
		{"rows", 0.5, []*perception.Item{five, other}, estimate.ErrLength},
		{"scales", 0.5, []*perception.Item{five, seven}, perception.ErrScale},
	} {
		if _, err := perception.Score(test.share, test.items...); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if _, err := perception.Means(0.5, [][]float64{{1, 2}}, [][]bool{{true}}); !errors.Is(err, estimate.ErrLength) {
		t.Errorf("asked: %v", err)
	}
	if _, err := perception.Means(0.5, [][]float64{{1, 2}}, [][]bool{}); !errors.Is(err, estimate.ErrLength) {
		t.Errorf("asked of no item: %v", err)
	}
	if _, err := perception.Rescale([]float64{1}, perception.Range{Low: 1, High: 1}, perception.Percent()); !errors.Is(err, perception.ErrScale) {
		t.Errorf("rescale: %v", err)
	}
}
