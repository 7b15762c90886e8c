// Package weight makes the weights of a survey: how many people of the population each respondent stands for.
//
// # The idea
//
// A weight starts as the inverse of the probability of being asked, the base weight d. Three steps make it the weight w of
// an estimate, each with its own answer to "who is missing":
//
//   - [Respond]: not everybody asked did answer. In a class of people taken to be alike, those who did stand for those who
//     did not.
//   - [PostStratify], [Rake], [Calibrate]: the sample is by chance not quite like the population. Where totals are known
//     from the register of staff or the list of traders, weights are moved as little as possible until they give them.
//   - [Trim]: a few people must not decide everything.
//
// # Calibration
//
// All methods of the second step look for w close to d such that Σ w x = X for known totals X (Deville & Särndal,
// Calibration Estimators in Survey Sampling, JASA 87, 1992):
//
//	post-stratification   x says in which one category a person is   w = d N_c/N̂_c
//	raking                x says so for several variables            w = d Π factors, found by turns
//	calibration           x is anything                              w = d F(x'λ)
//
// Post-stratification needs people in every combination of the variables it uses; raking needs them only in every category
// of each variable; calibration also takes quantities, such as years of service.
//
// # Variance
//
// A total that was calibrated no longer varies, and what it explains of an answer no longer varies either. The influence
// values z of an estimate (package estimate) give way to their residuals: a [Calibration] is the estimate.Residuals that
// Design.Calibrated takes.
//
//	post-stratification   z minus the mean of its category, weights d
//	raking                z minus category means of each margin in turn, ten sweeps, each person counting once
//	calibration           z minus its regression on x, weights d
//
// Each is then weighted with w. These are the rules of R's survey package, which the reference values follow. Its raking
// residuals count each person once where the regression of Deville & Särndal would weight with d; both leave nothing of
// what the margins explain. Treating weights as fixed is the cautious choice and overstates the variance of everything
// that the margins explain a part of.
//
// # When it goes wrong
//
// A category of the population in which nobody answered cannot be weighted for: [EmptyCellError] names it, and the
// category beside it to merge it with. Margins that add to different populations ([MarginTotalsError]), people without a
// category ([MissingCodeError]), calibration that does not settle ([NotConvergedError], with the margin furthest from its
// totals) or that makes weights negative ([NegativeWeightError]) are errors too. Nothing is dropped or imputed in
// silence; [Thin] merges thin categories when asked to, and says which.
//
// # Where packages disagree
//
// R's rake stops when no cell moves by more than 1 person, after 10 sweeps with a warning: its weights are then visibly
// short of the margins. Here the default is 1e-12 of the sum of the weights, and not settling is an error. R's calibrate
// stops at a misfit of 1e-7; here 1e-12. See [Calibrate] for bounds and [Trim] for trimming.
//
// # Same bits everywhere
//
// Raking works on the cells of the cross-classification ([Cells]), with sums that do not depend on the order of the rows:
// a million people and three margins take well under a tenth of a second, and weights do not change when rows change
// places, nor when all base weights are doubled. Calibration groups people by the values of their variables ([Calibrate]),
// which is as good where the variables are categories.
package weight
