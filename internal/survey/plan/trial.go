package plan

import (
	"slices"
	"time"
)

// A trial takes answers for TrialDays at most, and is deleted TrialKeep days
// later if the round it belongs to was not opened by then.
const (
	TrialDays = 60
	TrialKeep = 30
)

// Trial makes the trial of a round, under an id of its own.
func Trial(id string, r Round, populations []Population, now time.Time) (Round, []Population) {
	pilot := r
	pilot.ID, pilot.PilotOf = id, r.ID
	pilot.Opens, pilot.Closes = r.Today(now), r.Today(now.AddDate(0, 0, TrialDays))
	pilot.Keep = r.Today(now.AddDate(0, 0, TrialDays+TrialKeep))
	all := make([]Population, len(populations))
	for i, p := range populations {
		offices := p.Plan.Offices
		if p.Plan.Selection == Clusters { // respondents choose among those drawn
			offices = slices.DeleteFunc(slices.Clone(offices), func(o Office) bool { return !o.Drawn })
		}
		all[i] = Population{Kind: p.Kind, Instrument: p.Instrument, Plan: Plan{Selection: OpenLink, Offices: offices, Breakdown: p.Plan.Breakdown}}
	}
	return pilot, all
}
