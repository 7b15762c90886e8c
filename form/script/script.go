// Package script holds the program that evaluates expressions on a phone, as
// JavaScript built from the TypeScript beside it.
//
// It interprets the syntax trees that package expr writes as JSON and gives
// the same values, bit for bit; expr is the authority and evaluates every
// submission again. A page that runs it has one global name, adiliForm:
//
//	const root = adiliForm.load({n: "data", k: [{n: "age", k: ["34"]}]})
//	adiliForm.evaluate([">", ["path", "/", ["child", "data"], ["child", "age"]], 17],
//		{node: root, now: Date.now(), zone: -new Date().getTimezoneOffset()}) // true
//
// It also fills in a whole questionnaire, which package run compiles:
//
//	const run = adiliForm.start(compiled, {now: Date.now(), zone: 0})
//	run.set("age", "34")
//	run.states() // [{id, value, relevant, required, valid, ...}, ...]
//
// Run make script after a change to a .ts file; a test compares.
package script

import _ "embed"

// The flags stand here only: make script and the test run this line.
//
//go:generate go tool -modfile=../../tools/go.mod esbuild main.ts --bundle --minify --format=iife --global-name=adiliForm --target=es2017 --charset=utf8 --log-level=warning --outfile=expr.js

//go:embed expr.js
var source string

// Source is the program, minified, for a script element or a file of its own.
func Source() string { return source }
