package demo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"adili/form"
	"adili/internal/demo/phone"
)

// Respondent is one invented person and what they answer.
type Respondent struct {
	Kind    form.Population
	Stratum string // value of the stratifying dimension
	Lang    string // language they answer in
	Values  map[string][]string
}

// Choose answers a question of the pages: it is the respondent's
// [phone.Chooser].
func (r Respondent) Choose(item string, _ []phone.Option) []string { return r.Values[item] }

// languages are how often each language is used.
var languages = []share{{"en", 0.36}, {"fr", 0.24}, {"es", 0.11}, {"pt", 0.1}, {"ar", 0.1}, {"ru", 0.05}, {"zh", 0.04}}

// population draws people of one kind in one iteration.
type population struct {
	q         *form.Questionnaire
	kind      form.Population
	iteration int
	seed      uint64
	random    *rand.Rand
	bent      map[string]float64 // mean of the latent answer by item, toward integrity
}

// Draw draws n people of an iteration. The same seed gives the same people.
// Strata come in the proportions of the frame.
func Draw(q *form.Questionnaire, iteration, n int, seed uint64) []Respondent {
	p := &population{q: q, kind: q.Population, iteration: iteration, seed: seed, bent: map[string]float64{}}
	p.random = rand.New(rand.NewPCG(seed, stream(string(p.kind), strconv.Itoa(iteration))))
	p.bend()
	var all []Respondent
	for _, part := range proportional(strataOf(p.kind), n) {
		for range part.n {
			all = append(all, p.person(part.name))
		}
	}
	p.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// stream makes the second half of a seed out of words.
func stream(words ...string) uint64 {
	h := fnv.New64a()
	for _, w := range words {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// part is one stratum and how many fall on it.
type part struct {
	name string
	n    int
}

// strataOf lists the strata of a population with their people.
func strataOf(kind form.Population) []part {
	var all []part
	if kind == form.Private {
		for _, t := range trades {
			all = append(all, part{t.name, t.firms})
		}
		return all
	}
	for _, r := range regions {
		all = append(all, part{r.name, r.people()})
	}
	return all
}

// proportional shares n out by size; what rounding leaves falls on the first
// strata.
func proportional(strata []part, n int) []part {
	total, left := 0, n
	for _, s := range strata {
		total += s.n
	}
	shared := slices.Clone(strata)
	for i := range shared {
		shared[i].n = n * strata[i].n / total
		left -= shared[i].n
	}
	for i := 0; left > 0; i, left = (i+1)%len(shared), left-1 {
		shared[i].n++
	}
	return shared
}

// bend gives each opinion its place: items of a factor differ, but their mean
// is the factor's target. What an item differs by stays the same in all
// rounds and in both populations.
func (p *population) bend() {
	byFactor := map[int][]string{}
	for _, it := range p.q.Items() {
		if it.Kind == form.Agreement {
			byFactor[it.Factor] = append(byFactor[it.Factor], it.ID)
		}
	}
	for factor, ids := range byFactor {
		mean, sum := 1+0.4*target(p.kind, p.iteration, factor), 0.0
		shift := make([]float64, len(ids))
		for i, id := range ids {
			shift[i] = itemSpread * rand.New(rand.NewPCG(p.seed, stream("item", id))).NormFloat64()
			sum += shift[i]
		}
		for i, id := range ids {
			p.bent[id] = latent(mean + shift[i] - sum/float64(len(ids)))
		}
	}
}

// latent is where a latent answer must lie on average so that the answer,
// rounded to a point of the scale and kept within it, has the given mean.
func latent(mean float64) float64 {
	spread := math.Sqrt(personSpread*personSpread + factorSpread*factorSpread + answerSpread*answerSpread + officeSpread*officeSpread)
	low, high := -3.0, 9.0
	for range 50 {
		middle := (low + high) / 2
		got := 1.0
		for edge := 1.5; edge < 5; edge++ {
			got += 0.5 * math.Erfc((edge-middle)/(spread*math.Sqrt2))
		}
		if got < mean {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// mood is how one person sees things.
type mood struct {
	general float64
	factor  [11]float64
	office  string
}

// person draws somebody of a stratum, answers and all.
func (p *population) person(stratum string) Respondent {
	r := Respondent{Kind: p.kind, Stratum: stratum, Lang: pick(p.random, languages, "en"), Values: map[string][]string{}}
	m := mood{general: p.random.NormFloat64(), office: p.office(stratum)}
	for i := range m.factor {
		m.factor[i] = p.random.NormFloat64()
	}
	for _, it := range p.q.Items() {
		if values := p.answer(it, r, m); len(values) > 0 {
			r.Values[it.ID] = values
		}
	}
	return r
}

// office draws the office group: for an official one of the region, for a firm
// any that firms deal with.
func (p *population) office(stratum string) string {
	var among []share
	total := 0
	for _, reg := range regions {
		for _, o := range reg.offices {
			n := o.people
			if p.kind == form.Private {
				n = o.firms
			} else if reg.name != stratum {
				n = 0
			}
			among = append(among, share{o.id, float64(n)})
			total += n
		}
	}
	for i := range among {
		among[i].part /= float64(total)
	}
	return pick(p.random, among, "")
}

// tone is what the people of an office share about a factor, the same in all
// rounds.
func (p *population) tone(office string, factor int) float64 {
	return rand.New(rand.NewPCG(p.seed, stream("office", office, strconv.Itoa(factor)))).NormFloat64()
}

// pick draws one of the values by its share; what is left of 1 goes to rest.
func pick(random *rand.Rand, among []share, rest string) string {
	at := random.Float64()
	for _, s := range among {
		if at -= s.part; at < 0 {
			return s.value
		}
	}
	return rest
}
