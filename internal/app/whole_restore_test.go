package app

import (
	"bytes"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/demo/phone"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/roundtest"
)

// A backup that is cut off, altered, not one, or for another key is refused
// with a message, and the data that are there stay as they are.
func TestWholeBadBackups(t *testing.T) {
	h := newHome(t, "", 20)
	s := h.serve()
	sendAll(t, walkAll(t, s.base, h.round, h.codes[:8]))
	file := h.backup()
	fails(t, "another Adili", h.arguments("restore", "--identity", h.key, "--replace", "--yes", file)...)
	s.stop()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(whole)
	altered[len(altered)/2] ^= 1
	other := filepath.Join(t.TempDir(), "other key")
	must(t, "backup", "key", other)
	folder := t.TempDir()
	before := contents(t, h.data)
	for name, c := range map[string]struct {
		content   []byte
		key, text string
	}{
		"cut off":              {whole[:len(whole)-1], h.key, "not whole"},
		"cut off in the midst": {whole[:len(whole)/2], h.key, "not whole"},
		"cut off at once":      {whole[:300], h.key, "not whole"},
		"altered":              {altered, h.key, "not whole"},
		"longer":               {append(bytes.Clone(whole), "more"...), h.key, "not whole"},
		"empty":                {nil, h.key, "not a backup"},
		"something else":       {[]byte("dear all, here is the backup"), h.key, "not a backup"},
		"another key's":        {whole, other, "does not open"},
		"with no key":          {whole, put(t, filepath.Join(folder, "no key"), h.recipient), "does not hold a key"},
		"a backup for a key":   {whole, file, "passphrase"},
		"not there":            {nil, filepath.Join(folder, "none"), "no such file"},
	} {
		bad := put(t, filepath.Join(folder, "bad"), string(c.content))
		for _, replace := range []string{"--replace=false", "--replace"} {
			fails(t, c.text, h.arguments("restore", "--identity", c.key, replace, bad)...)
		}
		fails(t, c.text, "restore", "--data", filepath.Join(folder, "data"), "--identity", c.key, bad)
		if after := contents(t, h.data); !maps.Equal(after, before) {
			t.Fatalf("%s: the data were changed: %v", name, differ(before, after))
		}
		if left := contents(t, filepath.Join(folder, "data")); len(left) > 1 || len(left) == 1 && left["lock"] == "" && !slices.Contains(slices.Collect(maps.Keys(left)), "lock") {
			t.Errorf("%s: leaves behind %v", name, slices.Collect(maps.Keys(left)))
		}
	}
	fails(t, "--replace", h.arguments("restore", "--identity", h.key, file)...)
	if after := contents(t, h.data); !maps.Equal(after, before) {
		t.Errorf("without --replace: the data were changed: %v", differ(before, after))
	}
	s = h.serve()
	sendAll(t, walkAll(t, s.base, h.round, h.codes[8:12]))
	s.stop()
	if n := h.accepted(); n != 12 {
		t.Errorf("%d answers, want 12", n)
	}
}

