package demo

import (
	"adili/form"
	"adili/internal/survey"
)

// The invented administration. Places and names belong to no real country.
const (
	controller = "Customs Service of Velmora (invented)"
	zone       = "UTC" // known to every machine
)

// region is one of the five regions, with its offices.
type region struct {
	name    string
	post    string // value of the item on the kind of post
	offices []office
}

type office struct {
	id     string
	label  string
	people int // officials
	firms  int // firms that deal with it most; 0 where none do
}

// regions lists the regions in frame order.
var regions = []region{
	{"Headquarters", "headquarters", []office{
		{"g1", "Headquarters: rules and policy", 120, 0},
		{"g2", "Headquarters: support and inspection", 110, 0},
	}},
	{"Northern ports", "port", []office{
		{"g3", "Port Ossiry: cargo", 130, 130},
		{"g4", "Port Ossiry: passengers and yards", 75, 30},
		{"g5", "Port Tavlin", 105, 90},
	}},
	{"Airports", "airport", []office{
		{"g6", "Marrowick airport: cargo", 90, 80},
		{"g7", "Marrowick airport: travellers", 110, 20},
	}},
	{"Eastern border", "land_border", []office{
		{"g8", "Dolveth crossing", 90, 60},
		{"g9", "Kessary crossing", 75, 45},
		{"g10", "Umberlin crossing", 65, 30},
	}},
	{"Inland offices", "inland", []office{
		{"g11", "Sarvenna dry port", 110, 75},
		{"g12", "Pellorin and Lothmere offices", 70, 40},
	}},
}

// ranks are the shares of the second dimension of the officials' frame.
var ranks = []share{{"Managers", 0.2}, {"Other staff", 0.8}}

// trade is one kind of firm, with the value of the item on the role.
type trade struct {
	name  string
	role  string
	firms int
}

var trades = []trade{
	{"Importers and exporters", "importer", 330},
	{"Brokers and forwarders", "broker", 160},
	{"Carriers and express", "carrier", 110},
}

// sizes are the shares of the second dimension of the private sector's frame.
var sizes = []share{{"Small firms", 0.6}, {"Medium firms", 0.28}, {"Large firms", 0.12}}

// share is a value and how often it comes, in 0..1.
type share struct {
	value string
	part  float64
}

// Names of the frame dimensions that make the collection strata.
const (
	regionDimension = "Region"
	tradeDimension  = "Kind of firm"
)

// frame is whom a population consists of.
func frame(kind form.Population) survey.Frame {
	if kind == form.Private {
		f := survey.Frame{Dimensions: []string{tradeDimension, "Size"}}
		for _, t := range trades {
			f.Cells = append(f.Cells, cells(t.name, t.firms, sizes)...)
		}
		return f
	}
	f := survey.Frame{Dimensions: []string{regionDimension, "Rank"}}
	for _, r := range regions {
		f.Cells = append(f.Cells, cells(r.name, r.people(), ranks)...)
	}
	return f
}

// cells shares people out among the values of the second dimension.
func cells(name string, people int, shares []share) []survey.Cell {
	var all []survey.Cell
	left := people
	for i, s := range shares {
		n := min(left, int(float64(people)*s.part+0.5))
		if i == len(shares)-1 {
			n = left
		}
		left -= n
		all = append(all, survey.Cell{Values: []string{name, s.value}, People: n})
	}
	return all
}

func (r region) people() int {
	n := 0
	for _, o := range r.offices {
		n += o.people
	}
	return n
}

// offices are the office groups a population is asked about.
func offices(kind form.Population) []survey.Office {
	var all []survey.Office
	for _, r := range regions {
		for _, o := range r.offices {
			switch {
			case kind == form.Official:
				all = append(all, survey.Office{ID: o.id, Label: o.label, People: o.people, Stratum: r.name})
			case o.firms > 0:
				all = append(all, survey.Office{ID: o.id, Label: o.label, People: o.firms})
			}
		}
	}
	return all
}

// choices are the manager's decisions on a population.
func choices(kind form.Population, link bool) survey.Choices {
	c := survey.Choices{
		Selection: survey.Listed, Stratify: regionDimension, Margin: 0.05, Response: 0.75, DesignEffect: 1,
		Breakdown: survey.BreakdownStratum, OpenLink: link,
	}
	if kind == form.Private {
		c.Stratify, c.Margin, c.Response = tradeDimension, 0.1, 0.35
	}
	return c
}

// notice is what the privacy notice states.
func notice() survey.Notice {
	return survey.Notice{
		Controller: controller,
		Contact:    "Integrity Unit, integrity@customs.example",
		LegalBasis: "Integrity Order of the invented administration, section 4",
		Retention:  "Answers are kept for three years and then destroyed.",
	}
}

// channels are where to report a case.
func channels() []survey.Channel {
	return []survey.Channel{
		{Name: "Integrity line (invented)", Where: "Call 000, day and night, in every language"},
		{Name: "Office of the Inspector (invented)", Where: "https://inspector.example/report"},
	}
}
