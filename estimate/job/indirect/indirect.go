// Package indirect answers the cases of a job file about sensitive questions,
// multiply imputed data, and the planning of a survey. It reads arguments and
// calls packages sensitive, impute and sampling; the methods are documented
// there.
package indirect

import (
	"fmt"

	"adili/estimate"
	"adili/estimate/job/frame"
)

// Estimators are the kinds of case this package answers.
func Estimators() map[string]frame.Estimator {
	return map[string]frame.Estimator{
		"direct":                      frame.Decoded(direct),
		"rr_warner":                   frame.Decoded(warner),
		"rr_forced":                   frame.Decoded(forced),
		"rr_unrelated_known":          frame.Decoded(unrelated),
		"rr_kuk":                      frame.Decoded(kuk),
		"crosswise":                   frame.Decoded(crosswise),
		"triangular":                  frame.Decoded(triangular),
		"list_experiment":             frame.Decoded(list),
		"indirect_efficiency":         frame.Decoded(efficiency),
		"rr_logistic":                 frame.Decoded(logistic),
		"rr_logistic_design":          frame.Decoded(logistic),
		"crosswise_logistic":          frame.Decoded(logistic),
		"multiple_imputation":         frame.Decoded(imputation),
		"sample_size_proportion":      frame.Decoded(sizeProportion),
		"n_two_proportions":           frame.Decoded(twoProportions),
		"n_two_means":                 frame.Decoded(twoMeans),
		"allocation":                  frame.Decoded(allocation),
		"pps_inclusion_probabilities": frame.Decoded(inclusion),
		"design_effect":               frame.Decoded(designEffect),
	}
}

// given is an argument that a kind cannot do without.
func given[T any](name string, value *T) (T, error) {
	if value == nil {
		var none T
		return none, fmt.Errorf("args: %s is needed", name)
	}
	return *value, nil
}

// interval adds the t interval of a result at the degrees of freedom of its own
// domain.
func interval(answer map[string]any, r *estimate.Result) {
	i := r.Interval(0, frame.Level(0))
	answer["df"], answer["lo"], answer["hi"] = r.DF(0), i.Lower, i.Upper
}
