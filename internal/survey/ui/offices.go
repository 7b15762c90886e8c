package ui

import (
	"net/url"
	"strconv"

	"adili/internal/kernel/sheet"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/planner"
	"adili/internal/survey/ui/fields"
)

// Columns of the office list.
const (
	officeName = iota + 1
	officePeople
	officeStratum
	officeDrawn
)

type officesView struct {
	Header   Header
	Grid     *fields.Grid
	RowCount int
	Save     string
	Upload   string
	Template string
	File     fields.Field
	More     bool
	Drawn    bool // offices are drawn by chance
	Long     bool // the list is too long for the form
	Table    []OfficeLine
}

// OfficeLine is one office as stored.
type OfficeLine struct {
	Label, People, Stratum string
	Drawn                  bool
}

func (m *Room) offices(r *web.Request, p place) (web.Reply, error) {
	return m.showOffices(r, p, officeValues(p.pop.Plan.Offices), nil), nil
}

func officeValues(offices []survey.Office) url.Values {
	if len(offices) > fields.MostRows {
		return nil
	}
	v := url.Values{}
	for i, o := range offices {
		v.Set(fields.CellName(i+1, officeName), o.Label)
		v.Set(fields.CellName(i+1, officePeople), strconv.Itoa(o.People))
		v.Set(fields.CellName(i+1, officeStratum), o.Stratum)
		if o.Drawn {
			v.Set(fields.CellName(i+1, officeDrawn), "x")
		}
	}
	v.Set("rows", strconv.Itoa(min(fields.MostRows, max(fields.FirstRows, len(offices)+2))))
	return v
}

func (m *Room) saveOffices(r *web.Request, p place) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	if values.Get("do") == "more" {
		values.Set("rows", strconv.Itoa(min(fields.MostRows, fields.RowsSent(values)+fields.MoreRows)))
		return m.showOffices(r, p, values, nil), nil
	}
	table := officeTable(r, values)
	if len(table.Rows) == 1 { // an emptied list
		return m.keepOffices(r, p, values, nil, nil)
	}
	offices, err := planner.ReadOffices(table, p.pop.Plan.Frame, p.pop.Plan.Stratify)
	return m.keepOffices(r, p, values, offices, err)
}

// officeTable is the typed list with its four columns and their headings.
func officeTable(r *web.Request, values url.Values) sheet.Sheet {
	for i, head := range officeHeads(r) {
		values.Set(fields.CellName(0, i+1), head)
	}
	return fields.TypedTable(values, officeDrawn)
}

func officeHeads(r *web.Request) []string {
	t := r.Printer
	return []string{t.T("rounds.office"), t.T("rounds.people"), t.T("rounds.office_stratum"), t.T("rounds.office_drawn")}
}

func (m *Room) uploadOffices(r *web.Request, p place) (web.Reply, error) {
	var offices []survey.Office
	table, err := fields.ReadUpload(r)
	if err == nil {
		offices, err = planner.ReadOffices(table, p.pop.Plan.Frame, p.pop.Plan.Stratify)
	}
	return m.keepOffices(r, p, officeValues(p.pop.Plan.Offices), offices, err)
}

func (m *Room) keepOffices(r *web.Request, p place, values url.Values, offices []survey.Office, err error) (web.Reply, error) {
	if err == nil {
		err = m.service.SaveOffices(r.Context(), r.Person, p.ID, p.pop.Kind, offices)
	}
	return saved(p.popURL("offices"), err, func() web.Reply { return m.showOffices(r, p, values, err) })
}

func (m *Room) showOffices(r *web.Request, p place, values url.Values, err error) web.Reply {
	v := officesView{
		Header: p.planned(r, "rounds.offices_lead", err, nil), Drawn: p.pop.Plan.Selection == survey.Clusters, Long: values == nil,
		Save: p.popURL("offices"), Upload: p.popURL("offices/upload"), Template: p.popURL("offices/template"),
	}
	v.File = fields.New(r, nil, nil).Field("file", "file", "rounds.offices_file")
	v.File.Accept = ".csv,.xlsx"
	if values != nil {
		v.RowCount = fields.RowsSent(values)
		v.More = v.RowCount < fields.MostRows
		v.Grid = officeGrid(r, &v.Header, p, values, err)
	}
	for _, o := range p.pop.Plan.Offices {
		v.Table = append(v.Table, OfficeLine{o.Label, r.Printer.Int(o.People), o.Stratum, o.Drawn})
	}
	return m.page.offices.ReplyStatus(r, status(err), "rounds.step.offices", v)
}

func officeGrid(r *web.Request, h *Header, p place, values url.Values, err error) *fields.Grid {
	t := r.Printer
	texts := officeHeads(r)
	heads := map[string]int{}
	for i, text := range texts {
		heads[text] = i + 1
	}
	faults := fields.GridFaults(r, h.Faults, err, heads)
	g := &fields.Grid{Label: t.T("rounds.step.offices")}
	for _, text := range texts {
		g.Heads = append(g.Heads, fields.GridCell{Label: text})
	}
	known, _ := p.pop.Plan.Frame.Values(p.pop.Plan.Stratify)
	for row := 1; row <= fields.RowsSent(values); row++ {
		line := fields.GridRow{Number: strconv.Itoa(row)}
		for col := officeName; col <= officeDrawn; col++ {
			name := fields.CellName(row, col)
			cell := fields.GridCell{Name: name, Label: texts[col-1] + ", " + t.T("web.row", "Row", row), Value: values.Get(name), Error: faults[name]}
			switch {
			case col == officePeople:
				cell.Number = true
			case col == officeDrawn:
				cell.Check, cell.Checked, cell.Value = true, cell.Value != "", "x"
			case col == officeStratum && p.pop.Plan.Stratify != "":
				cell.Options = append(cell.Options, fields.Option{Label: "—"})
				for _, value := range known {
					cell.Options = append(cell.Options, fields.Option{Value: value, Label: value, Chosen: value == cell.Value})
				}
			}
			line.Cells = append(line.Cells, cell)
		}
		g.Rows = append(g.Rows, line)
	}
	return g
}

// officesTemplate is the list as stored, or an example to fill in.
func (m *Room) officesTemplate(r *web.Request, p place) (web.Reply, error) {
	rows := [][]string{{"A", "45", "", ""}, {"B", "30", "", ""}}
	if offices := p.pop.Plan.Offices; len(offices) > 0 {
		rows = planner.OfficeRows(offices)
	}
	return fields.CSV("adili-offices-"+string(p.pop.Kind), officeHeads(r), rows), nil
}
