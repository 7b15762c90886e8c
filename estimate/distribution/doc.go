// Package distribution holds the reference distributions of tests and
// intervals: normal, Student's t, chi-square, F, beta, and the weighted sums of
// chi-squares that tests on survey data lead to.
//
// # The idea
//
// A p-value is a small upper tail, so it must be computed as such and never as
// one minus a number near one: 1 - 0.99999999999999999 is 0. Every type here
// has the same four methods,
//
//	Lower(x)          P(X <= x)
//	Upper(x)          P(X > x)
//	Quantile(p)       the x with Lower(x) = p
//	UpperQuantile(q)  the x with Upper(x) = q
//
// and each keeps its relative accuracy as long as the number can be written as
// a float64: Student{197.3}.Upper(40) is 6.664e-97. Tails below 1e-308 are 0.
//
// # The formulas
//
// Student's t and F are the beta distribution in other clothes,
//
//	P(T > t) = I_x(df/2, 1/2) / 2       x = df/(df+t²), t > 0
//	P(F > f) = I_x(df2/2, df1/2)        x = df2/(df2+df1 f)
//
// where I is the regularised incomplete beta function. It is a continued
// fraction (A. R. DiDonato & A. H. Morris, ACM Transactions on Mathematical
// Software 18, 1992) times x^a (1-x)^b / B(a,b). The last factor is where programs lose digits: with a =
// 500,000 the logarithms of the gamma function are of the order of 10^7 and
// cancel. Here it is written with the deviance of the binomial distribution
// (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000),
// which does not cancel. Chi-square is treated alike, with the series and the
// continued fraction of the incomplete gamma function (NIST Digital
// Library of Mathematical Functions, 8.11.4 and 8.9.2).
// Quantiles are solved for by Newton's method in the logarithm of the smaller
// tail, against the logit (beta, F, t) or the logarithm (chi-square), kept
// inside a bracket.
//
// # Weighted sums of chi-squares
//
// Under the hypothesis, a test statistic of survey data is not chi-square but
// Q = Σ λ_i χ²_1 with weights λ_i that say by how much the design inflates the
// variance in each direction (J. N. K. Rao & A. J. Scott, Annals of Statistics
// 12, 1984). [Mixture] has three answers: Satterthwaite's approximation by one
// scaled chi-square, the saddlepoint approximation, and the exact tail.
//
// # Where packages disagree
//
// The Go package gonum 0.17 gives -258 instead of -6.36 for the 1e-10 quantile
// of t with a million degrees of freedom, and its tail of F is one minus the
// rest, so that p-values end at 1.1e-16. The tails
// of R agree with this package to 1e-12; its quantiles of F stop at 1e-10, and
// above 400,000 denominator degrees of freedom it takes infinity, which is off
// in the seventh digit at 10 million. R's lincom statistic integrates with an
// accuracy of 1e-7, and silently falls back on the saddlepoint where a package
// is not installed; [Mixture.Exact] integrates to about 1e-12.
//
// Parameters that make no sense (df <= 0, p outside 0..1, NaN) give NaN.
package distribution
