package chart

// Point is one estimate, as it may be published.
type Point struct {
	Value float64
	// Text replaces the formatted Value in drawing and table, for results such
	// as "< 5 %" whose exact value is not shown. In right-to-left languages
	// words ("less than") read better than a sign that the reader's software
	// may or may not mirror.
	Text string
	// Interval says that Low and High bound a confidence interval.
	Interval  bool
	Low, High float64
	// N is the number of answers in words, for the table.
	N string
	// Absent, when not empty, says why there is no result; the numbers are not
	// looked at then.
	Absent string
}

// Row is one line of a [DotInterval] or [Bars] with a point for each series.
type Row struct {
	Label  string
	Points []Point
}

// DotInterval shows scores from 0 to 10 as dots with their interval lines.
type DotInterval struct {
	Frame
	Series []Series // one or two
	Rows   []Row
	// Axis names the axis, with its ends if that helps; may be empty.
	Axis string
	// Tick writes the numbers of the axis, Number if nil.
	Tick func(float64) string
}

// Bars shows shares as bars from zero, with interval lines where given.
type Bars struct {
	Frame
	Series []Series // one or two
	Rows   []Row    // shares as fractions, 0 to 1
	// Max is the end of the axis, 1 if zero. It is the same for all rows.
	Max float64
	// Axis names the axis; may be empty.
	Axis string
	// Tick writes the numbers of the axis, Number if nil.
	Tick func(float64) string
}

// SVG draws the chart; see [Chart].
func (c DotInterval) SVG(w Width) (string, error) {
	l := c.lanes()
	return l.svg(w)
}

// Table has one row for each label and series.
func (c DotInterval) Table() Table {
	l := c.lanes()
	return l.table()
}

func (c DotInterval) lanes() lanes {
	return lanes{
		Frame: c.Frame, series: c.Series, rows: c.Rows,
		max: 10, steps: 5, axis: c.Axis, tick: c.Tick,
	}
}

// SVG draws the chart; see [Chart].
func (c Bars) SVG(w Width) (string, error) {
	l := c.lanes()
	return l.svg(w)
}

// Table has one row for each label and series.
func (c Bars) Table() Table {
	l := c.lanes()
	return l.table()
}

func (c Bars) lanes() lanes {
	limit := c.Max
	if limit == 0 {
		limit = 1
	}
	return lanes{
		Frame: c.Frame, series: c.Series, rows: c.Rows,
		max: limit, steps: 4, axis: c.Axis, tick: c.Tick, bar: true,
	}
}

// lanes is what dots and bars share: rows of one lane per series along a common
// axis from 0 to max.
type lanes struct {
	Frame
	series []Series
	rows   []Row
	max    float64
	steps  int // of the axis
	axis   string
	tick   func(float64) string
	bar    bool
}

func (l *lanes) check(w Width) error {
	if err := l.Frame.check(w); err != nil {
		return err
	}
	if n := len(l.series); n < 1 || n > 2 {
		return l.fault("%d series", n)
	}
	for _, s := range l.series {
		if int(s.Hue) >= len(hues) || len(l.series) == 2 && s.Name == "" {
			return l.fault("series %q has no name or an unknown hue", s.Name)
		}
	}
	if len(l.series) == 2 && l.series[0].Hue == l.series[1].Hue {
		return l.fault("both series have one hue")
	}
	if !(l.max > 0 && l.max <= 10) {
		return l.fault("axis ends at %v", l.max)
	}
	for i, row := range l.rows {
		if len(row.Points) != len(l.series) {
			return l.fault("row %d has %d points for %d series", i, len(row.Points), len(l.series))
		}
		for _, p := range row.Points {
			if err := l.checkPoint(i, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lanes) checkPoint(row int, p Point) error {
	if p.Absent != "" {
		return nil
	}
	if _, ok := within(p.Value, 0, l.max); !ok {
		return l.fault("row %d: value %v is off the axis", row, p.Value)
	}
	if p.Interval && !(p.Low <= p.High) {
		return l.fault("row %d: interval from %v to %v", row, p.Low, p.High)
	}
	return nil
}

func (l *lanes) table() Table {
	two := len(l.series) > 1 || len(l.series) == 1 && l.series[0].Name != ""
	var interval, n bool
	for _, row := range l.rows {
		for _, p := range row.Points {
			interval = interval || p.Interval && p.Absent == ""
			n = n || p.N != ""
		}
	}
	t := Table{Caption: l.Title}
	add := func(list []string, on bool, cells ...string) []string {
		if on {
			list = append(list, cells...)
		}
		return list
	}
	t.Head = add([]string{l.Words.Row}, two, l.Words.Series)
	t.Head = append(t.Head, l.Words.Value)
	t.Head = add(t.Head, interval, l.Words.Low, l.Words.High)
	t.Head = add(t.Head, n, l.Words.N)
	for _, row := range l.rows {
		for i, p := range row.Points {
			value, low, high := l.cells(p)
			cells := add([]string{row.Label}, two && i < len(l.series), l.name(i))
			cells = append(cells, value)
			cells = add(cells, interval, low, high)
			t.Rows = append(t.Rows, add(cells, n, p.N))
		}
	}
	return t
}

func (l *lanes) name(i int) string {
	if i < len(l.series) {
		return l.series[i].Name
	}
	return ""
}

// cells are the texts of a point, the same in drawing and table.
func (l *lanes) cells(p Point) (value, low, high string) {
	if p.Absent != "" {
		return p.Absent, "", ""
	}
	value = l.number(p.Value, p.Text)
	if p.Interval {
		low, high = l.Number(p.Low), l.Number(p.High)
	}
	return value, low, high
}
