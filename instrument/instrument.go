// Package instrument holds the two questionnaires that come with Adili, as
// data: the Adili integrity questionnaire for Customs officials and the one
// for the private sector, both in the format "adili-instrument/1" that
// docs/guide/instrument-format.md describes and package form reads.
//
// The wording is original. It follows the ten key factors as a table of
// subjects, but no question is taken from a questionnaire or guide of the
// World Customs Organization, and neither Adili nor these questionnaires are
// affiliated with or endorsed by that organization.
//
// Items that carry the same id in both files are matched: they have the same
// text, scale, polarity and choices in every language, so that the answers of
// officials and of the private sector can be compared.
//
// Each language carries a review status. "draft" means that the text has not
// yet been reviewed by a native speaker; "reviewed" means that a native
// speaker who knows Customs work has read it against the English text. A
// manager sees the status before opening a round and should have a draft
// reviewed and piloted first.
package instrument

import (
	"bytes"
	_ "embed" // the questionnaires are compiled in
)

//go:embed official.json
var official []byte

//go:embed private.json
var private []byte

// Official returns the questionnaire for Customs officials as JSON in the
// format "adili-instrument/1". Each call returns a copy of its own.
func Official() []byte { return bytes.Clone(official) }

// Private returns the questionnaire for the private sector as JSON in the
// format "adili-instrument/1". Each call returns a copy of its own.
func Private() []byte { return bytes.Clone(private) }
