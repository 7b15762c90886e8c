// Package bench measures what the program takes, with the load generator on
// the same machine: answers a second and how long one takes, on both
// databases, bytes and milliseconds of each page, and what the program takes
// of a small server before anybody uses it. It builds the program and runs it
// as a process of its own.
//
// "make bench" prints the tables. What is measured as one submission is the
// last request of a questionnaire; the pages before are walked before the
// clock starts. Each is on the disk before it is answered. The last lines are
// the figures that have a target, with a word on whether it is met.
//
// The estimation engine is held against R's survey package on the same seeded
// samples in the same run, where R and the reference scripts are; every task is
// a process of its own on either side, so that its memory is its own, and the
// checksums must agree to 1e-9. A whole report of a perception survey, from
// answers in memory to all figures with their intervals, has a target of its own.
package bench
