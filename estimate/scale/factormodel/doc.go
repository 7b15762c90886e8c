// Package factormodel fits factor models: confirmatory factor analysis by maximum likelihood in one or several groups,
// measurement invariance, omega, and the one-factor model of ordered items.
//
// # The idea
//
// What items share is explained by a few factors that nobody observes. An item x_j is a line on its factor f and a residual
// of its own:
//
//	x_j = ν_j + λ_j f + e_j        λ_j loading, ν_j intercept, Var e_j = θ_j
//
// so that the covariance matrix of the items is ΛΨΛ' + Θ. A factor has no unit of its own: either its first item gives it
// (Marker, the default of most programs) or its variance is 1 (Unit). Both fit equally well.
//
//	structure := factormodel.Structure{Factors: []factormodel.Factor{
//		{Name: "trust", Items: []string{"q1", "q2", "q3"}},
//		{Name: "fairness", Items: []string{"q4", "q5", "q6"}},
//	}}
//	result, err := factormodel.Confirm(structure, factormodel.Equal{}, factormodel.Group{Answers: answers})
//
// # Where programs disagree
//
// Covariances have the divisor n and X² is n F, as in lavaan and Mplus; LISREL and AMOS use n-1. Standard errors come from
// the expected information; lavaan has the same unless answers are missing, Mplus uses the observed one. Estimates agree
// with lavaan to about 1e-6, its own tolerance: here the fit goes on until rounding stops it.
//
// The ordinal model has the "delta" parameterisation (variances of 1 behind the items); "theta" (residual variances of 1)
// is the same model, and its loadings are the discriminations of [Ordinal].
package factormodel
