// Package impute combines the results of multiply imputed data.
//
// # The idea
//
// A missing answer is replaced m times by a value that is likely given what the
// person did answer, which gives m complete data sets. Each is analysed as if
// nothing were missing, and what the m results differ by shows what the missing
// answers cost:
//
//	Q̄ = Σ Q_i/m                       the estimate
//	Ū = Σ U_i/m                       variance within: the sample
//	B = Σ (Q_i - Q̄)²/(m-1)            variance between: the missing answers
//	T = Ū + (1 + 1/m) B
//
// (Rubin, Multiple Imputation for Nonresponse in Surveys, 1987). Intervals
// use Student's t with
//
//	ν_m   = (m-1) (1 + 1/r)²          r = (1 + 1/m) B/Ū
//	ν_obs = (ν+1)/(ν+3) ν (1-λ)       λ = (1 + 1/m) B/T
//	df    = 1/(1/ν_m + 1/ν_obs)
//
// with ν the degrees of freedom of the complete data, here those of the design
// (Barnard & Rubin, Biometrika 86, 1999).
//
// # Where packages disagree
//
// R's mitools takes ν_m unless told ν, and so can report hundreds of thousands of
// degrees of freedom from a survey of 50 offices. This package always asks for ν;
// ν_m is given beside it. The fraction of missing information is the one with
// the correction for few imputations, (r + 2/(df+3))/(r+1), with df of Barnard and
// Rubin.
package impute
