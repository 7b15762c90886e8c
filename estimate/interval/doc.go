// Package interval computes confidence intervals: Student's for any estimate,
// and for a share those of Korn and Graubard, Wilson, the logit, the arcsine,
// the likelihood and Wald. Package estimate hands out what they need
// (estimate.Result.Share).
//
// # The idea
//
// A share near 0 or 1 does not vary evenly to both sides, and p ± t se leaves
// the range a share can have. All intervals here but Wald's stay inside. They
// take the design into account through the effective sample size
//
//	n* = p(1-p)/v
//
// the number of people which, drawn simply at random, would have given the
// variance v, and through t at the degrees of freedom of the design in place of
// the normal quantile.
//
// # Which to take
//
// KornGraubard, capped, for what is published: it covers at least as often as it
// says, down to shares of 0. Wilson and Logit are shorter and cover the level
// on average. Wald is for comparison. Those named in R's survey package agree
// with it to nine digits.
//
// # Where packages disagree
//
//   - Everybody gave the same answer, or all of a domain is in one unit: v is 0,
//     and R gives an empty interval, 0.5 to 0.5 (beta) or none (Wilson). Here the
//     number of people asked, over a design effect, takes the place of n*, and
//     the interval is marked as Assumed. "0 % ± 0" is never an answer.
//   - R does not cap n* at the number of people asked, the United States
//     National Center for Health Statistics does: KornGraubard has both.
//   - R lets the angle of the arcsine interval go below 0, where the share rises
//     again. Here it stops at 0.
package interval
