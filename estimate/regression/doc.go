// Package regression fits regression models to survey data and tests their terms:
// linear and generalised linear models, the ordinal logit, t tests and rank
// tests.
//
// # The idea
//
// A regression coefficient is a number of the population, like a mean: the
// coefficient one would compute if everybody had answered. It solves weighted
// score equations, for a generalised linear model
//
//	Σ w_k x_k (y_k - μ_k) μ'_k / V(μ_k) = 0      g(μ_k) = x_k'β
//
// and its influence value on one person is (D. A. Binder, International
// Statistical Review 51, 1983; W. A. Fuller, Sankhya C 37, 1975)
//
//	z_k = A⁻¹ x_k (y_k - μ_k) μ'_k / V(μ_k)      A = Σ w_k x_k x_k' μ'_k² / V(μ_k)
//
// From there on everything is as for a mean: [Fit] holds an estimate.Result,
// whose covariance is the sandwich A⁻¹ V(score) A⁻¹ with strata, PSUs,
// finite-population corrections and calibration residuals inside. Neither the
// distribution of y nor equal variances are assumed; the family only chooses
// the weights of the score equations, which is why counts and shares go by
// "quasi" families.
//
// # Degrees of freedom
//
// With df the PSUs minus strata, coefficients are judged by t with
// df + 1 - p degrees of freedom, p the number of coefficients, and q of them
// together by Wald's F = b'V⁻¹b/q with q and the same df (T. Lumley, Complex
// Surveys, 2010; [Fit.Residual] and [Wald]). A t test is the regression on
// one indicator, so its df is one less than that of the same difference taken
// as a contrast. Both are in use; the difference matters below twenty PSUs.
//
// # Where packages disagree
//
// Stata and SAS use df, not df + 1 - p. R's dispersion of a model is the
// weighted variance of Pearson residuals multiplied by the square root of the
// weight over its mean, so it depends on the spread of the weights; [Fit] keeps
// this definition for Dispersion, which nothing else rests on. R stops
// iterating when the deviance moves by less than 1e-8 of it; this package goes
// on to the limit of float64 unless [Regression] says Stop. A column that the columns before it explain is left
// out and named in Aliased.
//
// R's ordinal logit is maximised by a quasi-Newton method to about 1e-4 with a
// numerical second derivative; [Ordinal] uses Newton's method with exact ones
// unless it is given a Step.
// The signs are R's: P(y <= j) = F(ζ_j - x'β), a positive β means higher
// answers. The link R's survey calls cloglog is exp(-exp(-x)).
//
// Ranks of tied answers: see [RankScores].
package regression
