package backup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"adili/internal/kernel/errs"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// ParseRecipients reads the public keys that backups are encrypted to: age1… and age1pq1…, one a line or with commas or
// spaces between.
func ParseRecipients(text string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(", \t\r\n", c) }) {
		if strings.HasPrefix(strings.ToUpper(word), "AGE-SECRET-KEY-") {
			return nil, errs.New(errs.Invalid, "backup.secret_key") // which is not repeated
		}
		found, err := age.ParseRecipients(strings.NewReader(word))
		if err != nil || len(found) != 1 {
			return nil, errs.New(errs.Invalid, "backup.recipient", "Key", word).Because(err)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return nil, errs.New(errs.Invalid, "backup.no_recipient")
	}
	if _, err := age.Encrypt(io.Discard, all...); err != nil { // such as one with and one without protection from quantum computers
		return nil, errs.New(errs.Invalid, "backup.recipients").Because(err)
	}
	return all, nil
}

// WriteKey makes a key, writes it to a new file that only this user may read, and returns the public key. With a
// passphrase the file is of no use without it.
func WriteKey(path, passphrase string, now time.Time) (recipient string, err error) {
	defer errs.Wrap(&err, "write the key")
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("# Key to backups of Adili, made on %s. Keep it away from the server; whoever has it can read them.\n# public key: %s\n%s\n",
		now.UTC().Format(time.DateOnly), key.Recipient(), key)
	content := []byte(text)
	if passphrase != "" {
		if content, err = protect(content, passphrase); err != nil {
			return "", err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // a key in use must not be lost
	if errors.Is(err, os.ErrExist) {
		return "", errs.New(errs.Conflict, "backup.key_exists", "File", path).Because(err)
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return key.Recipient().String(), nil
}

func protect(content []byte, passphrase string) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	text := armor.NewWriter(&b)
	w, err := age.Encrypt(text, recipient)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(content)
	err = errors.Join(err, w.Close(), text.Close())
	return b.Bytes(), err
}

// ReadKeys reads a key file. When it is protected with a passphrase, ask is called for it.
func ReadKeys(path string, ask func() (passphrase string, err error)) (_ []age.Identity, err error) {
	defer errs.Wrap(&err, "read the key %s", path)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var inner io.Reader = bytes.NewReader(data)
	armored := bytes.HasPrefix(data, []byte(armor.Header))
	if armored {
		inner = armor.NewReader(inner)
	}
	if armored || bytes.HasPrefix(data, []byte("age-encryption.org/")) {
		passphrase, err := ask()
		if err != nil {
			return nil, err
		}
		if data, err = unprotect(inner, passphrase); err != nil {
			return nil, errs.New(errs.Invalid, "backup.passphrase").Because(err)
		}
	}
	identities, err := age.ParseIdentities(bytes.NewReader(data))
	if err != nil {
		return nil, errs.New(errs.Invalid, "backup.not_key", "File", path).Because(errors.New("no age identity in it")) // age's text may quote a line
	}
	return identities, nil
}

func unprotect(r io.Reader, passphrase string) ([]byte, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(r, identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(plain, 1<<20))
}
