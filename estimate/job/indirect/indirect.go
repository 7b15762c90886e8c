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
		"direct":                      direct,
		"rr_warner":                   warner,
		"rr_forced":                   forced,
		"rr_unrelated_known":          unrelated,
		"rr_kuk":                      kuk,
		"crosswise":                   crosswise,
		"triangular":                  triangular,
		"list_experiment":             list,
		"indirect_efficiency":         efficiency,
		"rr_logistic":                 logistic,
		"rr_logistic_design":          logistic,
		"crosswise_logistic":          logistic,
		"multiple_imputation":         imputation,
		"sample_size_proportion":      sizeProportion,
		"n_two_proportions":           twoProportions,
		"n_two_means":                 twoMeans,
		"allocation":                  allocation,
		"pps_inclusion_probabilities": inclusion,
		"design_effect":               designEffect,
	}
}

// ground is what every kind on data needs: the design and the case's domain.
func ground(c *frame.Case, in frame.Domain) (*estimate.Design, estimate.Domain, error) {
	d, err := c.Design()
	if err != nil {
		return nil, estimate.Domain{}, err
	}
	domain, err := c.Domain(d, in)
	return d, domain, err
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
