package option

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Shown gives the value as people may see it: no secret, and "" where nothing
// is set.
func (s Setting) Shown() string {
	shown := make([]string, len(s.Values))
	for i, v := range s.Values {
		shown[i] = s.Option.show(v)
	}
	return strings.Join(shown, ", ")
}

// Print writes what is in force and where it came from as a table.
func (r *Resolved) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "OPTION\tVALUE\tFROM")
	for _, s := range r.Settings {
		value := s.Shown()
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.Option.Key, printable(value), s.Source)
	}
	return t.Flush()
}

// printable keeps what could break a line, or a terminal, out of the table.
func printable(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
		return strconv.Quote(text)
	}
	return text
}

// PrintJSON writes the same for programs.
func (r *Resolved) PrintJSON(w io.Writer) error {
	type row struct {
		Key   string `json:"key"`
		Value any    `json:"value"`
		From  Source `json:"from"`
	}
	rows := make([]row, len(r.Settings))
	for i, s := range r.Settings {
		rows[i] = row{s.Option.Key, s.value(), s.Source}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

// value gives the value in its own type, nil where nothing is set.
func (s Setting) value() any {
	switch {
	case s.Option.List:
		return append([]string{}, s.Values...)
	case len(s.Values) == 0:
		return nil
	case s.Option.Type == Number:
		n, err := strconv.Atoi(s.Values[0])
		if err != nil {
			return nil // not reached: a number was read before
		}
		return n
	}
	return s.Shown()
}

// Unknown gives the names in the environment that look like options and are
// none, each with what may have been meant.
func Unknown(environ []string) []string {
	var notes []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		rest, ok := strings.CutPrefix(name, "ADILI_")
		if !ok || slices.ContainsFunc(Table, func(o *Option) bool { return o.Environment() == name }) {
			continue
		}
		note := name + ": there is no such option"
		if o := alike(rest); o != nil {
			note += "; did you mean " + o.Environment() + "?"
		}
		notes = append(notes, note)
	}
	slices.Sort(notes)
	return notes
}

// Guide writes the page of the guide.
func Guide(w io.Writer) error {
	var b strings.Builder
	b.WriteString(guideHead)
	for _, t := range Titles {
		fmt.Fprintf(&b, "\n## %s\n\n| option | value | without it | meaning |\n|---|---|---|---|\n", t.Title)
		for _, o := range Table {
			if o.Group == t.Group {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", o.Key, o.kindInWords(), o.defaults(), o.Help)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (o *Option) kindInWords() string {
	switch {
	case len(o.Choices) > 0:
		return "`" + strings.Join(o.Choices, "`, `") + "`"
	case o.List:
		return o.Type.Name + ", one or more"
	}
	return o.Type.Name
}

const guideHead = `# Options

<!-- Written from the table in internal/app/option by its tests (make golden); do not change it here. -->

An option can be given in four places. The first that has it wins:

1. on the command line: ` + "`--backup-at 03:15`" + `
2. in the environment: ` + "`ADILI_BACKUP_AT=03:15`" + ` (capitals, ` + "`_` for `-`" + `; an empty one counts as not set)
3. in the configuration file: ` + "`backup-at = \"03:15\"`" + `
4. the default

The file is the one named by ` + "`--config`" + `, else ` + "`/etc/adili/adili.toml`" + ` (on Windows ` + "`%ProgramData%\\Adili\\adili.toml`" + `) if it is there, else
` + "`adili.toml`" + ` in the data folder. It is TOML without tables: a line for each option, texts in quotes, numbers without, several values in
brackets. A folder or file that does not begin at the root is looked for beside the configuration file; on the command line and in the
environment, in the working folder.

` + "```toml" + `
data = "/var/lib/adili"
domain = ["survey.customs.example"]
acme-email = "integrity@customs.example"
backup-to = "/var/backups/adili"
backup-recipient = ["age1…"]
` + "```" + `

**A secret never stands in an option.** It is the one line of a file of its own, and an option whose key ends in ` + "`-file`" + ` names that file. A file
that others on the machine may read is refused (` + "`chmod 600`" + `). A database address with a password is a secret too: put it in the file of
` + "`database-file`" + `; on the command line it is refused.

` + "`adili config`" + ` shows what is in force and where each value came from, and says everything that is wrong; ` + "`adili config --json`" + ` is for programs.
A key that does not exist, a value of the wrong type and options that do not fit together stop the program with the file, the line and the
remedy.
`
