package chart

import "math"

const (
	laneHeight = 22.0
	rowGap     = 14.0
	columnGap  = 12.0
	labelLines = 3
	boldness   = 1.08 // how much wider a heavier face is
)

// plan is the layout of lanes at one width. Positions run in the direction of
// reading.
type plan struct {
	canvas
	label      float64 // width of a label
	from, to   float64 // ends of the axis
	value      float64 // start of the column of values
	name       float64 // start of the names of the series
	under      bool    // names stand under the values, not beside them
	beside     bool    // labels stand beside the lanes, not above them
	tickLabels []string
}

func (l *lanes) svg(w Width) (string, error) {
	if err := l.check(w); err != nil {
		return "", err
	}
	p := l.plan(w)
	y := 2.0
	if l.axis != "" {
		y = p.lines(p.axisStart(), y, "chart-axis", wrap(l.axis, fontSize, p.width-p.axisStart(), 2)) + 4
	}
	y = p.ticks(y) + 3
	if !p.beside {
		y += 6 // the first label is not a number of the axis
	}
	for i, row := range l.rows {
		if i > 0 {
			y += rowGap
		}
		y = l.row(p, y, row)
	}
	if len(l.rows) > 4 {
		y = p.ticks(y + 6)
	}
	return l.document(w, math.Ceil(y+4), p.b.String()), nil
}

// axisStart is where the words on the axis begin: over the axis at a desk, at
// the edge on a phone.
func (p *plan) axisStart() float64 {
	if p.beside {
		return p.from
	}
	return 0
}

func (l *lanes) plan(w Width) *plan {
	p := &plan{
		canvas: canvas{width: float64(w), rtl: l.RTL},
		beside: w == Desk,
	}
	p.label = p.width
	tick := l.tick
	if tick == nil {
		tick = l.Number
	}
	for i := range l.steps + 1 {
		p.tickLabels = append(p.tickLabels, tick(l.max*float64(i)/float64(l.steps)))
	}
	p.from = max(8, textWidth(p.tickLabels[0], fontSize)/2)
	if p.beside {
		p.label = 220
		p.from += p.label + columnGap
	}
	column := l.columns(p)
	lastTick := textWidth(p.tickLabels[l.steps], fontSize) / 2
	p.to = p.value - max(columnGap, lastTick-column+2)
	return p
}

// columns places the values and the names of the series at the end of the
// lanes and returns the room they take.
func (l *lanes) columns(p *plan) float64 {
	var values, names float64
	for _, row := range l.rows {
		for _, point := range row.Points {
			if point.Absent == "" {
				values = max(values, textWidth(l.number(point.Value, point.Text), fontSize)*boldness)
			}
		}
	}
	if len(l.series) > 1 {
		for _, s := range l.series {
			names = max(names, textWidth(s.Name, fontSize))
		}
	}
	column, limit := values, p.width*0.36
	if names > 0 {
		column += 6 + names
		if column > limit {
			p.under = true
			column = max(values, min(names, limit))
		}
	}
	p.value = p.width - column
	p.name = p.value
	if !p.under {
		p.name += values + 6
	}
	return column
}

// ticks writes the numbers of the axis in a line from the top y.
func (p *plan) ticks(y float64) float64 {
	steps := len(p.tickLabels) - 1
	for i, s := range p.tickLabels {
		p.text(p.from+(p.to-p.from)*float64(i)/float64(steps), y+baseline, middle, "chart-axis", s)
	}
	return y + lineHeight
}

// lane is one measured lane of a row.
type lane struct {
	height float64
	absent []string
	names  []string
}

// row draws one row from the top y and returns the y below it.
func (l *lanes) row(p *plan, y float64, row Row) float64 {
	label := wrap(row.Label, fontSize*boldness, p.label, labelLines)
	list := make([]lane, len(row.Points))
	var height float64
	for i, point := range row.Points {
		list[i] = l.measure(p, l.series[i], point)
		height += list[i].height
	}
	top, bottom := y, y+height
	if p.beside {
		p.lines(0, y+2, "chart-label", label)
		bottom = max(bottom, y+2+float64(len(label))*lineHeight)
	} else {
		top = p.lines(0, y, "chart-label", label) + 2
		bottom = top + height
	}
	for i, point := range row.Points {
		l.lane(p, top, list[i], l.series[i].Hue, point)
		top += list[i].height
	}
	return bottom
}

func (l *lanes) measure(p *plan, s Series, point Point) lane {
	m := lane{height: laneHeight}
	if len(l.series) > 1 {
		m.names = []string{s.Name}
		if p.under {
			m.names = wrap(s.Name, fontSize, p.width-p.value, 2)
			m.height = max(m.height, float64(1+len(m.names))*lineHeight+4)
		}
	}
	if point.Absent != "" {
		m.absent = wrap(point.Absent, fontSize, p.to-p.from, labelLines)
		m.height = max(m.height, float64(len(m.absent))*lineHeight+5)
	}
	return m
}

// grid draws the lines of the axis behind the lanes of one row.
func (p *plan) grid(top, bottom float64) {
	steps := len(p.tickLabels) - 1
	for i := range p.tickLabels {
		class := "chart-grid"
		if i == 0 {
			class = "chart-axis"
		}
		x := p.from + (p.to-p.from)*float64(i)/float64(steps)
		p.line(x, top, x, bottom, 1, class)
	}
}

// lane draws the result of one series, or the words for why there is none, and
// the name of the series beside it.
func (l *lanes) lane(p *plan, top float64, m lane, hue Hue, point Point) {
	y := top + laneHeight/2
	text := y + baseline - lineHeight/2
	if point.Absent != "" {
		over := (m.height - float64(len(m.absent))*lineHeight) / 2
		p.lines(p.from, top+over, "chart-note", m.absent)
	} else {
		p.grid(top, top+m.height)
		p.openHue(hue)
		l.mark(p, y, hue, point)
		p.closeGroup()
		p.text(p.value, text, start, "chart-value", l.number(point.Value, point.Text))
		if p.under {
			text += lineHeight
		}
	}
	for _, s := range m.names {
		p.text(p.name, text, start, "chart-note", s)
		text += lineHeight
	}
}

// mark draws the bar, the interval and the shape of one estimate at height y.
func (l *lanes) mark(p *plan, y float64, hue Hue, point Point) {
	at := func(v float64) float64 {
		v, _ = within(v, 0, l.max)
		return p.from + (p.to-p.from)*v/l.max
	}
	if l.bar {
		p.rect(p.from, y-6, at(point.Value)-p.from, 12, "chart-bar")
	}
	if point.Interval {
		low, high := at(point.Low), at(point.High)
		p.line(low, y, high, y, 2, "chart-interval")
		p.line(low, y-4, low, y+4, 2, "chart-interval")
		p.line(high, y-4, high, y+4, 2, "chart-interval")
	}
	p.canvas.mark(at(point.Value), y, hue)
}
