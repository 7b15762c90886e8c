// Package quantile estimates the distribution of an answer in the population:
// the share of people at or below a value, and the value a share of people is
// at or below (median, quartiles), with intervals.
//
// # The idea
//
// With w_k the weight of person k, the estimated distribution function is
//
//	F(x) = Σ_{y_k <= x} w_k / Σ w_k
//
// a mean of zeros and ones for each x, and a quantile is its inverse. F climbs
// in steps, so that a rule has to say what its inverse is where p falls inside
// a step or on the edge of one. With the values in their order, W_i the weight
// of the first i of them and W of all:
//
//	math, hf1     the first x_i with W_i >= p W
//	school, hf2   the same, but (x_i + x_{i+1})/2 where W_i = p W
//	hf3           the same as math over distinct values, but x_{i+1} where W_i = p W and i is odd
//
// The others are read off a broken line through the points (P_i, x_i):
//
//	hf4   P_i = W_i / W
//	hf5   P_i = (W_i - w_i/2) / W
//	hf6   P_i = W_i / (W + w_n)
//	hf7   P_i = W_{i-1} / W_{n-1}
//	hf8   P_i = (W_{i-1} + 2 W_i)/3 / (W + w_n/3)
//	hf9   P_i = (3 W_{i-1} + 5 W_i)/8 / (W + w_n/4)
//
// and flat outside them. The names are those of R's survey package; with equal
// weights hf1, hf2 and hf4 to hf9 are the definitions of Hyndman & Fan (American
// Statistician 50, 1996). Their third takes the nearest place, R's does not, and
// R's is here. The default is math, the oldest definition; school is the median
// taught at school; hf7 is what spreadsheets and R's own quantile do.
//
// # Intervals
//
// Woodruff (Journal of the American Statistical Association 47, 1952): the share
// of people at or below the estimated quantile q is a share like any other, with
// an interval (a, b); the interval of the quantile is from the quantile at a to
// the quantile at b, by the same rule, and
//
//	se = (F⁻¹(b) - F⁻¹(a)) / 2t
//
// with t at the degrees of freedom of the domain. The interval of the share is
// the plain one (Mean, the default of R), that of Korn and Graubard, or by the
// logit or the arcsine. A limit of Mean outside 0..1 leaves no limit, NaN; a
// share of which the sample shows no spread leaves the quantile alone with Mean,
// and the width that estimate.Share assumes with the others.
//
// # Where packages disagree
//
//   - Ties. W_i = p W is a matter of the last bit: 20 of 200 equal weights are a
//     tenth, but not in the sums of a computer. R compares rounded sums, so its
//     answer depends on the size of the weights; [New] allows 1e-12, and scaling
//     the weights changes nothing. [AsR] compares like R.
//   - Below W_1/W R takes the second value for the step rules, and continues the
//     line of hf4 below the smallest answer. Here it is the first value.
//   - Equal values with unequal weights: the broken lines depend on their order.
//     R keeps the order of the rows; here lighter ones come first, so that the
//     order of the rows changes nothing.
//   - R's rule "shahvaish" mixes raw and scaled weights and is not offered.
package quantile
