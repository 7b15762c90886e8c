// Package replicate estimates variances by replication: the estimate is computed again from parts of the sample, and its
// spread over the parts is its variance. It is the second path beside the linearisation of package estimate, independent
// of it, and it needs no formula for the estimate: quantiles, and weights that are raked again in every part, cost no
// thought.
//
// # The idea
//
// A replicate r multiplies the weight of every person by a factor, the same for all people of a PSU (primary sampling
// unit). With θ_r the estimate from these weights and c the mean of all θ_r, or the estimate of the full sample,
//
//	V = scale Σ_r each_r (θ_r - c)²
//
// (Wolter, Introduction to Variance Estimation, 2nd ed. 2007; Rust & Rao, Statistical Methods in Medical Research 5, 1996).
// The methods differ in factors and scales. n of the N PSUs of a stratum were drawn, f = n/N (0 with replacement), and R
// replicates are made:
//
//	JK1      0 for one PSU, n/(n-1) for the others; scale (n-1)/n (1-f)
//	JKn      the same within a stratum, 1 in the others; each (n-1)/n (1-f)
//	BRR      2 for one PSU of each of the strata, 0 for the other; scale 1/R
//	Fay      2-ρ and ρ instead of 2 and 0; scale 1/(R (1-ρ)²)
//	RaoWu    1-λ + λ n/(n-1) count, n-1 draws with replacement, λ = sqrt(1-f); scale 1/(R-1)
//	Canty    count, n draws out of n; scale n/((n-1)(R-1))
//	Preston  1 + λ (n/n* kept - 1), n* = n/2 kept at every stage; each 1/(R-1)
//
// Sources: JK1, JKn: Wolter, above. BRR: McCarthy, Review of the International Statistical Institute 37, 1969. Fay: Judkins,
// Journal of Official Statistics 6, 1990. RaoWu: Rao & Wu, JASA 83, 1988, and Rao, Wu & Yue, Survey Methodology 18, 1992.
// Canty: Canty & Davison, The Statistician 48, 1999. Preston: Survey Methodology 35, 2009.
//
// For totals the jackknife and BRR give exactly the linearised variance, the jackknife with every rule for lonely strata,
// and the bootstraps give it on average over their draws. For other estimates they agree when the sample
// is large. The jackknife is not consistent for quantiles; take BRR or a bootstrap. A report uses RaoWu with 500
// replicates where linearisation will not do.
//
// # Where packages disagree
//
// The centre: R takes the mean of the replicates unless mse is set, WesVar and Stata the estimate; here see [Set.About],
// default the mean. The finite population: R ignores f for its Rao-Wu bootstrap ("subbootstrap"); here it is in λ for a
// design of one stage, and counts as 0 when stages below the first matter, because their part of the variance would be
// lost: take Preston there. JKn of such a design keeps the 1-f of its definition, as R does, and is too small by f times
// the variance within PSUs. Canty's single scale fits strata of one size; R takes the harmonic mean of the sizes, and so do
// [Factors] here, but the replicates of [New] have the scale of the smallest stratum and factors nearer to 1 in larger ones, so
// that every stratum counts right. A unit alone in its group and certain to be drawn ends
// R's Preston bootstrap at that stage; here the stages below are replicated as they should be. Replicates in which a
// domain is empty are left out by R without change of scale; see [Result.Covariance]. Preston's factors can be negative at
// the second stage; quantiles and raking refuse such weights. BRR takes no f into account,
// here as elsewhere.
//
// # Size and draws
//
// Weights of people x replicates are never kept. A bootstrap is one byte a PSU and replicate; the jackknife is nothing at
// all. Totals, means, ratios and their domains come from the PSU x estimate sums of the full sample: a replicate is a
// product of its counts with them. Only quantiles and the like, and re-raked replicates, go by weights, one replicate at
// a time on each processor.
//
// Draws come from ChaCha8 (math/rand/v2) keyed by the two numbers of the seed, the kind and the number of the replicate;
// replicate 7 is the same whether 10 or 1,000 are made, on any number of goroutines. PSUs are drawn in the order of
// their labels, so that with labelled PSUs the order of the rows changes no bit; where every row is a PSU of its own, its
// place in the sample is its label.
package replicate
