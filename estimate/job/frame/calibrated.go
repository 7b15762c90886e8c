package frame

import (
	"errors"
	"fmt"
	"strings"

	"adili/estimate"
	"adili/estimate/weight"
)

// maxSweeps bounds what a job may ask of an iteration.
const maxSweeps = 100_000

// Options are the stopping rule of an iteration.
func (s Stop) Options(maxit int) (weight.Options, error) {
	if maxit < 0 || maxit > maxSweeps {
		return weight.Options{}, fmt.Errorf("maxit is %d: from 1 to %d sweeps can be asked for", maxit, maxSweeps)
	}
	return weight.Options{Relative: s.Relative, Absolute: s.Absolute, MaxIterations: maxit}, nil
}

// Margins are margins with the category of each row of a view.
func (c *Case) Margins(v *View, margins []Margin) ([]weight.Margin, error) {
	all := make([]weight.Margin, len(margins))
	for i, m := range margins {
		code, labels, totals, err := c.Margin(v, m)
		if err != nil {
			return nil, err
		}
		all[i] = weight.Margin{Name: strings.Join(m.By, " x "), Code: code, Labels: labels, Total: totals}
	}
	return all, nil
}

// Calibrated is the design with variances from raking residuals, as its `calibration` says how the weights arose.
func (c *Case) Calibrated() (*estimate.Design, error) {
	if d := c.study.raked[c.name]; d != nil && c.name != "" {
		return d, nil
	}
	by := c.spec.Calibration
	if by == nil {
		return nil, errors.New("the design does not say how its weights were calibrated")
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	base, err := c.Weights(c.View, by.Base)
	if err != nil {
		return nil, fmt.Errorf("calibration: base: %w", err)
	}
	margins, err := c.Margins(c.View, by.Margins)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	options, err := by.Stop.Options(by.Maxit)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	raked, err := weight.Rake(base, margins, options)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	d = d.Calibrated(raked)
	if c.name != "" {
		c.study.raked[c.name] = d
	}
	return d, nil
}
