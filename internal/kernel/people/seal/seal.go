// Package seal holds the keys of accounts. What it seals and signs says what it is for, so nothing made for one purpose
// passes for another.
//
// There are two keys. The root lies in the database, so that every node has it and a restored database brings it along. It
// seals what travels through pages and cookies for minutes, and signs device cookies, which open nothing. The secrets of
// authenticator apps are worth more to a thief of a copy of the database: they are sealed under the file key as well, which
// lies elsewhere.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// KeyLength is the length of a key in bytes.
const KeyLength = 32

// NewKey gives a random key.
func NewKey() []byte {
	key := make([]byte, KeyLength)
	rand.Read(key) // never fails
	return key
}

// Ring is the keys, ready for use by many goroutines.
type Ring struct {
	page   cipher.AEAD
	device []byte
	vaults []vault // they open secrets; the last one seals new ones
}

// vault seals secrets that stay in the database.
type vault struct {
	id   [8]byte // stands before what it sealed
	aead cipher.AEAD
}

// New gives the ring of a root key and a file key, which may be nil: then the root alone has to do.
func New(root, file []byte) *Ring {
	r := &Ring{page: newAEAD(derive(root, "page")), device: derive(root, "device"), vaults: []vault{newVault(root)}}
	if file != nil {
		r.vaults = append(r.vaults, newVault(append(append([]byte{}, root...), file...)))
	}
	return r
}

func newVault(secret []byte) vault {
	v := vault{aead: newAEAD(derive(secret, "vault"))}
	copy(v.id[:], derive(secret, "vault id"))
	return v
}

func derive(secret []byte, use string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "adili people "+use, KeyLength)
	if err != nil {
		panic(err) // only for a length that SHA-256 cannot give
	}
	return key
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for a key of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for another block size
	}
	return aead
}

// ErrOther says that something was sealed under another key, for another purpose, or is too old.
var ErrOther = errors.New("sealed otherwise, or too long ago")

// Token seals a body until a time, for a purpose, as text.
func (r *Ring) Token(body []byte, purpose string, until time.Time) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(until.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(r.page.Seal(nil, nil, append(plain, body...), []byte(purpose)))
}

// Body gives what Token sealed for the purpose, or ErrOther.
func (r *Ring) Body(token, purpose string, now time.Time) ([]byte, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, ErrOther
	}
	plain, err := r.page.Open(nil, nil, sealed, []byte(purpose))
	if err != nil || len(plain) < 8 || int64(binary.BigEndian.Uint64(plain)) <= now.UnixMicro() {
		return nil, ErrOther
	}
	return plain[8:], nil
}

// Put seals a secret of somebody for the database.
func (r *Ring) Put(secret []byte, owner string) []byte {
	v := r.vaults[len(r.vaults)-1]
	return v.aead.Seal(append([]byte{}, v.id[:]...), nil, secret, []byte(owner))
}

// Get gives the secret that Put sealed for the owner, or ErrOther.
func (r *Ring) Get(sealed []byte, owner string) ([]byte, error) {
	for _, v := range r.vaults {
		if v.sealed(sealed) {
			secret, err := v.aead.Open(nil, nil, sealed[len(v.id):], []byte(owner))
			if err != nil {
				return nil, ErrOther
			}
			return secret, nil
		}
	}
	return nil, ErrOther
}

// Has says whether the ring has the key that something was Put under.
func (r *Ring) Has(sealed []byte) bool {
	for _, v := range r.vaults {
		if v.sealed(sealed) {
			return true
		}
	}
	return false
}

func (v vault) sealed(text []byte) bool {
	return len(text) >= len(v.id) && string(text[:len(v.id)]) == string(v.id[:])
}

// A device cookie is a nonce and the day it ends, signed together with the account's name. DeviceLife is how long it is good for.
const (
	DeviceLife = 365 * day
	day        = 24 * time.Hour
	nonceSize  = 16
	headSize   = nonceSize + 4
)

func (r *Ring) sign(head []byte, account string) []byte {
	mac := hmac.New(sha256.New, r.device)
	mac.Write(head) // never fails
	mac.Write([]byte(account))
	return mac.Sum(nil)
}

// NewDevice gives a device cookie for an account: it says that somebody has signed in to it from this browser.
func (r *Ring) NewDevice(account string, now time.Time) string {
	head := make([]byte, nonceSize)
	rand.Read(head) // never fails
	head = binary.BigEndian.AppendUint32(head, uint32(now.Add(DeviceLife).Unix()/int64(day/time.Second)))
	return base64.RawURLEncoding.EncodeToString(append(head, r.sign(head, account)...))
}

// Device gives a name for the browser of a device cookie, and "" when the cookie is not good for the account. fresh says
// that it need not be renewed yet.
func (r *Ring) Device(cookie, account string, now time.Time) (name string, fresh bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(raw) != headSize+sha256.Size || !hmac.Equal(raw[headSize:], r.sign(raw[:headSize], account)) {
		return "", false
	}
	ends := time.Unix(int64(binary.BigEndian.Uint32(raw[nonceSize:]))*int64(day/time.Second), 0)
	left := ends.Sub(now)
	if left <= 0 {
		return "", false
	}
	return string(raw[:nonceSize]), left > DeviceLife/2
}
