package sheet

import (
	"bytes"
	"strings"
	"testing"

	"adili/internal/kernel/errs"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

var twoPages = []Page{
	{"survey", [][]string{{"type", "name", "label::العربية (ar)"}, nil, {"text", "q1", "ما اسمك؟\nسطر <ثان> & \"x\""}, {"note", "", "=1+1", "", "last"}}},
	{"choices", [][]string{{"list_name", "name"}, {"yn", "007"}}},
}

// A workbook comes back as it was written, by our reader and by excelize; the same pages give the same bytes.
func TestBook(t *testing.T) {
	var a, b bytes.Buffer
	if err := WriteBook(&a, twoPages); err != nil {
		t.Fatal(err)
	}
	if err := WriteBook(&b, twoPages); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("not the same bytes twice (%v)", err)
	}
	got, err := ReadBook("x.xlsx", bytes.NewReader(a.Bytes()), int64(a.Len()), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(twoPages, got); diff != "" {
		t.Error(diff)
	}
	f, err := excelize.OpenReader(&a)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range twoPages {
		rows, err := f.GetRows(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p.Rows, rows); diff != "" {
			t.Error(diff)
		}
	}
	if formula, _ := f.GetCellFormula("survey", "C4"); formula != "" {
		t.Errorf("a text became the formula %s", formula)
	}
}

// What excelize writes, with numbers, hidden sheets and cells far out, is read too.
func TestReadBookOfOthers(t *testing.T) {
	f := excelize.NewFile()
	for cell, v := range map[string]any{"A1": "n", "B1": " x ", "A3": 1.5, "D3": true} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"aside", "more"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetVisible("aside", false); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadBook("x.xlsx", bytes.NewReader(b.Bytes()), int64(b.Len()), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Page{{"Sheet1", [][]string{{"n", "x"}, nil, {"1.5", "", "", "TRUE"}}}, {"more", nil}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBookRefused(t *testing.T) {
	far := pack(t, `<row r="1048576"><c r="A1048576"><v>1</v></c></row>`, nil)
	wide := pack(t, `<row><c r="XFD1"><v>1</v></c></row>`, nil)
	for name, test := range map[string]struct {
		data string
		kind errs.Kind
		key  string
	}{
		"a row too far down": {far, errs.TooLarge, "sheet.too_many_rows"},
		"too wide":           {wide, errs.TooLarge, "sheet.too_many_columns"},
		"not a workbook":     {"type,name\n", errs.Invalid, "sheet.not_xlsx"},
		"too large":          {strings.Repeat("x", 9<<20), errs.TooLarge, "sheet.too_large"},
	} {
		_, err := ReadBook("x.xlsx", strings.NewReader(test.data), int64(len(test.data)), Limits{})
		e, ok := errs.Find(err)
		if !ok || e.Kind != test.kind || len(e.Details) != 1 || e.Details[0].Key != test.key {
			t.Errorf("%s: %v, %+v", name, err, e)
		}
	}
	if err := WriteBook(&bytes.Buffer{}, []Page{{"s", [][]string{{strings.Repeat("x", mostText+1)}}}}); err == nil || !strings.Contains(err.Error(), "A1") {
		t.Error(err)
	}
}
