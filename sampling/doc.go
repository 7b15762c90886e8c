// Package sampling plans a survey and draws it: how many people to ask, how to
// spread them over the strata, how precise the answer will be, which change
// between two rounds could be seen at all, and who is chosen. Every draw can be
// repeated by anyone from the recorded seed.
//
// # One variance
//
// Everything rests on one formula, Variance: that of a mean or share of a
// stratified sample drawn without replacement,
//
//	V = Σ_h (N_h/N)² (1 - n_h/N_h) d_h S_h²/n_h
//
// (Cochran, Sampling Techniques, 1977), with N_h people in the stratum,
// n_h of them answering, S_h² the spread of the answer and d_h the design
// effect. It is the variance package estimate reports for such a sample, so
// that the margin promised by the planner is the margin found in the report; a
// test holds the two together. Two things the planner cannot know stay outside:
// who will not answer (it assumes that those who do are like the others of
// their stratum) and the t quantile, which it takes as normal.
//
// # Size
//
// For a margin of error e on a share p, with z the normal quantile,
//
//	n0 = z² p(1-p)/e²          an endless population, persons drawn singly
//	n  = d n0 / (1 + (d n0 - 1)/N)
//
// (Cochran, 1977; the design effect d is applied before the finite population
// correction, so that n never exceeds N). At 95 % and ±5 points, N = 300 gives
// 169, 1,000 gives 278, 10,000 gives 370. [Plan] adds the expected response;
// [Precision] has other goals for a share, a coefficient of variation, a
// relative margin, or the width of Wilson's or of the log-odds interval, and
// [MeanGoal] a mean.
//
// Packages disagree on the correction. For a share the spread of a population
// is S² = N/(N-1) p(1-p), which gives the -1 above ([FiniteShare]); for a mean
// S² is given and n = d n0/(1 + d n0/N) ([Finite]). Some apply the design effect
// last and can ask for more people than there are. For the log-odds interval
// PracTools 1.7.5 multiplies by N/(N-1) where the spread asks to divide; the
// difference is below one person in any population over a hundred.
//
// # Power
//
// [Test] answers how many people it takes to find a difference. For two shares
// the statistic has the pooled variance under "no difference" and the separate
// ones otherwise (Fleiss, Levin & Paik, Statistical Methods for Rates and
// Proportions, 2003); for means the statistic is Student's t, whose
// distribution away from zero is the noncentral one. A two-sided test may also
// "find" a difference in the wrong direction; by default this does not count as
// power, and Strict counts it. [Rounds] is for two rounds that ask part of the
// people twice, or samples of an important part of the population.
//
// # Design effect
//
// Persons drawn from a list, with strata in proportion: 1. When offices are
// drawn first and then people in them, colleagues resemble each other and each
// tells less than a stranger would:
//
//	d = 1 + (m - 1) ρ
//
// with m the people answering per office and ρ the likeness of colleagues
// (Kish, Survey Sampling, 1965). ρ is best taken from the last round;
// DefaultLikeness is used where there is none. [Offices] finds the best m for a
// budget. Unequal weights cost precision too: Kish's effect is in package
// estimate.
//
// # Allocation
//
// [Allocate] spreads n people over strata in proportion to
//
//	Proportional   N_h
//	Neyman         N_h S_h
//	CostOptimal    N_h S_h/√c_h
//	SquareRoot     √N_h
//
// with a minimum for each stratum. Whole people go by the largest remainders,
// ties to the first stratum.
//
// # Selection
//
// [SimpleRandom], [Systematic] and [ProportionalToSize] choose units of a frame
// and return a [Selection], which records method, seed and the chance each unit
// had; [WithReserve] also prepares reserve samples, in random blocks that are
// released whole. The generator is PCG-DXSM with the two halves of the seed, and
// bounded numbers are made by Lemire's method, so that a draw can be repeated
// on any machine.
package sampling
