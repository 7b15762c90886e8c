package plan

import (
	"slices"
	"strings"

	"adili/form"
	"adili/internal/kernel/errs"
)

// Obstacles says what stands between a draft and its opening, as message keys
// with arguments; none means it can be opened.
func Obstacles(r Round, populations []Population) []errs.Detail {
	var all []errs.Detail
	add := func(kind form.Population, key string, args ...any) {
		all = append(all, errs.Detail{Field: string(kind), Key: key, Args: args})
	}
	if len(r.Channels) == 0 {
		all = append(all, errs.Detail{Key: "survey.open.no_channel"})
	}
	if strings.TrimSpace(r.Notice.Retention) == "" {
		all = append(all, errs.Detail{Key: "survey.basics.retention"})
	}
	for _, p := range populations {
		if p.Plan.Coded() {
			if _, err := p.Plan.Fixed(p.Kind); err != nil {
				e, _ := errs.Find(err)
				add(p.Kind, e.Key, e.Args...)
			} else if len(p.Plan.Invited) == 0 {
				add(p.Kind, "survey.open.no_codes")
			} else if none := p.Plan.Uninvited(); none != "" {
				add(p.Kind, "survey.code.no_codes_in", "Names", none)
			}
		}
		if p.Plan.Selection == Clusters && !slices.ContainsFunc(p.Plan.Offices, func(o Office) bool { return o.Drawn }) {
			add(p.Kind, "survey.open.no_offices")
		}
		q, err := p.Questionnaire()
		if err != nil {
			add(p.Kind, "survey.open.instrument")
			continue
		}
		for _, lang := range r.Languages {
			if _, ok := q.Languages[lang]; !ok {
				add(p.Kind, "survey.open.language", "Language", lang)
			}
		}
	}
	return all
}
