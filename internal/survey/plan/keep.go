package plan

import "time"

const (
	// warnDays is how long before its results are deleted a round says so.
	warnDays = 30

	// sureDays is on how many days a round has to be found due before its
	// results are deleted, unclosedDays for a round that was not closed. A
	// clock that is years ahead is noticed before.
	sureDays     = 3
	unclosedDays = 30

	// gapDays is after how many days without a look the days are counted anew:
	// rather than that nobody looked, the clock has jumped.
	gapDays = 7
)

// Overdue says on how many days a round was found due to be deleted.
type Overdue struct {
	Days int `json:"days"`
	Last Day `json:"last"` // the latest of them
}

// Due reports whether the time for which results are kept is over, by this
// clock.
func (r Round) Due(now time.Time) bool {
	return r.State != DraftState && r.Keep != "" && r.Expired == "" && r.Today(now) > r.Keep
}

// Warns reports whether the results of the round will be deleted within
// thirty days, or are about to be.
func (r Round) Warns(now time.Time) bool {
	soon := r.Today(now.AddDate(0, 0, warnDays))
	return r.State != DraftState && r.Keep != "" && r.Expired == "" && soon > r.Keep
}

// Look is today's look at whether the round is due: what to remember of it,
// and whether it was due on enough days for its results to be deleted now.
func (r Round) Look(now time.Time) (seen Overdue, sure bool) {
	if !r.Due(now) {
		return Overdue{}, false
	}
	today, seen := r.Today(now), r.Overdue
	switch {
	case today == seen.Last:
		return seen, false
	case today < seen.Last || r.after(seen.Last, gapDays) < today:
		return Overdue{Days: 1, Last: today}, false
	}
	seen = Overdue{Days: seen.Days + 1, Last: today}
	return seen, seen.Days >= r.lookDays()
}

// Deletion is the day on which the results will be deleted, if the round was
// found due and the clock stays as it is. It is empty otherwise.
func (r Round) Deletion(now time.Time) Day {
	if !r.Due(now) || r.Overdue.Days == 0 {
		return ""
	}
	return r.after(r.Overdue.Last, r.lookDays()-r.Overdue.Days)
}

func (r Round) lookDays() int {
	if r.State == ClosedState || r.Pilot() {
		return sureDays
	}
	return unclosedDays
}

func (r Round) after(d Day, days int) Day {
	return Day(r.Time(d).AddDate(0, 0, days).Format(DayFormat))
}
