package ui

import (
	_ "embed" // the list of time zones
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/ui/fields"
)

// zones are the names of the IANA time zone database, one a line.
//
//go:embed zone.txt
var zones string

// maxChannels is how many reporting channels a round may name.
const maxChannels = 5

type basicsView struct {
	Header      Header
	Action      string
	New         bool
	Fields      []fields.Field // name, iteration
	Days        []fields.Field // opens, closes, zone
	Populations fields.Field
	Languages   fields.Field
	Titles      []fields.Field
	Notice      []fields.Field
	Channels    []ChannelFields
	Zones       []string
}

// ChannelFields are the two fields of one reporting channel.
type ChannelFields struct {
	Legend      string
	Name, Where fields.Field
}

func (m *Room) newRound(r *web.Request) (web.Reply, error) {
	rounds, err := m.service.Rounds(r.Context(), r.Person)
	if err != nil {
		return nil, err
	}
	values := url.Values{"iteration": {"1"}, "population": {string(form.Official), string(form.Private)}, "language": {r.Printer.Lang()}}
	if len(rounds) > 0 { // what an administration said last time mostly still holds
		last := rounds[0]
		values = basicsValues(last, nil)
		values.Set("iteration", strconv.Itoa(last.Iteration+1))
		values["population"] = []string{string(form.Official), string(form.Private)}
		for _, name := range []string{"name", "opens", "closes", "keep"} {
			values.Del(name)
		}
	}
	return m.showBasics(r, place{}, values, nil), nil
}

func (m *Room) createRound(r *web.Request) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	b, err := readBasics(values)
	if err == nil {
		var round survey.Round
		round, err = m.service.CreateRound(r.Context(), r.Person, b)
		if err == nil {
			return web.RedirectFlash(place{Round: round}.url(""), "rounds.flash.created"), nil
		}
	}
	if !fields.Mendable(err) {
		return nil, err
	}
	return m.showBasics(r, place{}, values, err), nil
}

func (m *Room) basics(r *web.Request) (web.Reply, error) {
	p, err := m.find(r)
	if err != nil {
		return nil, err
	}
	return m.showBasics(r, p, basicsValues(p.Round, p.all), nil), nil
}

func (m *Room) saveBasics(r *web.Request) (web.Reply, error) {
	p, values, err := m.sent(r)
	if err != nil {
		return nil, err
	}
	b, err := readBasics(values)
	if err == nil {
		err = m.service.SaveBasics(r.Context(), r.Person, p.ID, b)
	}
	return saved(p.url(""), err, func() web.Reply { return m.showBasics(r, p, values, err) })
}

// basicsValues is a round as its form would send it.
func basicsValues(round survey.Round, populations []survey.Population) url.Values {
	v := url.Values{
		"name": {round.Name}, "iteration": {strconv.Itoa(round.Iteration)}, "zone": {round.Zone},
		"opens": {string(round.Opens)}, "closes": {string(round.Closes)}, "keep": {string(round.Keep)}, "language": round.Languages,
		"controller": {round.Notice.Controller}, "contact": {round.Notice.Contact},
		"legal_basis": {round.Notice.LegalBasis}, "retention": {round.Notice.Retention},
	}
	for lang, title := range round.Title {
		v.Set("title_"+lang, title)
	}
	for i, c := range round.Channels {
		n := strconv.Itoa(i + 1)
		v.Set("channel_name_"+n, c.Name)
		v.Set("channel_where_"+n, c.Where)
	}
	for _, p := range populations {
		v.Add("population", string(p.Kind))
	}
	return v
}

// maxWords bounds the texts of a round, in bytes.
const maxWords = 2000

