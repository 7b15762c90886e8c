package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Section is a section of the manual page: paragraphs, or an explanation beside
// each of some words.
type Section struct {
	Title string
	Text  []string
	Words [][2]string
}

// Page writes the manual page in the language of man(7). What stands after the
// commands and options of the model comes from more.
func Page(w io.Writer, app *kong.Application, summary, version string, more []Section) error {
	p := &page{}
	p.line(".TH", strings.ToUpper(app.Name), "1", "", app.Name+" "+version, "User commands")
	p.section("Name")
	p.text(app.Name + ` \- ` + escape(summary))
	p.section("Synopsis")
	p.text(`.B ` + escape(app.Name))
	p.text(`.I COMMAND`)
	p.text(`.RI [ OPTION ]...`)
	p.section("Description")
	p.paragraph(app.Help)
	p.section("Commands")
	all := commands(app)
	for _, c := range all[1:] {
		if c.node.Leaf() {
			p.command(app.Name, c)
		}
	}
	p.section("Options")
	p.paragraph("A command takes the groups of options that it names. The environment and the configuration file set them for every command.")
	p.options(all)
	for _, s := range more {
		p.section(s.Title)
		for _, text := range s.Text {
			p.paragraph(text)
		}
		for _, word := range s.Words {
			p.tagged(`\fB`+escape(word[0])+`\fR`, word[1])
		}
	}
	_, err := io.WriteString(w, p.String())
	return err
}

type page struct {
	strings.Builder
	opened bool // a section has just begun, which begins a paragraph by itself
}

func (p *page) text(text string) { p.WriteString(text + "\n") }

// line writes a request with its arguments quoted.
func (p *page) line(request string, arguments ...string) {
	p.WriteString(request)
	for _, a := range arguments {
		p.WriteString(` "` + strings.ReplaceAll(escape(a), `"`, `\(dq`) + `"`)
	}
	p.WriteString("\n")
}

func (p *page) section(title string) {
	p.line(".SH", strings.ToUpper(title))
	p.opened = true
}

func (p *page) paragraph(text string) {
	if !p.opened {
		p.text(".PP")
	}
	p.opened = false
	p.text(escape(text))
}

// tagged explains a word.
func (p *page) tagged(word, text string) {
	p.opened = false
	p.text(".TP")
	p.text(word)
	p.text(escape(text))
}

// command writes what a command does, its arguments and its own flags, and
// which groups of options it takes.
func (p *page) command(program string, c command) {
	words := program + " " + c.path
	for _, a := range c.node.Positional {
		words += " " + a.ShortSummary()
	}
	p.line(".SS", words)
	p.text(escape(c.node.Help))
	if c.node.Detail != "" {
		p.paragraph(c.node.Detail)
	}
	var groups []string
	for _, a := range c.node.Positional {
		p.tagged(`\fI`+escape(a.Name)+`\fR`, a.Help)
	}
	for _, f := range c.node.Flags {
		switch {
		case f.Hidden:
		case f.Group == nil:
			p.flag(f)
		case len(groups) == 0 || groups[len(groups)-1] != f.Group.Title:
			groups = append(groups, f.Group.Title)
		}
	}
	if len(groups) > 0 {
		p.paragraph("Options: " + strings.Join(groups, "; ") + ".")
	}
}

// options writes the flags that belong to groups, each once.
func (p *page) options(all []command) {
	seen, group := map[string]bool{}, ""
	for _, c := range all {
		for _, f := range c.node.Flags {
			if f.Group == nil || f.Hidden || seen[f.Name] {
				continue
			}
			seen[f.Name] = true
			if f.Group.Title != group {
				group = f.Group.Title
				p.line(".SS", group)
			}
			p.flag(f)
		}
	}
}

func (p *page) flag(f *kong.Flag) {
	word := `\fB` + escape("--"+f.Name) + `\fR`
	if !f.IsBool() {
		word += fmt.Sprintf(`=\fI%s\fR`, escape(f.FormatPlaceHolder()))
	}
	p.tagged(word, f.Help)
}

// escape takes from a text what the language would read as its own.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
