package cert

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// folder is where the key of the account at one authority and its certificates are kept. Each authority has its own, so that
// what a test authority signed is not served once the real one is named.
type folder string

func newFolder(parent, directory string) folder {
	host := "authority"
	if u, err := url.Parse(directory); err == nil && u.Hostname() != "" {
		host = strings.NewReplacer(":", "_", "%", "_").Replace(u.Hostname()) // an address of IPv6 is no name for a folder
	}
	return folder(filepath.Join(parent, fmt.Sprintf("%s-%.4x", host, sha256.Sum256([]byte(directory)))))
}

const accountFile = "account.key"

// accountKey reads the account's key, and makes it when there is none.
func (f folder) accountKey() (crypto.Signer, error) {
	text, err := os.ReadFile(filepath.Join(string(f), accountFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f.makeAccountKey()
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key", accountFile)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", accountFile, err)
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds another sort of key", accountFile)
	}
	return signer, nil
}

func (f folder) makeAccountKey() (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	text, err := encode(key, nil)
	if err != nil {
		return nil, err
	}
	return key, f.write(accountFile, text)
}

// encode writes a key and the chain of its certificate as PEM.
func encode(key crypto.PrivateKey, chain [][]byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, link := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: link})...)
	}
	return text, nil
}

// parseCertificate reads what encode wrote, and checks that it is for name.
func parseCertificate(name string, text []byte) (*tls.Certificate, error) {
	cert, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, err
	}
	if err := cert.Leaf.VerifyHostname(name); err != nil {
		return nil, err
	}
	return &cert, nil
}

// load gives what is kept for a name: nothing at all is no error.
func (f folder) load(name string) (cert *tls.Certificate, s state, err error) {
	text, err := os.ReadFile(filepath.Join(string(f), name+".pem"))
	if err == nil {
		cert, err = parseCertificate(name, text)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	text, stateErr := os.ReadFile(filepath.Join(string(f), name+".json"))
	if stateErr == nil {
		stateErr = json.Unmarshal(text, &s)
	}
	if errors.Is(stateErr, fs.ErrNotExist) {
		stateErr = nil
	}
	return cert, s, errors.Join(err, stateErr)
}

// saveCertificate keeps key and chain together in one file, so that no crash can leave one without the other.
func (f folder) saveCertificate(name string, cert *tls.Certificate) error {
	text, err := encode(cert.PrivateKey, cert.Certificate)
	if err != nil {
		return err
	}
	return f.write(name+".pem", text)
}

func (f folder) saveState(name string, s state) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return f.write(name+".json", text)
}

// write puts a file in place, whole or not at all, for nobody but the program's own account.
func (f folder) write(name string, text []byte) (err error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(string(f), ".next-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(next.Name()) // it is the first trouble that counts
		}
	}()
	_, err = next.Write(text)
	if err == nil {
		err = next.Sync()
	}
	if cerr := next.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(next.Name(), filepath.Join(string(f), name)); err != nil {
		return err
	}
	return syncFolder(string(f))
}

// syncFolder makes a rename last. Windows has no such thing and needs none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
