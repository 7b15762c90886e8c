package backup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestKeyFile(t *testing.T) {
	p := newPlace(t, "", 1)
	for name, passphrase := range map[string]string{"plain": "", "protected": "a passphrase of some length"} {
		path := filepath.Join(t.TempDir(), "key")
		public, err := WriteKey(path, passphrase, now)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
		content, err := os.ReadFile(path)
		if err != nil || (passphrase != "") == bytes.Contains(content, []byte("AGE-SECRET-KEY-")) {
			t.Errorf("%s: the file is %q, %v", name, content, err)
		}
		if _, err := WriteKey(path, passphrase, now); errKey(err) != "backup.key_exists" {
			t.Errorf("%s: a key was overwritten: %v", name, err)
		}
		to, err := ParseRecipients(" " + public + ",\n" + key.Recipient().String())
		if err != nil || len(to) != 2 {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := p.backup(files{}).Make(t.Context(), &out, to); err != nil {
			t.Fatal(err)
		}
		asked := 0
		ask := func() (string, error) { asked++; return passphrase, nil }
		keys, err := ReadKeys(path, ask)
		if err != nil || asked != len(passphrase)/max(1, len(passphrase)) {
			t.Fatalf("%s: asked %d times, %v", name, asked, err)
		}
		if _, err := Verify(t.Context(), from(out.Bytes()), keys); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if passphrase == "" {
			continue
		}
		if _, err := ReadKeys(path, func() (string, error) { return "another", nil }); errKey(err) != "backup.passphrase" {
			t.Errorf("another passphrase: %v", err)
		}
		no := errors.New("there is no terminal")
		if _, err := ReadKeys(path, func() (string, error) { return "", no }); !errors.Is(err, no) {
			t.Errorf("no passphrase: %v", err)
		}
	}
}

func TestParseRecipients(t *testing.T) {
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                             "backup.no_recipient",
		" , ":                          "backup.no_recipient",
		"age1xyz":                      "backup.recipient",
		"ssh-ed25519 AAAA":             "backup.recipient",
		key.String():                   "backup.secret_key",
		strings.ToLower(key.String()):  "backup.secret_key",
		key.Recipient().String() + "x": "backup.recipient",
		hybrid.Recipient().String():    "",
		key.Recipient().String() + " " + hybrid.Recipient().String(): "backup.recipients",
	} {
		_, err := ParseRecipients(text)
		if want == "" && err != nil || want != "" && errKey(err) != want {
			t.Errorf("%.40s…: %v, want %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), key.String()) {
			t.Error("the error repeats a secret key")
		}
	}
}

func TestReadKeysRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"empty": "", "text": "hello\n", "public": key.Recipient().String(), "cut": key.String()[:40]} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadKeys(path, nil)
		if errKey(err) != "backup.not_key" || strings.Contains(err.Error(), "AGE-SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadKeys(filepath.Join(dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
