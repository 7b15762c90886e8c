// Package report turns a closed round into the numbers that may be published:
// response and coverage, the ten factor scores of each group of people with
// their intervals, the gaps between officials and private sector, the answers
// to each question, and one breakdown. It is pure calculation; words, charts
// and pages are those of package ui below it.
//
// # What a Report holds
//
// A [Report] holds published numbers only. Rounding and suppression happen
// here, once, so that no page, chart or export can show what another hides:
// counts, shares and scores are those of package disclosure. The exact numbers never leave
// the package.
//
// # Estimation
//
// The strata are the collection strata. A person who answered in stratum h
// stands for N_h/n_h people, N_h in the frame and n_h who answered: those who
// did not answer are taken to be like those of their stratum who did. Variances
// are those of package estimate, with finite population correction by N_h where
// persons were invited or drawn, and between office groups, drawn with
// replacement, where offices were drawn; people who did not name their office
// make one more unit of their stratum. Quotas, passers-by and open links have no
// design: every answer weighs the same, and the interval is that of a simple
// random sample, which the page has to say cannot be checked.
//
// A stratum without answers is not represented; what is published does not tell
// it from one with too few answers. A stratum with a single answer is joined
// with its neighbour in frame order, for estimation only, as is one with a
// single office group where offices were drawn, since one unit shows no spread.
// Groups are never pooled.
package report
