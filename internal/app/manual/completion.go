package manual

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells are those that Completion knows.
var Shells = []string{"bash", "zsh", "fish"}

// Completion writes the completions of a shell.
func Completion(w io.Writer, app *kong.Application, shell string) error {
	var b strings.Builder
	switch shell {
	case "bash":
		bash(&b, app)
	case "zsh":
		zsh(&b, app)
	case "fish":
		fish(&b, app)
	default:
		return fmt.Errorf("no completions for %s; there are some for %s", shell, strings.Join(Shells, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quote makes one word of the shell, whatever is in it. All three shells read
// it the same way.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// steps writes the branches that follow the words typed so far to a command.
func steps(b *strings.Builder, all []command) {
	for _, c := range all[1:] {
		parent, name := "", c.path
		if i := strings.LastIndex(c.path, " "); i >= 0 {
			parent, name = c.path[:i], c.path[i+1:]
		}
		fmt.Fprintf(b, "      %s) at=%s;;\n", quote(parent+"/"+name), quote(c.path))
	}
}

// values sorts the flags of all commands by what their values are: words to
// choose from, files, or anything else.
func values(all []command) (words map[string][]string, files, others []string) {
	words = map[string][]string{}
	seen := map[string]bool{}
	for _, c := range all {
		for _, f := range c.flags() {
			name := "--" + f.Name
			if seen[name] || f.IsBool() {
				continue
			}
			seen[name] = true
			switch list := choices(f.Value); {
			case list != nil:
				words[name] = list
			case named(f):
				files = append(files, name)
			default:
				others = append(others, name)
			}
		}
	}
	return words, files, others
}

func bash(b *strings.Builder, app *kong.Application) {
	all := commands(app)
	fmt.Fprintf(b, `# bash completion for %[1]s
_%[1]s() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= i
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $prev in
`, app.Name)
	words, files, others := values(all)
	for _, name := range slices.Sorted(maps.Keys(words)) {
		fmt.Fprintf(b, "    %s) COMPREPLY=($(compgen -W %s -- \"$cur\")); return;;\n", name, quote(strings.Join(words[name], " ")))
	}
	fmt.Fprintf(b, "    %s) COMPREPLY=($(compgen -f -- \"$cur\")); return;;\n", strings.Join(files, "|"))
	fmt.Fprintf(b, "    %s) return;;\n", strings.Join(others, "|"))
	b.WriteString("  esac\n  for ((i = 1; i < COMP_CWORD; i++)); do\n    case $at/${COMP_WORDS[i]} in\n")
	steps(b, all)
	b.WriteString("    esac\n  done\n  case $at in\n")
	for _, c := range all {
		var list []string
		for _, child := range c.children() {
			list = append(list, child.Name)
		}
		for _, a := range c.node.Positional {
			list = append(list, choices(a)...)
		}
		for _, f := range c.flags() {
			list = append(list, "--"+f.Name)
		}
		fmt.Fprintf(b, "    %s) COMPREPLY=($(compgen -W %s -- \"$cur\"));;\n", quote(c.path), quote(strings.Join(list, " ")))
	}
	fmt.Fprintf(b, "  esac\n}\ncomplete -o default -F _%[1]s %[1]s\n", app.Name)
}

func zsh(b *strings.Builder, app *kong.Application) {
	all := commands(app)
	fmt.Fprintf(b, `#compdef %[1]s
# zsh completion for %[1]s
_%[1]s() {
  local at= i
  local -a list
  for ((i = 2; i < CURRENT; i++)); do
    case $at/$words[i] in
`, app.Name)
	steps(b, all)
	b.WriteString("    esac\n  done\n  case $at in\n")
	for _, c := range all {
		fmt.Fprintf(b, "    %s)\n", quote(c.path))
		if c.node.Leaf() {
			b.WriteString("      _arguments -S")
			for _, f := range c.flags() {
				fmt.Fprintf(b, " \\\n        %s", quote(zshFlag(f)))
			}
			if len(c.node.Positional) > 0 && choices(c.node.Positional[0]) != nil {
				fmt.Fprintf(b, " \\\n        %s", quote("*:"+c.node.Positional[0].Name+":("+strings.Join(choices(c.node.Positional[0]), " ")+")"))
			} else {
				b.WriteString(" \\\n        '*:file:_files'")
			}
			b.WriteString(";;\n")
			continue
		}
		b.WriteString("      list=(\n")
		for _, child := range c.children() {
			fmt.Fprintf(b, "        %s\n", quote(child.Name+":"+firstSentence(child.Help)))
		}
		b.WriteString("      )\n      _describe command list;;\n")
	}
	fmt.Fprintf(b, "  esac\n}\nif [[ $funcstack[1] == _%[1]s ]]; then _%[1]s \"$@\"; else compdef _%[1]s %[1]s; fi\n", app.Name)
}

// zshFlag is a flag as _arguments reads it.
func zshFlag(f *kong.Flag) string {
	help := strings.NewReplacer("[", "(", "]", ")", ":", `\:`).Replace(firstSentence(f.Help))
	spec := "--" + f.Name
	switch {
	case f.IsBool():
		return spec + "[" + help + "]"
	case choices(f.Value) != nil:
		return spec + "=[" + help + "]:" + f.Name + ":(" + strings.Join(choices(f.Value), " ") + ")"
	case named(f):
		return spec + "=[" + help + "]:" + f.Name + ":_files"
	}
	return spec + "=[" + help + "]:" + f.Name + ": "
}

func fish(b *strings.Builder, app *kong.Application) {
	fmt.Fprintf(b, "# fish completion for %[1]s\n", app.Name)
	for _, c := range commands(app) {
		at := "__fish_use_subcommand"
		if c.path != "" {
			seen := strings.Fields(c.path)
			at = "__fish_seen_subcommand_from " + strings.Join(seen, "; and __fish_seen_subcommand_from ")
		}
		var names []string
		for _, child := range c.children() {
			names = append(names, child.Name)
		}
		if len(names) > 0 && c.path != "" {
			at += "; and not __fish_seen_subcommand_from " + strings.Join(names, " ")
		}
		for _, child := range c.children() {
			fmt.Fprintf(b, "complete -c %s -n %s -f -a %s -d %s\n", app.Name, quote(at), child.Name, quote(firstSentence(child.Help)))
		}
		for _, a := range c.node.Positional {
			if list := choices(a); list != nil {
				fmt.Fprintf(b, "complete -c %s -n %s -f -a %s\n", app.Name, quote(at), quote(strings.Join(list, " ")))
			}
		}
		for _, f := range c.node.Flags {
			if !f.Hidden {
				fmt.Fprintf(b, "complete -c %s -n %s -l %s%s -d %s\n", app.Name, quote(at), f.Name, fishValue(f), quote(firstSentence(f.Help)))
			}
		}
	}
}

// fishValue says what follows a flag.
func fishValue(f *kong.Flag) string {
	switch {
	case f.IsBool():
		return ""
	case choices(f.Value) != nil:
		return " -x -a " + quote(strings.Join(choices(f.Value), " "))
	case named(f):
		return " -r -F"
	}
	return " -x"
}
