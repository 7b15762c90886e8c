package translation

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// PO writes the translation into tag as a gettext PO file (GNU gettext manual,
// "The Format of PO Files"). The context msgctxt is the id of the text; a stale
// or not yet reviewed translation is marked fuzzy.
func (l *Ledger) PO(b Book, tag string) []byte {
	var w bytes.Buffer
	header := "Project-Id-Version: " + b.Name + "\nLanguage: " + tag + "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nX-Source-Language: " + b.Source + "\n"
	fmt.Fprintf(&w, "msgid \"\"\nmsgstr %s\n", poString(header))
	for _, line := range l.Lines(b, tag) {
		w.WriteByte('\n')
		for _, c := range line.Comments {
			comment(&w, "# ", c.Text)
		}
		if line.Back != "" {
			comment(&w, "# back-translation: ", line.Back)
		}
		fmt.Fprintf(&w, "#. status: %s\n", line.Status)
		if line.Target != "" && line.Stale {
			w.WriteString("#, fuzzy\n")
		}
		fmt.Fprintf(&w, "msgctxt %s\nmsgid %s\nmsgstr %s\n", poString(line.ID), poString(line.Source), poString(line.Target))
	}
	return w.Bytes()
}

func comment(w *bytes.Buffer, mark, text string) {
	fmt.Fprintf(w, "%s%s\n", mark, strings.Join(strings.Fields(text), " "))
}

var poEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`)

// poString quotes s; a text of several lines stands on a line each.
func poString(s string) string {
	if !strings.Contains(strings.TrimSuffix(s, "\n"), "\n") {
		return `"` + poEscape.Replace(s) + `"`
	}
	var b strings.Builder
	b.WriteString(`""`)
	for _, line := range strings.SplitAfter(s, "\n") {
		if line != "" {
			b.WriteString("\n\"" + poEscape.Replace(line) + `"`)
		}
	}
	return b.String()
}

// poEntry is what has been read of one message.
type poEntry struct {
	Row
	fuzzy bool
	last  *string // what a further line of text belongs to
	begun bool
}

// ReadPO reads a PO file and says into which language it translates. Obsolete
// messages are left out; plural forms are an error.
func ReadPO(data []byte) (rows []Row, tag string, err error) {
	if len(data) > MaxBytes {
		return nil, "", fmt.Errorf("the file is larger than %d MiB", MaxBytes>>20)
	}
	var e poEntry
	end := func() {
		switch {
		case !e.begun:
		case e.ID == "" && e.Source == "":
			tag = headerField(e.Target, "Language")
		default:
			if e.fuzzy {
				e.Status = Untranslated
			}
			rows = append(rows, e.Row)
		}
		e = poEntry{}
	}
	for n, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			end()
		case strings.HasPrefix(line, "#"):
			if e.begun && e.last == &e.Target { // without a blank line between
				end()
			}
			e.remark(line)
		default:
			if (strings.HasPrefix(line, "msgctxt") || strings.HasPrefix(line, "msgid ") && e.last != &e.ID) && e.begun {
				end()
			}
			if err := e.text(line, n+1); err != nil {
				return nil, "", fmt.Errorf("line %d: %w", n+1, err)
			}
		}
	}
	end()
	return rows, tag, nil
}

func headerField(header, name string) string {
	for _, line := range strings.Split(header, "\n") {
		if field, value, ok := strings.Cut(line, ":"); ok && field == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// remark reads a line that begins with #.
func (e *poEntry) remark(line string) {
	switch {
	case strings.HasPrefix(line, "#~"), strings.HasPrefix(line, "#:"), strings.HasPrefix(line, "#|"):
	case strings.HasPrefix(line, "#,"):
		e.fuzzy = strings.Contains(line, "fuzzy")
	case strings.HasPrefix(line, "#. status: "):
		if s := Status(strings.TrimPrefix(line, "#. status: ")); slices.Contains(Statuses, s) {
			e.Status = s
		}
	case strings.HasPrefix(line, "#."):
	case strings.HasPrefix(line, "# back-translation: "):
		e.Back = strings.TrimPrefix(line, "# back-translation: ")
	default:
		e.Comment = strings.TrimSpace(strings.TrimPrefix(line, "#"))
	}
}

// text reads a line with a quoted text.
func (e *poEntry) text(line string, n int) error {
	word, quoted, _ := strings.Cut(line, " ")
	switch word {
	case "msgctxt":
		e.last = &e.ID
	case "msgid":
		e.last = &e.Source
	case "msgstr":
		e.last = &e.Target
	case "msgid_plural", "msgstr[0]":
		return fmt.Errorf("plural forms are not used in a questionnaire")
	default:
		if !strings.HasPrefix(line, `"`) || e.last == nil {
			return fmt.Errorf("msgctxt, msgid, msgstr or a text in quotes is needed here")
		}
		quoted = line
	}
	if !e.begun {
		e.begun, e.Line = true, n
	}
	s, err := strconv.Unquote(strings.TrimSpace(quoted))
	if err != nil {
		return fmt.Errorf("the text is not well quoted")
	}
	*e.last += s
	return nil
}
