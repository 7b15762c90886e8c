package chart

import (
	"math"
	"strconv"
)

// Bar is the answers of one population to one item.
type Bar struct {
	// Name and Hue tell the population; Name may be empty when the whole chart
	// is about one.
	Name string
	Hue  Hue
	// Shares are fractions of the answers in each category, in the order of
	// the categories, as they may be published. Rounded shares need not add up
	// to one exactly; the bar is drawn to its full length all the same.
	Shares []float64
	// Texts, if given, replace the formatted shares; an empty one does not.
	Texts []string
	// N is the number of answers in words, "n = 310"; it stands beside the bar.
	N string
	// Note is shown under the bar: answers outside the scale, for example.
	Note string
	// Absent, when not empty, says why there is no result.
	Absent string
}

// Item is one statement with a bar for each population asked.
type Item struct {
	Label string
	Bars  []Bar
}

// StackedLikert shows the answers to items as bars divided into ordered
// categories, from disagree at the start of the line to agree at its end. All
// bars have one length, so that both ends can be compared from row to row.
type StackedLikert struct {
	Frame
	// Categories are the names of two to five answers, disagree first.
	Categories []string
	Items      []Item
}

// steps are the classes of the neutral scale used for a number of categories.
var steps = map[int][]int{
	2: {1, 5},
	3: {1, 3, 5},
	4: {1, 2, 4, 5},
	5: {1, 2, 3, 4, 5},
}

const (
	barHeight  = 18.0
	segmentGap = 1.0
	swatch     = 12.0
)

