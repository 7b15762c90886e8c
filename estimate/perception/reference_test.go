package perception_test

import (
	"encoding/json"
	"math"
	"testing"

	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
	"adili/estimate/perception"
)

// TestReference reads the answers of the reference survey with their typed codes and compares scores, agreement and
// distributions with the reference values.
func TestReference(t *testing.T) {
	folder := frametest.Folder(t)
	designs, cases := frametest.Job(t, folder, "cips")
	study := frame.NewStudy(designs, frametest.Open(folder), [2]uint64{})
	seen := map[string]int{}
	for _, spec := range cases {
		compare := map[string]func(reference, *testing.T){
			"factor_score": reference.score, "factor_agree_ratio": reference.ratio, "item_distribution": reference.distribution,
		}[spec.Estimator]
		if compare == nil {
			continue
		}
		seen[spec.Estimator]++
		c, err := study.Case(spec)
		if err != nil {
			t.Fatal(err)
		}
		r := reference{Case: c}
		if err := json.Unmarshal(spec.Args, &r.args); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(spec.Expect, &r.expect); err != nil {
			t.Fatal(err)
		}
		t.Run(spec.ID, func(t *testing.T) { compare(r, t) })
	}
	if len(seen) != 3 {
		t.Errorf("cases: %v", seen)
	}
}

type reference struct {
	*frame.Case
	args struct {
		Factor, Item string
		Domain       frame.Domain
		Agree        []float64
	}
	expect map[string]json.RawMessage
}

// read is an item of the reference survey; q is 7 where it was not reached, and so on as FivePoint has it.
func (r reference) read(t *testing.T, q frame.Item) *perception.Item {
	t.Helper()
	code, err := r.View.Number(q.Name)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := r.View.Asked(q.Name)
	if err != nil {
		t.Fatal(err)
	}
	it, err := perception.FivePoint().Item(q.Name, code, asked, q.Reverse)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func (r reference) factor(t *testing.T) []*perception.Item {
	t.Helper()
	var items []*perception.Item
	for _, q := range r.View.Instrument().Items(r.args.Factor) {
		items = append(items, r.read(t, q))
	}
	return items
}

// number is a value of the expectation.
func (r reference) number(t *testing.T, key string) float64 {
	t.Helper()
	var x float64
	if err := json.Unmarshal(r.expect[key], &x); err != nil {
		t.Fatal(err)
	}
	return x
}

func agrees(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)+1e-14) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (r reference) score(t *testing.T) {
	d, err := r.Design()
	if err != nil {
		t.Fatal(err)
	}
	score, err := perception.Score(perception.Half, r.factor(t)...)
	if err != nil {
		t.Fatal(err)
	}
	domain, err := r.Domain(d, r.args.Domain)
	if err != nil {
		t.Fatal(err)
	}
	mean, err := d.Mean(score, domain)
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, "n", float64(mean.At(0).N), r.number(t, "n"), 0)
	agrees(t, "est", mean.At(0).Value, r.number(t, "est"), 1e-10)
	agrees(t, "se", mean.SE(0), r.number(t, "se"), 1e-9)
}

func (r reference) ratio(t *testing.T) {
	d, err := r.Design()
	if err != nil {
		t.Fatal(err)
	}
	domain, err := r.Domain(d, r.args.Domain)
	if err != nil {
		t.Fatal(err)
	}
	ratio, err := perception.AgreementRatio(d, r.factor(t), r.args.Agree, domain)
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, "est", ratio.At(0).Value, r.number(t, "est"), 1e-10)
	agrees(t, "se", ratio.SE(0), r.number(t, "se"), 1e-9)
}

func (r reference) distribution(t *testing.T) {
	d, err := r.Design()
	if err != nil {
		t.Fatal(err)
	}
	domain, err := r.Domain(d, r.args.Domain)
	if err != nil {
		t.Fatal(err)
	}
	q, ok := r.View.Instrument().Item(r.args.Item)
	if !ok {
		t.Fatalf("no item %s", r.args.Item)
	}
	x, err := perception.Distribute(d, r.read(t, q), perception.Asked, domain)
	if err != nil {
		t.Fatal(err)
	}
	var est, se map[string]float64
	for key, into := range map[string]*map[string]float64{"est": &est, "se": &se} {
		if err := json.Unmarshal(r.expect[key], into); err != nil {
			t.Fatal(err)
		}
	}
	short := map[perception.Answer]string{perception.DontKnow: "dk", perception.Refused: "refused", perception.NotReached: "not_reached"}
	for i, c := range x.Categories {
		label := c.Label
		if c.Kind != perception.Point {
			label = short[c.Kind]
		}
		agrees(t, label, x.Result.At(i).Value, est[label], 1e-10)
		agrees(t, label+" se", x.Result.SE(i), se[label], 1e-9)
	}
}
