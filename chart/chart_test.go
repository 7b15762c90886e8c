package chart

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the drawings to testdata")

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func percent(v float64) string { return strconv.FormatFloat(100*v, 'f', 0, 64) + " %" }

// page is the words of one language for the sample charts.
type page struct {
	lang           string
	rtl            bool
	off, priv      string
	absent, axis   string
	factors        []string
	categories     []string
	items, choices []string
}

var english = page{
	lang: "en", off: "Officials", priv: "Private sector",
	absent: "Fewer than 10 answers, not shown", axis: "Score from 0 to 10",
	factors:    []string{"Leadership and Commitment", "Morale & Organizational Culture of the whole administration", "Automation", "Transparency", "Code of Conduct"},
	categories: []string{"Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"},
	items:      []string{"My direct supervisor shows by example that integrity matters in this office.", "Decisions are explained."},
	choices:    []string{"Collecting revenue", "Facilitating lawful trade", "Something else"},
}

var arabic = page{
	lang: "ar", rtl: true, off: "الموظفون", priv: "القطاع الخاص",
	absent: "أقل من 10 إجابات، لا تُعرض", axis: "الدرجة من 0 إلى 10",
	factors:    []string{"القيادة والالتزام", "الروح المعنوية والثقافة المؤسسية", "الأتمتة", "الشفافية", "مدونة قواعد السلوك"},
	categories: []string{"لا أوافق بشدة", "لا أوافق", "محايد", "أوافق", "أوافق بشدة"},
	items:      []string{"يُظهر رئيسي المباشر بالقدوة أن النزاهة مهمة في هذا المكتب.", "تُشرح القرارات."},
	choices:    []string{"تحصيل الإيرادات", "تيسير التجارة المشروعة", "شيء آخر"},
}

func (p page) frame(id string, number func(float64) string) Frame {
	return Frame{
		ID: id, Title: p.factors[0], Description: p.axis + ": " + p.absent, Lang: p.lang, RTL: p.rtl, Number: number,
		Words: Words{Row: "Row", Series: "Who", Value: "Value", Low: "From", High: "To", N: "Answers", Note: "Remark"},
	}
}

func (p page) series() []Series {
	return []Series{{Name: p.off, Hue: Official}, {Name: p.priv, Hue: Private}}
}

func (p page) dots() DotInterval {
	c := DotInterval{
		Frame: p.frame("dots", decimal), Series: p.series(), Axis: p.axis,
		Tick: func(v float64) string { return fmt.Sprint(v) },
	}
	for i, name := range p.factors {
		a, b := 4.2+float64(i), 8-1.5*float64(i)
		c.Rows = append(c.Rows, Row{Label: name, Points: []Point{
			{Value: a, Interval: true, Low: a - 0.3, High: a + 0.3, N: "310"},
			{Value: b, Interval: true, Low: b - 1.1, High: b + 0.9, N: "75"},
		}})
	}
	c.Rows[2].Points[1] = Point{Absent: p.absent}
	return c
}

func (p page) likert() StackedLikert {
	return StackedLikert{Frame: p.frame("likert", percent), Categories: p.categories, Items: []Item{
		{Label: p.items[0], Bars: []Bar{
			{Name: p.off, Shares: []float64{0.06, 0.14, 0.2, 0.42, 0.18}, N: "n = 310", Note: p.absent},
			{Name: p.priv, Hue: Private, Shares: []float64{0.21, 0.32, 0.25, 0.17, 0.04}, Texts: []string{"", "", "", "", "< 5 %"}, N: "n = 75"},
		}},
		{Label: p.items[1], Bars: []Bar{
			{Name: p.off, Shares: []float64{0, 0, 0.02, 0, 0.98}, N: "n = 310"},
			{Name: p.priv, Hue: Private, Absent: p.absent},
		}},
	}}
}

func (p page) bars() Bars {
	c := Bars{Frame: p.frame("bars", percent), Series: []Series{{Hue: Private}}}
	for i, name := range p.choices {
		s := 0.6 - 0.25*float64(i)
		c.Rows = append(c.Rows, Row{Label: name, Points: []Point{{Value: s, Interval: true, Low: s - 0.1, High: s + 0.12}}})
	}
	c.Rows[2].Points[0] = Point{Value: 0.04, Text: "< 5 %"}
	return c
}

// samples are all charts in both directions.
func samples() map[string]Chart {
	list := map[string]Chart{}
	for _, p := range []page{english, arabic} {
		list["dots_"+p.lang] = p.dots()
		list["likert_"+p.lang] = p.likert()
		list["bars_"+p.lang] = p.bars()
	}
	return list
}

