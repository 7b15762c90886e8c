// Package terminal asks whoever typed a command.
package terminal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// There says whether somebody is at the terminal.
func There() bool { return term.IsTerminal(int(os.Stdin.Fd())) }

// Passphrase shows a prompt and reads a line, without showing what is typed. Where there is no terminal it reads the next
// line of standard input.
func Passphrase(prompts io.Writer, prompt string) (string, error) {
	if !There() {
		line, err := Line()
		if errors.Is(err, io.EOF) {
			err = errors.New("a passphrase is needed, but there is no terminal to ask at, and nothing on standard input")
		}
		return line, err
	}
	fmt.Fprint(prompts, prompt)
	text, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(prompts)
	return string(text), err
}

// Line reads a line of standard input and nothing after it, so that the next one can be read later. The error io.EOF says
// that there is none.
func Line() (string, error) { return readLine(os.Stdin) }

func readLine(r io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := r.Read(one)
		switch {
		case n == 1 && one[0] == '\n', errors.Is(err, io.EOF) && len(line) > 0:
			return strings.TrimSuffix(string(line), "\r"), nil
		case n == 1:
			line = append(line, one[0])
		case err != nil:
			return "", err
		}
	}
}
