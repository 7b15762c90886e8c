package report

import (
	"fmt"
	"slices"

	"adili/form"
	"adili/internal/survey"
)

// Factors is the number of key factors.
const Factors = 10

// Report is what may be published of a closed round.
type Report struct {
	Round  survey.Round
	Groups []Group
	Gaps   Gaps
}

// Group is a population reached in one way, as it may be published.
type Group struct {
	Kind          form.Population
	Open          bool // by open link
	Selection     survey.Selection
	Questionnaire *form.Questionnaire
	Sites         int // where sites were chosen; several can share a stratum
	Reached       int // people of the frame for whom there was an invitation

	Strata []Stratum // in frame order; none for an open link
	Total  Stratum
	Few    bool // some stratum is not shown; it may be one without any answer

	Design    Design
	Factors   []Score // factor 1 first
	Plain     []Score // the same without weights or intervals; none where nobody was chosen by chance
	Items     []Item  // on the agreement scale, in the order asked
	Choices   []Choice
	Breakdown *Breakdown // nil where the plan declares none
	NoItem    bool       // the plan declares one by an item that cannot divide
	Opinions  []Opinion
}

// Partly reports whether invitations were made for some people only where
// everybody was to be invited.
func (g Group) Partly() bool {
	return g.Selection == survey.Everyone && g.Reached < g.Total.People
}

// Enough reports whether enough people answered for any result.
func (g Group) Enough() bool { return g.Total.Answers.Shown() }

// Stratum is a line of the response table.
type Stratum struct {
	Label    string
	People   int // in the frame
	Invited  int // codes made
	Answers  Count
	Response float64 // of those invited, from the published count; 0..1
	Coverage float64 // of those in the frame, likewise
}

// Design says how the estimates were made.
type Design struct {
	Weighted bool
	Finite   bool // finite population correction
	Offices  bool // office groups are the units of the variance
	Stated   bool // enough answers to state the two below
	DF       int
	Effect   float64 // mean design effect of the factor scores, to 0.1
	Weighing         // where Stated
}

// Item is a question on the five-point agreement scale.
type Item struct {
	form.Item
	Matched bool // asked of both populations alike
	N       Count
	Absent  Absence
	Shares  []Share // five, or three (disagree, neither, agree) under 30 answers
	Missing Missing
}

// Choice is a question with choices; it stays out of the scores.
type Choice struct {
	form.Item
	N       Count // people with a valid answer, the base of the shares
	Least   int   // answers needed for this question
	Absent  Absence
	Shares  []Share // one for each of Item.Choices
	Missing Missing
}

// Missing counts those who were asked and gave no answer on the scale.
type Missing struct {
	DontKnow, PreferNot, NotApplicable, Unanswered Count
}

// Opinion counts the open answers to a question. The texts are not here.
type Opinion struct {
	Item     form.Item
	N        Count
	Together bool // of those invited and those who followed the open link
}

// Question is an open question of a population.
type Question struct {
	Kind form.Population
	Item string
}

// Make computes the report of a closed round. opinions is the number of open
// answers to each question. An error means answers that do not fit their
// questionnaire or plan.
func Make(closed *survey.Closed, opinions map[Question]int) (*Report, error) {
	r := &Report{Round: closed.Round}
	samples := make([]*sample, len(closed.Groups))
	r.Groups = make([]Group, len(closed.Groups))
	err := each(len(closed.Groups), func(i int) (err error) {
		g := &closed.Groups[i]
		if samples[i], err = draw(g); err == nil {
			r.Groups[i], err = samples[i].group(matched(closed, g.Kind))
		}
		if err != nil {
			return fmt.Errorf("report on the %s group: %w", g.Kind, err)
		}
		r.Groups[i].Opinions = countOpinions(closed, g, opinions)
		return nil
	})
	if err != nil {
		return nil, err
	}
	gaps, err := compare(closed, samples)
	if err != nil {
		return nil, fmt.Errorf("compare the populations: %w", err)
	}
	r.Gaps = gaps
	return r, nil
}

// matched lists the items a population shares with the other one.
func matched(closed *survey.Closed, kind form.Population) map[string]bool {
	shared := map[string]bool{}
	for _, a := range closed.Groups {
		for _, b := range closed.Groups {
			if a.Kind == kind && b.Kind != kind {
				for _, id := range form.Matched(a.Questionnaire, b.Questionnaire) {
					shared[id] = true
				}
			}
		}
	}
	return shared
}

// group makes all that is published of one group.
func (s *sample) group(shared map[string]bool) (Group, error) {
	g := s.of
	out := Group{
		Kind: g.Kind, Open: g.Open, Selection: g.Selection, Questionnaire: g.Questionnaire,
		Sites: sites(g), Reached: reached(g),
	}
	out.Strata, out.Total = response(g)
	out.Few = slices.ContainsFunc(out.Strata, func(st Stratum) bool { return !st.Answers.Shown() })
	if !out.Enough() {
		return out, nil
	}
	if err := s.scores(&out); err != nil {
		return out, err
	}
	if err := s.items(&out, shared); err != nil {
		return out, err
	}
	return out, s.breakdown(&out)
}

// countOpinions counts open answers. They are kept apart by population but not
// by link, so they are counted once, with those invited if there are any.
func countOpinions(closed *survey.Closed, g *survey.Group, opinions map[Question]int) []Opinion {
	together := slices.ContainsFunc(closed.Groups, func(o survey.Group) bool { return o.Kind == g.Kind && o.Open != g.Open })
	if g.Open && together {
		return nil
	}
	var list []Opinion
	for _, it := range g.Questionnaire.Items() {
		if it.Kind != form.OpenAnswer || it.Role != form.Open {
			continue
		}
		n := opinions[Question{g.Kind, it.ID}]
		list = append(list, Opinion{Item: it, N: count(n, survey.MinOpinions), Together: together})
	}
	return list
}
