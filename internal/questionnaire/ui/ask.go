package ui

import (
	"adili/internal/kernel/errs"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire/ui/frame"
)

// askings are the rounds still planned that ask the draft's population.
func (m *Room) askings(r *web.Request, d frame.Draft) ([]frame.Option, error) {
	if !d.Editable {
		return nil, nil
	}
	all, err := m.rounds.Planned(r.Context(), r.Person)
	if err != nil {
		return nil, err
	}
	var options []frame.Option
	for _, one := range all {
		if string(d.Questionnaire.Population) == one.Population {
			options = append(options, frame.Option{Value: one.Round, Label: one.Name})
		}
	}
	return options, nil
}

// ask makes a version the questionnaire of a round that is still planned.
func (m *Room) ask(r *web.Request, d frame.Draft) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	v, err := m.service.Version(r.Context(), r.Person, d.ID, values.Get("version"))
	if err != nil {
		return nil, err
	}
	where := Asking{Round: values.Get("round"), Population: string(v.Questionnaire.Population)}
	if where.Round == "" {
		err = errs.New(errs.Invalid, "library.fault.choose")
	} else {
		err = m.rounds.Ask(r.Context(), r.Person, where, d.Name+" "+v.Version.Version, v.Text)
	}
	switch {
	case err == nil:
		return web.RedirectFlash(d.URL("versions"), "library.flash.asked"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showVersions(r, d, "", err)
}
