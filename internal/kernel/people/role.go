package people

import (
	"slices"

	"adili/internal/kernel/audit"
)

// Role is what a person does in the administration's survey work. Each person has one.
type Role string

// The roles.
const (
	Operator Role = "operator" // runs the machine and the accounts; sees that rounds exist, never answers
	Manager  Role = "manager"  // plans, opens, watches and closes rounds
	Analyst  Role = "analyst"  // reads fieldwork and reports
)

// Roles lists the roles in the order forms show them.
var Roles = []Role{Operator, Manager, Analyst}

// Action is something a role may be allowed to do.
type Action string

// The actions. Their names appear in the list of routes.
const (
	RoundView      Action = "round.view"
	RoundPlan      Action = "round.plan"
	RoundOpen      Action = "round.open"
	RoundClose     Action = "round.close"
	InvitationMake Action = "invitation.make"
	FieldworkView  Action = "fieldwork.view"
	ReportView     Action = "report.view"
	AccountManage  Action = "account.manage"
	TrailView      Action = "trail.view"
)

// Actions lists all actions.
var Actions = []Action{RoundView, RoundPlan, RoundOpen, RoundClose, InvitationMake, FieldworkView, ReportView, AccountManage, TrailView}

// permissions is the one table of who may do what.
var permissions = map[Role][]Action{
	Operator: {AccountManage, RoundView, TrailView},
	Manager:  {RoundView, RoundPlan, RoundOpen, RoundClose, InvitationMake, FieldworkView, ReportView},
	Analyst:  {RoundView, FieldworkView, ReportView},
}

// May says whether the role allows the action. An unknown role, such as that of nobody, allows nothing.
func May(role Role, action Action) bool { return slices.Contains(permissions[role], action) }

// Person is somebody with an account. The zero value is nobody.
type Person struct {
	ID    string
	Email string
	Name  string
	Role  Role
	Lang  string // chosen language of the pages; empty until chosen, when the browser's wish counts
}

// May says whether the person's role allows the action.
func (p Person) May(action Action) bool { return May(p.Role, action) }

// Actor gives the person as the audit names them.
func (p Person) Actor() audit.Actor { return audit.Actor{ID: p.ID, Name: p.Name} }
