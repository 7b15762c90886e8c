package frame

import (
	"errors"
	"fmt"

	"adili/estimate"
	"adili/estimate/weight"
)

// maxSweeps bounds what a job may ask of an iteration.
const maxSweeps = 100_000

// Options are the stopping rule of the iteration.
func (i Iteration) Options() (weight.Options, error) {
	if i.Maxit < 0 || i.Maxit > maxSweeps {
		return weight.Options{}, fmt.Errorf("maxit is %d: from 1 to %d sweeps can be asked for", i.Maxit, maxSweeps)
	}
	return weight.Options{Relative: i.Stop.Relative, Absolute: i.Stop.Absolute, MaxIterations: i.Maxit}, nil
}

// Margins are margins with the category of each row of the case.
func (c *Case) Margins(margins ...Margin) ([]weight.Margin, error) {
	all := make([]weight.Margin, len(margins))
	for i, m := range margins {
		var err error
		if all[i], err = c.margin(m); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Rake rakes weights of the rows of the case.
func (c *Case) Rake(base []float64, by Raking) (*weight.Calibration, error) {
	margins, err := c.Margins(by.Margins...)
	if err != nil {
		return nil, err
	}
	options, err := by.Options()
	if err != nil {
		return nil, err
	}
	return weight.Rake(base, margins, options)
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
	raked, err := c.Rake(base, by.Raking)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	d = d.Calibrated(raked)
	if c.name != "" {
		c.study.raked[c.name] = d
	}
	return d, nil
}
