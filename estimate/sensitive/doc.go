// Package sensitive estimates how common something is that people do not like
// to admit, such as paying or taking bribes, from questions that protect the
// answer by chance.
//
// # One family
//
// In all techniques but the list experiment the respondent sees or draws
// something only she knows (a die, a card, somebody's birthday) and gives an
// answer that depends on it. A single answer proves nothing; the chance λ of
// the recorded answer is still a straight line in the prevalence π:
//
//	λ = c + d π,   π̂ = (λ̂ - c)/d,   se(π̂) = se(λ̂)/|d|
//
//	Warner        λ = yes      c = 1-p         d = 2p-1        p: chance to get the sensitive statement
//	Forced        λ = yes      c = p_yes       d = p_truth     p_yes, p_truth: chances of a forced yes, of the question
//	Unrelated     λ = yes      c = (1-p) π_u   d = p           π_u: known share of the harmless trait
//	Kuk           λ = red      c = θ2          d = θ1-θ2       θ1, θ2: shares of red cards in the two packs
//	Crosswise     λ = same     c = 1-p         d = 2p-1        p: share of the harmless trait (birthday)
//	Triangular    λ = neither  c = 1-p         d = -(1-p)      p: likewise
//
// (Warner, JASA 60, 1965; Boruch, The American Sociologist 6, 1971, and Fox &
// Tracy, Randomized Response, 1986; Greenberg, Abul-Ela, Simmons & Horvitz, JASA
// 64, 1969; Kuk, Biometrika 77, 1990; Yu, Tian & Tang, Metrika 67, 2008, for the
// last two.) λ̂ is an ordinary estimated share, so that weights, strata and
// offices count as for any other share; see [Technique.Estimate]. With plain
// counts, [Technique.Count].
//
// π̂ can fall below 0 or above 1. Estimates are given as they are, because a mean
// of cut estimates is biased, with the cut value beside them; a report that
// prints the cut value says so.
//
// # What protection costs
//
// The variance grows by 1/d². Against a direct question with the same number of
// answers and a prevalence of 15 % the standard error is 1.9 times as large with
// a forced die, 2.6 times with the crosswise question (birthday, 90 of 365 days)
// and 4.9 times with a list of four items; see [Technique.UnitVariance]. What it
// buys is [Technique.Privacy]: at most e^ε, by what factor an answer can change
// what one believes of the respondent.
//
// # People who answer at random
//
// A crosswise question that is not read yields "same" half of the time and drives
// the estimate towards 1/2. An anchor, the same question on something nobody
// does, shows the share of people who read; [Crosswise] corrects for it
// (Atsusaka & Stevenson, Political Analysis 31, 2023).
//
// # Lists
//
// In a list experiment one group counts how many of J harmless statements are
// true for them, the other counts J+1 with the sensitive one; the difference of
// the means is the prevalence (Miller 1984; Imai, JASA 106, 2011). It fails if
// the added statement changes the other answers. [Joint] estimates the share of
// each combination of count and trait; a negative one is evidence of that (Blair
// & Imai, Political Analysis 20, 2012).
//
// # Regression
//
// [Technique.Logistic] relates the trait to properties of the respondent:
// logit π(x) = x'β inside λ = c + d π(x), by maximum likelihood (Blair, Imai &
// Zhou, JASA 110, 2015).
//
// # Defaults and disagreements
//
// Counts: the variance of a share is divided by n-1 (unbiased) in [Count]'s
// standard error; texts that divide by n are given as VarianceN. Regression: the
// standard errors of an unweighted fit are those of the observed information;
// R's optim, behind rr, differences the score with steps of 0.001 instead, which
// is off in the sixth or seventh digit. For survey data the sandwich of the design
// takes their place; its bread is the observed information too.
package sensitive
