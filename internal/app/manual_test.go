package app

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/app/manual"
	"adili/internal/app/option"
)

// tool skips a test where a program is not installed, or fails it where CI is
// set.
func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
}

// The manual page names every command and option, and its own readers find no
// fault with it.
func TestManualPage(t *testing.T) {
	status, page, errOut := command(t, "man")
	if status != exitOK || errOut != "" {
		t.Fatalf("exit code %d\n%s", status, errOut)
	}
	parser, err := newParser()
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.ReplaceAll(page, `\-`, "-")
	for _, node := range parser.Model.Leaves(true) {
		if !strings.Contains(plain, `.SS "adili `+node.Path()) {
			t.Errorf("the page has no command %s", node.Path())
		}
		if node.Help == "" {
			t.Errorf("%s has no help", node.Path())
		}
		for _, f := range node.Flags {
			if !strings.Contains(plain, `\fB--`+f.Name+`\fR`) || f.Help == "" {
				t.Errorf("the page has no option %s of %s, or it has no help", f.Name, node.Path())
			}
		}
	}
	for _, o := range option.Table {
		if strings.Count(plain, `\fB--`+o.Key+`\fR`) < 1 {
			t.Errorf("the page has no option %s", o.Key)
		}
	}
	file := filepath.Join(t.TempDir(), "adili.1")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Run("mandoc", func(t *testing.T) {
		tool(t, "mandoc")
		out, _ := exec.Command("mandoc", "-T", "lint", "-W", "warning", file).CombinedOutput() // its status says what its lines say
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, "missing date") { // a date would differ from build to build
				t.Error(line)
			}
		}
	})
	t.Run("man", func(t *testing.T) {
		tool(t, "man")
		read := exec.Command("man", "--warnings", "-l", file)
		read.Env = append(os.Environ(), "MANWIDTH=80", "LC_ALL=C.UTF-8")
		var out, complaints bytes.Buffer
		read.Stdout, read.Stderr = &out, &complaints
		if err := read.Run(); err != nil || complaints.Len() > 0 {
			t.Fatalf("man: %v\n%s", err, &complaints)
		}
		if !strings.Contains(out.String(), "adili - measures integrity in Customs") || !strings.Contains(out.String(), "--backup-keep-days=N") {
			t.Errorf("man shows\n%s", &out)
		}
	})
}

