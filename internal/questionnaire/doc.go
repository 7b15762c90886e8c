// Package questionnaire is the library of questionnaires: drafts that managers
// edit and translate, and the published versions that rounds take.
//
// A draft is always one that form.Check finds no fault with: a change that
// would break it is refused with what is wrong, and nothing is lost. Whoever
// changes a draft says which revision he saw; where somebody else was faster,
// the error is of kind errs.Conflict.
//
// People who look need people.RoundView, people who change people.RoundPlan.
// What they do is noted in the trail in the same transaction.
package questionnaire

import (
	"context"
	"embed"
	"io/fs"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

//go:embed migration/*.sql
var migrations embed.FS

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of the package: what its errors say, the problems
// of files that packages xlsform and translation find, the refusals of package
// edit and its words for conditions. The faults of package form are in the
// catalogue of internal/survey.
func Messages() fs.FS { return messages }

// Migrate brings the tables of questionnaires up to date.
func Migrate(ctx context.Context, db *storage.DB) error {
	return storage.Migrate(ctx, db, "questionnaire", migrations)
}

// Service is the library. Its methods that take a person ask the permission
// table whether that person may.
type Service struct {
	db      *storage.DB
	clock   clock.Clock
	screens map[string]map[string]string
}

// New returns the library. screens are the texts of the respondent's screens by
// language and key, as the program ships them; a plural form is a key of its
// own, such as "respond.answered:one". They are what a file of a further
// language translates besides the questionnaire.
func New(db *storage.DB, clk clock.Clock, screens map[string]map[string]string) *Service {
	return &Service{db: db, clock: clk, screens: screens}
}

func may(by people.Person, action people.Action) error {
	if !by.May(action) {
		return errs.New(errs.Forbidden, errs.Forbidden.Key())
	}
	return nil
}
