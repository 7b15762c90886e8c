package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/survey/code"
)

// Numbers of the collection strata. They stand in the sealed answer, so each
// population has its own range.
const (
	firstOfficial = 1
	firstPrivate  = 101
	openOfficial  = 200
	openPrivate   = 201
)

// FirstStratum is the number of the first collection stratum of a population.
func FirstStratum(kind form.Population) int {
	if kind == form.Private {
		return firstPrivate
	}
	return firstOfficial
}

// OpenStratum is the number answers by a population's open link carry.
func OpenStratum(kind form.Population) int {
	if kind == form.Private {
		return openPrivate
	}
	return openOfficial
}

// StratumKind is the population a stratum number belongs to.
func StratumKind(number int) form.Population {
	if number == openPrivate || number >= firstPrivate && number < openOfficial {
		return form.Private
	}
	return form.Official
}

// Values lists the values of the dimension in frame order with the people in
// each. An empty dimension has one value, "".
func (f Frame) Values(dimension string) (values []string, people map[string]int) {
	people = map[string]int{}
	column := slices.Index(f.Dimensions, dimension)
	for _, c := range f.Cells {
		v := ""
		if column >= 0 {
			v = c.Values[column]
		}
		if _, ok := people[v]; !ok {
			values = append(values, v)
		}
		people[v] += c.People
	}
	return values, people
}

// Split is the collection strata the plan makes of its frame, after merging.
// TooSmall lists the values that still have under MinStratum people.
func (p Plan) Split(kind form.Population) (strata []Stratum, tooSmall []string) {
	if p.Selection == OpenLink {
		return nil, nil
	}
	values, people := p.Frame.Values(p.Stratify)
	groups := map[string]*Stratum{}
	var heads []string
	for _, v := range values {
		head := p.mergedInto(v)
		g := groups[head]
		if g == nil {
			g = &Stratum{}
			groups[head] = g
			heads = append(heads, head)
		}
		g.Values = append(g.Values, v)
		g.People += people[v]
	}
	for i, head := range heads {
		g := groups[head]
		g.Number = FirstStratum(kind) + i
		g.Label = strings.Join(g.Values, " + ")
		if g.People < MinStratum {
			tooSmall = append(tooSmall, g.Values...)
		}
		strata = append(strata, *g)
	}
	return strata, tooSmall
}

// mergedInto follows the merges from v to the value it ends at. A circle ends
// where it closes.
func (p Plan) mergedInto(v string) string {
	seen := map[string]bool{}
	for !seen[v] {
		seen[v] = true
		next, ok := p.Merge[v]
		if !ok || next == "" {
			return v
		}
		v = next
	}
	// Every value of the circle must end at the same one.
	members := make([]string, 0, len(seen))
	for m := range seen {
		members = append(members, m)
	}
	slices.Sort(members)
	return members[0]
}

// Stratum finds a stratum of the fixed plan by number.
func (p Plan) Stratum(number int) (Stratum, bool) {
	for _, s := range p.Strata {
		if s.Number == number {
			return s, true
		}
	}
	return Stratum{}, false
}

// Coded reports whether people of this population are invited by code.
func (p Plan) Coded() bool { return p.Selection != OpenLink }

// Linked reports whether the population has an open link.
func (p Plan) Linked() bool { return p.Selection == OpenLink || p.OpenLink }

// Fixed returns the plan with its strata fixed, or says what stands against it.
func (p Plan) Fixed(kind form.Population) (Plan, error) {
	if len(p.Strata) > 0 || !p.Coded() {
		return p, nil
	}
	if p.Frame.People() == 0 {
		return p, errs.New(errs.Invalid, "survey.plan.no_frame", "Population", string(kind))
	}
	strata, tooSmall := p.Split(kind)
	if len(tooSmall) > 0 {
		return p, errs.New(errs.Invalid, "survey.plan.stratum_too_small", "Names", strings.Join(tooSmall, ", "), "Min", MinStratum)
	}
	if len(strata) > MaxStrata {
		return p, errs.New(errs.Invalid, "survey.plan.too_many_strata", "Count", len(strata), "Max", MaxStrata)
	}
	p.Strata = strata
	return p, nil
}

// Table makes the table of code prefixes of a round.
func Table(r Round, populations []Population) code.Table {
	numbers := map[form.Population][]int{}
	for _, p := range populations {
		for _, st := range p.Plan.Strata {
			numbers[p.Kind] = append(numbers[p.Kind], st.Number)
		}
	}
	return code.Share(r.Seed, numbers[form.Official], numbers[form.Private])
}

// OfficeChoices are the office groups as choices of a question. Where offices
// are drawn only the drawn ones are offered.
func (p Plan) OfficeChoices() []form.Choice {
	var choices []form.Choice
	for _, o := range p.Offices {
		if p.Selection == Clusters && !o.Drawn {
			continue
		}
		choices = append(choices, form.Choice{ID: o.ID, Label: form.Text{"en": o.Label}})
	}
	return choices
}

// Questionnaire reads the population's instrument and fills in its office groups.
func (p Population) Questionnaire() (*form.Questionnaire, error) {
	q, err := form.Read(p.Instrument)
	if err != nil {
		return nil, err
	}
	return q.Paged().WithOffices(p.Plan.OfficeChoices()), nil
}

// Uninvited names the strata for which no code was made.
func (p Plan) Uninvited() string {
	var names []string
	for _, st := range p.Strata {
		if p.Invited[st.Number] == 0 {
			names = append(names, st.Label)
		}
	}
	return strings.Join(names, ", ")
}

// Questionnaires reads the instruments of a round.
func Questionnaires(populations []Population) (map[form.Population]*form.Questionnaire, error) {
	all := make(map[form.Population]*form.Questionnaire, len(populations))
	for _, p := range populations {
		q, err := p.Questionnaire()
		if err != nil {
			return nil, fmt.Errorf("read the questionnaire for %s: %w", p.Kind, err)
		}
		all[p.Kind] = q
	}
	return all, nil
}

// Untold lists the languages that a questionnaire of the populations lacks.
func Untold(languages []string, populations []Population) (lacking []string, err error) {
	for _, p := range populations {
		q, qerr := p.Questionnaire()
		if qerr != nil {
			err = errors.Join(err, qerr)
			continue
		}
		for _, lang := range languages {
			if _, ok := q.Languages[lang]; !ok && !slices.Contains(lacking, lang) {
				lacking = append(lacking, lang)
			}
		}
	}
	return lacking, err
}