// readBasics reads the form. What package survey checks is left to it.
func readBasics(v url.Values) (survey.Basics, error) {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	b := survey.Basics{
		Name: get("name"), Zone: get("zone"), Opens: survey.Day(i18n.Digits(get("opens"))), Closes: survey.Day(i18n.Digits(get("closes"))),
		Keep:      survey.Day(i18n.Digits(get("keep"))),
		Languages: ordered(v["language"], i18n.Languages), Title: map[string]string{},
		Notice: survey.Notice{Controller: get("controller"), Contact: get("contact"), LegalBasis: get("legal_basis"), Retention: get("retention")},
	}
	b.Iteration, _ = strconv.Atoi(i18n.Digits(get("iteration"))) // zero is refused
	for _, kind := range kinds {
		if slices.Contains(v["population"], string(kind)) {
			b.Populations = append(b.Populations, kind)
		}
	}
	for _, lang := range i18n.Languages {
		if title := get("title_" + lang); title != "" {
			b.Title[lang] = title
		}
	}
	e := errs.New(errs.Invalid, "survey.basics.invalid")
	for n := range maxChannels {
		suffix := strconv.Itoa(n + 1)
		c := survey.Channel{Name: get("channel_name_" + suffix), Where: get("channel_where_" + suffix)}
		switch {
		case c == (survey.Channel{}):
			continue
		case c.Name == "":
			e.Details = append(e.Details, errs.Detail{Field: "channel_name_" + suffix, Key: "rounds.channel_half"})
		case c.Where == "":
			e.Details = append(e.Details, errs.Detail{Field: "channel_where_" + suffix, Key: "rounds.channel_half"})
		}
		b.Channels = append(b.Channels, c)
	}
	for name := range v {
		if len(v.Get(name)) > maxWords {
			e.Details = append(e.Details, errs.Detail{Field: name, Key: "rounds.too_long"})
		}
	}
	if len(e.Details) > 0 {
		return b, e
	}
	return b, nil
}

// ordered gives the values that are known, in the order they are offered.
func ordered(values, known []string) []string {
	return slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !slices.Contains(values, k) })
}

// basicsFields translates the names package survey uses for what was wrong.
var basicsFields = map[string]string{"languages": "language", "populations": "population"}

func (m *Room) showBasics(r *web.Request, p place, values url.Values, err error) web.Reply {
	if e, ok := errs.Find(err); ok {
		for i, d := range e.Details {
			if name := basicsFields[d.Field]; name != "" {
				e.Details[i].Field = name
			}
		}
	}
	f := fields.New(r, values, err)
	v := basicsView{
		Header: p.planned(r, "rounds.basics_lead", err, func(string) bool { return true }), New: p.ID == "",
		Action: p.url("basics"), Zones: strings.Fields(zones),
	}
	title := "rounds.step.basics"
	if v.New {
		v.Action, title = listURL+"/new", "rounds.new"
	}
	name, zone := f.Field("text", "name", "rounds.name"), f.Field("text", "zone", "rounds.zone")
	name.Required, zone.Required, zone.List, zone.Dir, zone.Auto = true, true, "zones", "ltr", "off"
	iteration := f.Field("number", "iteration", "rounds.iteration")
	opens, closes := f.Field("date", "opens", "rounds.opens"), f.Field("date", "closes", "rounds.closes")
	iteration.Short, opens.Short, closes.Short, opens.Required, closes.Required = true, true, true, true, true
	keep := f.Field("date", "keep", "rounds.keep")
	keep.Short = true
	v.Fields, v.Days = []fields.Field{name, iteration}, []fields.Field{opens, closes, zone}
	var kindOptions, langOptions []fields.Option
	for _, kind := range kinds {
		kindOptions = append(kindOptions, fields.Option{Value: string(kind), Label: r.Printer.T("rounds.kind." + string(kind))})
	}
	for _, lang := range i18n.Languages {
		langOptions = append(langOptions, fields.Option{Value: lang, Label: i18n.Native(lang), Lang: lang, Dir: i18n.Dir(lang)})
		field := f.Field("text", "title_"+lang, "rounds.title")
		field.Label, field.Hint, field.Lang, field.Dir = i18n.Native(lang), "", lang, i18n.Dir(lang)
		v.Titles = append(v.Titles, field)
	}
	v.Populations = f.Choice("checkbox", "population", "rounds.populations", kindOptions)
	v.Languages = f.Choice("checkbox", "language", "rounds.languages", langOptions)
	for _, name := range []string{"controller", "contact", "legal_basis", "retention"} {
		v.Notice = append(v.Notice, f.Field("text", name, "rounds."+name))
	}
	v.Notice = append(v.Notice, keep)
	v.Notice[0].Required, v.Notice[2].Required, v.Notice[3].Required = true, true, true
	for n := range maxChannels {
		suffix := strconv.Itoa(n + 1)
		v.Channels = append(v.Channels, ChannelFields{
			Legend: r.Printer.T("rounds.channel", "N", n+1),
			Name:   f.Field("text", "channel_name_"+suffix, "rounds.channel_name"),
			Where:  f.Field("text", "channel_where_"+suffix, "rounds.channel_where"),
		})
	}
	return m.page.basics.ReplyStatus(r, status(err), title, v)
}

// status is the HTTP status of a form: that of its error, if any.
func status(err error) int {
	if err == nil {
		return 200
	}
	return web.Status(err)
}
