package data_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"adili/estimate/data"
)

func read(t *testing.T, file string) *data.Table {
	t.Helper()
	table, err := data.Read("f.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func texts(t *testing.T, table *data.Table, column string) []string {
	t.Helper()
	s, err := table.Text(column)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, file string
		columns    []string
		rows       [][]string // by column
	}{
		{"plain", "a,b\n1,x\n2,y\n", []string{"a", "b"}, [][]string{{"1", "2"}, {"x", "y"}}},
		{"no last line end", "a,b\n1,x", []string{"a", "b"}, [][]string{{"1"}, {"x"}}},
		{"CRLF", "a,b\r\n1,x\r\n", []string{"a", "b"}, [][]string{{"1"}, {"x"}}},
		{"byte order mark", "\ufeffa,b\n1,x\n", []string{"a", "b"}, [][]string{{"1"}, {"x"}}},
		{"byte order mark and quotes", "\ufeff\"a\",b\n1,x\n", []string{"a", "b"}, [][]string{{"1"}, {"x"}}},
		{"quotes", "\"a\"\"b\",\"c,d\"\n\"1\n2\",\"(0,1]\"\n", []string{`a"b`, "c,d"}, [][]string{{"1\n2"}, {"(0,1]"}}},
		{"empty cells", "a,b\n,\n1,\n\"\",\"x\"\n", []string{"a", "b"}, [][]string{{"", "1", ""}, {"", "", "x"}}},
		{"ends behind a comma", "a,b\n1,", []string{"a", "b"}, [][]string{{"1"}, {""}}},
		{"blank lines", "a,b\n\n1,x\n\r\n2,y\n\n", []string{"a", "b"}, [][]string{{"1", "2"}, {"x", "y"}}},
		{"one column, blank is missing", "a\n1\n\n2\n", []string{"a"}, [][]string{{"1", "", "2"}}},
		{"no rows", "a,b\n", []string{"a", "b"}, [][]string{{}, {}}},
		{"header only", "a", []string{"a"}, [][]string{{}}},
		{"row names of R", "\"\",x\n\"1\",2\n", []string{"", "x"}, [][]string{{"1"}, {"2"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			table := read(t, c.file)
			if got := table.Columns(); !reflect.DeepEqual(got, c.columns) {
				t.Fatalf("columns %q, want %q", got, c.columns)
			}
			for i, name := range c.columns {
				if got := texts(t, table, name); !reflect.DeepEqual(got, c.rows[i]) {
					t.Errorf("column %q is %q, want %q", name, got, c.rows[i])
				}
			}
		})
	}
}

func TestReadFaults(t *testing.T) {
	for _, c := range []struct {
		name, file, message string
		err                 error
	}{
		{"empty", "", "f.csv: header, column 1: header not usable: the file is empty", data.ErrHeader},
		{"twice", "a,a\n1,2\n", "f.csv: header, column a: header not usable: the column is there twice", data.ErrHeader},
		{"short", "a,b\n1,2\n3\n", "f.csv: row 2, column b: wrong number of cells", data.ErrCells},
		{"long", "a,b\n1,2,3\n", "f.csv: row 1, column 3: wrong number of cells", data.ErrCells},
		{"mark inside", "a,b\n1,x\"y\n", "f.csv: row 1, column b: quotation mark out of place", data.ErrQuote},
		{"text behind a mark", "a,b\n1,\"x\"y\n", "f.csv: row 1, column b: quotation mark out of place", data.ErrQuote},
		{"not closed", "a,b\n1,\"x\n", "f.csv: row 1, column b: quotation mark out of place", data.ErrQuote},
		{"return", "a,b\n1\r2,x\n", "f.csv: row 1, column a: carriage return without a line feed", data.ErrReturn},
		{"huge", "a\n" + strings.Repeat("x", 1<<20+1), "f.csv: row 1, column a: larger than this program reads", data.ErrSize},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.Read("f.csv", strings.NewReader(c.file))
			if !errors.Is(err, c.err) || err.Error() != c.message {
				t.Errorf("error %v, want %s", err, c.message)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	table := read(t, "a,b,c\n1.50,x,1\n,2,1e3\n -3 ,,\n3.2407407407407409,,\n")
	got, err := table.Number("a")
	if want := []float64{1.5, math.NaN(), -3, 3.2407407407407409}; err != nil || !same(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if _, err := table.Number("b"); !errors.Is(err, data.ErrNumber) || err.Error() != `f.csv: row 1, column b: "x": not a number` {
		t.Errorf("error %v", err)
	}
	if _, err := table.Number("z"); !errors.Is(err, data.ErrColumn) {
		t.Errorf("error %v", err)
	}
	if !table.Numeric("a") || table.Numeric("b") || !table.Numeric("c") || table.Numeric("z") {
		t.Error("Numeric is wrong")
	}
}

func same(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return true
}

func TestNumberRefusesWhatGoAccepts(t *testing.T) {
	for _, s := range []string{"NaN", "Inf", "-inf", "0x10", "1_000", "1e999", "--1", "e", "."} {
		if table := read(t, "a\n"+s+"\n"); table.Numeric("a") {
			t.Errorf("%q is a number", s)
		}
	}
}

func TestCodes(t *testing.T) {
	for _, c := range []struct {
		name, cells string
		code        []int32
		labels      []string
	}{
		{"numbers", "10,9,-1,,9", []int32{2, 1, 0, -1, 1}, []string{"-1", "9", "10"}},
		{"one number written twice", "1.0,1,01,2", []int32{0, 0, 0, 1}, []string{"1", "2"}},
		{"texts", "b,B,10,9,", []int32{3, 2, 0, 1, -1}, []string{"10", "9", "B", "b"}},
		{"all missing", ",,", []int32{-1, -1, -1}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			table := read(t, "a,b\n"+strings.ReplaceAll(c.cells, ",", ",0\n")+",0\n")
			code, labels, err := table.Codes("a")
			if err != nil || !reflect.DeepEqual(code, c.code) || !reflect.DeepEqual(labels, c.labels) {
				t.Errorf("%v %q %v", code, labels, err)
			}
		})
	}
}

func TestFilterAndStack(t *testing.T) {
	a := read(t, "x,y\n1,p\n2,q\n3,\n")
	b := read(t, "y,x\nr,4.50\n")
	odd := a.Filter([]bool{true, false, true})
	if got := texts(t, odd, "x"); odd.Rows() != 2 || !reflect.DeepEqual(got, []string{"1", "3"}) {
		t.Errorf("filtered: %q", got)
	}
	if code, labels, _ := odd.Codes("y"); !reflect.DeepEqual(labels, []string{"p"}) || code[1] != -1 {
		t.Errorf("codes of what was left out: %v %q", code, labels)
	}
	all, err := data.Stack("wave", odd, b)
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string][]string{"x": {"1", "3", "4.50"}, "y": {"p", "", "r"}, "wave": {"1", "1", "2"}} {
		if got := texts(t, all, column); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", column, got, want)
		}
	}
	if _, err := data.Stack("x", a, b); !errors.Is(err, data.ErrHeader) {
		t.Errorf("a column added twice: %v", err)
	}
	if _, err := data.Stack("", a, read(t, "x\n1\n")); !errors.Is(err, data.ErrColumn) {
		t.Errorf("a column lacks: %v", err)
	}
	if _, err := data.Stack("", a, read(t, "x,y,z\n1,2,3\n")); !errors.Is(err, data.ErrColumn) {
		t.Errorf("a column too many: %v", err)
	}
	if _, err := data.Stack(""); err == nil {
		t.Error("nothing stacked")
	}
}

// Filtering away the text among numbers leaves numbers.
func TestFilterMakesNumeric(t *testing.T) {
	table := read(t, "x,y\n1,1\nNone,1\n")
	if table.Numeric("x") || !table.Filter([]bool{true, false}).Numeric("x") {
		t.Error("numeric before or not after")
	}
}

func TestCoded(t *testing.T) {
	table := read(t, "q,id\n3,1\n,2\n9,3\nx,4\n")
	code, label, value, ok := table.Coded("q")
	if !ok || !reflect.DeepEqual(code, []uint8{1, 0, 2, 3}) || !reflect.DeepEqual(label, []string{"", "3", "9", "x"}) ||
		!same(value, []float64{math.NaN(), 3, 9, math.NaN()}) {
		t.Errorf("%v %q %v %v", code, label, value, ok)
	}
	if _, _, _, ok := table.Coded("z"); ok {
		t.Error("a column that is not there is coded")
	}
}
