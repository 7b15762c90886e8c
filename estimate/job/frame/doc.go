// Package frame is the ground that the estimators of a job file stand on: the
// data of a design as a View with expressions, domains and an instrument, the
// design compiled from it, and the arguments of a case.
//
// An estimator is a function of a case and its arguments, made with Decoded.
// It reads what it needs through a Ground, calls package estimate or one of its
// neighbours, and shapes the answer:
//
//	func ratio(c *frame.Case, args struct {
//		frame.Quotient
//		frame.Scope
//	}) (map[string]any, error) {
//		g := c.Ground(args.Domain)
//		num, den := g.Number(args.Num), g.Number(args.Den)
//		if g.Err != nil {
//			return nil, g.Err
//		}
//		r, err := g.Design.Ratio(num, den, g.Domain)
//		if err != nil {
//			return nil, err
//		}
//		return args.Judge(r)
//	}
//
// The grammar is documented in docs/guide/estimate.md: expressions (EXPR),
// domains, contrasts, weights looked up in another file, margins of known
// totals, and models. Nothing here reads a file: tables come through Open.
package frame