// completion writes the completions of a shell to a file.
func completion(t *testing.T, shell string) string {
	t.Helper()
	status, out, errOut := command(t, "completion", shell)
	if status != exitOK || errOut != "" {
		t.Fatalf("exit code %d\n%s", status, errOut)
	}
	file := filepath.Join(t.TempDir(), "adili."+shell)
	if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// What each shell offers at the end of a line, as the shell itself says.
func TestCompletion(t *testing.T) {
	ask := map[string]func(t *testing.T, file, line string) []string{
		"bash": func(t *testing.T, file, line string) []string {
			const script = `source "$1"; read -ra COMP_WORDS <<<"${2//=/ = }"; [[ $2 == *" " || $2 == *= ]] && COMP_WORDS+=("")
				COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _adili; printf '%s\n' "${COMPREPLY[@]}"`
			return output(t, exec.Command("bash", "--norc", "-c", script, "bash", file, line))
		},
		"fish": func(t *testing.T, file, line string) []string {
			return output(t, exec.Command("fish", "--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, file, line))
		},
	}
	for shell, offers := range ask {
		t.Run(shell, func(t *testing.T) {
			tool(t, shell)
			file := completion(t, shell)
			for _, c := range []struct {
				line string
				want []string
			}{
				{"adili comp", []string{"completion"}},
				{"adili user ", []string{"reset"}},
				{"adili completion ", []string{"bash", "fish", "zsh"}},
				{"adili serve --backup-keep-d", []string{"--backup-keep-days"}},
				{"adili serve --smtp-tls s", []string{"starttls"}},
				{"adili serve --smtp-tls=n", []string{"none"}},
				{"adili version --j", []string{"--json"}},
				{"adili version --data", nil},
			} {
				got := offers(t, file, c.line)
				for i, g := range got { // fish shows the help behind a tab and repeats the flag
					g, _, _ = strings.Cut(g, "\t")
					got[i] = strings.TrimPrefix(g, "--smtp-tls=")
				}
				got = slices.DeleteFunc(got, func(s string) bool { return s == "" || s == "--help" })
				slices.Sort(got)
				if !slices.Equal(got, c.want) {
					t.Errorf("%q: offered %q, want %q", c.line, got, c.want)
				}
			}
		})
	}
	t.Run("zsh", func(t *testing.T) {
		tool(t, "zsh")
		file := completion(t, "zsh")
		if out := output(t, exec.Command("zsh", "-n", file)); len(out) > 0 {
			t.Errorf("zsh: %q", out)
		}
		// A terminal of zsh's own, in which a tab is pressed.
		const script = `zmodload zsh/zpty; zpty z TERM=dumb zsh -f -i
			zpty -w z "PS1=; autoload -Uz compinit; compinit -u -D; source $1; print LOA''DED"; zpty -r -m z line "*LOADED*"
			zpty -w -n z "adili comp"$'\t'"f"$'\t'; zpty -r -m z line "*adili completion *fish*" && print -r -- ok; zpty -d z`
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if out := output(t, exec.CommandContext(ctx, "zsh", "-f", "-c", script, "zsh", file)); !slices.Equal(out, []string{"ok"}) {
			t.Errorf("zsh does not complete: %q", out)
		}
	})
}

func output(t *testing.T, c *exec.Cmd) []string {
	t.Helper()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", c.Args[0], err, out)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

func TestCompletionOfAnotherShell(t *testing.T) {
	if status, _, errOut := command(t, "completion", "csh"); status != exitUsage || !strings.Contains(errOut, "bash") {
		t.Errorf("exit code %d\n%s", status, errOut)
	}
	parser, err := newParser()
	if err != nil {
		t.Fatal(err)
	}
	if err := manual.Completion(&bytes.Buffer{}, parser.Model, "csh"); err == nil {
		t.Error("there are completions for csh")
	}
}

func TestConfigCommand(t *testing.T) {
	data := t.TempDir()
	file := filepath.Join(data, "adili.toml")
	if err := os.WriteFile(file, []byte("backup-keep = 3\nbehind-proxy = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ADILI_LOG_FORMAT", "json")
	t.Setenv("ADILI_LISTN", "x")
	status, out, errOut := command(t, "config", "--config", file, "--data", data)
	if status != exitError || !strings.Contains(out, file+":1") || !strings.Contains(out, "ADILI_LOG_FORMAT") || !strings.Contains(out, "--data") {
		t.Errorf("exit code %d\n%s", status, out)
	}
	for _, want := range []string{"adili: behind-proxy (" + file + ":2): needs address too", "adili: backup-keep (" + file + ":1): needs backup-to too", "did you mean ADILI_LISTEN?"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("standard error lacks %q:\n%s", want, errOut)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	status, out, errOut = command(t, "config", "--json", "--config", os.DevNull, "--data", data)
	if status != exitOK || !json.Valid([]byte(out)) {
		t.Errorf("exit code %d\n%s\n%s", status, out, errOut)
	}
	status, out, errOut = command(t, "config", "--config", file)
	if status != exitError || out != "" || !strings.Contains(errOut, "--config "+file+": ") {
		t.Errorf("a missing file: exit code %d\n%s\n%s", status, out, errOut)
	}
}

func TestVersionJSON(t *testing.T) {
	status, out, errOut := command(t, "version", "--json")
	var facts buildFacts
	if err := json.Unmarshal([]byte(out), &facts); status != exitOK || err != nil || errOut != "" {
		t.Fatalf("exit code %d, %v\n%s", status, err, errOut)
	}
	if facts.Version != version() || !strings.HasPrefix(facts.Go, "go1.") || !strings.Contains(facts.System, "/") || facts.Modules == nil {
		t.Errorf("%+v", facts)
	}
}
