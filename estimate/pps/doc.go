// Package pps is for samples whose units were drawn without replacement and with unequal probabilities, for instance
// offices in proportion to their staff (pps: probability proportional to size).
//
// # The idea
//
// A unit i is in the sample with probability π_i, two units i and j together with probability π_ij. The total is
// estimated by Σ y_i/π_i, and with z_i the weighted influence value of an estimate (package estimate; y_i/π_i for the
// total) its variance by Horvitz and Thompson is
//
//	V = Σ_i Σ_j (π_ij - π_i π_j)/π_ij z_i z_j,   π_ii = π_i
//
// (JASA 47, 1952; Särndal, Swensson & Wretman, Model Assisted Survey Sampling, 1992), and by Yates and Grundy, for
// samples of fixed size only, (Journal of the Royal Statistical Society B 15, 1953; ibid.)
//
//	V = -1/2 Σ_i Σ_j (π_ij - π_i π_j)/π_ij (z_i - z_j)²
//
// Both are unbiased if every π_ij is positive; the second varies far less, and is never negative where π_ij <= π_i π_j,
// as is the case for the usual ways of drawing. The first can be negative, and the standard error then is NaN.
//
// Joint probabilities are seldom known. With n units drawn from a stratum, these need π_i only:
//
//	Brewer       V = n/(n-1) Σ (1-π_i) (z_i - z̄)²
//	Overton      π_ij = π_i π_j (n-1) / (n - (π_i+π_j)/2)
//	Hartley-Rao  π_ij = π_i π_j (n-1) / (n - π_i - π_j + Q/n),  Q = Σ π² over the population
//	replacement  V = n/(n-1) Σ (z_i - z̄)²
//
// Sources: K. R. W. Brewer, Combined Survey Sampling Inference, 2002, chapter 9; S. V. Stehman and W. S. Overton,
// JASA 89, 1994; H. O. Hartley and J. N. K. Rao, Annals of Mathematical Statistics 33, 1962;
// see also Y. G. Berger, Journal of Applied Statistics 31, 2004. Take Brewer unless the joint
// probabilities are at hand; take replacement to be on the safe side.
//
// # Where packages disagree
//
// Brewer here has the plain mean of z in the middle, as R's survey package; others weight it by 1-π_i. Hartley and
// Rao's Q/n is the sample's Σπ/n, an unbiased estimate of it, unless the population's is given; R's survey does the same.
// R's default for Overton, Hartley-Rao and joint probabilities is the form of Horvitz and Thompson; it is here too,
// for the sake of comparison, although that of Yates and Grundy is better whenever the size of the sample was fixed.
//
// Units with π = 1 have no sampling error. They belong in a stratum of their own: among others they disturb the
// approximations, which are meant for π < 1.
package pps