// contents is every file in a folder but sockets.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		all[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// differ names what is not the same.
func differ(a, b map[string]string) (names []string) {
	for name := range a {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// Somebody restores while a round is open and answers have been accepted since
// the backup: it is said how many, nothing happens without --yes, the old data
// stay beside, and nobody is counted twice.
func TestWholeRestoreDuringARound(t *testing.T) {
	engines(t, func(t *testing.T, database string) {
		h := newHome(t, database, 20)
		s := h.serve()
		forms := walkAll(t, s.base, h.round, h.codes)
		sendAll(t, forms[:10])
		s.stop()
		h.noteHead()
		file := h.backup()
		s = h.serve("--listen", strings.TrimPrefix(s.base, "http://"))
		sendAll(t, forms[10:23])
		s.stop()
		h.noteHead() // of a trail that goes on after the backup
		restore := h.arguments("restore", "--identity", h.key, "--replace", file)
		status, out, said := command(t, restore...)
		if status != exitError || out != "" || !strings.Contains(said, `up to 20 answers have been accepted since`) || !strings.Contains(said, "--yes") {
			t.Errorf("exit code %d: %s\n%s", status, out, said)
		}
		if n := h.accepted(); n != 23 {
			t.Errorf("%d answers after a refusal, want 23", n)
		}
		if out, said = must(t, append(restore, "--yes")...); out != "restored\n" || !strings.Contains(said, "may answer again") {
			t.Errorf("restore prints %q and says %q", out, said)
		}
		aside := regexp.MustCompile(`before-restore-\w+`).FindString(said)
		if _, err := os.Stat(filepath.Join(h.data, aside, "rounds", h.round, "answers.box")); aside == "" || err != nil {
			t.Errorf("the old data are not in %q: %v", aside, err)
		}
		if n := h.accepted(); n != 10 {
			t.Errorf("%d answers after restoring, want 10", n)
		}
		fails(t, "name no backup", h.arguments("restore", "--undo", file)...)
		for _, want := range []int{23, 10} { // taken back, and taken back again
			if out, _ := must(t, h.arguments("restore", "--undo")...); !strings.Contains(out, "is in use again") {
				t.Errorf("undo prints %q", out)
			}
			if n := h.accepted(); n != want {
				t.Errorf("%d answers after undoing, want %d", n, want)
			}
			time.Sleep(time.Second) // what is moved aside is named after the second
		}
		s = h.serve("--listen", strings.TrimPrefix(s.base, "http://"))
		sendAll(t, forms[:23]) // all send once more what they have: the first ten were counted, the others are now
		late := walkAll(t, s.base, h.round, h.codes[23:26])
		sendAll(t, late)
		if err := phone.New(phone.NewClient(1), s.base).Answer(t.Context(), "en", h.round, "", h.codes[15].String(), phone.First); err == nil {
			t.Error("a code serves twice")
		}
		must(t, h.arguments("trail", "verify")...)
		out, _ = must(t, h.arguments("trail", "export")...)
		if actions, _ := verifyExport(t, out); !slices.Contains(actions, "backup.restored console") {
			t.Errorf("the trail has %v", actions)
		}
		d := signIn(t, s.base, deskEmail, deskPassword)
		if status, said := d.close(t, h.round, roundtest.Passphrase); status != http.StatusSeeOther {
			t.Errorf("closing: status %d: %s", status, said)
		}
		s.stop()
		h.work(time.Now(), func(a *App) error {
			if n := len(readNumbers(t, a, h.round)); n != 26 {
				t.Errorf("%d answers counted, want 26", n)
			}
			return nil
		})
	})
}

// noteHead notes the head of the trail, as the server does once a day.
func (h *home) noteHead() {
	h.t.Helper()
	h.work(time.Now(), func(a *App) error {
		return a.notes.Check(h.t.Context(), a.DB.Read(), time.Now(), slog.New(slog.DiscardHandler))
	})
}

// The command, or the server, is killed while a backup is being written. What
// is there does not look like a backup, and the next one is whole.
func TestWholeHalfWrittenBackup(t *testing.T) {
	h := newHome(t, "", 300)
	path := program(t)
	p := &process{t: t, path: path, arguments: h.arguments("serve", "--listen", acmetest.FreeAddress(t), "--backup-recipient", h.recipient)}
	t.Cleanup(p.kill)
	p.start()
	for _, victim := range []string{"command", "server"} {
		half := h.halfBackup(path, func(command *exec.Cmd) {
			if victim == "command" {
				_ = command.Process.Kill()
				return
			}
			p.kill()
		})
		if len(half) > 0 {
			bad := put(t, filepath.Join(t.TempDir(), "bad"), string(half))
			fails(t, "Nothing was changed", "restore", "--data", filepath.Join(t.TempDir(), "data"), "--identity", h.key, bad)
		}
		if victim == "server" {
			p.start()
		}
		sendAll(t, walkAll(t, p.base, h.round, h.codes[:2]))
		h.codes = h.codes[2:]
		h.restored(h.backup(), "")
	}
	p.stop()
	if left, err := filepath.Glob(filepath.Join(h.data, "backup-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	if n := h.accepted(); n != 4 {
		t.Errorf("%d answers, want 4", n)
	}
}

// halfBackup begins a backup to standard output, reads the first bytes, calls
// kill and gives all that came. The command must not end well.
func (h *home) halfBackup(path string, kill func(*exec.Cmd)) []byte {
	h.t.Helper()
	command := exec.Command(path, h.arguments("backup", "-")...)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		h.t.Fatal(err)
	}
	first := make([]byte, 1000)
	if _, err := io.ReadFull(out, first); err != nil {
		h.t.Fatalf("%v\n%s", err, said.String())
	}
	kill(command)
	rest, err := io.ReadAll(out)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := command.Wait(); err == nil || strings.Contains(said.String(), "is written") {
		h.t.Errorf("a backup of %d bytes that was cut off ends well: %s", len(first)+len(rest), said.String())
	}
	return append(first, rest...)
}

// A key with a passphrase is made and used by a script.
func TestWholePassphrase(t *testing.T) {
	h, path := newHome(t, "", 1), program(t)
	key := filepath.Join(t.TempDir(), "key")
	run := func(in string, arguments ...string) (out string, err error) {
		t.Helper()
		command := exec.Command(path, arguments...)
		command.Stdin = strings.NewReader(in)
		text, err := command.CombinedOutput()
		return string(text), err
	}
	if out, err := run("one\ntwo\n", "backup", "key", "--passphrase", key); err == nil || !strings.Contains(out, "differ") {
		t.Errorf("passphrases that differ: %v\n%s", err, out)
	}
	out, err := run("a passphrase\na passphrase\n", "backup", "key", "--passphrase", key)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	recipient := regexp.MustCompile(`(?m)^age1\w+$`).FindString(out)
	if _, err := run("a passphrase\na passphrase\n", "backup", "key", "--passphrase", key); err == nil {
		t.Error("a key was overwritten")
	}
	file := filepath.Join(t.TempDir(), "backup")
	must(t, h.arguments("backup", "--backup-recipient", recipient, file)...)
	for in, want := range map[string]string{"": "no terminal", "wrong\n": "does not open the key", "a passphrase": "restored"} {
		out, err := run(in, "restore", "--data", filepath.Join(t.TempDir(), "data"), "--identity", key, file)
		if (err == nil) != (want == "restored") || !strings.Contains(out, want) {
			t.Errorf("with %q: %v\n%s", in, err, out)
		}
	}
}

// A folder or database in which there is nothing was mistyped: no command takes
// it for data, or makes one of it.
func TestWholeNothingThere(t *testing.T) {
	engines(t, func(t *testing.T, database string) {
		key := filepath.Join(t.TempDir(), "key")
		out, _ := must(t, "backup", "key", key)
		file := filepath.Join(t.TempDir(), "backup")
		for _, c := range [][]string{
			{"backup", "--backup-recipient", strings.TrimSpace(out), file}, {"upgrade", "--backup-recipient", strings.TrimSpace(out)},
			{"trail", "verify"}, {"trail", "export"}, {"user", "reset", deskEmail},
		} {
			for _, made := range []bool{false, true} {
				h := &home{t: t, data: filepath.Join(t.TempDir(), "data"), database: database}
				if made {
					if err := os.Mkdir(h.data, 0o700); err != nil {
						t.Fatal(err)
					}
				}
				fails(t, "there are no data of Adili", h.arguments(c...)...)
				if found, err := filepath.Glob(filepath.Join(h.data, "*")); err != nil || len(found) > 1 {
					t.Errorf("%v leaves %v (%v)", c, found, err)
				}
				if _, err := os.Stat(h.data); (err == nil) != made {
					t.Errorf("%v makes the folder", c)
				}
			}
		}
		if _, err := os.Stat(file); err == nil {
			t.Error("a backup of nothing was written")
		}
		if database != "" {
			s := &home{t: t, data: filepath.Join(t.TempDir(), "data"), database: database}
			serveUntilEnd(t, s.arguments("serve", "--listen", "127.0.0.1:0")...)
		}
	})
}

// A server elsewhere works on the database: nothing is restored under it.
func TestWholeRestoreIntoDatabaseInUse(t *testing.T) {
	h := newHome(t, newDatabase(t), 10)
	s := h.serve()
	sendAll(t, walkAll(t, s.base, h.round, h.codes[:4]))
	file := h.backup()
	other := *h
	other.data = filepath.Join(t.TempDir(), "data")
	fails(t, "Stop every Adili server", other.arguments("restore", "--identity", h.key, "--replace", "--yes", file)...)
	sendAll(t, walkAll(t, s.base, h.round, h.codes[4:8]))
	s.stop()
	if n := h.accepted(); n != 8 {
		t.Errorf("%d answers, want 8", n)
	}
}
