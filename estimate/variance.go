package estimate

// column is one column of the unit x estimate matrix: the sums of weighted influence values of the units with a valid
// answer, in the order of the design. All other units are zero and stay unwritten.
type column struct {
	unit []int32
	z    []float64
}

// newColumn is a column with room for some units.
func newColumn(units int) column {
	return column{make([]int32, 0, units), make([]float64, 0, units)}
}

func (c *column) put(unit int32, z float64) {
	c.unit = append(c.unit, unit)
	c.z = append(c.z, z)
}

// cut returns the part of c from position i on whose units are below hi, and the position behind it.
func (c column) cut(i, hi int) (column, int) {
	j := i
	for j < len(c.unit) && int(c.unit[j]) < hi {
		j++
	}
	return column{c.unit[i:j], c.z[i:j]}, j
}

// sum adds the values of a column exactly.
func (c column) sum() float64 {
	var s exact
	for _, z := range c.z {
		s.add(z)
	}
	return s.value()
}

// at adds the leaves of a column up to the units of a level.
func (d *Design) at(i int, c column) column {
	up := d.levels[i].up
	if up == nil {
		return c
	}
	var a column
	var s exact
	for j, leaf := range c.unit {
		s.add(c.z[j])
		if j+1 == len(c.unit) || up[c.unit[j+1]] != up[leaf] {
			a.put(up[leaf], s.value())
			s.reset()
		}
	}
	return a
}

// covariance is the estimated covariance of two estimates: the one routine behind every standard error of the package.
func (d *Design) covariance(a, b column) float64 {
	var total exact
	for i := range d.levels {
		d.levels[i].add(&total, d.at(i, a), d.at(i, b), d.lonely, d.strict)
	}
	return total.value()
}

// add adds what one stage contributes: share (1-f) n/(n-1) times the sum of products of deviations, by group.
func (lv *level) add(total *exact, a, b column, rule Lonely, strict bool) {
	var stage exact
	lonely, others, i, j := 0, 0, 0, 0
	for _, g := range lv.groups {
		var ga, gb column
		ga, i = a.cut(i, g.hi)
		gb, j = b.cut(j, g.hi)
		if len(ga.unit)+len(gb.unit) == 0 {
			continue // nothing of the domains is here
		}
		others++
		n := float64(g.hi - g.lo)
		single := strict && n > 1 && single(ga, gb)
		switch {
		case g.rate >= 1 || g.share == 0:
		case (g.alone() || single) && rule == LonelyAverage:
			lonely++
		case single && rule == LonelyAdjust:
			stage.add(g.share * (1 - g.rate) * n / (n - 1) * scatter(ga, gb, 0, 0, 1))
		case !g.alone():
			stage.add(g.share * (1 - g.rate) * n / (n - 1) * scatter(ga, gb, ga.sum()/n, gb.sum()/n, g.hi-g.lo))
		case rule == LonelyAdjust:
			stage.add(g.share * (1 - g.rate) * scatter(ga, gb, a.sum()/float64(lv.units), b.sum()/float64(lv.units), 1)) // around all units
		}
	}
	v := stage.value()
	total.add(v)
	if others -= lonely; lonely > 0 && others > 0 {
		total.add(v * float64(lonely) / float64(others))
	}
}

// single reports whether two columns hold one unit between them.
func single(a, b column) bool {
	switch {
	case len(a.unit) > 1 || len(b.unit) > 1:
		return false
	case len(a.unit) == 0 || len(b.unit) == 0:
		return true
	}
	return a.unit[0] == b.unit[0]
}

// scatter is the sum over n units of (a - ma)(b - mb), where units not written in a column are zero.
func scatter(a, b column, ma, mb float64, n int) float64 {
	var s exact
	i, j, seen := 0, 0, 0
	for i < len(a.unit) || j < len(b.unit) {
		da, db := -ma, -mb
		takeA := i < len(a.unit) && (j == len(b.unit) || a.unit[i] <= b.unit[j])
		takeB := j < len(b.unit) && (i == len(a.unit) || b.unit[j] <= a.unit[i])
		if takeA {
			da += a.z[i]
			i++
		}
		if takeB {
			db += b.z[j]
			j++
		}
		s.add(float64(da * db))
		seen++
	}
	s.add(float64(n-seen) * (ma * mb))
	return s.value()
}
