package chart

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// Sizes in user units.
const (
	fontSize   = 13.0
	lineHeight = 17.0
	baseline   = 12.5 // from the top of a line of text to its baseline
	markRadius = 4.5
)

// Fallback colours of a file saved without its style sheet. On a page the
// classes of chart.css take over.
const (
	inkColor   = "#1d2733"
	mutedColor = "#566373"
	lineColor  = "#cfd6de"
)

var hues = [...]struct{ class, color string }{
	Official: {"series-official", "#1f5f8b"},
	Private:  {"series-private", "#7a4a86"},
}

// strokes are the fallback colours of lines by class; a line of a series takes
// the colour of its group.
var strokes = map[string]string{
	"chart-axis":     mutedColor,
	"chart-grid":     lineColor,
	"chart-interval": "currentColor",
}

var scaleColors = [...]string{"#e9edf1", "#c5ced8", "#97a6b6", "#64788d", "#334a61"}

// anchor is the side of a text that stands at its x.
type anchor string

const (
	start  anchor = "start" // where reading begins: left, or right when mirrored
	middle anchor = "middle"
	end    anchor = "end"
)

// canvas writes SVG. Its x runs in the direction of reading, so that layouts
// are written once; mirroring happens here.
type canvas struct {
	b     strings.Builder
	width float64
	rtl   bool
}

// attr appends one attribute. Values from outside are escaped by text only:
// all others are constants of the package or numbers.
func (c *canvas) attr(name, value string) {
	c.b.WriteByte(' ')
	c.b.WriteString(name)
	c.b.WriteString(`="`)
	c.b.WriteString(value)
	c.b.WriteByte('"')
}

func (c *canvas) num(name string, v float64) {
	c.attr(name, coord(v))
}

// coord writes v with at most two decimals.
func coord(v float64) string {
	v = math.Round(v*100) / 100
	if v == 0 {
		return "0" // never "-0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// x mirrors a position.
func (c *canvas) x(v float64) float64 {
	if c.rtl {
		return c.width - v
	}
	return v
}

// escape writes text from outside. Runes that XML does not allow become
// replacement characters.
func (c *canvas) escape(s string) {
	// A strings.Builder never fails.
	_ = xml.EscapeText(&c.b, []byte(strings.Join(strings.Fields(s), " ")))
}

func (c *canvas) rect(x, y, w, h float64, class string) {
	left := c.x(x)
	if c.rtl {
		left -= w
	}
	c.b.WriteString("<rect")
	c.attr("class", class)
	c.num("x", left)
	c.num("y", y)
	c.num("width", w)
	c.num("height", h)
	c.attr("fill", "currentColor")
	switch class {
	case "chart-bar":
		c.attr("fill-opacity", "0.3") // so that the interval is seen on it
	case "chart-segment":
		c.attr("stroke", mutedColor) // the lightest step is close to paper
		c.num("stroke-width", 0.75)
	}
	c.b.WriteString("/>")
}

func (c *canvas) line(x1, y1, x2, y2, thick float64, class string) {
	c.b.WriteString("<line")
	c.attr("class", class)
	c.num("x1", c.x(x1))
	c.num("y1", y1)
	c.num("x2", c.x(x2))
	c.num("y2", y2)
	c.attr("stroke", strokes[class])
	c.num("stroke-width", thick)
	c.b.WriteString("/>")
}

// mark draws the shape of a population around a point.
func (c *canvas) mark(x, y float64, hue Hue) {
	if hue == Private {
		const r = markRadius * 1.3 // a diamond looks smaller than a circle of its height
		c.b.WriteString("<path")
		c.attr("class", "chart-mark")
		c.attr("d", "M"+coord(c.x(x))+" "+coord(y-r)+"l"+coord(r)+" "+coord(r)+"l-"+coord(r)+" "+coord(r)+"l-"+coord(r)+" -"+coord(r)+"z")
	} else {
		c.b.WriteString("<circle")
		c.attr("class", "chart-mark")
		c.num("cx", c.x(x))
		c.num("cy", y)
		c.num("r", markRadius)
	}
	c.attr("fill", "currentColor")
	c.b.WriteString("/>")
}

// text writes one line with its baseline at y.
func (c *canvas) text(x, y float64, a anchor, class, s string) {
	c.openText(x, y, a, class)
	c.escape(s)
	c.b.WriteString("</text>")
}

func (c *canvas) openText(x, y float64, a anchor, class string) {
	c.b.WriteString("<text")
	c.attr("class", class)
	c.num("x", c.x(x))
	c.num("y", y)
	if a != start {
		c.attr("text-anchor", string(a))
	}
	switch class {
	case "chart-axis", "chart-note":
		c.attr("fill", mutedColor)
	case "chart-label", "chart-value":
		c.attr("font-weight", "600")
	}
	c.b.WriteByte('>')
}

// lines writes a wrapped text from the top y and returns the y below it.
func (c *canvas) lines(x, y float64, class string, lines []string) float64 {
	for _, s := range lines {
		c.text(x, y+baseline, start, class, s)
		y += lineHeight
	}
	return y
}

func (c *canvas) openGroup(class, color string) {
	c.b.WriteString("<g")
	c.attr("class", class)
	c.attr("color", color)
	c.b.WriteByte('>')
}

func (c *canvas) openHue(h Hue) { c.openGroup(hues[h].class, hues[h].color) }

func (c *canvas) closeGroup() { c.b.WriteString("</g>") }

// document wraps a drawing of the given height in its svg element.
func (f *Frame) document(w Width, height float64, drawing string) string {
	c := canvas{width: float64(w)}
	id, class, dir := f.ID, "chart-svg chart-phone", "ltr"
	if w == Desk {
		id, class = id+deskSuffix, "chart-svg chart-desk"
	}
	if f.RTL {
		dir = "rtl"
	}
	c.b.Grow(len(drawing) + 1024)
	c.b.WriteString("<svg")
	c.attr("xmlns", "http://www.w3.org/2000/svg")
	c.attr("class", class)
	c.attr("role", "img")
	c.attr("aria-labelledby", id+"-title "+id+"-desc")
	if f.Lang != "" {
		c.b.WriteString(` lang="`)
		c.escape(f.Lang)
		c.b.WriteByte('"')
	}
	c.attr("direction", dir)
	c.attr("viewBox", "0 0 "+coord(c.width)+" "+coord(height))
	c.num("width", c.width)
	c.num("height", height)
	c.attr("font-family", "system-ui, sans-serif")
	c.num("font-size", fontSize)
	c.attr("color", inkColor)
	c.attr("fill", "currentColor")
	c.b.WriteString("><title")
	c.attr("id", id+"-title")
	c.b.WriteByte('>')
	c.escape(f.Title)
	c.b.WriteString("</title><desc")
	c.attr("id", id+"-desc")
	c.b.WriteByte('>')
	c.escape(f.Description)
	c.b.WriteString("</desc>")
	c.b.WriteString(drawing)
	c.b.WriteString("</svg>")
	return c.b.String()
}
