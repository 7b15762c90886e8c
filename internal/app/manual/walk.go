package manual

import (
	"strings"

	"github.com/alecthomas/kong"
)

// command is a command that can be typed, with the words that lead to it.
type command struct {
	path string // "user reset"; empty for the program itself
	node *kong.Node
}

// commands lists the program and every visible command, parents first.
func commands(app *kong.Application) []command {
	all := []command{{"", app.Node}}
	for i := 0; i < len(all); i++ {
		for _, child := range all[i].node.Children {
			if !child.Hidden {
				all = append(all, command{strings.TrimSpace(all[i].path + " " + child.Name), child})
			}
		}
	}
	return all
}

// flags are the visible flags of a command, those of its parents too.
func (c command) flags() []*kong.Flag {
	var flags []*kong.Flag
	for _, group := range c.node.AllFlags(true) {
		flags = append(flags, group...)
	}
	return flags
}

// children are the names of the visible commands below.
func (c command) children() []*kong.Node {
	var children []*kong.Node
	for _, child := range c.node.Children {
		if !child.Hidden {
			children = append(children, child)
		}
	}
	return children
}

// choices are the only words a value can be, if there are any.
func choices(v *kong.Value) []string {
	if v.Enum != "" {
		return v.EnumSlice()
	}
	if v.Flag != nil && strings.Contains(v.Flag.PlaceHolder, "|") {
		return strings.Split(v.Flag.PlaceHolder, "|")
	}
	return nil
}

// named reports whether a flag's value names a file or folder.
func named(f *kong.Flag) bool {
	switch f.PlaceHolder {
	case "FILE", "DIR", "PLACE":
		return true
	}
	return f.Tag != nil && (f.Tag.Type == "path" || f.Tag.Type == "existingfile" || f.Tag.Type == "existingdir")
}

// firstSentence is what fits beside a word in a menu.
func firstSentence(help string) string {
	if i := strings.Index(help, ". "); i >= 0 {
		help = help[:i]
	}
	return strings.TrimSuffix(help, ".")
}
