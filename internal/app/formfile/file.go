// Package formfile runs the form commands of the command line: checking,
// converting and evaluating questionnaire files in any of their formats.
package formfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"adili/form"
	"adili/form/xform"
	"adili/form/xlsform"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/sheet"
)

// ErrFaulty says that the form has errors, which have been told.
var ErrFaulty = errors.New("the form has errors")

// maxFile is the largest file read, in bytes.
const maxFile = 16 << 20

// finding is one line about a file.
type finding struct {
	text    string
	warning bool
}

// read takes a questionnaire from a file; the name's end says in which format.
// Where the form has errors the questionnaire is nil. An error means that the
// file could not be read at all.
func read(name string) (*form.Questionnaire, []finding, error) {
	ext := strings.ToLower(filepath.Ext(name))
	switch ext {
	case ".xlsx", ".xlsm", ".md", ".json":
	case ".xml":
		return nil, nil, fmt.Errorf("%s: XForm XML is written, not read; use the .xlsx it was made from", name)
	default:
		return nil, nil, fmt.Errorf("%s: a form ends in .xlsx, .md or .json", name)
	}
	data, err := load(name)
	if err != nil {
		return nil, nil, err
	}
	if ext == ".json" {
		q, err := form.Read(data)
		return q, faults(err), unless[form.Faults](err)
	}
	sheets := xlsform.ReadMarkdown(string(data))
	if ext != ".md" {
		if sheets, err = workbook(name, data); err != nil {
			if told := details(err); len(told) > 0 {
				return nil, told, nil
			}
			return nil, nil, err
		}
	}
	q, problems := xlsform.Read(sheets)
	told := make([]finding, len(problems))
	for i, p := range problems {
		told[i] = finding{p.String(), p.Warning}
	}
	return q, told, nil
}

func load(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: the file is larger than %d MiB", name, maxFile>>20)
	}
	return data, nil
}

func workbook(name string, data []byte) ([]xlsform.Sheet, error) {
	pages, err := sheet.ReadBook(name, bytes.NewReader(data), int64(len(data)), sheet.Limits{
		Bytes: maxFile, Rows: xlsform.MaxRows + 1, Columns: xlsform.MaxColumns + 1})
	if err != nil {
		return nil, err
	}
	sheets := make([]xlsform.Sheet, len(pages))
	for i, p := range pages {
		sheets[i] = xlsform.Sheet{Name: p.Name, Rows: p.Rows}
	}
	return sheets, nil
}

// details are the faults of a workbook, which is no form at all, in English.
func details(err error) []finding {
	e, ok := errs.Find(err)
	if !ok {
		return nil
	}
	var told []finding
	for _, d := range e.Details {
		place := "workbook"
		if d.Row > 0 {
			place += fmt.Sprintf(" row %d", d.Row)
		}
		if d.Field != "" {
			place += ", column " + d.Field
		}
		told = append(told, finding{text: place + ": " + english(d.Key, d.Args)})
	}
	return told
}

func faults(err error) []finding {
	all, ok := errors.AsType[form.Faults](err)
	if !ok {
		return nil
	}
	told := make([]finding, len(all))
	for i, f := range all {
		told[i] = finding{f.String(), f.Warning}
	}
	return told
}

// unless is err, but nil where it is a T.
func unless[T error](err error) error {
	if _, ok := errors.AsType[T](err); ok {
		return nil
	}
	return err
}

// write puts a questionnaire into a file of the format its name says.
func write(name string, q *form.Questionnaire) error {
	data, err := encode(name, q)
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

func encode(name string, q *form.Questionnaire) ([]byte, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".json":
		return form.Write(q), nil
	case ".md":
		return []byte(xlsform.WriteMarkdown(xlsform.Write(q))), nil
	case ".xml":
		return xform.Write(q)
	case ".xlsx":
		var pages []sheet.Page
		for _, s := range xlsform.Write(q) {
			pages = append(pages, sheet.Page{Name: s.Name, Rows: s.Rows})
		}
		var b bytes.Buffer
		err := sheet.WriteBook(&b, pages)
		return b.Bytes(), err
	default:
		return nil, unwritable(name)
	}
}

func unwritable(name string) error {
	return fmt.Errorf("%s: a form is written to a file that ends in .xlsx, .md, .json or .xml (XForm)", name)
}
