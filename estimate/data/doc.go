// Package data is the columns of a CSV file: what a survey answered, as the
// estimators want it.
//
// # What is read
//
// CSV as RFC 4180 writes it: a header line, commas, fields in quotation marks
// where they hold commas, line ends or quotation marks, lines that end in LF
// or CRLF, with or without a byte order mark. An empty cell is a missing value.
// Anything else is refused with its file, row and column: a row with more or
// fewer cells than the header, a quotation mark inside a bare cell, a name of
// a column given twice. Rows are counted from 1 without the header.
//
// # How it is kept
//
// A table keeps the text of every cell, exactly, but in the least room it can:
// a column of at most 255 different texts as one byte a row and a list of the
// texts, a column of numbers as numbers as long as their text can be made from
// them again ("1.5" can, "1.50" cannot), anything else as text. A million
// answers to a question take a megabyte. The reader works on one block of the
// file at a time, so the file itself is never in memory.
//
// A table does not change, and may be used by several goroutines.
package data
