package demo

import (
	"math"
	"slices"
	"strconv"

	"adili/form"
)

// answer draws the answer to one item. Items that hang on another one are
// answered too: whether they are asked is for the pages to say.
func (p *population) answer(it form.Item, r Respondent, m mood) []string {
	if it.Kind == form.OpenAnswer {
		return p.write(it, r)
	}
	if missing, ok := p.missing(it); ok {
		return missing
	}
	switch it.Kind {
	case form.Agreement:
		return []string{strconv.Itoa(p.opinion(it, m))}
	case form.Multi:
		return p.tick(it)
	}
	if value := p.known(it, r, m); value != "" {
		return []string{value}
	}
	return []string{pick(p.random, p.shares(it), it.Choices[len(it.Choices)-1].ID)}
}

// missing draws whether the question is left without an answer, and how.
func (p *population) missing(it form.Item) (values []string, missing bool) {
	extra := hesitant[it.ID]
	unknown := unknownRate + extra.unknown
	if p.kind == form.Private && it.Kind == form.Agreement {
		unknown += 0.015 // firms see less of what goes on inside
	}
	at := p.random.Float64()
	if it.Role == form.Profile {
		unknown = 0
		at /= 2 // who one is, people tell less readily
	}
	for _, way := range []struct {
		code form.Code
		rate float64
	}{{form.DontKnow, unknown}, {form.PreferNot, refusedRate + extra.refused}, {form.NotApplicable, applyRate}} {
		if !slices.Contains(it.Missing, way.code) {
			continue
		}
		if at -= way.rate; at < 0 {
			return []string{way.code.Name()}, true
		}
	}
	return nil, at < skippedRate
}

// opinion draws a point of the scale of five.
func (p *population) opinion(it form.Item, m mood) int {
	x := p.bent[it.ID] + personSpread*m.general + answerSpread*p.random.NormFloat64()
	if it.Factor >= 1 && it.Factor <= 10 {
		x += factorSpread*m.factor[it.Factor] + officeSpread*p.tone(m.office, it.Factor)
	}
	point := min(5, max(1, int(math.Round(x))))
	if it.Reverse {
		return 6 - point
	}
	return point
}

// tick draws the choices of a multi item. Who ticks nothing ticks the choice
// that goes with no other.
func (p *population) tick(it form.Item) []string {
	rates := map[string]float64{}
	for _, s := range ticked[it.ID] {
		rates[s.value] = s.part
	}
	var values []string
	alone := ""
	for _, c := range it.Choices {
		rate, ok := rates[c.ID]
		if !ok {
			rate = 0.2
		}
		switch {
		case c.Exclusive:
			alone = c.ID
		case p.random.Float64() < rate:
			values = append(values, c.ID)
		}
	}
	if len(values) == 0 && alone != "" {
		return []string{alone}
	}
	return values
}

// known answers what follows from who the person is, or from another answer.
func (p *population) known(it form.Item, r Respondent, m mood) string {
	switch it.ID {
	case "office_group":
		return m.office
	case "post_kind":
		for _, reg := range regions {
			if reg.name == r.Stratum {
				return reg.post
			}
		}
	case "manager":
		return pick(p.random, []share{{"yes", ranks[0].part}}, "no")
	case "role":
		for _, t := range trades {
			if t.name == r.Stratum {
				return t.role
			}
		}
	case "size":
		return pick(p.random, []share{{"small", sizes[0].part}, {"medium", sizes[1].part}}, "large")
	case "bribe_paid_12m":
		rate := 0.015
		if slices.Equal(r.Values["bribe_asked_12m"], []string{"yes"}) {
			rate = 0.5
		}
		return pick(p.random, []share{{"yes", rate}}, "no")
	}
	return ""
}

// shares are how often each choice comes: as the table says, or all alike.
func (p *population) shares(it form.Item) []share {
	if all := tilt[it.ID]; all != nil {
		return all
	}
	var alike []share
	for _, c := range it.Choices {
		alike = append(alike, share{c.ID, 1 / float64(len(it.Choices))})
	}
	return alike
}

// Shares of people who write something.
const (
	writesChange = 0.30
	writesKeep   = 0.18
)

// write draws an open answer in the person's language.
func (p *population) write(it form.Item, r Respondent) []string {
	rate := map[string]float64{"open_change": writesChange, "open_keep": writesKeep}[it.ID]
	if p.random.Float64() >= rate {
		return nil
	}
	among := remarks[it.ID][r.Lang]
	if len(among) == 0 {
		return nil
	}
	return []string{among[p.random.IntN(len(among))]}
}
