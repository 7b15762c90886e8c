package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"adili/internal/kernel/errs"
)

// Page is one sheet of a workbook as it stands: Rows[0] is the row a spreadsheet numbers 1. Rows may be empty and of
// different lengths; cells have no surrounding spaces.
type Page struct {
	Name string
	Rows [][]string
}

// ReadBook reads all visible sheets of the .xlsx workbook called name. Limits hold for all sheets together, but for Rows and
// Columns, which hold for each. Errors are those of Read.
func ReadBook(name string, r io.ReaderAt, size int64, limits Limits) ([]Page, error) {
	t := &table{name: path.Base(strings.ReplaceAll(name, `\`, "/")), limits: limits.orDefault()}
	pages, err := t.readBook(r, size)
	if err == nil && len(t.faults) == 0 {
		return pages, nil
	}
	kind := errs.Invalid
	if err != nil {
		trouble, ok := errors.AsType[refusal](err)
		if !ok {
			return nil, fmt.Errorf("sheet.ReadBook: %w", err)
		}
		t.fault(trouble.row, trouble.col, trouble.key, trouble.args...)
		kind = trouble.kind
	}
	return nil, t.refuse(kind)
}

func (t *table) readBook(r io.ReaderAt, size int64) ([]Page, error) {
	if size > t.limits.Bytes {
		return nil, tooLarge("sheet.too_large", t.limits.Bytes>>20)
	}
	book, list, texts, err := openXLSX(r, size, t.limits)
	if err != nil {
		return nil, notXLSX(err)
	}
	pages := make([]Page, len(list))
	for i, one := range list {
		pages[i].Name = one.name
		t.page = &pages[i]
		if err := notXLSX(book.rows(t, one.part, texts)); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// place puts a row where it stands.
func (t *table) place(row int, texts []string) error {
	if row > t.limits.Rows {
		trouble := tooLarge("sheet.too_many_rows", t.limits.Rows)
		trouble.row = row
		return trouble
	}
	for len(t.page.Rows) < row-1 {
		t.page.Rows = append(t.page.Rows, nil)
	}
	t.page.Rows = append(t.page.Rows, slices.Clone(texts))
	return nil
}

// The parts of a workbook that are always the same. ECMA-376 part 1, sections 12.3 and 18.
const (
	contentTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>%s</Types>`
	sheetType    = `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`
	packageRels  = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	workbookRels = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="style" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>%s</Relationships>`
	sheetRel     = `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`
	workbookPart = xml.Header + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>%s</sheets></workbook>`
	sheetEntry   = `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`
	// Two styles of cell: text, so that nothing a person types there is taken for a number, and bold text for the heading.
	stylesPart = xml.Header + `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="49" applyNumberFormat="1"><alignment wrapText="1" vertical="top"/></xf><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`
	sheetBegin = xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="100" width="24" style="0" customWidth="1"/></cols><sheetData>`
	sheetEnd   = `</sheetData></worksheet>`
)

// mostText is how many characters a cell of a spreadsheet holds.
const mostText = 32767

// WriteBook writes an .xlsx workbook of text cells, the first row of each sheet standing out as a heading. The same pages
// give the same bytes. Nothing in it can be a formula.
func WriteBook(w io.Writer, pages []Page) error {
	out := zip.NewWriter(w)
	var types, rels, entries strings.Builder
	for i, p := range pages {
		n := i + 1
		fmt.Fprintf(&types, sheetType, n)
		fmt.Fprintf(&rels, sheetRel, n, n)
		fmt.Fprintf(&entries, sheetEntry, xmlText(p.Name), n, n)
	}
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", fmt.Sprintf(contentTypes, types.String())},
		{"_rels/.rels", packageRels},
		{"xl/workbook.xml", fmt.Sprintf(workbookPart, entries.String())},
		{"xl/_rels/workbook.xml.rels", fmt.Sprintf(workbookRels, rels.String())},
		{"xl/styles.xml", stylesPart},
	}
	for _, part := range parts {
		if err := writePart(out, part.name, func(w io.Writer) error {
			_, err := io.WriteString(w, part.text)
			return err
		}); err != nil {
			return err
		}
	}
	for i, p := range pages {
		if err := writePart(out, fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), p.write); err != nil {
			return fmt.Errorf("sheet %s: %w", p.Name, err)
		}
	}
	return out.Close()
}

func writePart(out *zip.Writer, name string, write func(io.Writer) error) error {
	w, err := out.Create(name)
	if err != nil {
		return err
	}
	return write(w)
}

func (p Page) write(w io.Writer) error {
	if _, err := io.WriteString(w, sheetBegin); err != nil {
		return err
	}
	for i, row := range p.Rows {
		var b strings.Builder
		style := ""
		if i == 0 {
			style = ` s="1"`
		}
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, text := range row {
			if utf8.RuneCountInString(text) > mostText {
				return fmt.Errorf("cell %s%d: a cell holds %d characters at most", Letter(j+1), i+1, mostText)
			}
			if text != "" {
				fmt.Fprintf(&b, `<c r="%s%d" t="inlineStr"%s><is><t xml:space="preserve">%s</t></is></c>`, Letter(j+1), i+1, style, xmlText(text))
			}
		}
		b.WriteString("</row>")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, sheetEnd)
	return err
}

func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
