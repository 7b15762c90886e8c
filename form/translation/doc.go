// Package translation carries the texts of a questionnaire to translators and
// back: as XLIFF 2.1, as a gettext PO file, and as a table for a spreadsheet. It
// says what is missing, what has grown stale because the source text changed,
// and who has signed for a language.
//
// A text is a Unit with an id that stays: "item:q1:text", "list:yesno:no",
// "page:start:title". What people add to the texts (status, comments, the
// translation back, signatures) is the Ledger; it is kept beside the
// questionnaire, not in it, so that a questionnaire file holds no names of
// people.
//
// # Sign-off
//
// The roles are those of TRAPD (translation, review, adjudication, pretest,
// documentation: Harkness 2003, "Questionnaire Translation", in Cross-Cultural
// Survey Methods, Wiley): a translator, a reviewer who is not the translator,
// and an adjudicator. A signature is for the texts as they stood: it lapses
// when the source or the translation of any of them changes.
package translation
