package demo

import "adili/form"

// score is what a population holds of the ten key factors, from 0 to 10, in
// the order of the Declaration.
type score [10]float64

// scores are by population and iteration. From the first round to the second
// officials see more openness, automation and clearer conduct, and the rest
// stays as it was; firms see more automation. The third round goes on as the
// second.
var scores = map[form.Population][]score{
	form.Official: {
		{6.3, 5.6, 5.8, 5.7, 5.1, 5.6, 6.9, 5.2, 6.3, 5.4},
		{6.4, 5.6, 6.5, 6.5, 5.2, 5.6, 7.5, 5.2, 6.4, 5.5},
		{6.5, 5.8, 6.6, 6.6, 5.5, 5.8, 7.5, 5.4, 6.4, 5.7},
	},
	form.Private: {
		{5.1, 4.7, 4.7, 5.1, 4.5, 4.4, 6.6, 4.9, 5.2, 5.2},
		{5.2, 4.8, 4.8, 6.0, 4.6, 4.4, 6.7, 5.0, 5.2, 5.4},
		{5.4, 5.0, 5.0, 6.1, 4.9, 4.6, 6.7, 5.1, 5.3, 5.6},
	},
}

// target is the factor's score in an iteration, 0..10. An iteration beyond the
// last is like the last.
func target(kind form.Population, iteration, factor int) float64 {
	all := scores[kind]
	if factor < 1 || factor > 10 {
		return 5
	}
	return all[min(max(iteration, 1), len(all))-1][factor-1]
}

// How answers vary around the mean of their item, in points of the scale of
// five (standard deviations).
const (
	personSpread = 0.45 // a person sees everything brighter or darker
	factorSpread = 0.35 // and some factors more so
	answerSpread = 0.85 // what is left
	officeSpread = 0.20 // people of an office share their view
	itemSpread   = 0.30 // some items are harder to agree with
)

// tilt are the shares of the choices of the items that are no opinions, by
// item id. What is left of 1 goes to the last choice. An item or a choice that
// is not here comes as often as the others.
var tilt = map[string][]share{
	"know_mission":      {{"revenue", 0.3}, {"control", 0.18}, {"protect", 0.17}, {"facilitate", 0.12}},
	"know_first_report": {{"manager", 0.34}, {"internal", 0.22}, {"line", 0.14}, {"authority", 0.12}, {"association", 0.06}, {"press", 0.02}},
	"public_12m":        {{"yes", 0.7}},
	"contact_12m":       {{"yes", 0.86}},
	"offered_12m":       {{"never", 0.84}, {"once", 0.1}},
	"pressured_12m":     {{"never", 0.86}, {"once", 0.09}},
	"seen_12m":          {{"never", 0.82}, {"once", 0.1}},
	"bribe_asked_12m":   {{"yes", 0.11}},
	"gender":            {{"woman", 0.36}, {"man", 0.63}},
	"years_service":     {{"under_5", 0.27}, {"from_5_to_14", 0.43}},
	"public_contact":    {{"daily", 0.44}, {"sometimes", 0.33}},
	"years_customs":     {{"under_3", 0.2}, {"from_3_to_9", 0.42}},
	"association":       {{"yes", 0.48}},
}

// ticked is how likely a choice of a multi item is ticked, by item id.
var ticked = map[string][]share{
	"know_channels": {{"manager", 0.55}, {"internal", 0.45}, {"line", 0.4}, {"authority", 0.3}, {"association", 0.14}, {"press", 0.1}},
	"risk_steps": {{"documents", 0.22}, {"value", 0.34}, {"inspection", 0.4}, {"permits", 0.18}, {"release", 0.27}, {"transit", 0.14},
		{"travellers", 0.16}, {"fines", 0.13}, {"audit", 0.09}},
}

// hesitant are the items that more people do not know or do not want to
// answer, with the added share of each.
var hesitant = map[string]struct{ unknown, refused float64 }{
	"trans_appeal":    {0.04, 0},
	"audit_controls":  {0.03, 0},
	"audit_act":       {0.02, 0.01},
	"audit_escape":    {0.02, 0.02},
	"audit_suffer":    {0.02, 0.02},
	"code_penalty":    {0.03, 0},
	"offered_12m":     {0, 0.03},
	"pressured_12m":   {0, 0.03},
	"seen_12m":        {0.02, 0.03},
	"bribe_asked_12m": {0.01, 0.03},
	"bribe_paid_12m":  {0.01, 0.04},
}

// How often a question is left without an opinion.
const (
	unknownRate = 0.025
	refusedRate = 0.008
	skippedRate = 0.015
	applyRate   = 0.03 // does not apply, where that is offered
)
