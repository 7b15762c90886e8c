// Package association estimates how two answers go together in the population:
// covariance and correlation of numbers, with the variance as the covariance of
// a number with itself, and kappa for two codings of the same people.
//
// # The idea
//
// A population covariance is a mean: that of the products of deviations. So it
// is estimated by a weighted mean, and its standard error comes from the
// influence values of that mean by the one routine of package estimate. The
// correlation and kappa are smooth functions of means and take the delta method
// (estimate.Result.Function):
//
//	c_xy = n/(n-1) Σ w (x - x̄)(y - ȳ) / Σ w
//	r_xy = c_xy / √(c_xx c_yy)
//	κ    = (p_o - p_e) / (1 - p_e)
//
// The square root of a variance estimated here says how far people differ; a
// standard error says how far an estimate may be off. The former does not get
// smaller with more respondents.
//
// # Missing answers
//
// People take part who have all columns of an estimate. They are a domain, as
// everywhere: nobody is cut out of the sample.
//
// # Where packages disagree
//
// n in n/(n-1) is the number of people with an answer, as in R's survey package
// from 4.5; version 4.1 counts everybody of the sample. Stata takes the weights
// into n/(n-1) too. The difference is of the order 1/n.
package association
