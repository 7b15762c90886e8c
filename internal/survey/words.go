package survey

import (
	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/survey/intake"
	"adili/internal/survey/plan"
	"adili/internal/survey/result"
)

// The words of package plan, and of intake and result, so that the rooms around need only this
// package.
type (
	// Round is one iteration of the survey.
	Round = plan.Round
	// RoundDetail is what is stored of a round as one document.
	RoundDetail = plan.RoundDetail
	// State is how far a round has come.
	State = plan.State
	// Day is a civil date in the time zone of its round.
	Day = plan.Day
	// Notice is what the administration states in the privacy notice.
	Notice = plan.Notice
	// Channel is where to report a case of corruption.
	Channel = plan.Channel
	// Basics is what a manager states about a round on its first page.
	Basics = plan.Basics
	// Selection is how the people of a population come to be asked.
	Selection = plan.Selection
	// Population is one population of a round.
	Population = plan.Population
	// Plan is how one population is surveyed.
	Plan = plan.Plan
	// Frame says how many people there are in each cell.
	Frame = plan.Frame
	// Cell is one row of the frame.
	Cell = plan.Cell
	// Stratum is a collection stratum.
	Stratum = plan.Stratum
	// Office is an office group.
	Office = plan.Office
	// Intake takes the answers of one open round.
	Intake = intake.Intake
	// Closed is what a closed round leaves.
	Closed = result.Closed
	// Group is a population reached in one way.
	Group = result.Group
	// Response is the closed answers of one person.
	Response = result.Response
)

// The states of a round, the ways of selection and the limits on groups: see
// package plan.
const (
	DraftState   = plan.DraftState
	OpenState    = plan.OpenState
	ClosingState = plan.ClosingState
	ClosedState  = plan.ClosedState

	Everyone = plan.Everyone
	Listed   = plan.Listed
	Clusters = plan.Clusters
	Sites    = plan.Sites
	Quota    = plan.Quota
	OpenLink = plan.OpenLink

	MinStratum = plan.MinStratum
	MaxStrata  = plan.MaxStrata
	MinOffice  = plan.MinOffice

	BreakdownStratum = plan.BreakdownStratum

	MaxBatch = plan.MaxBatch
	Spare    = plan.Spare
)

// MaxCodes is how many codes there may be in all for a stratum of so many
// people once the round is open.
func MaxCodes(people int) int { return plan.MaxCodes(people) }

// Selections lists the ways in the order they are offered.
var Selections = plan.Selections

// Obstacles says what stands between a draft and its opening, as message keys
// with arguments; none means it can be opened.
func Obstacles(r Round, populations []Population) []errs.Detail {
	return plan.Obstacles(r, populations)
}

// OpenStratum is the number answers by a population's open link carry.
func OpenStratum(kind form.Population) int { return plan.OpenStratum(kind) }

// StratumKind is the population a stratum number belongs to.
func StratumKind(number int) form.Population { return plan.StratumKind(number) }
