package ui

import (
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
)

// nodesView is the machines whose answers a closing waits for.
type nodesView struct {
	Lines  []NodeLine
	Action string // of giving one up; empty where the person may not
}

// NodeLine is one machine.
type NodeLine struct {
	Name, State string
	Waiting     bool
}

// nodes lists the machines with answers of a round that is being closed; nil
// where there is one machine only.
func (m *Room) nodes(r *web.Request, p place) (*nodesView, error) {
	if p.State != survey.ClosingState {
		return nil, nil
	}
	all, err := m.service.Nodes(r.Context(), r.Person, p.ID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	v := &nodesView{}
	if r.Person.May(people.RoundClose) {
		v.Action = p.url("forget-node")
	}
	for _, n := range all {
		line := NodeLine{Name: n.Name, State: r.Printer.T("rounds.node.waiting"), Waiting: true}
		switch {
		case n.Delivered():
			line = NodeLine{Name: n.Name, State: r.Printer.T("rounds.node.delivered")}
		case n.Forgotten():
			line = NodeLine{Name: n.Name, State: r.Printer.T("rounds.node.forgotten")}
		}
		v.Lines = append(v.Lines, line)
	}
	return v, nil
}

func (m *Room) forgetNode(r *web.Request) (web.Reply, error) {
	p, values, err := m.sent(r)
	if err != nil {
		return nil, err
	}
	if !confirmed(values) {
		return web.Redirect(p.url("")), nil
	}
	if err := m.service.ForgetNode(r.Context(), r.Person, p.ID, values.Get("node")); err != nil {
		return nil, err
	}
	return web.RedirectFlash(p.url(""), "rounds.flash.node_forgotten"), nil
}
