// Package estimate is design-based estimation: what a survey drawn from a finite population by a known design says
// about that population, and how far it may be off.
//
// # The idea
//
// A person k of the sample carries a weight w_k, the number of people of the population the person stands for. The
// population total of y is estimated by the weighted sum of y, a mean by a ratio of two such sums. What chance did is
// known from the design alone: units (PSUs, primary sampling units, here often offices) were drawn independently inside
// strata. No model of the answers is needed.
//
// Every estimator t is linearised: to first order, t behaves like the total of an influence value z_k, and that is all
// the variance needs:
//
//	total   z_k = y_k
//	mean    z_k = (y_k - m) / N̂           m = Σwy/Σw, N̂ = Σw
//	ratio   z_k = (y_k - R x_k) / X̂       R = Σwy/Σwx, X̂ = Σwx
//
// The weighted values w_k z_k are added up inside each PSU. With z_hi the sum of PSU i in stratum h, n_h PSUs of N_h
// drawn and f_h = n_h/N_h,
//
//	V = Σ_h (1 - f_h) n_h/(n_h - 1) Σ_i (z_hi - z̄_h)²
//
// Where no population size is given f_h is 0: PSUs drawn with replacement, the cautious choice. A design of several
// stages adds, for each drawn PSU, f_h times the same expression over its second-stage units; a stage below one drawn
// with f_h = 0 adds nothing.
//
// Sources: C.-E. Särndal, B. Swensson & J. Wretman, Model Assisted Survey Sampling, 1992; T. Lumley, Complex Surveys,
// 2010; K. M. Wolter, Introduction to Variance Estimation, 2007.
//
// In Go, the PSU x estimate matrix of these sums is the only currency of the package: a [Result] holds it, and one
// routine turns it into the covariance of any two estimates, so that gaps, changes and sums need nothing of their own.
//
// # Finite populations
//
// Where stratum h is known to have N_h people, of whom n_h answered, each of those stands for w_k people, and f_h is
// the part of the stratum that answered:
//
//	w_k = N_h/n_h      f_h = n_h/N_h
//
// What is left to chance is what the others would have said: with an answer from everybody V is 0, and a census with
// missing answers has an interval as a sample has. This takes those who answered for a simple random sample of their
// stratum, which is an assumption that no answer can prove. Where units such as offices were drawn and their number is
// not given, f_h is 0 whatever part of the people answered.
//
// # What is estimated
//
//	totals, means, ratios, shares    Design.Total, Mean, Ratio, Proportion, Proportions
//	gaps, changes, any difference    Result.Contrast, Difference, Combine; Independent
//	other functions of estimates     Result.Function, by the delta method
//	intervals of shares              KornGraubard, Wilson; the others in package interval
//	design effects                   Design.Effect, TotalEffect; Kish
//	families of tests                Holm, BenjaminiHochberg; more in package family
//
// Estimates that are computed elsewhere become results by their influence values (Design.Linear): quantiles are in
// package quantile, covariance and kappa in association, models in regression, tables in crosstab. Weights and what
// calibration leaves of a variance (Design.Calibrated) are in weight, means at one composition in standard.
//
// # Domains and missing answers
//
// A domain is a part of the population whose size the design did not fix, for instance women, or people who gave an
// answer. It is never cut out of the sample: people outside contribute zero and every PSU stays, because another sample
// would have held another number of them. A missing answer is the same thing. Programs disagree on this: on the
// ice-cream example of the SAS manual the standard error is 0.6523 by the domain rule, 0.5414 by the default of SAS.
//
// Sources: C.-E. Särndal, B. Swensson & J. Wretman, Model Assisted Survey Sampling, 1992; S. L. Lohr, Sampling: Design
// and Analysis.
//
// In Go, a [Domain] is made by Design.Domain or Design.Groups, and a missing answer is NaN.
//
// # Degrees of freedom
//
// A design has as many degrees of freedom as it has PSUs less strata. An estimate in a domain counts only those that
// hold a valid answer of the domain, and its interval uses the t quantile at that number:
//
//	df = PSUs with a valid answer - strata with a valid answer
//
// Sources: National Center for Health Statistics, NHANES Tutorials, Reliability of Estimates.
//
// # Strata with a single unit
//
// The spread between units of a stratum cannot be seen from one of them. Compile refuses such a stratum unless the
// sample has a rule: [Lonely] lists them. Version 4.5 of R's survey package centres at the mean of all units
// (LonelyAdjust); in 4.1 a total was centred at 0, which made it depend on where 0 is. A domain may have a single
// unit of a stratum that has several: that is no lonely stratum, unless Design.LonelyInDomains says so.
//
// # Shares near 0 and 1
//
// Where everybody gave the same answer, or all of a domain is in one unit, the sample shows no spread and every formula
// gives "0 % ± 0". No interval of this package does: it then rests on the number of people asked, over the design
// effect to assume. R gives an empty interval, 0.5 to 0.5 (beta) or nothing (Wilson).
//
// In Go, [ShareInterval].Assumed marks such an interval.
//
// # Same bits everywhere
//
// Sums are exact and rounded once, so results do not depend on the order of the rows; no result iterates over a map,
// nothing is random, and products that a compiler could fuse with a sum are kept apart in estimates and variances.
package estimate
