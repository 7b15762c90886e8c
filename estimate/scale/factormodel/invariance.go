package factormodel

import "fmt"

// Step is one model of an invariance analysis.
type Step struct {
	Name  string
	Equal Equal
	*Result
	// Against the step before: the likelihood ratio test, and how far CFI falls. 0 for the first step.
	ChiSquare, DF, P, LossOfCFI float64
}

// Invariance asks whether a scale measures the same thing in the same unit in every group (population, language, wave), by
// ever stricter models:
//
//	configural   the same items on the same factors
//	metric       and equal loadings: relations may be compared
//	scalar       and equal intercepts: means of factors may be compared
//
// A gap between two groups is a statement about the groups, and not about how they read the questions, only when the scalar
// model holds. A fall of CFI by more than 0.01 from one step to the next is the usual sign that it does not (Cheung &
// Rensvold, Structural Equation Modeling 9, 2002); the likelihood ratio test finds trifles in large samples.
//
// Source: Meredith, Psychometrika 58 (1993). Errors: those of [Confirm], with the step named.
func Invariance(s Structure, groups ...Group) ([]Step, error) {
	steps := []Step{
		{Name: "configural"},
		{Name: "metric", Equal: Equal{Loadings: true}},
		{Name: "scalar", Equal: Equal{Loadings: true, Intercepts: true}},
	}
	for i := range steps {
		r, err := Confirm(s, steps[i].Equal, groups...)
		if err != nil {
			return nil, fmt.Errorf("%s invariance: %w", steps[i].Name, err)
		}
		steps[i].Result = r
		if i > 0 {
			steps[i].compare(steps[i-1].Fit)
		}
	}
	return steps, nil
}

func (s *Step) compare(before Fit) {
	s.ChiSquare = max(s.Fit.ChiSquare-before.ChiSquare, 0)
	s.DF = s.Fit.DF - before.DF
	s.P = chiSquareTail(s.ChiSquare, s.DF)
	s.LossOfCFI = before.CFI - s.Fit.CFI
}
