package ui

import (
	"net/url"
	"strconv"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/survey/planner"
	"adili/internal/survey/ui/fields"
)

// fewCodes is how many codes a stratum should have, so that nobody reads the
// number on a card as a threat.
const fewCodes = 30

// outputs are the forms codes are handed out in; carriers is what each is for.
var (
	outputs  = []string{"cards", "card_csv", "link_csv"}
	carriers = map[string]code.Carrier{"cards": code.ByCard, "card_csv": code.ByCard, "link_csv": code.ByLink}
)

type invitationsView struct {
	Header   Header
	Action   string
	Void     string
	Coded    bool
	Ready    bool // codes can be made
	Obstacle string
	Rows     []InviteRow
	Output   fields.Field
	Total    string // codes made so far
	Before   int    // the same, to be sent back
	Spare    string // about spare cards, once the round is open
	Few      string // about strata with few codes
	MayVoid  bool
	Links    []AddressLine // of the open link
}

// InviteRow is one collection stratum with the codes made and to be made.
type InviteRow struct {
	Label, People, Made, Most string
	Count                     fields.Field
}

// AddressLine is an address of the survey in one language.
type AddressLine struct{ Name, Lang, Dir, URL string }

// address is where the survey is answered in a language.
func (p place) address(r *web.Request, lang string) string {
	return r.BaseURL() + "/" + lang + "/s/" + url.PathEscape(p.ID)
}

func (p place) addresses(r *web.Request) []AddressLine {
	var list []AddressLine
	for _, lang := range p.Languages {
		list = append(list, AddressLine{i18n.Native(lang), lang, i18n.Dir(lang), p.address(r, lang)})
	}
	return list
}

func countName(st survey.Stratum) string { return "count_" + strconv.Itoa(st.Number) }

// made is how many codes of the population there are.
func (p place) made() int {
	n := 0
	for _, count := range p.pop.Plan.Invited {
		n += count
	}
	return n
}

// obstacle says what in the plan stands against making codes, if anything does.
func (p place) obstacle(t *i18n.Printer) string {
	for _, o := range survey.Obstacles(p.Round, []survey.Population{p.pop}) {
		if strings.HasPrefix(o.Key, "survey.plan.") {
			return t.T(o.Key, o.Args...)
		}
	}
	return ""
}

// proposal is the form as it first appears: what the plan still needs, and of
// spare cards none.
func (p place) proposal() url.Values {
	values := url.Values{"output": {"cards"}}
	f, err := planner.Predict(p.pop.Plan, p.pop.Kind)
	if err != nil {
		return values
	}
	for _, n := range f.Strata {
		count := n.Invite - p.pop.Plan.Invited[n.Stratum.Number]
		if p.State == survey.OpenState {
			values.Set(countName(n.Stratum), "0")
		} else if count > 0 {
			values.Set(countName(n.Stratum), strconv.Itoa(count))
		}
	}
	return values
}

func (m *Room) invitations(r *web.Request, p place) (web.Reply, error) {
	return m.showInvitations(r, p, p.proposal(), nil), nil
}

// makeInvitations makes the codes and hands them out. They exist in this reply
// only.
func (m *Room) makeInvitations(r *web.Request, p place) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	p, batches, err := m.make(r, p, values)
	switch e, _ := errs.Find(err); {
	case err != nil && !fields.Mendable(err):
		return nil, err
	case err != nil && e.Key == "survey.code.changed": // what was asked for may be there by now
		return m.showInvitations(r, p, p.proposal(), err), nil
	case err != nil:
		return m.showInvitations(r, p, values, err), nil
	}
	if err := m.handedOut(r, p, values.Get("output"), batches); err != nil {
		return nil, err
	}
	if values.Get("output") == "cards" {
		return m.showCards(r, p, batches)
	}
	return p.codeFile(r, carriers[values.Get("output")], batches), nil
}

// handedOut notes in the trail in which way the codes leave the system.
func (m *Room) handedOut(r *web.Request, p place, output string, batches []survey.Batch) error {
	way, count := survey.InvitationsExported, 0
	if output == "cards" {
		way = survey.CardsPrinted
	}
	for _, b := range batches {
		count += len(b.Codes)
	}
	return m.service.HandedOut(r.Context(), r.Person, p.ID, p.pop.Kind, way, count)
}

// make makes the codes the form asks for, unless others were made since it was
// shown, as by a second click. It returns the population as it was just before.
func (m *Room) make(r *web.Request, p place, values url.Values) (place, []survey.Batch, error) {
	count, err := readCounts(p, values)
	if err != nil {
		return p, nil, err
	}
	m.making.Lock()
	defer m.making.Unlock()
	now, err := m.findOf(r, p.pop.Kind) // the form before this one may have taken seconds
	if err != nil {
		return p, nil, err
	}
	if before, ok := fields.Digits(values.Get("made_before")); !ok || before != now.made() {
		return now, nil, errs.New(errs.Conflict, "survey.code.changed")
	}
	batches, err := m.service.MakeCodes(r.Context(), r.Person, p.ID, p.pop.Kind, carriers[values.Get("output")], count)
	return now, batches, err
}

