package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// mostParts is how many files a workbook may have inside; real ones have about twenty.
const mostParts = 2000

// workbook is an opened .xlsx file: a zip folder of XML parts (ECMA-376). Only the parts needed are inflated, and all of
// them together may give left bytes.
type workbook struct {
	parts map[string]*zip.File
	limit int64
	left  int64
}

// readXLSX reads the first visible sheet.
func (t *table) readXLSX(r io.ReaderAt, size int64) error {
	book, list, texts, err := openXLSX(r, size, t.limits)
	if err != nil {
		return notXLSX(err)
	}
	return notXLSX(book.rows(t, list[0].part, texts))
}

// openXLSX opens a workbook and gives its visible sheets, at least one, and the shared texts. The sizes in the zip directory
// serve only to refuse early; the bytes that really come out are counted.
func openXLSX(r io.ReaderAt, size int64, limits Limits) (*workbook, []leaf, []string, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil, nil, err
	}
	book := &workbook{parts: make(map[string]*zip.File), limit: limits.Unzipped, left: limits.Unzipped}
	var stated uint64
	if len(archive.File) > mostParts {
		return nil, nil, nil, book.bomb()
	}
	for _, part := range archive.File {
		stated += part.UncompressedSize64
		if part.UncompressedSize64 > uint64(book.limit) || stated > uint64(book.limit) {
			return nil, nil, nil, book.bomb()
		}
		book.parts[strings.TrimPrefix(part.Name, "/")] = part
	}
	list, shared, err := book.find()
	if err != nil {
		return nil, nil, nil, err
	}
	var texts []string
	if shared != "" {
		if texts, err = book.sharedTexts(shared); err != nil {
			return nil, nil, nil, err
		}
	}
	return book, list, texts, nil
}

// leaf is a sheet of a workbook and the part that holds it.
type leaf struct{ name, part string }

// notXLSX turns whatever the zip and XML readers found wrong into words for people. Refusals stay.
func notXLSX(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[refusal](err); ok {
		return err
	}
	return invalid("sheet.not_xlsx")
}

func (b *workbook) bomb() error { return tooLarge("sheet.zip_bomb", b.limit>>20) }

// each hands the elements of a part to f, with the decoder for reading what is in them.
func (b *workbook) each(name string, f func(*xml.Decoder, xml.StartElement) error) error {
	part, ok := b.parts[name]
	if !ok {
		return errors.New("no part " + name)
	}
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	decoder := xml.NewTokenDecoder(&shallow{Decoder: xml.NewDecoder(&counted{r: r, book: b})})
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := f(decoder, start); err != nil {
				return err
			}
		}
	}
}

// find gives the visible sheets, and the part name of the shared texts, which may be missing.
func (b *workbook) find() (visible []leaf, shared string, err error) {
	root, err := b.relations("", "_rels/.rels")
	if err != nil {
		return nil, "", err
	}
	main := root.byKind["officeDocument"]
	folder := path.Dir(main)
	related, err := b.relations(folder, path.Join(folder, "_rels", path.Base(main)+".rels"))
	if err != nil {
		return nil, "", err
	}
	err = b.each(main, func(_ *xml.Decoder, e xml.StartElement) error {
		state := attribute(e, "state")
		if e.Name.Local == "sheet" && state != "hidden" && state != "veryHidden" {
			visible = append(visible, leaf{attribute(e, "name"), related.byID[attribute(e, "id")]})
		}
		return nil
	})
	if err == nil && len(visible) == 0 {
		err = errors.New("no visible sheet")
	}
	return visible, related.byKind["sharedStrings"], err
}

// relations says which part another part means by an id, and which one has a certain kind.
type relations struct{ byID, byKind map[string]string }

func (b *workbook) relations(folder, name string) (relations, error) {
	found := relations{byID: map[string]string{}, byKind: map[string]string{}}
	err := b.each(name, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "Relationship" {
			return nil
		}
		target := attribute(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(folder, target)
		}
		target = strings.TrimPrefix(target, "/")
		found.byID[attribute(e, "Id")] = target
		found.byKind[path.Base(attribute(e, "Type"))] = target
		return nil
	})
	return found, err
}

func attribute(e xml.StartElement, name string) string {
	value := ""
	for _, a := range e.Attr {
		// A sheet has an id of its own and one of its relation, which alone has a name space.
		if a.Name.Local == name && (name != "id" || a.Name.Space != "") {
			value = a.Value
		}
	}
	return value
}

func (b *workbook) sharedTexts(name string) ([]string, error) {
	var texts []string
	err := b.each(name, func(decoder *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		var text richText
		if err := decoder.DecodeElement(&text, &e); err != nil {
			return err
		}
		texts = append(texts, text.String())
		return nil
	})
	return texts, err
}

// rows hands the sheet's rows to the table. A row or cell without a reference follows the one before it.
func (b *workbook) rows(t *table, name string, shared []string) error {
	row := 0
	return b.each(name, func(decoder *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "row" {
			return nil
		}
		row++
		if stated, err := strconv.Atoi(attribute(e, "r")); err == nil {
			if stated < row {
				return errors.New("rows out of order")
			}
			row = stated
		}
		texts, err := t.cells(decoder, row, shared)
		if err != nil {
			return err
		}
		return t.add(row, texts)
	})
}

// cells reads one row to its end. Empty cells cost nothing, however far to the right they stand.
func (t *table) cells(decoder *xml.Decoder, row int, shared []string) ([]string, error) {
	var texts []string
	col := 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		switch e := token.(type) {
		case xml.EndElement:
			return texts, nil
		case xml.StartElement:
			if e.Name.Local != "c" {
				if err := decoder.Skip(); err != nil {
					return nil, err
				}
				continue
			}
			col++
			if stated := column(attribute(e, "r")); stated > 0 {
				col = stated
			}
			var c cell
			if err := decoder.DecodeElement(&c, &e); err != nil {
				return nil, err
			}
			text, err := c.text(shared)
			if err != nil {
				return nil, err
			}
			if text == "" {
				continue
			}
			if col > t.limits.Columns {
				return nil, t.tooWide(row)
			}
			if c.Type == "e" {
				if err := t.tell(row, col, "sheet.cell_error", "Text", text); err != nil {
					return nil, err
				}
			}
			for len(texts) < col {
				texts = append(texts, "")
			}
			texts[col-1] = text
		}
	}
}

// column gives the number of the column in a reference such as "AB12", and 0 when there is none. What is past Excel's last
// column, XFD, is cut to one past it.
func column(reference string) int {
	col := 0
	for _, r := range reference {
		if r < 'A' || r > 'Z' {
			break
		}
		col = min(col*26+int(r-'A')+1, 16385)
	}
	return col
}