func (c *StackedLikert) check(w Width) error {
	if err := c.Frame.check(w); err != nil {
		return err
	}
	if steps[len(c.Categories)] == nil {
		return c.fault("%d categories", len(c.Categories))
	}
	for i, item := range c.Items {
		for _, bar := range item.Bars {
			if err := c.checkBar(i, bar); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *StackedLikert) checkBar(item int, bar Bar) error {
	if int(bar.Hue) >= len(hues) {
		return c.fault("item %d: unknown hue", item)
	}
	if bar.Absent != "" {
		return nil
	}
	if len(bar.Shares) != len(c.Categories) || len(bar.Texts) > len(c.Categories) {
		return c.fault("item %d: %d shares and %d texts for %d categories", item, len(bar.Shares), len(bar.Texts), len(c.Categories))
	}
	for _, s := range bar.Shares {
		if _, ok := within(s, 0, 1); !ok {
			return c.fault("item %d: share %v", item, s)
		}
	}
	// Five shares rounded to whole percent are off by 2.5 points at most, and
	// "< 5 %" stands for up to five more.
	if _, ok := within(sum(bar.Shares), 0.8, 1.2); !ok {
		return c.fault("item %d: shares add up to %v", item, sum(bar.Shares))
	}
	return nil
}

func sum(list []float64) float64 {
	var s float64
	for _, v := range list {
		s += v
	}
	return s
}

// text is the share of category k, the same in drawing and table.
func (c *StackedLikert) text(bar Bar, k int) string {
	if k < len(bar.Texts) {
		return c.number(bar.Shares[k], bar.Texts[k])
	}
	return c.Number(bar.Shares[k])
}

// Table has one row for each bar and one column for each category.
func (c StackedLikert) Table() Table {
	var name, n, note bool
	for _, item := range c.Items {
		for _, bar := range item.Bars {
			name = name || bar.Name != ""
			n = n || bar.N != ""
			note = note || bar.Note != ""
		}
	}
	line := func(row, series string, cells []string, answers, remark string) []string {
		list := []string{row}
		if name {
			list = append(list, series)
		}
		list = append(list, cells...)
		if n {
			list = append(list, answers)
		}
		if note {
			list = append(list, remark)
		}
		return list
	}
	t := Table{Caption: c.Title, Head: line(c.Words.Row, c.Words.Series, c.Categories, c.Words.N, c.Words.Note)}
	for _, item := range c.Items {
		for _, bar := range item.Bars {
			cells := make([]string, len(c.Categories))
			for k := range cells {
				switch {
				case bar.Absent == "" && k < len(bar.Shares):
					cells[k] = c.text(bar, k)
				case bar.Absent != "" && k == 0:
					cells[k] = bar.Absent
				}
			}
			t.Rows = append(t.Rows, line(item.Label, bar.Name, cells, bar.N, bar.Note))
		}
	}
	return t
}

// SVG draws the chart; see [Chart].
func (c StackedLikert) SVG(w Width) (string, error) {
	if err := c.check(w); err != nil {
		return "", err
	}
	p := &canvas{width: float64(w), rtl: c.RTL}
	var column float64
	for _, item := range c.Items {
		for _, bar := range item.Bars {
			column = max(column, textWidth(bar.N, fontSize))
		}
	}
	length := p.width
	if column > 0 {
		length -= min(column, p.width*0.3) + columnGap
	}
	y := c.legend(p, 2)
	for _, item := range c.Items {
		y = p.lines(0, y+rowGap, "chart-label", wrap(item.Label, fontSize*boldness, p.width, 4)) + 3
		for i, bar := range item.Bars {
			if i > 0 {
				y += 8
			}
			y = c.bar(p, y, length, bar)
		}
	}
	return c.document(w, math.Ceil(y+4), p.b.String()), nil
}

// legend names the categories, as many to a line as fit.
func (c *StackedLikert) legend(p *canvas, y float64) float64 {
	const gap = 14.0
	var x float64
	for k, name := range c.Categories {
		need := swatch + 5 + textWidth(name, fontSize)
		if x > 0 && x+need > p.width {
			x = 0
			y += lineHeight + 2
		}
		c.segment(p, k, x, y+(lineHeight-swatch)/2, swatch, swatch)
		p.text(x+swatch+5, y+baseline, start, "chart-note", name)
		x += need + gap
	}
	return y + lineHeight
}

// segment draws a field in the colour of category k.
func (c *StackedLikert) segment(p *canvas, k int, x, y, w, h float64) {
	n := steps[len(c.Categories)][k]
	p.openGroup("chart-scale scale-"+strconv.Itoa(n), scaleColors[n-1])
	p.rect(x, y, w, h, "chart-segment")
	p.closeGroup()
}

// bar draws one bar with its name, shares and note from the top y and returns
// the y below it.
func (c *StackedLikert) bar(p *canvas, y, length float64, bar Bar) float64 {
	if bar.Name != "" {
		p.openHue(bar.Hue)
		p.mark(markRadius*1.3, y+lineHeight/2, bar.Hue)
		p.closeGroup()
		p.text(swatch+5, y+baseline, start, "chart-note", bar.Name)
		y += lineHeight + 2
	}
	if bar.Absent != "" {
		return p.lines(0, y, "chart-note", wrap(bar.Absent, fontSize, p.width, labelLines))
	}
	total := sum(bar.Shares)
	var x float64
	for k, s := range bar.Shares {
		w := length * s / total
		if w > segmentGap {
			c.segment(p, k, x+segmentGap/2, y, w-segmentGap, barHeight)
			c.share(p, bar, k, x+w/2, w, y+barHeight+baseline+1)
		}
		x += w
	}
	over := (barHeight - lineHeight) / 2
	beside := p.lines(length+columnGap, y+over, "chart-note", wrap(bar.N, fontSize, p.width-length-columnGap, 2))
	y = max(y+barHeight+lineHeight+2, beside)
	return p.lines(0, y, "chart-note", wrap(bar.Note, fontSize, p.width, 2))
}

// share writes a share under its segment if there is room for it. It does not
// stand inside, where no one ink is legible on all steps of the scale; a small
// share is found in the table.
func (c *StackedLikert) share(p *canvas, bar Bar, k int, x, room, y float64) {
	if s := c.text(bar, k); textWidth(s, fontSize)+4 <= room {
		p.text(x, y, middle, "chart-share", s)
	}
}
