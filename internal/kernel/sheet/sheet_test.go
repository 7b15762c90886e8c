package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"adili/internal/kernel/errs"

	"github.com/google/go-cmp/cmp"
)

func read(name, data string, limits Limits) (Sheet, error) {
	return Read(name, strings.NewReader(data), int64(len(data)), limits)
}

// show writes the rows as "row: a|b".
func show(s Sheet) string {
	var lines []string
	for _, row := range s.Rows {
		var texts []string
		for i, cell := range row {
			if cell.Col != i+1 || cell.Row != row[0].Row {
				texts = append(texts, "WRONG PLACE")
			}
			texts = append(texts, cell.Text)
		}
		lines = append(lines, fmt.Sprintf("%d: %s", row[0].Row, strings.Join(texts, "|")))
	}
	return strings.Join(lines, "\n")
}

// faults writes an error's kind and details as "kind: key row field".
func faults(err error) string {
	e, ok := errs.Find(err)
	if !ok {
		return fmt.Sprint(err)
	}
	var lines []string
	for _, d := range e.Details {
		lines = append(lines, fmt.Sprintf("%s: %s %s %d %s", e.Kind, d.File, d.Key, d.Row, d.Field))
	}
	return strings.Join(lines, "\n")
}

func TestCSV(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"comma", "office,staff\nPort,12\n", "1: office|staff\n2: Port|12"},
		{"semicolon with bom", "\ufeffoffice;staff, all\r\nPort;\"1;2\"\r\n", "1: office|staff, all\n2: Port|1;2"},
		{"tab", "office\tstaff\nPort, new\t12", "1: office|staff\n2: Port, new|12"},
		{"old Macintosh", "office,staff\rPort,12\r", "1: office|staff\n2: Port|12"},
		{"one column", "office\nPort\n", "1: office\n2: Port"},
		{"empty rows are left out and counted", "\n\noffice,staff\n\n,,\n  ,\nPort,12\n", "3: office|staff\n7: Port|12"},
		{"a record over several lines is one row", "office,staff\n\"Port\nof\nA\",12\n\nB,3\n", "1: office|staff\n2: Port\nof\nA|12\n4: B|3"},
		{"short rows are filled", "a,b,c\n1\n", "1: a|b|c\n2: 1||"},
		{"empty cells at the end do not count", "a,b,,\n1,2,,,,\n", "1: a|b\n2: 1|2"},
		{"spaces", " a , b\n 1 ,2 \n", "1: a|b\n2: 1|2"},
		{"quotes hide separators", "\"a;b;c\",d\n", "1: a;b;c|d"},
		{"separator line", "sep=;\r\na,b;c\r\n1;2\r\n", "1: a,b|c\n2: 1|2"},
		{"Arabic and Chinese", "المكتب,单位\n١٢,三\n", "1: المكتب|单位\n2: ١٢|三"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := read("a.csv", test.data, Limits{})
			if err != nil {
				t.Fatal(err, faults(err))
			}
			if diff := cmp.Diff(test.want, show(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCSVFaults(t *testing.T) {
	small := Limits{Bytes: 1 << 20, Rows: 3, Columns: 4}
	tests := []struct{ name, file, data, want string }{
		{"empty", "a.csv", "", "invalid: a.csv sheet.empty 0 "},
		{"only a mark", "a.csv", "\ufeff", "invalid: a.csv sheet.empty 0 "},
		{"only separators", "a.csv", ",,\n,,\n", "invalid: a.csv sheet.empty 0 "},
		{"Latin 1", "a.csv", "a,b\nPort,caf\xe9\n", "invalid: a.csv sheet.not_utf8 2 "},
		{"UTF-16", "a.csv", "\xff\xfea\x00,\x00", "invalid: a.csv sheet.not_utf8 1 "},
		{"zero byte", "a.csv", "a\nb\x00\n", "invalid: a.csv sheet.not_utf8 2 "},
		{"open quote", "a.csv", "a,b\n\n\"x\ny\n", "invalid: a.csv sheet.bad_quote 3 "},
		{"quote inside", "a.csv", "a,b\nx\"y,1\n", "invalid: a.csv sheet.bad_quote 2 "},
		{"ragged", "a.csv", "a,b\n1,2,3\n\n1,2\n4,5,6,7\n", "invalid: a.csv sheet.ragged_row 2 C\ninvalid: a.csv sheet.ragged_row 5 C"},
		{"columns", "a.csv", "a,b,c,d,e\n", "too_large: a.csv sheet.too_many_columns 1 E"},
		{"rows", "a.csv", "a\n1\n2\n3\n", "too_large: a.csv sheet.too_many_rows 4 "},
		{"bytes", "a.csv", strings.Repeat("a", 1<<20+1), "too_large: a.csv sheet.too_large 0 "},
		{"other kind", "a.pdf", "%PDF", "invalid: a.pdf sheet.unknown_kind 0 "},
		{"folder in the name", `C:\x\a.doc`, "x", "invalid: a.doc sheet.unknown_kind 0 "},
		{"workbook in name only", "a.xlsx", "a,b\n", "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"old Excel", "a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "invalid: a.xls sheet.old_excel 0 "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(test.file, test.data, small)
			if diff := cmp.Diff(test.want, faults(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFaultsAreToldTwentyAtATime(t *testing.T) {
	_, err := read("a.csv", "a\n"+strings.Repeat("1,2\n", 100), Limits{})
	e, ok := errs.Find(err)
	if !ok || len(e.Details) != mostFaults+1 || e.Details[mostFaults].Key != "sheet.more" {
		t.Errorf("got %v\n%s", err, faults(err))
	}
}

// endless is a file that must not be read.
type endless struct{ t *testing.T }

func (e endless) ReadAt([]byte, int64) (int, error) {
	e.t.Error("a file over the limit was read")
	return 0, io.EOF
}

func TestFileOverTheLimitIsNotRead(t *testing.T) {
	_, err := Read("a.xlsx", endless{t}, 200<<20, Limits{})
	if got, want := faults(err), "too_large: a.xlsx sheet.too_large 0 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errors.New("disk") }

func TestFaultsOfTheDiskArePassedOn(t *testing.T) {
	_, err := Read("a.csv", broken{}, 10, Limits{})
	if err == nil || errs.KindOf(err) != errs.Internal {
		t.Errorf("got %v", err)
	}
}

func TestFaultNamesTheHeading(t *testing.T) {
	s, err := read("a.csv", "office,,staff\nPort,1,2\n", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := errs.Detail{File: "a.csv", Row: 2, Field: "staff", Key: "x", Args: []any{"N", 1}}
	if diff := cmp.Diff(want, s.Fault(s.Rows[1][2], "x", "N", 1)); diff != "" {
		t.Error(diff)
	}
	if got := s.Fault(s.Rows[1][1], "x").Field; got != "B" {
		t.Errorf("a column without heading is called %q", got)
	}
}

func TestLetter(t *testing.T) {
	for col, want := range map[int]string{0: "", -1: "", 1: "A", 26: "Z", 27: "AA", 52: "AZ", 702: "ZZ", 703: "AAA", 16384: "XFD"} {
		if got := Letter(col); got != want {
			t.Errorf("Letter(%d) = %q, want %q", col, got, want)
		}
		if col > 0 && column(want+"12") != col {
			t.Errorf("column(%q) = %d", want+"12", column(want+"12"))
		}
	}
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	err := WriteCSV(&b, []string{"office", "=1+1"}, [][]string{
		{"Port, new", "-12"}, {"-1+cmd|' /C calc'!A0", "+3,5"}, {"@SUM(A1)", "\tx"}, {"\rx", "＝1"}, {"a=b", ""}, {"-", "+"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeffoffice,'=1+1\r\n\"Port, new\",-12\r\n'-1+cmd|' /C calc'!A0,\"+3,5\"\r\n'@SUM(A1),'\tx\r\n\"'x\",'＝1\r\na=b,\r\n'-,'+\r\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"1\n2\";3", "a\tb\r1\t2", "\n\n,,\n\"", "sep=;\na;b"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "a.csv", data) })
}

// fuzz checks what holds for every file: it is refused with reasons, or its rows are as wide as the heading, in order and
// within the limits.
func fuzz(t *testing.T, name string, data []byte) {
	limits := Limits{Rows: 100, Columns: 20, Unzipped: 1 << 20}
	s, err := Read(name, bytes.NewReader(data), int64(len(data)), limits)
	if err != nil {
		if e, ok := errs.Find(err); !ok || len(e.Details) == 0 {
			t.Fatalf("refused without a reason: %v", err)
		}
		return
	}
	if len(s.Rows) == 0 || len(s.Rows) > limits.Rows || len(s.Rows[0]) > limits.Columns {
		t.Fatalf("%d rows", len(s.Rows))
	}
	last := 0
	for _, row := range s.Rows {
		if len(row) != len(s.Rows[0]) || row[0].Row <= last {
			t.Fatalf("row %d after %d has %d cells", row[0].Row, last, len(row))
		}
		last = row[0].Row
	}
}
