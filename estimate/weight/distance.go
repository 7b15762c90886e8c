package weight

import (
	"fmt"
	"math"
)

// Distance is how the ratio g = w/d of a calibrated weight to its base weight grows with u = x'λ. All distances give the
// same weights to first order and the same variance estimator; they differ in the extreme ratios.
type Distance uint8

const (
	// Linear is g = 1 + u, generalised regression (GREG). It needs no iteration; weights may become negative.
	Linear Distance = iota
	// Raking is g = exp(u): never negative, but some ratios may become large. With indicators of categories it is the limit
	// of [Rake].
	Raking
	// Logit keeps g strictly between the bounds, L < 1 < U:
	// g = (L(U-1) + U(1-L)e^Au) / (U-1 + (1-L)e^Au), A = (U-L)/((1-L)(U-1)).
	Logit
	// LinearBounded is 1 + u cut at the bounds.
	LinearBounded
)

// String names the distance.
func (d Distance) String() string {
	switch d {
	case Linear:
		return "linear calibration"
	case Raking:
		return "raking calibration"
	case Logit:
		return "logit calibration"
	case LinearBounded:
		return "bounded linear calibration"
	}
	return fmt.Sprintf("distance %d", uint8(d))
}

// Method says how to calibrate. Its zero value is linear calibration.
type Method struct {
	Distance Distance
	// Lower and Upper bound the ratio of a calibrated weight to its base weight. Logit and LinearBounded need them; Raking
	// takes them if Upper is not 0.
	Lower, Upper float64
	// AllowNegative accepts negative weights, which only linear calibration makes: for weights that will be trimmed. No
	// design can be compiled with them.
	AllowNegative bool
	// Tolerance is how far a total may be missed, relative to its size; 0 is 1e-12.
	Tolerance float64
	// MaxIterations is the most Newton steps; 0 is 100.
	MaxIterations int
}

func (m Method) check() error {
	switch m.Distance {
	case Linear:
	case Raking:
		if m.Upper != 0 && !(m.Lower < 1 && 1 < m.Upper) {
			return fmt.Errorf("weight: %v: bounds %g and %g must enclose 1: %w", m.Distance, m.Lower, m.Upper, ErrBounds)
		}
	case Logit, LinearBounded:
		if !(m.Lower < 1 && 1 < m.Upper) || math.IsInf(m.Upper-m.Lower, 0) {
			return fmt.Errorf("weight: %v: bounds %g and %g must be finite and enclose 1: %w", m.Distance, m.Lower, m.Upper, ErrBounds)
		}
	default:
		return fmt.Errorf("weight: there is no %v", m.Distance)
	}
	return nil
}

// ratio is g and its slope at u.
func (m Method) ratio(u float64) (g, slope float64) {
	switch m.Distance {
	case Raking:
		g = math.Exp(u)
		if m.Upper != 0 && (g <= m.Lower || g >= m.Upper) {
			return min(max(g, m.Lower), m.Upper), 0
		}
		return g, g
	case Logit:
		a := (m.Upper - m.Lower) / ((1 - m.Lower) * (m.Upper - 1))
		s := 1 / (1 + (m.Upper-1)/(1-m.Lower)*math.Exp(float64(-a*u)))
		return m.Lower + float64((m.Upper-m.Lower)*s), (m.Upper - m.Lower) * a * s * (1 - s)
	case LinearBounded:
		if g = 1 + u; g <= m.Lower || g >= m.Upper {
			return min(max(g, m.Lower), m.Upper), 0
		}
		return g, 1
	}
	return 1 + u, 1
}
