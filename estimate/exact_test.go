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

// TestExactProducts compares sums of products, less a multiple of another sum.
func TestExactProducts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(-1e30, 1e30), 0, 30).Draw(t, "x")
		c := rapid.Float64Range(-1e30, 1e30).Draw(t, "c")
		var s, u exact
		want, factor := new(big.Float).SetPrec(2400), new(big.Float).SetFloat64(c)
		for i, a := range x {
			b := x[len(x)-1-i]
			s.product(a, b)
			u.add(a)
			product := new(big.Float).SetPrec(2400).Mul(big.NewFloat(a), big.NewFloat(b))
			want.Add(want, product)
			want.Sub(want, new(big.Float).SetPrec(2400).Mul(factor, big.NewFloat(a)))
		}
		s.less(c, &u)
		w, _ := want.Float64()
		if got := s.value(); got != w && math.Abs(w) > 1e-200 { // below, products of two floats are no sums of two
			t.Fatalf("%v, want %v", got, w)
		}
	})
}

// Carries move long before a piece is full.
func TestExactManyTerms(t *testing.T) {
	var s exact
	for range 100_000 {
		s.add(-0x1.fffffffffffffp31)
	}
	s.add(math.SmallestNonzeroFloat64)
	if got := s.value(); got != -0x1.fffffffffffffp31*100_000 {
		t.Errorf("%v", got)
	}
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
