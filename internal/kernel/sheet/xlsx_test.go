package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"runtime"
	"strings"
	"testing"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

const (
	rootRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels = `<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="sheet.xml"/><Relationship Id="r2" Type="http://x/worksheet" Target="/xl/other.xml"/><Relationship Id="r3" Type="http://x/sharedStrings" Target="shared.xml"/></Relationships>`
	bookXML  = `<workbook xmlns:r="http://r"><sheets><sheet name="h" id="7" state="hidden" r:id="r2"/><sheet name="s" r:id="r1"/></sheets></workbook>`
)

// pack makes a workbook whose visible sheet has the given content; further gives parts besides or instead.
func pack(t testing.TB, sheet string, further map[string]string) string {
	t.Helper()
	parts := map[string]string{
		"_rels/.rels": rootRels, "xl/_rels/workbook.xml.rels": bookRels, "xl/workbook.xml": bookXML,
		"xl/sheet.xml": "<worksheet><sheetData>" + sheet + "</sheetData></worksheet>",
		"xl/other.xml": "<worksheet><sheetData><row><c><v>99</v></c></row></sheetData></worksheet>", "xl/shared.xml": "<sst/>",
	}
	for name, text := range further {
		parts[name] = text
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range parts {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestXLSXCells(t *testing.T) {
	shared := map[string]string{"xl/shared.xml": `<sst><si><t>office</t></si><si><r><t>Po</t></r><rPh><t>no</t></rPh><r><t xml:space="preserve">rt </t></r></si><si/></sst>`}
	tests := []struct{ name, sheet, want string }{
		{"shared, with references", `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row><row r="5"><c r="C5"><v>12</v></c></row>`, "2: office||Port\n5: ||12"},
		{"without references", `<row><c t="s"><v>0</v></c><c><v>1</v></c></row><row><c/><c><v>2</v></c></row>`, "1: office|1\n2: |2"},
		{"inline", `<row><c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>`, "1: ab"},
		{"formula", `<row><c t="str"><f>A1&amp;"x"</f><v>a_x000D_b</v></c><c><f>1+1</f><v>2</v></c></row>`, "1: a\rb|2"},
		{"numbers", `<row><c><v>1E3</v></c><c><v>0.30000000000000004</v></c><c><v>1234567.5</v></c><c><v>-7</v></c><c><v>1E-7</v></c><c><v>1E21</v></c></row>`, "1: 1000|0.3|1234567.5|-7|0.0000001|1000000000000000000000"},
		{"logic and date", `<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="d"><v>2026-01-02</v></c></row>`, "1: TRUE|FALSE|2026-01-02"},
		{"empty cells far out", `<row><c><v>1</v></c><c r="XFD1" s="3"/></row><row r="1048576"><c r="A1048576" s="1"/></row>`, "1: 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := read("a.xlsx", pack(t, test.sheet, shared), Limits{})
			if err != nil {
				t.Fatal(err, faults(err))
			}
			if diff := cmp.Diff(test.want, show(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestXLSXFaults(t *testing.T) {
	cell := `<c><v>1</v></c>`
	small := Limits{Rows: 3, Columns: 4, Unzipped: 4 << 20}
	tests := []struct {
		name, sheet string
		further     map[string]string
		want        string
	}{
		{"empty", "", nil, "invalid: a.xlsx sheet.empty 0 "},
		{"formula error", `<row>` + cell + `<c t="e"><v>#REF!</v></c></row>`, nil, "invalid: a.xlsx sheet.cell_error 1 B"},
		{"ragged", `<row>` + cell + `</row><row>` + cell + cell + `</row>`, nil, "invalid: a.xlsx sheet.ragged_row 2 B"},
		{"columns", `<row><c r="E1"><v>1</v></c></row>`, nil, "too_large: a.xlsx sheet.too_many_columns 1 E"},
		{"rows", strings.Repeat(`<row>`+cell+`</row>`, 4), nil, "too_large: a.xlsx sheet.too_many_rows 4 "},
		{"no such shared text", `<row><c t="s"><v>5</v></c></row>`, nil, "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"rows out of order", `<row r="5">` + cell + `</row><row r="5">` + cell + `</row>`, nil, "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"broken XML", `<row><c>`, nil, "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"no sheet", "", map[string]string{"xl/workbook.xml": "<workbook/>"}, "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"another kind of zip", "", map[string]string{"_rels/.rels": "<x/>"}, "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"bomb", strings.Repeat(" ", 5<<20), nil, "too_large: a.xlsx sheet.zip_bomb 0 "},
		{"too deep", strings.Repeat("<a>", 1_000_000), nil, "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"too deep in a row", "<row>" + strings.Repeat("<a>", 1_000_000), nil, "invalid: a.xlsx sheet.not_xlsx 0 "},
		{"too many attributes", "<row" + strings.Repeat(` a=">"`, 500_000) + "/>", nil, "invalid: a.xlsx sheet.not_xlsx 0 "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := read("a.xlsx", pack(t, test.sheet, test.further), small)
			if diff := cmp.Diff(test.want, faults(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// lie makes a workbook whose sheet says it is small and inflates to size bytes.
func lie(t *testing.T, size int) string {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for range size >> 20 {
		if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for name, text := range map[string]string{"_rels/.rels": rootRels, "xl/_rels/workbook.xml.rels": bookRels, "xl/workbook.xml": bookXML} {
		part, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"xl/shared.xml", "xl/sheet.xml"} {
		part, err := archive.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 100})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(packed.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestZipThatLiesAboutItsSize(t *testing.T) {
	data := lie(t, 512<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := read("a.xlsx", data, Limits{})
	runtime.ReadMemStats(&after)
	e, ok := errs.Find(err)
	if !ok || len(e.Details) == 0 || e.Details[0].Key != "sheet.zip_bomb" && e.Details[0].Key != "sheet.not_xlsx" {
		t.Errorf("got %s", faults(err))
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 400 {
		t.Errorf("took %d MiB in all", used)
	}
}

// A workbook as a well-known library writes it is read as it was meant.
func TestXLSXFromExcelize(t *testing.T) {
	f := excelize.NewFile()
	for ref, value := range map[string]any{"A1": "office", "B1": "staff", "A3": "Port <é> 港", "B3": 1250, "A4": "مكتب", "B4": 0.1, "A5": " a_b ", "B5": true} {
		if err := f.SetCellValue("Sheet1", ref, value); err != nil {
			t.Fatal(err)
		}
	}
	style, err := f.NewStyle(&excelize.Style{NumFmt: 4}) // #,##0.00
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle("Sheet1", "B3", "B3", style); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := read("a.xlsx", b.String(), Limits{})
	if err != nil {
		t.Fatal(err, faults(err))
	}
	want := "1: office|staff\n3: Port <é> 港|1250\n4: مكتب|0.1\n5: a_b|TRUE"
	if diff := cmp.Diff(want, show(got)); diff != "" {
		t.Error(diff)
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add([]byte(pack(f, `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`, map[string]string{"xl/shared.xml": "<sst><si><t>a</t></si></sst>"})))
	f.Add(binary.LittleEndian.AppendUint32(nil, 0x04034b50))
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "a.xlsx", data) })
}

// The zip's checksums keep the fuzzer of whole files near the door; this one changes the sheet inside.
func FuzzXLSXSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><t>x</t></is></c></row>`, "<sst><si><r><t>a</t></r></si></sst>")
	f.Add(`<row r="9"><c r="XFD1"><v>1E9</v></c></row><row/>`, "<!-- ' --><sst/>")
	f.Fuzz(func(t *testing.T, sheet, shared string) {
		fuzz(t, "a.xlsx", []byte(pack(t, sheet, map[string]string{"xl/shared.xml": shared})))
	})
}

func TestMessages(t *testing.T) {
	for name, folder := range map[string]fs.FS{"sheet": Messages(), "errs": errs.Messages()} {
		if err := i18n.Check(folder); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	data, err := fs.ReadFile(Messages(), "en.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields("refused not_utf8 too_large zip_bomb not_xlsx old_excel unknown_kind empty ragged_row bad_quote too_many_rows too_many_columns cell_error more") {
		if texts["sheet."+key] == "" {
			t.Errorf("no text for sheet.%s", key)
		}
	}
}
