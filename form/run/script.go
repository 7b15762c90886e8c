package run

import (
	"encoding/json"
	"fmt"

	"adili/form"
	"adili/form/expr"
)

// compiled is a questionnaire as the browser gets it. Field 0 stands for the
// questionnaire; fields are named by their places.
type compiled struct {
	Fields []compiledField                `json:"fields"`
	Order  []int                          `json:"order"`
	Lists  map[string]*expr.Node          `json:"lists"`
	Labels map[string]map[string][]string `json:"labels,omitempty"` // by list and language, in the order of the choices
	Source string                         `json:"source"`
}

type compiledField struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Kind        kind       `json:"kind"`
	Parent      int        `json:"parent"`
	Relevant    *expr.Expr `json:"relevant,omitempty"`
	Filter      *expr.Expr `json:"filter,omitempty"`
	Calculation *expr.Expr `json:"calculation,omitempty"`
	Required    *expr.Expr `json:"required,omitempty"`
	Constraint  *expr.Expr `json:"constraint,omitempty"`
	ReadOnly    *expr.Expr `json:"readOnly,omitempty"`
	Initial     *expr.Expr `json:"initial,omitempty"`
	Start       string     `json:"start,omitempty"`
	Low         float64    `json:"low,omitempty"`
	High        float64    `json:"high,omitempty"`
	Pad         string     `json:"pad,omitempty"`
	MaxLength   int        `json:"maxLength,omitempty"`
	List        string     `json:"list,omitempty"`
	Missing     []string   `json:"missing,omitempty"`
	Exclusive   []string   `json:"exclusive,omitempty"`
	Readers     []int      `json:"readers,omitempty"` // pairs of a field and its cells
}

// Script compiles a questionnaire for the runner in package script: as JSON
// that can stand in a script element. Equal questionnaires give equal bytes.
func Script(q *form.Questionnaire) ([]byte, error) {
	p, err := compile(q)
	if err != nil {
		return nil, err
	}
	c := compiled{Order: p.order, Lists: map[string]*expr.Node{}, Source: q.Source}
	for name, l := range p.lists {
		c.Lists[name] = l.document
	}
	for i := range p.fields {
		f := &p.fields[i]
		one := compiledField{
			ID: f.id, Name: f.name, Kind: f.kind, Parent: f.parent,
			Relevant: f.relevant, Filter: f.filter, Calculation: f.calculation, Required: f.required,
			Constraint: f.constraint, ReadOnly: f.readOnly, Initial: f.initial, Start: f.start,
			Low: f.low, High: f.high, Pad: f.pad, MaxLength: f.maxLength,
			List: f.list, Missing: f.missing, Exclusive: f.exclusive,
		}
		for _, r := range f.readers {
			one.Readers = append(one.Readers, r.field, int(r.cells))
		}
		c.Fields = append(c.Fields, one)
	}
	if p.looksUpLabels() {
		c.Labels = p.labels()
	}
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write the compiled questionnaire %s: %w", q.ID, err)
	}
	return data, nil
}

// looksUpLabels reports whether any expression asks for the label of a choice.
func (p *plan) looksUpLabels() bool {
	for i := range p.fields {
		f := &p.fields[i]
		for _, e := range []*expr.Expr{f.relevant, f.filter, f.calculation, f.required, f.constraint, f.readOnly, f.initial} {
			if e == nil {
				continue
			}
			for _, call := range e.Calls() {
				if call == "jr:choice-name" {
					return true
				}
			}
		}
	}
	return false
}

func (p *plan) labels() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for name, l := range p.lists {
		all[name] = map[string][]string{}
		for _, lang := range append(p.q.LanguageTags(), p.q.Source) {
			labels := make([]string, 0, len(l.choices))
			for i := range l.choices {
				labels = append(labels, l.label(i, lang))
			}
			all[name][lang] = labels
		}
	}
	return all
}
