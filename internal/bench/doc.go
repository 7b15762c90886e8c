// Package bench measures what the program takes, with the load generator on
// the same machine: answers a second and how long one takes, on both
// databases, and bytes and milliseconds of each page. It builds the program
// and runs it as a process of its own.
//
// "make bench" prints the tables. What is measured as one submission is the
// last request of a questionnaire; the pages before are walked before the
// clock starts. Each is on the disk before it is answered.
package bench
