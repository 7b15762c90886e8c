package xlsform

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

var decimalPattern = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$`)

// decimal reads a decimal number exactly.
func decimal(s string) (*big.Rat, bool) {
	if len(s) > 40 || !decimalPattern.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(strings.TrimSuffix(s, "."))
}

// scale is the numbers of a range question.
type scale struct {
	start, end, step *big.Rat
	tick             *big.Rat // nil for none
	tickName         string   // tick_interval, or step where there is none
}

func (s scale) low() *big.Rat {
	if s.start.Cmp(s.end) > 0 {
		return s.end
	}
	return s.start
}

func (s scale) high() *big.Rat {
	if s.start.Cmp(s.end) > 0 {
		return s.start
	}
	return s.end
}

func (s scale) contains(v *big.Rat) bool { return v.Cmp(s.low()) >= 0 && v.Cmp(s.high()) <= 0 }

// multiple reports whether v lies a whole number of steps from zero.
func multiple(v, step *big.Rat) bool {
	return step.Sign() != 0 && new(big.Rat).Quo(v, step).IsInt()
}

// readRange checks the parameters of a range and moves its three numbers to
// their fields. A number written in another way than usual is kept as well.
func (r *reader) readRange(rec record, it *form.Item, parameters map[string]string) {
	if it.Appearance != "" && !strings.Contains(it.Appearance, "vertical") && !strings.Contains(it.Appearance, "no-ticks") {
		for _, key := range []string{"tick_interval", "placeholder", "tick_labelset"} {
			if parameters[key] != "" {
				rec.bad("parameters", "xlsform.problem.range_appearance")
				return
			}
		}
	}
	values := make(map[string]*big.Rat)
	for _, d := range spelling.RangeDefaults {
		if parameters[d.Name] == "" {
			parameters[d.Name] = d.Value
		}
	}
	for _, key := range []string{"start", "end", "step", "tick_interval", "placeholder"} {
		text, given := parameters[key]
		v, ok := decimal(text)
		if given && !ok {
			rec.bad("parameters", "xlsform.problem.range_number", "Name", key)
			return
		}
		if given {
			values[key] = v
		}
	}
	s := scale{start: values["start"], end: values["end"], step: values["step"], tick: values["tick_interval"]}
	if r.checkRange(rec, s, values) {
		r.checkTicks(rec, it, s, parameters["tick_labelset"])
	}
	for i, field := range []*float64{&it.Min, &it.Max, &it.Step} {
		name := spelling.RangeDefaults[i].Name
		*field, _ = values[name].Float64()
		if parameters[name] == strconv.FormatFloat(*field, 'f', -1, 64) {
			delete(parameters, name)
		}
	}
}

// checkRange checks the numbers of a range against one another.
func (r *reader) checkRange(rec record, s scale, values map[string]*big.Rat) bool {
	width := new(big.Rat).Sub(s.high(), s.low())
	for _, name := range []string{"step", "tick_interval"} {
		v := values[name]
		switch {
		case v == nil:
		case v.Sign() == 0:
			rec.bad("parameters", "xlsform.problem.range_zero", "Name", name)
			return false
		case v.Cmp(width) > 0:
			rec.bad("parameters", "xlsform.problem.range_large", "Name", name)
			return false
		case !multiple(v, s.step):
			rec.bad("parameters", "xlsform.problem.range_multiple", "Name", name)
			return false
		}
	}
	placeholder := values["placeholder"]
	switch {
	case placeholder == nil:
	case !multiple(new(big.Rat).Sub(placeholder, s.start), s.step):
		rec.bad("parameters", "xlsform.problem.range_multiple", "Name", "placeholder")
	case !s.contains(placeholder):
		rec.bad("parameters", "xlsform.problem.range_outside", "Name", "placeholder")
	}
	return true
}

// checkTicks checks the list that labels the ticks of a range.
func (r *reader) checkTicks(rec record, it *form.Item, s scale, name string) {
	if name == "" {
		return
	}
	list, ok := r.listFold(name)
	if !ok {
		rec.bad("parameters", "xlsform.problem.range_list")
		return
	}
	s.tickName = "tick_interval"
	if s.tick == nil {
		s.tick, s.tickName = s.step, "step"
	}
	ends := map[string]bool{}
	for _, c := range list {
		v, ok := decimal(c.ID)
		if !ok || !s.contains(v) || !multiple(new(big.Rat).Sub(v, s.start), s.tick) {
			rec.bad("parameters", "xlsform.problem.range_choice", "Name", s.tickName)
			return
		}
		ends[v.RatString()] = true
	}
	if !strings.Contains(it.Appearance, "no-ticks") {
		return
	}
	if len(ends) > 2 {
		rec.bad("parameters", "xlsform.problem.range_two")
	} else if !ends[s.start.RatString()] || !ends[s.end.RatString()] {
		rec.bad("parameters", "xlsform.problem.range_ends")
	}
}

// listFold finds a list by a name written in small letters, as parameters are.
func (r *reader) listFold(name string) ([]form.Choice, bool) {
	if list, ok := r.q.Lists[name]; ok {
		return list, true
	}
	for _, known := range slices.Sorted(mapKeys(r.q.Lists)) {
		if strings.EqualFold(known, name) {
			return r.q.Lists[known], true
		}
	}
	return nil, false
}
