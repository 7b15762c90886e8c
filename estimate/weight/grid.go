package weight

import "adili/estimate/sum"

// pair is a sum in two halves.
type pair struct{ hi, lo float64 }

func (p *pair) add(g sum.Grid, x float64) { g.Add(&p.hi, &p.lo, x) }

func (p *pair) value() float64 { return p.hi + p.lo }
