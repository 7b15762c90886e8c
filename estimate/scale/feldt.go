package scale

import (
	"fmt"

	"adili/estimate/distribution"
)

// Feldt is the confidence interval of Cronbach's alpha of k items and n complete rows. (1-α)/(1-α̂) has an F distribution
// with n-1 and (n-1)(k-1) degrees of freedom when the items are parallel up to their means and people are a simple random
// sample, hence, with F_p its p-quantile and level = 1-q,
//
//	lo = 1 - (1-α̂) F_{1-q/2}    hi = 1 - (1-α̂) F_{q/2}
//
// It knows nothing of weights and clusters; [WeightedAlpha] does.
//
// Source: Feldt, Psychometrika 30 (1965); Feldt, Woodruff & Salih, Applied Psychological Measurement 11 (1987),
// 93-103. Errors: ErrRows for n < 2, ErrItems for k < 2, ErrLevel.
func Feldt(alpha float64, n, k int, level float64) (lo, hi float64, err error) {
	switch {
	case n < 2:
		return 0, 0, fmt.Errorf("scale: interval of alpha of %d rows: %w", n, ErrRows)
	case k < 2:
		return 0, 0, fmt.Errorf("scale: interval of alpha of %d items: %w", k, ErrItems)
	case !(level > 0 && level < 1):
		return 0, 0, fmt.Errorf("scale: interval of alpha at level %v: %w", level, ErrLevel)
	}
	f := distribution.F{Num: float64(n - 1), Den: float64((n - 1) * (k - 1))}
	tail := (1 - level) / 2
	return 1 - (1-alpha)*f.UpperQuantile(tail), 1 - (1-alpha)*f.Quantile(tail), nil
}
