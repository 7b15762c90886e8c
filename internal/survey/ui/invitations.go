package ui

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/survey/planner"
)

type invitationsView struct {
	Header   Header
	Action   string
	Void     string
	Coded    bool
	Ready    bool // codes can be made
	Obstacle string
	Rows     []InviteRow
	Output   Field
	Total    string // codes made so far
	MayVoid  bool
	Links    []AddressLine // of the open link
}

// InviteRow is one collection stratum with the codes made and to be made.
type InviteRow struct {
	Label, People, Made string
	Count               Field
}

// AddressLine is an address of the survey in one language.
type AddressLine struct{ Name, Lang, Dir, URL string }

// base is the address of this server as the manager's browser knows it. Plain
// HTTP is served on loopback only, so everything else is HTTPS, also behind a
// proxy.
func base(r *web.Request) string {
	host := r.Host
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	if r.TLS == nil && (name == "localhost" || err == nil && addr.IsLoopback()) {
		return "http://" + host
	}
	return "https://" + host
}

// address is where the survey is answered in a language.
func (p place) address(r *web.Request, lang string) string {
	return base(r) + "/" + lang + "/s/" + url.PathEscape(p.ID)
}

func (p place) addresses(r *web.Request) []AddressLine {
	var list []AddressLine
	for _, lang := range p.Languages {
		list = append(list, AddressLine{i18n.Native(lang), lang, i18n.Dir(lang), p.address(r, lang)})
	}
	return list
}

// strata are the population's collection strata, fixed or as they would be.
func (p place) strata() []survey.Stratum {
	if strata := p.pop.Plan.Strata; len(strata) > 0 {
		return strata
	}
	strata, _ := p.pop.Plan.Split(p.pop.Kind)
	return strata
}

func countName(st survey.Stratum) string { return "count_" + strconv.Itoa(st.Number) }

func (m *Room) invitations(r *web.Request, p place) (web.Reply, error) {
	values := url.Values{"output": {"cards"}}
	if f, err := planner.Predict(p.pop.Plan, p.pop.Kind); err == nil {
		for _, n := range f.Strata {
			if count := n.Invite - p.pop.Plan.Invited[n.Stratum.Number]; count > 0 {
				values.Set(countName(n.Stratum), strconv.Itoa(count))
			}
		}
	}
	return m.showInvitations(r, p, values, nil), nil
}

func (m *Room) makeInvitations(r *web.Request, p place) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	reply, err := m.make(r, p, values)
	switch {
	case err == nil:
		return reply, nil
	case !mendable(err):
		return nil, err
	}
	return m.showInvitations(r, p, values, err), nil
}

// make makes the codes and hands them out. They exist in this reply only.
func (m *Room) make(r *web.Request, p place, values url.Values) (web.Reply, error) {
	e := errs.New(errs.Invalid, "survey.code.count")
	count := map[int]int{}
	for _, st := range p.strata() {
		n, ok := digits(values.Get(countName(st)))
		if !ok || n < 0 || n > survey.MaxBatch {
			e.Details = append(e.Details, errs.Detail{Field: countName(st), Key: "rounds.count_wrong", Args: []any{"Max", survey.MaxBatch}})
			continue
		}
		if n > 0 {
			count[st.Number] = n
		}
	}
	output := values.Get("output")
	if output != "cards" && output != "card_csv" && output != "link_csv" {
		e.Details = append(e.Details, errs.Detail{Field: "output", Key: "rounds.output_wrong"})
	}
	if len(e.Details) > 0 {
		return nil, e
	}
	carrier := code.ByCard
	if output == "link_csv" {
		carrier = code.ByLink
	}
	batches, err := m.service.MakeCodes(r.Context(), r.Person, p.ID, p.pop.Kind, carrier, count)
	if err != nil {
		return nil, err
	}
	if output == "cards" {
		return m.showCards(r, p, batches)
	}
	return p.codeFile(r, carrier, batches), nil
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
	return csvFile(name, header, rows)
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
	f := newFiller(r, values, err)
	v := invitationsView{
		Header: p.header(r, "rounds.invitations_lead", err, func(string) bool { return true }), Action: p.popURL("invitations"), Void: p.popURL("invitations/void"),
		Coded: plan.Coded(), Ready: p.State == survey.DraftState || p.State == survey.OpenState,
	}
	if plan.Linked() {
		v.Links = p.addresses(r)
	}
	_, small := plan.Split(p.pop.Kind)
	switch {
	case plan.Frame.People() == 0:
		v.Obstacle = t.T("survey.plan.no_frame", "Population", t.T("rounds.kind."+string(p.pop.Kind)))
	case len(small) > 0 && len(plan.Strata) == 0:
		v.Obstacle = t.T("survey.plan.stratum_too_small", "Names", strings.Join(small, ", "), "Min", survey.MinStratum)
	}
	v.Ready = v.Ready && v.Obstacle == ""
	made := 0
	for _, st := range p.strata() {
		made += plan.Invited[st.Number]
		row := InviteRow{Label: stratumLabel(t, st), People: t.Int(st.People), Made: t.Int(plan.Invited[st.Number])}
		row.Count = f.field("number", countName(st), "rounds.count")
		row.Count.Label += ": " + row.Label
		v.Rows = append(v.Rows, row)
	}
	v.Total = t.N("rounds.codes_n", made)
	v.MayVoid = made > 0 && p.State == survey.DraftState
	var outputs []Option
	for _, name := range []string{"cards", "card_csv", "link_csv"} {
		outputs = append(outputs, Option{Value: name, Label: t.T("rounds.output." + name), Hint: t.T("rounds.output." + name + "_hint")})
	}
	v.Output = f.choice("radio", "output", "rounds.output", outputs)
	return m.page.invitations.ReplyStatus(r, status(err), "rounds.step.invitations", v)
}

func stratumLabel(t *i18n.Printer, st survey.Stratum) string {
	if st.Label == "" {
		return t.T("rounds.whole_frame")
	}
	return st.Label
}
