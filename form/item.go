package form

import "adili/form/expr"

// Kind is how an item is answered.
type Kind string

// The kinds of item that a round can ask.
const (
	Agreement   Kind = "agreement"   // one point of a scale, enters scores
	Single      Kind = "single"      // one choice, stays out of scores
	Multi       Kind = "multi"       // any number of choices, stays out of scores
	OpenAnswer  Kind = "text"        // free text, kept apart from the closed answers
	Integer     Kind = "integer"     // a whole number
	Decimal     Kind = "decimal"     // a number
	Range       Kind = "range"       // a number from start to end in steps
	Date        Kind = "date"        // a civil date, no time of day
	Acknowledge Kind = "acknowledge" // one tick: read, understood
	Note        Kind = "note"        // words only, nothing to answer
)

// The kinds that hold no answer of a person.
const (
	Group     Kind = "group"     // items that stand together, in Item.Items
	Calculate Kind = "calculate" // worked out from other answers, never stored
	Hidden    Kind = "hidden"    // set by a default, never shown
	Unasked   Kind = "unasked"   // kept from an imported form and never asked; Item.Type says what it was
)

// Answered reports whether a person can give an answer to an item of kind k.
func (k Kind) Answered() bool {
	switch k {
	case Note, Group, Calculate, Hidden, Unasked:
		return false
	}
	return true
}

// Numeric reports whether an answer of kind k is a number in Answer.Number.
func (k Kind) Numeric() bool { return k == Integer || k == Decimal || k == Range || k == Date }

// Role is what an item is for.
type Role string

// The roles of an item. An imported item that says nothing has none.
const (
	Perception Role = "perception" // how things are seen; makes the factor scores
	Knowledge  Role = "knowledge"  // what is known, for example the mission of Customs
	Outcome    Role = "outcome"    // what follows from integrity or the lack of it
	Experience Role = "experience" // what happened, in a window of months
	Open       Role = "open"       // free text
	Profile    Role = "profile"    // who answers, in broad groups
)

// Sensitivity says how much harm an answer could do if it were known.
type Sensitivity string

// The levels of sensitivity.
const (
	NotSensitive  Sensitivity = "none"
	Personal      Sensitivity = "personal"
	HighSensitive Sensitivity = "high"
)

// OfficeGroups is the choices_from value that fills an item's choices with the
// list of office groups the survey manager made.
const OfficeGroups = "office_groups"

// Item is one question, or a group of them.
type Item struct {
	ID   string // names the variable in every version; never used again for something else
	Kind Kind
	Role Role
	Type string // of an Unasked item, the XLSForm type it had, for example "geopoint"

	Factor      int  // key factor 1 to 10; 0 where the item belongs to none
	Reverse     bool // agreeing speaks against integrity
	Sensitivity Sensitivity
	Window      int // months an experience item looks back
	Action      string
	Equivalent  []string // earlier versions, or "version:item", whose answers mean the same, for trends

	Text     Text
	Hint     Text
	Guidance Text            // for an interviewer; respondents do not see it
	Media    map[string]Text // "audio", "image", "video", "big-image": a file name by language; audio is a recorded reading

	Scale       string // of an agreement item
	List        string // name in Questionnaire.Lists that Choices come from; "" where they are the item's own
	Choices     []Choice
	ChoicesFrom string
	Filter      *expr.Expr // of each choice of the list: is it offered?
	Random      bool       // choices in an order of their own for everybody, fixed ones in their place
	Seed        string     // of Random: a number or ${name}, kept for other programs
	Missing     []Code

	Relevant          *expr.Expr // asked only where true; nil is always
	Required          *expr.Expr // asked once more when left blank; never a wall
	Constraint        *expr.Expr // what an answer has to meet
	Calculation       *expr.Expr
	Default           *expr.Expr // nil for none; text that is no expression is a string literal
	ReadOnly          *expr.Expr
	ConstraintMessage Text
	RequiredMessage   Text

	Min, Max, Step float64           // of a range
	MaxLength      int               // characters of an open answer
	Appearance     string            // hints for drawing, as in XLSForm
	Parameters     map[string]string // other XLSForm parameters, kept for export
	Extra          map[string]string // columns of other programs, kept for export: "bind::…", "instance::…", "body::…"

	Items []Item // of a group
	Pair  *Pair  // of an indirect question
}

// Choice is one answer of a single or multi item.
type Choice struct {
	ID        string
	Label     Text
	Exclusive bool              // of a multi item: goes with no other choice
	Fixed     bool              // keeps its place in a random order
	Media     map[string]Text   // as in Item
	Extra     map[string]string // further columns, for filters
}

// Pair makes an agreement, single item an indirect question by the crosswise
// model: the person only says whether her answers to the item and to the
// innocuous statement are equal or differ. It is off by default, for national
// results only. See package adili/estimate/sensitive.
type Pair struct {
	Statement Text    // the innocuous statement
	Known     float64 // share of people of whom the statement is true
	Anchor    bool    // nobody can say yes to the item: measures inattention
	Practice  Text    // what the practice screen says
}
