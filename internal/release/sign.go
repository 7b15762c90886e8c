package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"aead.dev/minisign"
)

// The names in the environment that say where the key is.
const (
	keyVariable      = "ADILI_RELEASE_KEY"
	passwordVariable = "ADILI_RELEASE_KEY_PASSWORD_FILE"
)

// signatureEnding is what follows a file's name in that of its signature.
const signatureEnding = ".minisig"

// password reads the password of the key.
func password(environment func(string) string) (string, error) {
	name := environment(passwordVariable)
	if name == "" {
		return "", fmt.Errorf("the key has a password: name the file that holds it in %s", passwordVariable)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("password of the key: %w", err)
	}
	word := strings.TrimRight(string(text), "\r\n")
	if word == "" {
		return "", fmt.Errorf("password of the key: %s is empty", name)
	}
	return word, nil
}

// signingKey reads the key that the environment names.
func signingKey(environment func(string) string) (key minisign.PrivateKey, err error) {
	name := environment(keyVariable)
	if name == "" {
		return key, fmt.Errorf("name the file of the signing key in %s (make release-key makes one), or say UNSIGNED=1", keyVariable)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return key, fmt.Errorf("signing key: %w", err)
	}
	if !minisign.IsEncrypted(data) {
		if err := key.UnmarshalText(data); err != nil {
			return key, fmt.Errorf("signing key %s: %w", name, err)
		}
		return key, nil
	}
	word, err := password(environment)
	if err != nil {
		return key, err
	}
	if key, err = minisign.DecryptKey(word, data); err != nil {
		return key, fmt.Errorf("signing key %s: %w", name, err)
	}
	return key, nil
}

// makeKey makes a key with a password, and beside it the public key. Neither
// file may be there.
func makeKey(name string, environment func(string) string) error {
	word, err := password(environment)
	if err != nil {
		return err
	}
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	locked, err := minisign.EncryptKey(word, private)
	if err != nil {
		return err
	}
	shown, err := public.MarshalText()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
		mode fs.FileMode
	}{{name, locked, 0o600}, {name + ".pub", shown, 0o644}} {
		file, err := os.OpenFile(f.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode)
		if err != nil {
			return err
		}
		_, err = file.Write(append(f.data, '\n'))
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// sign signs every file of the release, if there is a key.
func (b *builder) sign() error {
	if b.key == nil {
		return nil
	}
	entries, err := os.ReadDir(b.out)
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(b.out, e.Name()))
		if err != nil {
			return err
		}
		r := minisign.NewReader(bytes.NewReader(data))
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
		signature := r.SignWithComments(*b.key, "adili "+b.version+" "+e.Name()+" "+b.commit, "signature of "+e.Name())
		if err := os.WriteFile(filepath.Join(b.out, e.Name()+signatureEnding), signature, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// verify checks a downloaded release: each file is listed and signed, and is
// what the list and the signature say. It gives the number of files.
func verify(folder, keyFile string) (int, error) {
	key, err := minisign.PublicKeyFromFile(keyFile)
	if err != nil {
		return 0, fmt.Errorf("public key: %w", err)
	}
	sums, err := os.ReadFile(filepath.Join(folder, sumsFile))
	if err != nil {
		return 0, err
	}
	if err := checkSignature(key, folder, sumsFile, sums); err != nil {
		return 0, err
	}
	listed := map[string]bool{sumsFile: true}
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || name != filepath.Base(name) {
			return 0, fmt.Errorf("%s: %q", sumsFile, line)
		}
		data, err := os.ReadFile(filepath.Join(folder, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // not everybody downloads everything
		}
		if err != nil {
			return 0, err
		}
		if fmt.Sprintf("%x", sha256.Sum256(data)) != sum {
			return 0, fmt.Errorf("%s is not the file that %s lists", name, sumsFile)
		}
		if err := checkSignature(key, folder, name, data); err != nil {
			return 0, err
		}
		listed[name] = true
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !listed[strings.TrimSuffix(e.Name(), signatureEnding)] {
			return 0, fmt.Errorf("%s does not belong to the release", e.Name())
		}
	}
	return len(listed), nil
}

func checkSignature(key minisign.PublicKey, folder, name string, data []byte) error {
	signature, err := os.ReadFile(filepath.Join(folder, name+signatureEnding))
	if err != nil {
		return fmt.Errorf("%s is not signed: %w", name, err)
	}
	r := minisign.NewReader(bytes.NewReader(data))
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	if !r.Verify(key, signature) {
		return fmt.Errorf("%s is not signed by that key, or was changed", name)
	}
	return nil
}
