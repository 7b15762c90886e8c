package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"adili/internal/kernel/errs"
)

const bom = "\ufeff"

// readCSV reads at most the bytes that the limit allows, which Read has checked.
func (t *table) readCSV(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	data = bytes.TrimPrefix(data, []byte(bom))
	if line := foreignLine(data); line > 0 {
		return refusal{kind: errs.Invalid, key: "sheet.not_utf8", row: line}
	}
	if !bytes.Contains(data, []byte("\n")) {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n")) // line ends of old Macintosh programs
	}
	comma := separator(data)
	if hint := separatorLine.Find(data); hint != nil {
		comma, data = rune(hint[len("sep=")]), data[len(hint):]
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord = -1
	reader.Comma = comma
	return t.readRecords(reader, data)
}

// separatorLine is how a file tells Excel its separator. Excel does not show the line, nor count it.
var separatorLine = regexp.MustCompile(`^sep=[,;\t]\r?\n`)

// readRecords counts rows as a spreadsheet does: a record with line ends in quotes is one row, and so is an empty line,
// which the csv package leaves out.
func (t *table) readRecords(reader *csv.Reader, data []byte) error {
	row, lines, offset := 0, 0, int64(0)
	for {
		record, err := reader.Read()
		if err == io.EOF {
			return nil
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			row += parse.StartLine - lines
			return refusal{kind: errs.Invalid, key: "sheet.bad_quote", row: row}
		}
		if err != nil {
			return err
		}
		line, _ := reader.FieldPos(0)
		row += line - lines
		lines += bytes.Count(data[offset:reader.InputOffset()], []byte("\n"))
		offset = reader.InputOffset()
		if err := t.add(row, record); err != nil {
			return err
		}
	}
}

// foreignLine gives the first line that is not text in UTF-8, and 0 when all are. UTF-16 has zero bytes or is not UTF-8.
func foreignLine(data []byte) int {
	for offset := 0; offset < len(data); {
		r, size := utf8.DecodeRune(data[offset:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			return 1 + bytes.Count(data[:offset], []byte("\n"))
		}
		offset += size
	}
	return 0
}

// separator gives whichever of the three stands most often, outside of quotes, in the first line that is not empty. Where
// the comma is the decimal sign, spreadsheets write semicolons.
func separator(data []byte) rune {
	counts, quoted := map[rune]int{}, false
	for _, r := range string(bytes.TrimLeft(data, "\r\n")) {
		if r == '"' {
			quoted = !quoted
		} else if r == '\n' && !quoted {
			break
		} else if !quoted {
			counts[r]++
		}
	}
	best := ','
	for _, r := range ";\t" { // where as many stand of each, the comma is more likely part of a text
		if counts[r] > 0 && counts[r] >= counts[best] {
			best = r
		}
	}
	return best
}

// plainNumber is what may start with a sign without being a formula.
var plainNumber = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)?$`)

// WriteCSV writes a table with the mark by which spreadsheets know UTF-8. A text that a spreadsheet would run as a formula
// gets an apostrophe in front; plain numbers do not.
func WriteCSV(w io.Writer, header []string, rows [][]string) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for i := -1; i < len(rows); i++ {
		row := header
		if i >= 0 {
			row = rows[i]
		}
		guarded := make([]string, len(row))
		for j, text := range row {
			guarded[j] = guard(text)
		}
		if err := out.Write(guarded); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// guard follows OWASP's list of what starts a formula, full-width forms included.
func guard(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) && text != "" && !plainNumber.MatchString(text) {
		return "'" + text
	}
	return text
}
