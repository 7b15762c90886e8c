package chart

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	dots := english.dots()
	dots.Rows = dots.Rows[2:3]
	tests := []struct {
		name string
		c    Chart
		want Table
	}{
		{"dots", dots, Table{
			Caption: "Leadership and Commitment",
			Head:    []string{"Row", "Who", "Value", "From", "To", "Answers"},
			Rows: [][]string{
				{"Automation", "Officials", "6.2", "5.9", "6.5", "310"},
				{"Automation", "Private sector", "Fewer than 10 answers, not shown", "", "", ""},
			},
		}},
		{"bars", english.bars(), Table{
			Caption: "Leadership and Commitment",
			Head:    []string{"Row", "Value", "From", "To"},
			Rows: [][]string{
				{"Collecting revenue", "60 %", "50 %", "72 %"},
				{"Facilitating lawful trade", "35 %", "25 %", "47 %"},
				{"Something else", "< 5 %", "", ""},
			},
		}},
		{"likert", english.likert(), Table{
			Caption: "Leadership and Commitment",
			Head:    []string{"Row", "Who", "Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree", "Answers", "Remark"},
			Rows: [][]string{
				{english.items[0], "Officials", "6 %", "14 %", "20 %", "42 %", "18 %", "n = 310", english.absent},
				{english.items[0], "Private sector", "21 %", "32 %", "25 %", "17 %", "< 5 %", "n = 75", ""},
				{english.items[1], "Officials", "0 %", "0 %", "2 %", "0 %", "98 %", "n = 310", ""},
				{english.items[1], "Private sector", english.absent, "", "", "", "", "", ""},
			},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.c.Table()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestTableAgrees looks for each value of the table in the drawing.
func TestTableAgrees(t *testing.T) {
	for name, c := range samples() {
		table := c.Table()
		var texts []string
		for _, n := range parse(t, draw(t, c, Desk)) {
			if n.name == "text" {
				texts = append(texts, n.text)
			}
		}
		value := slices.Index(table.Head, "Value")
		for _, row := range table.Rows {
			if len(row) != len(table.Head) {
				t.Errorf("%s: row %q under head %q", name, row, table.Head)
			}
			if value >= 0 && !slices.Contains(texts, row[value]) {
				t.Errorf("%s: %q is in the table but not in the drawing", name, row[value])
			}
		}
	}
}

// TestPosition reads the estimates back from the drawing.
func TestPosition(t *testing.T) {
	list := parse(t, draw(t, english.dots(), Phone))
	var ticks, dots []float64
	for _, n := range list {
		switch {
		case n.name == "circle":
			dots = append(dots, float(t, n.attr["cx"]))
		case n.attr["text-anchor"] == "middle" && len(ticks) < 6:
			ticks = append(ticks, float(t, n.attr["x"]))
		}
	}
	for i, x := range dots {
		got := 10 * (x - ticks[0]) / (ticks[5] - ticks[0])
		if want := 4.2 + float64(i); math.Abs(got-want) > 0.01 {
			t.Errorf("dot %d stands at %v, want %v", i, got, want)
		}
	}
}

// TestClamp draws intervals that leave the axis: they end with it.
func TestClamp(t *testing.T) {
	c := english.dots()
	c.Rows = c.Rows[:1]
	c.Rows[0].Points = []Point{
		{Value: 9.9, Interval: true, Low: 9.5, High: 10.4},
		{Value: 0, Interval: true, Low: math.Inf(-1), High: math.Inf(1)},
	}
	var axis, interval []float64
	for _, n := range parse(t, draw(t, c, Phone)) {
		switch {
		case n.attr["class"] == "chart-interval":
			interval = append(interval, float(t, n.attr["x1"]), float(t, n.attr["x2"]))
		case n.name == "line":
			axis = append(axis, float(t, n.attr["x1"]))
		}
	}
	if slices.Min(interval) != slices.Min(axis) || slices.Max(interval) != slices.Max(axis) {
		t.Errorf("intervals run from %v to %v, the axis from %v to %v",
			slices.Min(interval), slices.Max(interval), slices.Min(axis), slices.Max(axis))
	}
}

// TestRounded draws shares that rounding has left short of one: the bar keeps
// its length.
func TestRounded(t *testing.T) {
	c := english.likert()
	c.Items = []Item{{Label: "x", Bars: []Bar{{Shares: []float64{0.1, 0.1, 0.1, 0.3, 0.3}}}}}
	var right float64
	for _, n := range parse(t, draw(t, c, Phone)) {
		if n.name == "rect" && n.attr["height"] == "18" {
			right = float(t, n.attr["x"]) + float(t, n.attr["width"])
		}
	}
	if want := float64(Phone) - segmentGap/2; math.Abs(right-want) > 0.02 {
		t.Errorf("the bar ends at %v, want %v", right, want)
	}
}

func TestCategories(t *testing.T) {
	c := english.likert()
	c.Categories = []string{"Disagree", "Neither", "Agree"}
	c.Items = []Item{{Label: "x", Bars: []Bar{{Shares: []float64{0.3, 0.3, 0.4}}}}}
	svg := draw(t, c, Phone)
	for class, want := range map[string]int{"scale-1": 2, "scale-2": 0, "scale-3": 2, "scale-4": 0, "scale-5": 2} {
		if got := strings.Count(svg, " "+class+`"`); got != want {
			t.Errorf("%s is used %d times, want %d", class, got, want)
		}
	}
}

// TestEmpty draws charts of nothing and of rows without results.
func TestEmpty(t *testing.T) {
	dots := english.dots()
	dots.Rows = nil
	likert := english.likert()
	likert.Items = []Item{{Label: "x"}, {Bars: []Bar{{Absent: "none"}}}}
	bars := english.bars()
	bars.Max = 0.25
	bars.Rows = []Row{{Points: []Point{{Absent: "none"}}}}
	for _, c := range []Chart{dots, likert, bars} {
		parse(t, draw(t, c, Phone))
		parse(t, draw(t, c, Desk))
		c.Table()
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name, s string
		width   float64
		most    int
		want    []string
	}{
		{"empty", "  ", 100, 3, nil},
		{"one line", "  Code  of\nConduct ", 200, 3, []string{"Code of Conduct"}},
		{"at spaces", "Morale and Organizational Culture", 130, 3, []string{"Morale and", "Organizational", "Culture"}},
		{"too long", "one two three four five six", 52, 2, []string{"one two", "three…"}},
		{"long word", "Zollverwaltungsangelegenheiten", 100, 3, []string{"Zollverwaltung", "sangelegenheit", "en"}},
		{"ideographs", "与私营部门的关系", 60, 3, []string{"与私营部", "门的关系"}},
		{"closing mark", "领导承诺，开放", 52, 3, []string{"领导承", "诺，开放"}},
		{"marks stay", "ééé", 8, 3, []string{"é", "é", "é"}},
		{"narrower than a letter", "WW", 1, 3, []string{"W", "W"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, wrap(tt.s, fontSize, tt.width, tt.most)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextWidth(t *testing.T) {
	tests := []struct {
		s        string
		min, max float64 // in ems
	}{
		{"", 0, 0},
		{"iiii", 1, 1.3},
		{"WWWW", 3.4, 4},
		{"0123456789", 5.5, 6.2},
		{"关系", 2, 2},
		{"مُدَوَّنَة", 2.5, 3.5}, // vowel signs take no room
		{"Жалоба", 3.2, 4.2},
		{"Étude — «été»", 6, 8.5},
		{"\u200f\u200d", 0, 0},
	}
	for _, tt := range tests {
		if got := textWidth(tt.s, 1); got < tt.min || got > tt.max {
			t.Errorf("textWidth(%q) = %v, want %v to %v", tt.s, got, tt.min, tt.max)
		}
	}
}

// FuzzLabel puts any text into every place for words: the drawing stays well
// formed, has no other elements, and the text comes out as text.
func FuzzLabel(f *testing.F) {
	for _, s := range []string{"", "Port office", `</text><script>alert(1)</script>`, `" onload="x`, "&amp;&#0;]]>", "\x00\xff\u202e", "关系 حرف", "e\u0301\u0301", strings.Repeat("W", 500)} {
		f.Add(s, 0.4, true)
	}
	f.Fuzz(func(t *testing.T, s string, share float64, rtl bool) {
		name := s
		if name == "" {
			name = "x"
		}
		p := page{
			lang: s, rtl: rtl, off: name, priv: name, absent: "-" + s, axis: s,
			factors: []string{"-" + s, s, s}, categories: []string{s, s, s, s, s}, items: []string{s, s}, choices: []string{s, s, s},
		}
		bars := p.bars()
		bars.Rows[0].Points[0] = Point{Value: share, Text: s}
		for _, c := range []Chart{p.dots(), p.likert(), bars} {
			for _, w := range []Width{Phone, Desk} {
				svg, err := c.SVG(w)
				if err != nil {
					if share >= 0 && share <= 1 {
						t.Fatal(err)
					}
					continue
				}
				if n := parse(t, svg); n[0].name != "svg" || n[1].name != "title" {
					t.Fatalf("begins with %s and %s", n[0].name, n[1].name)
				}
			}
			c.Table()
		}
	})
}

// FuzzWrap checks that wrapping keeps its bounds and loses nothing it does not
// mark as lost.
func FuzzWrap(f *testing.F) {
	f.Add("Relationship with the Private Sector", 120.0, 3)
	f.Add("与私营部门的关系", 40.0, 2)
	f.Fuzz(func(t *testing.T, s string, width float64, most int) {
		if !(width > 0 && width < 1000) || most < 1 || most > 10 || !validLabel(s) {
			t.Skip()
		}
		lines := wrap(s, fontSize, width, most)
		if len(lines) > most {
			t.Fatalf("%d lines, want at most %d", len(lines), most)
		}
		got := strings.Join(strings.Fields(strings.Join(lines, "")), "")
		want := strings.Join(strings.Fields(s), "")
		if got != want && !strings.HasSuffix(got, ellipsis) {
			t.Fatalf("%q became %q", s, lines)
		}
	})
}

func validLabel(s string) bool {
	return strings.ToValidUTF8(s, "") == s
}

func BenchmarkDotInterval(b *testing.B) {
	c := english.dots()
	c.Rows = append(c.Rows, c.Rows...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.SVG(Phone); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStackedLikert(b *testing.B) {
	c := arabic.likert()
	c.Items = slices.Repeat(c.Items, 5)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Responsive(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrap(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		wrap(english.items[0], fontSize, 200, 3)
	}
}
