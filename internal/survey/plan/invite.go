package plan

import (
	"math"

	"adili/form"
	"adili/internal/kernel/errs"
)

// MaxBatch is how many codes are made at once: a card costs some milliseconds
// of hashing.
const MaxBatch = 5000

// Spare is the part of a stratum's people for whom more cards may be made once
// the round is open, in place of lost and spoiled ones.
const Spare = 0.10

// MaxCodes is how many codes there may be in all for a stratum of so many
// people once the round is open.
func MaxCodes(people int) int { return people + int(math.Ceil(Spare*float64(people))) }

// Fix fixes the strata of one population, in place and in the result.
func Fix(populations []Population, kind form.Population) (Population, error) {
	for i := range populations {
		if populations[i].Kind != kind {
			continue
		}
		if !populations[i].Plan.Coded() {
			return Population{}, errs.New(errs.Invalid, "survey.code.open_link_only")
		}
		fixed, err := populations[i].Plan.Fixed(kind)
		if err != nil {
			return Population{}, err
		}
		populations[i].Plan = fixed
		return populations[i], nil
	}
	return Population{}, errs.New(errs.NotFound, errs.NotFound.Key())
}

// CheckCount refuses more codes than there are people for, count[n] for stratum
// n; once the round is open a few spare ones are allowed.
func CheckCount(p Plan, count map[int]int, open bool) error {
	total := 0
	for number, n := range count {
		st, ok := p.Stratum(number)
		most := st.People
		if open {
			most = MaxCodes(st.People)
		}
		switch {
		case !ok || n < 0:
			return errs.New(errs.Invalid, "survey.code.count")
		case n+p.Invited[number] > most:
			return errs.New(errs.Invalid, "survey.code.too_many", "Label", st.Label, "Max", most, "Made", p.Invited[number])
		}
		total += n
	}
	if total == 0 {
		return errs.New(errs.Invalid, "survey.code.count")
	}
	if total > MaxBatch {
		return errs.New(errs.Invalid, "survey.code.batch", "Max", MaxBatch)
	}
	return nil
}

// SameStrata reports whether two plans have the same strata.
func SameStrata(a, b []Stratum) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Number != b[i].Number || a[i].Label != b[i].Label || a[i].People != b[i].People {
			return false
		}
	}
	return true
}
