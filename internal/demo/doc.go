// Package demo makes an invented Customs administration: its regions, offices
// and firms, two rounds of the survey that are closed and one that is open, and
// the people who answered. It resembles no real country, and every name in it
// is made up.
//
// Answers are drawn from a population with a seed, so that the same seed gives
// the same answers; only keys, ids and codes differ from one demonstration to
// the next. They are sent over HTTP, page by page, the way a phone sends them.
//
// What was made is told to scripts and load tools in the file demo.json.
package demo
