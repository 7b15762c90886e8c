// Package expr reads and evaluates the expressions of questionnaires: the part
// of XPath 1.0 that forms use, with the functions of ODK XForms.
//
// An expression is parsed once, here. Its syntax tree is written as JSON for
// the interpreter in the browser (form/script), so that the two cannot read a
// text differently; both evaluate it by docs/guide/expressions.md, and Go
// evaluates every answer again.
//
// The package is total: no text makes Parse panic, and evaluation stops at a
// budget of steps. Patterns are RE2.
package expr
