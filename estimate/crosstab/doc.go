// Package crosstab tests tables of counts from survey data: whether two
// questions are independent, and whether shares are what they should be.
//
// # The idea
//
// Pearson's X² compares the shares p_ij of a table with the products of its
// margins. In a survey the shares are weighted, people of one office resemble
// each other, and X² is no longer chi-square: with a design effect of 3 it is
// three times too large, and everything is "significant". Rao and Scott found
// what it is instead: a weighted sum Σ δ_i χ²_1, where the generalised design
// effects δ_i are the eigenvalues of
//
//	Δ = (C'D⁻¹C/n)⁻¹ (C'D⁻¹ V D⁻¹C)
//
// with V the design-based covariance matrix of the shares, D = diag(p), and C
// a basis of the interactions (the complement of rows and columns). From here
// the statistics part ways (J. N. K. Rao & A. J. Scott, JASA 76, 1981, and
// Annals of Statistics 12, 1984; D. R. Thomas & J. N. K. Rao, JASA 82,
// 1987):
//
//	F            X²/tr Δ against F with d0 = (tr Δ)²/tr Δ² and d0 ν df: the default
//	Chisq        X²/(tr Δ/m) against chi-square with m = (r-1)(c-1) df
//	Saddlepoint  the tail of the weighted sum, δ estimated with d0 ν df, by the saddlepoint
//	Lincom       the same tail by exact integration
//	Wald         W/m against F(m, ν), W a quadratic form in p_ij - p_i p_j with V
//	AdjustedWald W (ν-m+1)/(m ν) against F(m, ν-m+1)
//
// ν is PSUs minus strata. F is the default for its behaviour in small samples
// (Thomas, Singh & Roberts, International Statistical Review 64, 1996); Wald
// is unstable when ν is not much larger than m.
//
// # Where packages disagree
//
// R's svychisq multiplies X² by the number of all respondents, those with a
// missing answer included, unless they were taken out before; F and the
// p-values do not depend on it. Here n is the people with both answers. R's
// lincom falls back on the saddlepoint where a package is missing; here it is
// always the integral. A level that nobody in the domain chose is left out. Δ
// is evaluated at the estimated shares, as in R, in Stata by default and in
// the first form of SAS (CHISQ); SAS's CHISQ1 and Stata's option null evaluate
// it at the products of the margins.
//
// # Speed
//
// The weight in each PSU and cell is all that a test needs. [Batch] sorts the
// sample by PSU once and makes one pass over each question.
package crosstab
