package estimate

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestExact compares the sum with arithmetic of 2,400 bits.
func TestExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(rapid.Float64Range(-1e290, 1e290), 0, 60).Draw(t, "terms")
		if rapid.Bool().Draw(t, "cancel") { // leave little over
			for _, x := range terms[:len(terms)/2] {
				terms = append(terms, -x*(1+0x1p-50))
			}
		}
		var s exact
		want := new(big.Float).SetPrec(2400)
		for _, x := range terms {
			s.add(x)
			want.Add(want, new(big.Float).SetFloat64(x))
		}
		w, _ := want.Float64()
		if got := s.value(); got != w {
			t.Fatalf("%v, want %v", got, w)
		}
	})
}

func TestExactHalfway(t *testing.T) {
	for _, test := range []struct {
		terms []float64
		want  float64
	}{
		{[]float64{1, 0x1p-53}, 1},
		{[]float64{1, 0x1p-53, 0x1p-200}, 1 + 0x1p-52},
		{[]float64{1, 0x1p-53, -0x1p-200}, 1},
		{[]float64{1e16, 1, -1e16}, 1},
	} {
		var s exact
		for _, x := range test.terms {
			s.add(x)
		}
		if got := s.value(); got != test.want {
			t.Errorf("%v add to %v, want %v", test.terms, got, test.want)
		}
	}
}

func TestExactNotFinite(t *testing.T) {
	var s exact
	for range 100 {
		s.add(math.Inf(1))
		s.add(math.MaxFloat64)
	}
	if !math.IsInf(s.value(), 1) {
		t.Errorf("%v", s.value())
	}
	s.add(math.Inf(-1))
	if !math.IsNaN(s.value()) {
		t.Errorf("%v", s.value())
	}
	if s.reset(); s.value() != 0 {
		t.Errorf("%v after reset", s.value())
	}
}