func draw(t testing.TB, c Chart, w Width) string {
	t.Helper()
	s, err := c.SVG(w)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGolden(t *testing.T) {
	for name, c := range samples() {
		for _, w := range []Width{Phone, Desk} {
			file := filepath.Join("testdata", fmt.Sprintf("%s_%d.svg", name, w))
			t.Run(filepath.Base(file), func(t *testing.T) {
				got := draw(t, c, w)
				if again := draw(t, c, w); again != got {
					t.Fatal("the same chart was drawn differently")
				}
				// One element a line makes a readable difference.
				got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("drawing changed; look at it, then run with -update (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// node is one element of a drawing.
type node struct {
	name, text string
	attr       map[string]string
}

// parse reads a drawing as XML and checks what holds for all of them.
func parse(t testing.TB, svg string) []node {
	t.Helper()
	allowed := []string{"svg", "title", "desc", "g", "rect", "line", "circle", "path", "text"}
	var list []node
	ids := map[string]bool{}
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("not well formed: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			n := node{name: token.Name.Local, attr: map[string]string{}}
			if !slices.Contains(allowed, n.name) {
				t.Fatalf("element %s", n.name)
			}
			for _, a := range token.Attr {
				key := a.Name.Local
				if _, twice := n.attr[key]; twice || key == "style" || strings.HasPrefix(key, "on") || a.Name.Space != "" {
					t.Fatalf("attribute %s of %s", key, n.name)
				}
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Fatalf("%s of %s is %s", key, n.name, a.Value)
				}
				n.attr[key] = a.Value
			}
			if id := n.attr["id"]; id != "" && ids[id] {
				t.Fatalf("id %s twice", id)
			} else if id != "" {
				ids[id] = true
			}
			list = append(list, n)
		case xml.CharData:
			if len(list) > 0 {
				list[len(list)-1].text += string(token)
			}
		}
	}
}

func TestAccessible(t *testing.T) {
	for name, c := range samples() {
		both, err := Responsive(c)
		if err != nil {
			t.Fatal(err)
		}
		both = strings.TrimSuffix(strings.TrimPrefix(both, `<div class="chart-pair">`), "</div>")
		list := parse(t, "<svg>"+both+"</svg>")[1:]
		ids := map[string]string{}
		for _, n := range list {
			if n.attr["id"] != "" {
				ids[n.attr["id"]] = n.text
			}
		}
		drawings := 0
		for i, n := range list {
			if n.name != "svg" {
				continue
			}
			drawings++
			if n.attr["role"] != "img" || list[i+1].name != "title" || list[i+2].name != "desc" {
				t.Errorf("%s: role %q, then %s and %s", name, n.attr["role"], list[i+1].name, list[i+2].name)
			}
			for id := range strings.FieldsSeq(n.attr["aria-labelledby"]) {
				if ids[id] == "" {
					t.Errorf("%s is labelled by %s, which is not there or empty", name, id)
				}
			}
			want := map[string]string{"en": "ltr", "ar": "rtl"}[n.attr["lang"]]
			if n.attr["direction"] != want {
				t.Errorf("%s: direction %q in %s", name, n.attr["direction"], n.attr["lang"])
			}
		}
		if drawings != 2 || len(ids) != 4 {
			t.Errorf("%s: %d drawings with %d ids", name, drawings, len(ids))
		}
	}
}

func float(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestMirror draws the same words in both directions: each mark must stand at
// the mirrored place.
func TestMirror(t *testing.T) {
	mirrored := english
	mirrored.rtl = true
	pairs := [][2]Chart{
		{english.dots(), mirrored.dots()},
		{english.likert(), mirrored.likert()},
		{english.bars(), mirrored.bars()},
	}
	for _, pair := range pairs {
		for _, w := range []Width{Phone, Desk} {
			left, right := parse(t, draw(t, pair[0], w)), parse(t, draw(t, pair[1], w))
			if len(left) != len(right) {
				t.Fatalf("%d elements and %d mirrored", len(left), len(right))
			}
			for i, a := range left {
				b := right[i]
				for _, key := range []string{"x", "cx", "x1", "x2"} {
					if a.attr[key] == "" {
						continue
					}
					x := float(t, a.attr[key])
					if a.name == "rect" {
						x += float(t, a.attr["width"])
					}
					if got, want := float(t, b.attr[key]), float64(w)-x; math.Abs(got-want) > 0.021 {
						t.Errorf("%s %s %q: mirrored at %v, want %v", a.name, key, a.text, got, want)
					}
				}
				if a.text != b.text || a.attr["text-anchor"] != b.attr["text-anchor"] || a.attr["y"] != b.attr["y"] {
					t.Errorf("%v is mirrored as %v", a, b)
				}
			}
		}
	}
}

// TestInside checks that nothing is drawn outside the picture.
func TestInside(t *testing.T) {
	for name, c := range samples() {
		for _, w := range []Width{Phone, Desk} {
			list := parse(t, draw(t, c, w))
			height := float(t, list[0].attr["height"])
			for _, n := range list[1:] {
				for key, limit := range map[string]float64{"x": float64(w), "cx": float64(w), "x1": float64(w), "x2": float64(w), "y": height, "cy": height, "y1": height, "y2": height} {
					if s := n.attr[key]; s != "" {
						if v := float(t, s); v < 0 || v > limit {
							t.Errorf("%s at %d: %s of %s %q is %v", name, w, key, n.name, n.text, v)
						}
					}
				}
			}
		}
	}
}

func TestErrors(t *testing.T) {
	dots := func(change func(*DotInterval)) Chart {
		c := english.dots()
		change(&c)
		return c
	}
	likert := func(change func(*StackedLikert)) Chart {
		c := english.likert()
		change(&c)
		return c
	}
	bars := func(change func(*Bars)) Chart {
		c := english.bars()
		change(&c)
		return c
	}
	tests := []struct {
		name string
		c    Chart
	}{
		{"no id", dots(func(c *DotInterval) { c.ID = "" })},
		{"id with a quote", dots(func(c *DotInterval) { c.ID = `a"b` })},
		{"id of a wide drawing", dots(func(c *DotInterval) { c.ID = "a-desk" })},
		{"no title", dots(func(c *DotInterval) { c.Title = " " })},
		{"no description", likert(func(c *StackedLikert) { c.Description = "" })},
		{"no number format", bars(func(c *Bars) { c.Number = nil })},
		{"no series", dots(func(c *DotInterval) { c.Series = nil })},
		{"series without a name", dots(func(c *DotInterval) { c.Series[1].Name = "" })},
		{"one hue twice", dots(func(c *DotInterval) { c.Series[1].Hue = Official })},
		{"unknown hue", dots(func(c *DotInterval) { c.Series[1].Hue = 9 })},
		{"point missing", dots(func(c *DotInterval) { c.Rows[0].Points = c.Rows[0].Points[:1] })},
		{"off the axis", dots(func(c *DotInterval) { c.Rows[0].Points[0].Value = 10.1 })},
		{"not a number", dots(func(c *DotInterval) { c.Rows[0].Points[0].Value = math.NaN() })},
		{"interval reversed", dots(func(c *DotInterval) { c.Rows[0].Points[0].Low = 9.9 })},
		{"interval not a number", dots(func(c *DotInterval) { c.Rows[0].Points[0].High = math.NaN() })},
		{"negative axis", bars(func(c *Bars) { c.Max = -1 })},
		{"one category", likert(func(c *StackedLikert) { c.Categories = c.Categories[:1] })},
		{"share missing", likert(func(c *StackedLikert) { c.Items[0].Bars[0].Shares = []float64{1} })},
		{"negative share", likert(func(c *StackedLikert) { c.Items[0].Bars[0].Shares[0] = -0.1 })},
		{"shares of two", likert(func(c *StackedLikert) { c.Items[0].Bars[0].Shares[0] = 1 })},
		{"unknown hue of a bar", likert(func(c *StackedLikert) { c.Items[0].Bars[0].Hue = 7 })},
		{"unknown hue of an absent bar", likert(func(c *StackedLikert) { c.Items[1].Bars[1].Hue = 7 })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s, err := tt.c.SVG(Phone); !errors.Is(err, ErrChart) || s != "" {
				t.Errorf("error %v, want ErrChart", err)
			}
			if _, err := Responsive(tt.c); !errors.Is(err, ErrChart) {
				t.Errorf("Responsive: error %v, want ErrChart", err)
			}
		})
	}
	if _, err := english.dots().SVG(500); !errors.Is(err, ErrChart) {
		t.Errorf("width 500: error %v, want ErrChart", err)
	}
}

func TestCSS(t *testing.T) {
	for _, name := range []string{"--ink", "--muted", "--line", "--official", "--private", "--scale-1", "--scale-2", "--scale-3", "--scale-4", "--scale-5"} {
		if !strings.Contains(CSS(), "var("+name+", #") {
			t.Errorf("%s is not used with a fallback", name)
		}
	}
	if strings.Count(CSS(), "{") != strings.Count(CSS(), "}") {
		t.Error("braces do not match")
	}
	// The style sheet and a saved file look alike.
	for _, c := range append(scaleColors[:], inkColor, mutedColor, lineColor, hues[Official].color, hues[Private].color) {
		if !strings.Contains(CSS(), c) {
			t.Errorf("fallback %s of the drawing is not in the style sheet", c)
		}
	}
}
