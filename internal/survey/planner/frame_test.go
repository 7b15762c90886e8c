package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/sheet"
	"adili/internal/survey"
)

// readTable reads a CSV text as an uploaded file would be.
func readTable(t *testing.T, text string) sheet.Sheet {
	t.Helper()
	s, err := sheet.Read("frame.csv", strings.NewReader(text), int64(len(text)), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// faults writes the details of an error as "row field key" lines.
func faults(t *testing.T, err error) []string {
	t.Helper()
	e, ok := errs.Find(err)
	if !ok || e.Kind != errs.Invalid {
		t.Fatalf("error %v is not Invalid", err)
	}
	var lines []string
	for _, d := range e.Details {
		if d.File != "frame.csv" {
			t.Errorf("fault without the file's name: %+v", d)
		}
		lines = append(lines, strings.TrimSpace(string(rune('0'+d.Row))+" "+d.Field+" "+strings.TrimPrefix(d.Key, "survey.")))
	}
	return lines
}

func TestReadFrame(t *testing.T) {
	f, err := ReadFrame(readTable(t, "Region;Rank;Number\nNorth;senior;1 250\nNorth;staff;٩٠\n\nSouth;staff;0\nSouth;senior;2.000\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := survey.Frame{Dimensions: []string{"Region", "Rank"}, Cells: []survey.Cell{
		{Values: []string{"North", "senior"}, People: 1250}, {Values: []string{"North", "staff"}, People: 90}, {Values: []string{"South", "senior"}, People: 2000},
	}}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	if f, err := ReadFrame(readTable(t, "People\n77\n")); err != nil || f.People() != 77 || len(f.Dimensions) != 0 {
		t.Errorf("a frame of one number: %+v, %v", f, err)
	}
}

func TestReadFrameFaults(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"no rows":      {"Region,People\n", []string{"0  frame.no_rows"}},
		"nobody":       {"Region,People\nNorth,0\n", []string{"0  frame.no_rows"}},
		"no heading":   {"North,30\nSouth,40\n", []string{"1 30 frame.no_heading"}},
		"several":      {"Region,People\nNorth,many\n,5\nTotal,35\nSouth,-1\nSouth,1.5\n", []string{"2 People frame.people", "3 Region frame.empty", "4 Region frame.total_row", "5 People frame.people", "6 People frame.people"}},
		"twice":        {"Region,Rank,People\nN,a,3\nN,b,3\nN,a,4\n", []string{"4 Region frame.duplicate_row"}},
		"same heading": {"Region,Region,People\nN,a,3\n", []string{"1 Region frame.duplicate_dimension"}},
		"too long":     {"Region,People\n" + strings.Repeat("x", 81) + ",3\n", []string{"2 Region frame.long"}},
		"too wide":     {"a,b,c,d,e,f,g,People\n1,2,3,4,5,6,7,8\n", []string{"1 People frame.too_many_dimensions"}},
		"control":      {"Region,People\n\"N\nS\",3\n", []string{"2 Region frame.control"}},
	} {
		f, err := ReadFrame(readTable(t, c.text))
		if diff := cmp.Diff(c.want, faults(t, err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(f.Cells)+len(f.Dimensions) > 0 {
			t.Errorf("%s: half of it was taken: %+v", name, f)
		}
	}
}

func TestReadOffices(t *testing.T) {
	frame := survey.Frame{Dimensions: []string{"Region"}, Cells: []survey.Cell{{Values: []string{"North"}, People: 300}, {Values: []string{"South"}, People: 80}}}
	offices, err := ReadOffices(readTable(t, "Office,People,Region,Drawn\nPort,45,North,oui\nAirport,20,South,\nRail,30,,нет\n"), frame, "Region")
	if err != nil {
		t.Fatal(err)
	}
	want := []survey.Office{{Label: "Port", People: 45, Stratum: "North", Drawn: true}, {Label: "Airport", People: 20, Stratum: "South"}, {Label: "Rail", People: 30}}
	if diff := cmp.Diff(want, offices); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":   {"Office,People\n", []string{"0  office.no_rows"}},
		"columns": {"Office\nPort\n", []string{"1  office.columns"}},
		"several": {"Office,People,Region,Drawn\nPort,19,North,\nPort,some,East,perhaps\n", []string{"2 People office.too_small", "3 People frame.people", "3 Region office.stratum", "3 Drawn office.drawn", "3 Office frame.duplicate_row"}},
	} {
		offices, err := ReadOffices(readTable(t, c.text), frame, "Region")
		if diff := cmp.Diff(c.want, faults(t, err)); diff != "" || offices != nil {
			t.Errorf("%s: %v %s", name, offices, diff)
		}
	}
}

func TestWholeNumber(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "12": 12, "1,250": 1250, "1.250": 1250, "1\u202f250\u202f000": 1250000, "۴۵": 45, "12’000": 12000,
		"": -1, "-5": -1, "+5": -1, "1.5": -1, "12.34": -1, "1,25,000": -1, "abc": -1, "99999999999": -1, "20000000": -1,
	} {
		n, err := wholeNumber(text)
		if (err != nil) != (want < 0) || err == nil && n != want {
			t.Errorf("%q: %d, %v; want %d", text, n, err, want)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add("Region,People\nNorth,3\n")
	f.Add("a;b;c\n1;2;3\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sheet.Read("frame.csv", strings.NewReader(text), int64(len(text)), sheet.Limits{})
		if err != nil {
			return
		}
		frame, err := ReadFrame(s)
		if err == nil && frame.People() < 1 {
			t.Errorf("an empty frame passes: %q", text)
		}
		for _, c := range frame.Cells {
			if len(c.Values) != len(frame.Dimensions) || c.People < 1 {
				t.Errorf("cell %+v of %q", c, text)
			}
		}
	})
}

// What is offered to be filled in again is read as it was.
func TestRowsAreReadAgain(t *testing.T) {
	frame := survey.Frame{Dimensions: []string{"Region"}, Cells: []survey.Cell{{Values: []string{"North"}, People: 300}, {Values: []string{"South"}, People: 1080}}}
	got, err := ReadFrame(readTable(t, table("Region,People", FrameRows(frame))))
	if diff := cmp.Diff(frame, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	offices := []survey.Office{{Label: "Port", People: 45, Stratum: "North", Drawn: true}, {Label: "Rail", People: 30}}
	again, err := ReadOffices(readTable(t, table("Office,People,Region,Drawn", OfficeRows(offices))), frame, "Region")
	if diff := cmp.Diff(offices, again); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func table(head string, rows [][]string) string {
	for _, row := range rows {
		head += "\n" + strings.Join(row, ",")
	}
	return head + "\n"
}
