package formfile

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"adili/form"
	"adili/form/run"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/sheet"
)

// Check says what is wrong with a form, a line each on out. For a round it says
// too what keeps the form out of an anonymous one; otherwise that is a warning.
func Check(out io.Writer, name string, round bool) error {
	q, told, err := read(name)
	if err != nil {
		return err
	}
	if q != nil {
		for _, f := range form.Obstacles(q) {
			told = append(told, finding{"anonymous round: " + f.String(), f.Warning || !round})
		}
	}
	if say(out, name, told) {
		return ErrFaulty
	}
	fmt.Fprintf(out, "%s: %d questions, no errors\n", filepath.Base(name), q.Questions())
	return nil
}

// say writes the findings and reports whether one is an error.
func say(out io.Writer, name string, told []finding) (faulty bool) {
	for _, f := range told {
		text := f.text
		if f.warning && !strings.Contains(text, "warning: ") {
			text = "warning: " + text
		}
		fmt.Fprintf(out, "%s: %s\n", filepath.Base(name), text)
		faulty = faulty || !f.warning
	}
	return faulty
}

// Convert writes the form in one file to another, in the format of its name.
// Errors of the form go to out.
func Convert(out io.Writer, from, to string) error {
	if !known(to) {
		return unwritable(to)
	}
	q, told, err := read(from)
	if err != nil {
		return err
	}
	if say(out, from, told) {
		return ErrFaulty
	}
	return write(to, q)
}

// known reports whether a form can be written under the name.
func known(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json", ".md", ".xml", ".xlsx":
		return true
	}
	return false
}

// Evaluate answers a form with sets, each NAME=VALUE, one after the other, and
// writes what its variables then are: a table, or JSON.
func Evaluate(out, problems io.Writer, name string, sets []string, asJSON bool, settings run.Settings) error {
	q, told, err := read(name)
	if err != nil {
		return err
	}
	if say(problems, name, told) {
		return ErrFaulty
	}
	r, err := run.New(q, settings)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	for _, s := range sets {
		id, value, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("--set %s: write it NAME=VALUE", s)
		}
		if err := r.Set(id, value); err != nil {
			return fmt.Errorf("--set %s: %w", s, err)
		}
	}
	if asJSON {
		return writeJSON(out, r)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "name\tvalue\trelevant\trequired\tvalid\tcalculated")
	for _, v := range r.States() {
		fmt.Fprintf(w, "%s\t%s\t%t\t%t\t%t\t%t\n", v.ID, v.Value, v.Relevant, v.Required, v.Valid, v.Calculated)
	}
	return w.Flush()
}

func writeJSON(out io.Writer, r *run.Run) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"variables": r.Variables()})
}

// english is the text of a key of package sheet.
func english(key string, args []any) string {
	c, err := i18n.Load(sheet.Messages())
	if err != nil {
		return key
	}
	return c.Printer("en").T(key, args...)
}
