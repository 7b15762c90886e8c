// Package form is the questionnaire model: it reads an instrument from its
// data file and writes it, checks it, says what keeps it out of an anonymous
// round, which questions a respondent is asked, checks every answer against
// the instrument, and packs the closed answers of one person into a record of
// fixed size. A round works on what Questionnaire.Paged returns.
//
// The package is pure: bytes in, values out. It knows no database, no web and
// no clock. The file format is documented in docs/guide/instrument-format.md.
//
// Four kinds of missing answer stay apart from first to last, because they
// mean different things to an analyst: not answered (seen and left blank), not
// asked (a filter led past it), and the three the respondent chooses: does not
// know, prefers not to say, not applicable.
package form
