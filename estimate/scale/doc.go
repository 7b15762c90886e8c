// Package scale says how good a scale is: whether its items hang together, how strongly, and whether they share enough for
// a factor analysis.
//
// # The idea
//
// A scale is a handful of items (questions) that are meant to measure one thing, and whose mean or sum is reported. The
// report is worth something when most of the variance of that sum comes from what the items share. Reliability is the share
// of it. Three questions come before a scale is reported, and this package and its two neighbours have one method for each:
//
//	Is the sum reliable?                      Alpha, WeightedAlpha, Feldt; factormodel.OneFactor, OrdinalOneFactor
//	Do the items measure one thing?           Eigenvalues, Suitable; factormodel.Confirm
//	Do they measure the same in all groups?   factormodel.Invariance
//
// Cronbach's alpha of k items with the covariances c_ij is
//
//	α = k/(k-1) (1 - Σ c_ii / Σ c_ij)
//
// (Cronbach, Psychometrika 16, 1951). It equals the reliability of the sum when all items have the same loading, and is
// below it otherwise; McDonald's omega needs no such assumption. Items with five answers are ordered categories and no
// measurements; the [Polychoric] correlation is that of the normal variables behind them.
//
// # Missing answers
//
// Programs differ more in this than in anything else. Pairwise: each covariance uses whoever answered both items (package
// psych of R). Listwise: only people who answered all items (SPSS, SAS with NOMISS, lavaan, svycralpha). [Answers] are
// pairwise until [Answers.Complete] makes them listwise. Factor models and item response models use complete rows and
// whatever was answered, respectively.
//
// # Weights
//
// [Alpha], the polychoric correlations and the factor models describe the answers of the people in the sample, all alike.
// [WeightedAlpha] is the alpha of the population, with the standard error of the design. Where the two differ visibly, the
// scale does not work alike in all parts of the population, which is worth knowing before the weights hide it.
//
// # Same bits everywhere
//
// Rows are sorted by their answers before anything is added up, so that the order of the rows changes no bit of a result.
package scale
