package interval

import (
	"math"
	"sync/atomic"

	"adili/estimate/distribution"
)

// known keeps quantiles: the intervals of one report need few different ones,
// and each takes longer than all the rest of an interval. A place holds the last
// one that was computed for it.
var known [1 << 10]atomic.Pointer[student]

type student struct{ level, df, t float64 }

// quantile is the t quantile of a two-sided level.
func quantile(level, df float64) float64 {
	place := &known[(math.Float64bits(df)*0x9e3779b97f4a7c15^math.Float64bits(level)*0xbf58476d1ce4e5b9)>>54]
	if k := place.Load(); k != nil && k.level == level && k.df == df {
		return k.t
	}
	k := &student{level, df, distribution.Student{DF: df}.Quantile(0.5 + level/2)}
	place.Store(k)
	return k.t
}