// readCounts reads how many codes to make, by stratum.
func readCounts(p place, values url.Values) (map[int]int, error) {
	e := errs.New(errs.Invalid, "survey.code.count")
	count := map[int]int{}
	for _, st := range planner.Strata(p.pop.Plan, p.pop.Kind) {
		n, ok := fields.Digits(values.Get(countName(st)))
		if !ok || n < 0 || n > survey.MaxBatch {
			e.Details = append(e.Details, errs.Detail{Field: countName(st), Key: "rounds.count_wrong", Args: []any{"Max", survey.MaxBatch}})
			continue
		}
		if n > 0 {
			count[st.Number] = n
		}
	}
	if carriers[values.Get("output")] == "" {
		e.Details = append(e.Details, errs.Detail{Field: "output", Key: "rounds.output_wrong"})
	}
	if len(e.Details) > 0 {
		return nil, e
	}
	return count, nil
}

// codeFile is the codes as a table: batch and code, for links the address too,
// and never a name.
func (p place) codeFile(r *web.Request, carrier code.Carrier, batches []survey.Batch) web.Reply {
	header := []string{"batch", "code"}
	if carrier == code.ByLink {
		header = append(header, "address")
	}
	var rows [][]string
	for _, b := range batches {
		for _, c := range b.Codes { // in the order drawn by chance
			row := []string{batchName(b), c.Groups()} // no spreadsheet takes groups for a number
			if carrier == code.ByLink {
				row = append(row[:1], c.String(), p.address(r, p.Languages[0])+"#"+c.String())
			}
			rows = append(rows, row)
		}
	}
	name := "adili-" + string(carrier) + "-codes-" + string(p.pop.Kind)
	if p.Invented {
		name += "-invented-data"
	}
	return fields.CSV(name, header, rows)
}

// batchName is the label of the stratum; where there is one only, it is all.
func batchName(b survey.Batch) string {
	if b.Stratum.Label == "" {
		return strconv.Itoa(b.Stratum.Number)
	}
	return b.Stratum.Label
}

func (m *Room) voidInvitations(r *web.Request, p place) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	if !confirmed(values) {
		return web.Redirect(p.popURL("invitations")), nil
	}
	if err := m.service.VoidCodes(r.Context(), r.Person, p.ID, p.pop.Kind); err != nil {
		return nil, err
	}
	return web.RedirectFlash(p.popURL("invitations"), "rounds.flash.voided"), nil
}

func (m *Room) showInvitations(r *web.Request, p place, values url.Values, err error) web.Reply {
	t, plan := r.Printer, p.pop.Plan
	f := fields.New(r, values, err)
	v := invitationsView{
		Header: p.header(r, "rounds.invitations_lead", err, func(string) bool { return true }), Action: p.popURL("invitations"), Void: p.popURL("invitations/void"),
		Coded: plan.Coded(), Ready: p.State == survey.DraftState || p.State == survey.OpenState,
	}
	if plan.Linked() {
		v.Links = p.addresses(r)
	}
	if p.State == survey.OpenState {
		v.Spare = t.T("rounds.spare_text", "Percent", t.Percent(survey.Spare, 0))
	}
	v.Obstacle, v.Before = p.obstacle(t), p.made()
	v.Ready = v.Ready && v.Obstacle == ""
	var few []string
	for _, st := range planner.Strata(plan, p.pop.Kind) {
		row := InviteRow{Label: stratumLabel(t, st), People: t.Int(st.People), Made: t.Int(plan.Invited[st.Number]), Most: t.Int(survey.MaxCodes(st.People))}
		if n, _ := fields.Digits(values.Get(countName(st))); n+plan.Invited[st.Number] > 0 && n+plan.Invited[st.Number] < fewCodes {
			few = append(few, row.Label)
		}
		row.Count = f.Field("number", countName(st), "rounds.count")
		row.Count.Label += ": " + row.Label
		v.Rows = append(v.Rows, row)
	}
	v.Few = fewText(t, few)
	v.Total = t.N("rounds.codes_n", v.Before)
	v.MayVoid = v.Before > 0 && p.State == survey.DraftState
	var options []fields.Option
	for _, name := range outputs {
		options = append(options, fields.Option{Value: name, Label: t.T("rounds.output." + name), Hint: t.T("rounds.output." + name + "_hint")})
	}
	v.Output = f.Choice("radio", "output", "rounds.output", options)
	return m.page.invitations.ReplyStatus(r, status(err), "rounds.step.invitations", v)
}

// fewText warns of strata with few codes, if there are any.
func fewText(t *i18n.Printer, labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	return t.T("rounds.codes_few", "Names", strings.Join(labels, ", "), "Min", fewCodes)
}

func stratumLabel(t *i18n.Printer, st survey.Stratum) string {
	if st.Label == "" {
		return t.T("rounds.whole_frame")
	}
	return st.Label
}
