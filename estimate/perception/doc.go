// Package perception is the layer of a perception survey over package estimate: answers on a scale of agreement become typed
// answers, answers become scores of factors, and scores become gaps between populations and changes between rounds.
//
// # The idea
//
// A perception survey asks many people many items, each a sentence to agree or disagree with, and reports few numbers: a score
// for each factor, the share that agrees with each item, who differs from whom, and what has changed. Every one of them is a
// mean, a share or a ratio over a domain, so that all of its uncertainty comes from package estimate; this package says what is
// put into these estimators. It makes no variance of its own.
//
// # Answers
//
// A person gives a point of the scale, or one of four other things that are no points and not the same: the item was not put
// to the person; the person stopped before it; the person does not know; the person will not say. [Scale.Item] keeps them
// apart. An item worded against integrity is reversed,
//
//	x' = low + high - x
//
// which is 6 - x on a scale from 1 to 5. A code that the scale does not know is an error that names item, row and code: an
// answer nobody has read the meaning of belongs in no mean.
//
// # Scores
//
// With a items of a factor put to a person and v of them answered by a point, the person's score is the mean of the v points
// if
//
//	v >= ceil(share a) and v >= 1
//
// and missing otherwise. The share is [Half] by default: the half-scale rule of the SF-36 manual (Ware, Snow, Kosinski &
// Gandek, SF-36 Health Survey: Manual and Interpretation Guide, 1993), "half plus one" where a is odd. It counts
// items put to the person, so that a questionnaire with fewer items for some asks no more of them. A missing score is a domain,
// as every missing answer is to package estimate.
//
// Programs disagree: rowMeans of R and MEAN of SPSS and SAS give a score from a single answer, listwise deletion none if one is
// missing. The first lets the easiest items speak for the whole factor, the second throws away most respondents of a long
// questionnaire. Set the share to 0 or 1 to have either.
//
// # Agreement
//
// The agreement with an item is the share of those who gave a point and agree, [Agreement]; people who do not know are no part
// of it and are shown beside it by [Distribute]. The agreement with a factor is a ratio of two totals,
//
//	R = Σ w (points that agree) / Σ w (points given)
//
// in which a person counts as often as she answered ([AgreementRatio]; Särndal, Swensson & Wretman, Model Assisted Survey
// Sampling, 1992). The mean of the shares of the items is another number when items differ in how many answered them.
//
// # Families
//
// Ten factors give ten gaps. Were there none in truth and the tests independent, four in ten such families would still hold a
// "significant" one at 5 % each. A [Family] holds the same
// comparison for all its members and adjusts the p-values: Holm for the gaps and changes that a report states, Benjamini &
// Hochberg where 45 items are looked through for a lead.
//
// A change between rounds is taken on the stacked sample: both rounds below each other, strata shared, an office that is in
// both rounds with one label. What the rounds share then appears in the covariance by itself (Kish, Survey Sampling, 1965;
// Berger & Priam, Journal of the Royal Statistical Society A 179, 2016). If rounds share nothing, make stratum and office
// distinct by round, or use [estimate.Independent].
//
// Before a gap between populations is called real, both must understand the items alike: see measurement invariance in package
// scale.
package perception
