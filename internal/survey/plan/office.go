package plan

import (
	"slices"
	"strconv"
	"strings"

	"adili/internal/kernel/errs"
)

// maxOffices is how many office groups a questionnaire can offer.
const maxOffices = 250

// CheckOffices refuses office groups that point at too few people, and gives an
// id to those that have none.
func CheckOffices(offices []Office) error {
	e := errs.New(errs.Invalid, "survey.office.invalid")
	for i := range offices {
		o := &offices[i]
		o.Label = strings.TrimSpace(o.Label)
		if o.Label == "" {
			e.Details = append(e.Details, errs.Detail{Row: i + 1, Field: "label", Key: "survey.office.label"})
		}
		if o.People < MinOffice {
			e.Details = append(e.Details, errs.Detail{Row: i + 1, Field: o.Label, Key: "survey.office.too_small", Args: []any{"Min", MinOffice, "People", o.People}})
		}
		if o.ID == "" {
			o.ID = freeOfficeID(offices)
		}
	}
	if len(offices) > maxOffices {
		e.Details = append(e.Details, errs.Detail{Field: "offices", Key: "survey.office.too_many", Args: []any{"Max", maxOffices}})
	}
	if len(e.Details) > 0 {
		return e
	}
	return nil
}

// freeOfficeID is the first id of the form g1, g2 … that no office has.
func freeOfficeID(offices []Office) string {
	for n := 1; ; n++ {
		next := "g" + strconv.Itoa(n)
		if !slices.ContainsFunc(offices, func(o Office) bool { return o.ID == next }) {
			return next
		}
	}
}
