package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"adili/internal/demo/phone"
)

// connects are the system calls by which a program speaks to others.
var connects = regexp.MustCompile(`(?m)^\d+ +(connect|sendto|sendmsg|sendmmsg)\(.*$`)

// While the program starts, takes an answer, and is worked with by staff, it
// speaks to nobody it was not asked to speak to: not to the network at all.
func TestNothingGoesOut(t *testing.T) {
	data := t.TempDir()
	round, codes := openNow(t, data, "", 2)
	ready, _ := plan(t, data, "", 1)
	out := filepath.Join(t.TempDir(), "trace")
	p := serveOn(t, program(t), data, "")
	p.traced(out, "-e", "trace=connect,sendto,sendmsg,sendmmsg")
	p.start()
	sendAll(t, walkAll(t, p.base, round, codes))
	d := p.desk(t)
	if status, said := d.open(t, ready[0]); status != 303 {
		t.Errorf("opening a round: %d: %s", status, said)
	}
	p.stop()
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range connects.FindAllString(string(text), -1) {
		if !strings.Contains(call, "sa_family=AF_UNIX") {
			t.Errorf("the program speaks to somebody: %s", call)
		}
	}
}

// The program is killed while a form is on its way to the answer file. Nothing
// that was written stands readable in any file, and no code does.
func TestNothingReadableIsLeftByAKill(t *testing.T) {
	const secret = "Xanadu, the shed behind gate four"
	data, temporary := t.TempDir(), t.TempDir()
	round, codes := openNow(t, data, "", 2)
	path := program(t)
	t.Setenv("TMPDIR", temporary)
	p := serveOn(t, path, data, "")
	p.start()
	var forms []phone.Final
	for _, c := range codes {
		v, err := phone.New(phone.NewClient(1), p.base).Open(t.Context(), "en", round)
		if err == nil {
			err = v.Enter(t.Context(), c.String())
		}
		if err == nil {
			err = v.WalkToSummary(t.Context(), func(_ string, options []phone.Option) []string {
				if len(options) == 0 {
					return []string{secret}
				}
				return []string{options[0].Value}
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := v.Final()
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, f)
	}
	sendAll(t, forms[:1])
	p.attach("-P", filepath.Join(data, "rounds", round, "answers.box"), "-e", "inject=pwrite64:signal=KILL")
	if err := forms[1].Send(t.Context()); err == nil || unavailable(err) {
		t.Fatalf("the program was not killed: %v", err)
	}
	p.kill()
	files := 0
	for _, folder := range []string{data, temporary} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			files++
			content, err := os.ReadFile(path)
			for _, word := range []string{secret, "Xanadu", codes[0].String(), codes[0].Groups(), codes[1].String(), codes[1].Groups()} {
				if strings.Contains(string(content), word) {
					t.Errorf("%s holds %q", path, word)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 5 {
		t.Errorf("only %d files were searched", files)
	}
}
