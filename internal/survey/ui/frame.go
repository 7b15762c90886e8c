package ui

import (
	"net/url"
	"slices"
	"strconv"

	"adili/internal/kernel/sheet"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/planner"
	"adili/internal/survey/ui/fields"
)

// typedDimensions is how many dimensions the form by hand has room for.
const typedDimensions = 4

type frameView struct {
	Header   Header
	Table    *FrameTable
	Grid     *fields.Grid
	RowCount int
	Save     string
	Upload   string
	Template string
	File     fields.Field
	More     bool // there is room for more rows
	MadeCode bool // codes were made: the frame stands
}

// FrameTable is the frame as stored.
type FrameTable struct {
	Dimensions []string
	Rows       []FrameRow
	Total      string
	Left       int // rows not shown
	Sums       []FrameSum
}

// FrameRow is one group of people.
type FrameRow struct {
	Values []string
	People string
}

// FrameSum is the people of each value of a dimension.
type FrameSum struct {
	Dimension string
	Rows      []FrameRow
}

const mostShown = 200

func (m *Room) frame(r *web.Request, p place) (web.Reply, error) {
	return m.showFrame(r, p, frameValues(p.pop.Plan.Frame), nil), nil
}

// frameValues is the frame as the form by hand would send it.
func frameValues(f survey.Frame) url.Values {
	v := url.Values{}
	if len(f.Cells) > fields.MostRows || len(f.Dimensions) > typedDimensions {
		return nil
	}
	for i, d := range f.Dimensions {
		v.Set(fields.CellName(0, i+1), d)
	}
	for i, c := range f.Cells {
		for j, value := range c.Values {
			v.Set(fields.CellName(i+1, j+1), value)
		}
		v.Set(fields.CellName(i+1, typedDimensions+1), strconv.Itoa(c.People))
	}
	v.Set("rows", strconv.Itoa(min(fields.MostRows, max(fields.FirstRows, len(f.Cells)+2))))
	return v
}

func (m *Room) saveFrame(r *web.Request, p place) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	if values.Get("do") == "more" {
		values.Set("rows", strconv.Itoa(min(fields.MostRows, fields.RowsSent(values)+fields.MoreRows)))
		return m.showFrame(r, p, values, nil), nil
	}
	typed := fields.TypedTable(values, typedDimensions+1)
	last := len(typed.Rows[0]) - 1
	typed.Rows[0][last].Text = r.Printer.T("rounds.people") // a heading of its own
	frame, err := planner.ReadFrame(typed)
	return m.keepFrame(r, p, values, frame, err)
}

func (m *Room) uploadFrame(r *web.Request, p place) (web.Reply, error) {
	var frame survey.Frame
	table, err := fields.ReadUpload(r)
	if err == nil {
		frame, err = planner.ReadFrame(table)
	}
	return m.keepFrame(r, p, frameValues(p.pop.Plan.Frame), frame, err)
}

func (m *Room) keepFrame(r *web.Request, p place, values url.Values, frame survey.Frame, err error) (web.Reply, error) {
	if err == nil {
		err = m.service.SaveFrame(r.Context(), r.Person, p.ID, p.pop.Kind, frame)
	}
	return saved(p.popURL("frame"), err, func() web.Reply { return m.showFrame(r, p, values, err) })
}

func (m *Room) showFrame(r *web.Request, p place, values url.Values, err error) web.Reply {
	v := frameView{
		Header: p.planned(r, "rounds.frame_lead", err, nil), Table: frameTable(r, p.pop.Plan.Frame),
		Save: p.popURL("frame"), Upload: p.popURL("frame/upload"), Template: p.popURL("frame/template"),
		MadeCode: len(p.pop.Plan.Invited) > 0,
	}
	v.File = fields.New(r, nil, nil).Field("file", "file", "rounds.frame_file")
	v.File.Accept = ".csv,.xlsx"
	if values != nil {
		v.RowCount = fields.RowsSent(values)
		v.More = v.RowCount < fields.MostRows
		v.Grid = frameGrid(r, &v.Header, values, err)
	}
	return m.page.frame.ReplyStatus(r, status(err), "rounds.step.frame", v)
}

// frameGrid is the form by hand with what was typed and what is wrong with it.
func frameGrid(r *web.Request, h *Header, values url.Values, err error) *fields.Grid {
	t := r.Printer
	peopleText := t.T("rounds.people")
	heads := map[string]int{peopleText: typedDimensions + 1}
	for col := 1; col <= typedDimensions; col++ {
		heads[sheet.Letter(col)] = col
		if head := values.Get(fields.CellName(0, col)); head != "" {
			heads[head] = col
		}
	}
	faults := fields.GridFaults(r, h.Faults, err, heads)
	g := &fields.Grid{Label: t.T("rounds.frame_grid")}
	for col := 1; col <= typedDimensions; col++ {
		name := fields.CellName(0, col)
		g.Heads = append(g.Heads, fields.GridCell{Name: name, Label: t.T("rounds.dimension", "N", col), Value: values.Get(name), Error: faults[name], Hint: t.T("rounds.dimension_" + strconv.Itoa(col))})
	}
	g.Heads = append(g.Heads, fields.GridCell{Label: peopleText})
	for row := 1; row <= fields.RowsSent(values); row++ {
		line := fields.GridRow{Number: strconv.Itoa(row)}
		for col := 1; col <= typedDimensions+1; col++ {
			name := fields.CellName(row, col)
			head := values.Get(fields.CellName(0, col))
			if head == "" {
				head = t.T("rounds.dimension", "N", col)
			}
			cell := fields.GridCell{Name: name, Value: values.Get(name), Error: faults[name]}
			if col > typedDimensions {
				head, cell.Number = peopleText, true
			}
			cell.Label = head + ", " + t.T("web.row", "Row", row)
			line.Cells = append(line.Cells, cell)
		}
		g.Rows = append(g.Rows, line)
	}
	return g
}

func frameTable(r *web.Request, f survey.Frame) *FrameTable {
	if len(f.Cells) == 0 {
		return nil
	}
	table := &FrameTable{Dimensions: f.Dimensions, Total: r.Printer.Int(f.People()), Left: max(0, len(f.Cells)-mostShown)}
	for _, c := range f.Cells[:min(len(f.Cells), mostShown)] {
		table.Rows = append(table.Rows, FrameRow{c.Values, r.Printer.Int(c.People)})
	}
	if len(f.Dimensions) < 2 {
		return table
	}
	for _, d := range f.Dimensions {
		values, people := f.Values(d)
		sum := FrameSum{Dimension: d}
		for _, v := range values {
			sum.Rows = append(sum.Rows, FrameRow{[]string{v}, r.Printer.Int(people[v])})
		}
		table.Sums = append(table.Sums, sum)
	}
	return table
}

// frameTemplate is an example to fill in.
func (m *Room) frameTemplate(r *web.Request, p place) (web.Reply, error) {
	t := r.Printer
	header := []string{t.T("rounds.dimension_1"), t.T("rounds.dimension_2")}
	rows := [][]string{{"A", "1", "120"}, {"A", "2", "80"}, {"B", "1", "95"}, {"B", "2", "60"}}
	if f := p.pop.Plan.Frame; len(f.Cells) > 0 {
		header, rows = slices.Clone(f.Dimensions), planner.FrameRows(f)
	}
	return fields.CSV("adili-frame-"+string(p.pop.Kind), append(header, t.T("rounds.people")), rows), nil
}
