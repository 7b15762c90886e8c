package chart

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
)

//go:embed chart.css
var css string

// CSS returns the style sheet of the charts. It uses the custom properties
// --ink, --muted, --line, --official, --private and --scale-1 to --scale-5 of
// the page and has fallbacks for each, light and dark.
func CSS() string { return css }

// ErrChart is wrapped by every error of the package: the chart was filled in
// wrongly, which is a fault of the program and not of the reader.
var ErrChart = errors.New("chart")

// Width is the width of a drawing in user units; the height follows from the
// content. Text is 13 units high at either width.
type Width int

// The two widths. Shown on a screen of about its own width a drawing's text
// has its natural size.
const (
	Phone Width = 340 // labels stand above the marks
	Desk  Width = 680 // labels of dots and bars stand beside the marks
)

// Hue is the population whose answers a mark shows. It decides colour and
// shape.
type Hue uint8

// The populations of a round.
const (
	Official Hue = iota // circle, class series-official
	Private             // diamond, class series-private
)

// Series names the marks of one population. A chart of one series may leave
// the name empty; of two, each needs one. Short names are drawn best.
type Series struct {
	Name string
	Hue  Hue
}

// Words are the headings of the table beside a chart, in the reader's language.
type Words struct {
	Row    string // what a row is, "Key factor"
	Series string // "Who answered"
	Value  string // "Score"
	Low    string // "95 % interval from"
	High   string // "to"
	N      string // "Answers"
	Note   string // "Without an opinion"
}

// Frame is what all charts have in common.
type Frame struct {
	// ID is unique on the page, an ASCII letter followed by letters, digits,
	// hyphens or underscores, not ending in "-desk", which tells the ids of the
	// wide drawing. Ids inside the SVG start with it.
	ID string
	// Title names the chart; Description says in words what it shows. Both are
	// read aloud in place of the drawing and neither may be empty.
	Title, Description string
	// Lang is the BCP 47 tag of the texts; RTL mirrors the drawing.
	Lang string
	RTL  bool
	// Number writes a value as the reader's language does. Shares come as
	// fractions, 0 to 1.
	Number func(float64) string
	// Words head the table.
	Words Words
}

// Chart is one of the charts of this package.
type Chart interface {
	// SVG draws the chart as one svg element, fit to stand in HTML and, saved
	// as a file, on its own. The error wraps [ErrChart].
	SVG(w Width) (string, error)
	// Table returns the data of the drawing.
	Table() Table
}

// Table is the data of a chart in words and formatted numbers. The first cell
// of each row is its heading; rows are as long as Head.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// Responsive draws c in both widths inside one div. The style sheet shows the
// one that suits the room there is; the other is not displayed and so not read
// aloud either. Without the style sheet both are seen.
func Responsive(c Chart) (string, error) {
	phone, err := c.SVG(Phone)
	if err != nil {
		return "", err
	}
	desk, err := c.SVG(Desk)
	if err != nil {
		return "", err
	}
	return `<div class="chart-pair">` + phone + desk + `</div>`, nil
}

// deskSuffix keeps the ids of the two drawings of one chart apart.
const deskSuffix = "-desk"

var idPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

func (f *Frame) check(w Width) error {
	switch {
	case !idPattern.MatchString(f.ID) || strings.HasSuffix(f.ID, deskSuffix):
		return f.fault("id is malformed")
	case strings.TrimSpace(f.Title) == "" || strings.TrimSpace(f.Description) == "":
		return f.fault("title or description is empty")
	case f.Number == nil:
		return f.fault("no number format")
	case w != Phone && w != Desk:
		return f.fault("width %d is not one of the two", w)
	}
	return nil
}

func (f *Frame) fault(format string, args ...any) error {
	return fmt.Errorf("%w %q: %s", ErrChart, f.ID, fmt.Sprintf(format, args...))
}

// number formats v unless the caller gave the words for it.
func (f *Frame) number(v float64, words string) string {
	if words != "" {
		return words
	}
	return f.Number(v)
}

// within clamps v to lo and hi; values outside by more than rounding are the
// caller's fault and reported by ok.
func within(v, lo, hi float64) (clamped float64, ok bool) {
	const slack = 1e-6
	if math.IsNaN(v) {
		return lo, false
	}
	return min(max(v, lo), hi), v >= lo-slack && v <= hi+slack
}
