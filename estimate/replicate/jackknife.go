package replicate

import (
	"fmt"

	"adili/estimate"
)

// dropOne makes the jackknife. Strata observed completely and lonely strata under certainty give no replicates.
func dropOne(d *estimate.Design, m Method) (*Set, error) {
	stage := d.Stage(0)
	if m.Kind == JK1 && len(stage.Units) > 1 {
		return nil, fmt.Errorf("replicate: JK1 of a design with %d strata: use JKn: %w", len(stage.Units), ErrMethod)
	}
	alone, err := m.lonely(stage, estimate.LonelyCertainty, estimate.LonelyAdjust, estimate.LonelyAverage)
	if err != nil {
		return nil, err
	}
	s := start(d, m, stage)
	t := &jackknife{group: stage.Group, units: stage.Units}
	s.table, s.scale, s.df = t, 1, d.DF()
	lonely := 0
	for u, g := range stage.Group {
		n, f := float64(stage.Units[g]), stage.Rate[g]
		if alone[g] {
			lonely++
		}
		switch {
		case f >= 1 || alone[g] && m.Lonely != estimate.LonelyAdjust:
			continue
		case alone[g]:
			s.each = append(s.each, 1-f)
		default:
			s.each = append(s.each, (1-f)*(n-1)/n)
		}
		t.drop = append(t.drop, int32(u))
		t.alone = append(t.alone, alone[g])
	}
	if others := len(stage.Units) - lonely; m.Lonely == estimate.LonelyAverage && lonely > 0 && others > 0 {
		s.scale += float64(lonely) / float64(others)
	}
	if m.Kind == JK1 && len(s.each) > 0 {
		s.scale = s.each[0]
		for r := range s.each {
			s.each[r] = 1
		}
	}
	return s, nil
}
