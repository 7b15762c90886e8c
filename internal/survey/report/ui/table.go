package ui

import (
	"slices"
	"strconv"
	"strings"

	"adili/disclosure"
	"adili/form"
	"adili/internal/survey/report"
)

// table is a table of the report, for the page and for CSV.
type table struct {
	ID      string // as in its address
	Caption string
	Head    []column
	Rows    [][]cell
	Notes   []string
}

type column struct {
	Text string
	Num  bool
}

// cell is one cell. Plain is what CSV gets instead of Text: numbers with a
// decimal point and without grouping.
type cell struct {
	Text  string
	Plain string
	Lang  string // where it is not the reader's
	Num   bool
	Span  int    // columns, 0 for one
	Tag   string // a remark beside the text
}

// tableNames are the tables in the order of the report.
var tableNames = [...]string{"response", "factors", "gaps", "items", "choices", "breakdown", "opinions"}

// table finds a table by name.
func (b *builder) table(name string) (table, bool) {
	switch name {
	case "response":
		return b.responseTable(b.r.Groups), true
	case "factors":
		return b.factorTable(b.r.Groups), true
	case "gaps":
		return b.gapTable(), true
	case "items":
		return b.itemTable(0, b.r.Groups), true
	case "choices":
		return b.choiceTable("", b.r.Groups), true
	case "breakdown":
		return b.breakdownTable(b.r.Groups), true
	case "opinions":
		return b.opinionTable(), true
	}
	return table{}, false
}

func (b *builder) start(id string, columns ...string) table {
	t := table{ID: id, Caption: b.T("report.table." + id)}
	for _, key := range columns {
		t.Head = append(t.Head, column{Text: b.T("report.col." + key)})
	}
	return t
}

// numbers adds columns of numbers.
func (t *table) numbers(b *builder, columns ...string) {
	for _, key := range columns {
		t.Head = append(t.Head, column{Text: b.T("report.col." + key), Num: true})
	}
}

func word(s string) cell { return cell{Text: s, Plain: s} }

func number(text, plain string) cell { return cell{Text: text, Plain: plain, Num: true} }

func (b *builder) whole(n int) cell { return number(b.Int(n), strconv.Itoa(n)) }

func (b *builder) count(c report.Count) cell {
	if !c.Shown() {
		return number(b.people(c), b.people(c))
	}
	return b.whole(c.N)
}

func (b *builder) label(t form.Text) cell {
	s, lang := b.text(t)
	return cell{Text: s, Plain: s, Lang: lang}
}

func plain(x float64, digits int) string { return strconv.FormatFloat(x, 'f', digits, 64) }

func (b *builder) decimal(x float64) cell { return number(b.score(x), plain(x, 1)) }

func (b *builder) percent(x float64, digits int) cell {
	return number(b.Percent(x, digits), plain(100*x, digits))
}

// scoreCells are value, from and to.
func (b *builder) scoreCells(s report.Score) []cell {
	switch edge := b.edge(s.Edge); {
	case s.Absent != report.Present:
		return []cell{word(b.absence(s.Absent)), number("", ""), number("", "")}
	case edge != "":
		return []cell{number(edge, edge), number("", ""), number("", "")}
	}
	return append([]cell{b.decimal(s.Value)}, b.limits(s.Interval, b.decimal(s.Lower), b.decimal(s.Upper))...)
}

func (b *builder) limits(given bool, from, to cell) []cell {
	if !given {
		none := b.T("report.no_interval")
		return []cell{number(none, none), number("", "")}
	}
	return []cell{from, to}
}

func (b *builder) shareCell(s report.Share) cell {
	if s.Exact {
		return b.percent(s.Value, s.Digits)
	}
	text := b.share(s)
	return number(text, text)
}

func (b *builder) shareCells(s report.Share) []cell {
	list := []cell{b.shareCell(s)}
	if !s.Interval {
		return append(list, number("", ""), number("", ""))
	}
	return append(list, b.percent(s.From, s.Digits), b.percent(s.To, s.Digits))
}

// missing are the kinds of missing answer with their columns.
var missing = [...]struct {
	column string
	code   form.Code
	count  func(report.Missing) report.Count
}{
	{"dont_know", form.DontKnow, func(m report.Missing) report.Count { return m.DontKnow }},
	{"prefer_not", form.PreferNot, func(m report.Missing) report.Count { return m.PreferNot }},
	{"not_applicable", form.NotApplicable, func(m report.Missing) report.Count { return m.NotApplicable }},
	{"unanswered", form.Unanswered, func(m report.Missing) report.Count { return m.Unanswered }},
}

// missingCells count the missing answers of each kind. Fewer than ten are said
// to be so: these columns have no total from which they could be worked out.
func (b *builder) missingCells(it form.Item, m report.Missing) []cell {
	var list []cell
	for _, kind := range missing {
		c := kind.count(m)
		switch {
		case kind.code != form.Unanswered && !slices.Contains(it.Missing, kind.code):
			list = append(list, number("–", ""))
		case !c.Shown():
			few := b.T("report.under", "Value", b.Int(disclosure.MinGroup))
			list = append(list, number(few, few))
		default:
			list = append(list, b.whole(c.N))
		}
	}
	return list
}

func (t *table) missingColumns(b *builder) {
	for _, kind := range missing {
		t.numbers(b, kind.column)
	}
}

// trim takes out the columns of missing answers that no question of the table
// offers.
func (t *table) trim(b *builder) {
	for _, kind := range missing {
		at := slices.IndexFunc(t.Head, func(c column) bool { return c.Text == b.T("report.col."+kind.column) })
		offset := at - len(t.Head) // from the end: cells before it may span columns
		if slices.ContainsFunc(t.Rows, func(row []cell) bool { return row[len(row)+offset].Text != "–" }) {
			continue
		}
		t.Head = slices.Delete(t.Head, at, at+1)
		for i, row := range t.Rows {
			t.Rows[i] = slices.Delete(row, len(row)+offset, len(row)+offset+1)
		}
	}
}

// marks say what kind of data these are, where they are not a survey's.
func (b *builder) marks() []string {
	var all []string
	if b.r.Round.Pilot() {
		all = append(all, b.T("report.pilot"))
	}
	if b.r.Round.Invented {
		all = append(all, b.T("report.invented"))
	}
	return all
}

// export is a table as CSV. Where data are invented, or a trial's, every row
// says so; what must not be separated from the numbers follows them.
func (b *builder) export(t table) (head []string, rows [][]string) {
	marks := strings.Join(b.marks(), " ")
	mark := func(row []string, s string) []string {
		if marks == "" {
			return row
		}
		return append([]string{s}, row...)
	}
	for _, c := range t.Head {
		head = append(head, c.Text)
	}
	head = mark(head, b.T("report.col.data"))
	for _, row := range t.Rows {
		var texts []string
		for _, c := range row {
			s := c.Plain
			if c.Tag != "" {
				s += " (" + c.Tag + ")"
			}
			texts = append(texts, s)
			for range max(0, c.Span-1) {
				texts = append(texts, b.T("report.combined"))
			}
		}
		rows = append(rows, mark(texts, marks))
	}
	rows = append(rows, []string{""})
	for _, note := range b.colophon(t) {
		rows = append(rows, []string{note})
	}
	return head, rows
}

// colophon is what stands under an exported table.
func (b *builder) colophon(t table) []string {
	list := []string{t.Caption, b.T("report.round", "Name", b.r.Round.Name, "Iteration", b.Int(b.r.Round.Iteration))}
	list = append(list, b.marks()...)
	return append(append(list, t.Notes...), b.T("report.affiliation"))
}
