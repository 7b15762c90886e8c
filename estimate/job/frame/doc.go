// Package frame is the ground that the estimators of a job file stand on: the
// data of a design as a View with expressions, domains and an instrument, the
// design compiled from it, and the arguments of a case.
//
// The grammar is documented in docs/guide/estimate.md: expressions (EXPR),
// domains, contrasts, weights looked up in another file, margins of known
// totals, and models. Nothing here reads a file: tables come through Open.
package frame
