// Package plan is the words in which a round is planned: the round and its
// days, its populations, the frame, the collection strata, the office groups.
// It keeps nothing and asks nobody; package survey gives its words out under
// its own name.
package plan

import (
	"time"

	"adili/form"
)

// State is how far a round has come.
type State string

// The states of a round, in order.
const (
	DraftState   State = "draft"   // being planned
	OpenState    State = "open"    // answers are taken between the opening and the closing day
	ClosingState State = "closing" // being closed: takes no more answers, not yet readable
	ClosedState  State = "closed"  // answers can be analysed
)

// Day is a civil date written 2006-01-02, in the time zone of its round.
type Day string

// DayFormat is how a Day is written.
const DayFormat = "2006-01-02"

// Round is one iteration of the survey.
type Round struct {
	ID        string
	Name      string
	Iteration int
	State     State
	RoundDetail
}

// RoundDetail is what is stored of a round as one document.
type RoundDetail struct {
	Zone      string            `json:"zone"` // IANA name, for example Africa/Ouagadougou
	Opens     Day               `json:"opens"`
	Closes    Day               `json:"closes"` // the last day answers are taken
	Languages []string          `json:"languages"`
	Title     map[string]string `json:"title,omitempty"` // the administration's own title of the survey by language, if any
	Notice    Notice            `json:"notice"`
	Channels  []Channel         `json:"channels"`
	Seed      uint64            `json:"seed"` // of the public sharing out of code prefixes among strata
	Invented  bool              `json:"invented,omitempty"`
	PilotOf   string            `json:"pilot_of,omitempty"`   // the draft this round is a trial of
	Keep      Day               `json:"keep,omitempty"`       // the last day the results are kept
	Expired   Day               `json:"expired,omitempty"`    // the day they were deleted
	Lost      int               `json:"lost,omitempty"`       // used codes whose answers were on nodes that are lost
	LostNodes int               `json:"lost_nodes,omitempty"` // how many those were
	Overdue   Overdue           `json:"overdue,omitzero"`     // that the results are about to be deleted
}

// Pilot reports whether the round is a trial of another.
func (r Round) Pilot() bool { return r.PilotOf != "" }

// Notice is what the administration states in the privacy notice; the rest of
// the notice is the same everywhere.
type Notice struct {
	Controller string `json:"controller"` // who runs the survey
	Contact    string `json:"contact"`
	LegalBasis string `json:"legal_basis"`
	Retention  string `json:"retention"`
}

// Channel is where to report a case of corruption; the survey is not the place.
type Channel struct {
	Name  string `json:"name"`
	Where string `json:"where"` // telephone number, address or web page
}

// Location is the round's time zone; UTC if this machine does not know it.
func (r Round) Location() *time.Location {
	loc, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Today is the civil date in the round's time zone.
func (r Round) Today(now time.Time) Day { return Day(now.In(r.Location()).Format(DayFormat)) }

// Accepting reports whether answers are taken at now.
func (r Round) Accepting(now time.Time) bool {
	today := r.Today(now)
	return r.State == OpenState && r.Opens <= today && today <= r.Closes
}

// Time is the start of the day in the round's time zone, for printing.
func (r Round) Time(d Day) time.Time {
	t, err := time.ParseInLocation(DayFormat, string(d), r.Location())
	if err != nil {
		return time.Time{}
	}
	return t
}

// Selection is how the people of a population come to be asked. It decides
// what the numbers may claim.
type Selection string

// The ways of selection.
const (
	Everyone Selection = "everyone" // everybody in the frame is invited
	Listed   Selection = "listed"   // persons drawn by chance from a list
	Clusters Selection = "clusters" // offices drawn by chance, then persons in them
	Sites    Selection = "sites"    // sites chosen by us; everybody there, or persons drawn there
	Quota    Selection = "quota"    // quotas or passers-by
	OpenLink Selection = "link"     // whoever follows a link
)

// Selections lists the ways in the order they are offered.
var Selections = []Selection{Everyone, Listed, Clusters, Sites, Quota, OpenLink}

// ByChance reports whether an interval speaks of the population.
func (s Selection) ByChance() bool { return s == Everyone || s == Listed || s == Clusters }

// Interval reports whether an interval may be printed without the sentence
// "if those who answered were like a random sample, which cannot be checked".
func (s Selection) Interval() bool { return s.ByChance() || s == Sites }

// Population is one population of a round with its plan and its questionnaire.
type Population struct {
	Kind       form.Population
	Plan       Plan
	Instrument []byte // the questionnaire file
}

// Limits on groups of people.
const (
	MinStratum = 50 // people in the frame of a collection stratum
	MaxStrata  = 12 // collection strata of a population
	MinOffice  = 20 // people in the frame of an office group
)

// Plan is how one population is surveyed.
type Plan struct {
	Selection    Selection         `json:"selection"`
	Frame        Frame             `json:"frame"`
	Stratify     string            `json:"stratify,omitempty"`  // frame dimension that makes the collection strata; empty: one stratum
	Merge        map[string]string `json:"merge,omitempty"`     // value of that dimension -> the neighbour it is joined to
	Offices      []Office          `json:"offices,omitempty"`   // office groups, in frame order
	OpenLink     bool              `json:"open_link,omitempty"` // an open link beside the invitations, reported apart
	Margin       float64           `json:"margin"`              // half width aimed at for a share of one half, 0..1
	Response     float64           `json:"response"`            // expected response, 0..1
	DesignEffect float64           `json:"design_effect"`       // used when offices are drawn
	Breakdown    string            `json:"breakdown,omitempty"` // BreakdownStratum or the id of a profile item
	Strata       []Stratum         `json:"strata,omitempty"`    // fixed when the first codes are made, or at opening
	Invited      map[int]int       `json:"invited,omitempty"`   // codes made by stratum number
}

// BreakdownStratum is the Breakdown by collection stratum.
const BreakdownStratum = "stratum"

// Frame says how many people there are in each cell.
type Frame struct {
	Dimensions []string `json:"dimensions"` // for example region, rank
	Cells      []Cell   `json:"cells"`
}

// Cell is one row of the frame.
type Cell struct {
	Values []string `json:"values"` // one for each dimension
	People int      `json:"people"`
}

// People is the number of people in the frame.
func (f Frame) People() int {
	n := 0
	for _, c := range f.Cells {
		n += c.People
	}
	return n
}

// Stratum is a collection stratum. Its number stands inside the sealed answer.
type Stratum struct {
	Number int      `json:"number"`
	Label  string   `json:"label"`
	People int      `json:"people"`
	Values []string `json:"values,omitempty"` // values of the dimension that are joined in it
}

// Office is an office group: what a respondent may choose as the office, and
// the primary sampling unit of the analysis.
type Office struct {
	ID      string `json:"id"`
	Label   string `json:"label"`
	People  int    `json:"people"`
	Stratum string `json:"stratum,omitempty"` // value of the stratifying dimension it lies in
	Drawn   bool   `json:"drawn,omitempty"`   // drawn by chance, where offices are drawn
}
