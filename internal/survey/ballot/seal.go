package ballot

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// Overhead is how many bytes longer a sealed answer is than the answer: the
// encapsulated X25519 key and the AES-GCM tag.
const Overhead = 32 + 16

// Argon2id cost of the passphrase, the second recommendation of RFC 9106
// (64 MiB, three passes): paid twice in the life of a round.
const (
	wrapMemory = 64 << 10 // KiB
	wrapPasses = 3
	wrapLanes  = 4
)

// ErrPassphrase is returned by Key.Unlock when the passphrase is not the one
// that was set.
var ErrPassphrase = errors.New("the passphrase does not open the round's key")

// Key is the key of one round: the public part seals answers, the private part
// is locked under the passphrase until the round is closed.
type Key struct {
	Public  []byte `json:"public"`  // X25519 public key, 32 bytes
	Salt    []byte `json:"salt"`    // of the passphrase
	Nonce   []byte `json:"nonce"`   // of the lock
	Private []byte `json:"private"` // X25519 private key under AES-256-GCM
}

func kem() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }

// NewKey makes a round's key and locks its private part.
func NewKey(passphrase string) (*Key, error) {
	private, err := kem().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("make the round's key: %w", err)
	}
	secret, err := private.Bytes()
	if err != nil {
		return nil, fmt.Errorf("make the round's key: %w", err)
	}
	k := &Key{Public: private.PublicKey().Bytes(), Salt: make([]byte, 16), Nonce: make([]byte, 12)}
	if _, err := rand.Read(k.Salt); err != nil {
		return nil, fmt.Errorf("make the round's key: %w", err)
	}
	if _, err := rand.Read(k.Nonce); err != nil {
		return nil, fmt.Errorf("make the round's key: %w", err)
	}
	lock, err := k.lock(passphrase)
	if err != nil {
		return nil, fmt.Errorf("lock the round's key: %w", err)
	}
	k.Private = lock.Seal(nil, k.Nonce, secret, k.Public)
	return k, nil
}

func (k *Key) lock(passphrase string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(argon2.IDKey([]byte(passphrase), k.Salt, wrapPasses, wrapMemory, wrapLanes, 32))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Opener opens the sealed answers of one round.
type Opener struct{ private hpke.PrivateKey }

// Unlock returns what opens the round's answers.
func (k *Key) Unlock(passphrase string) (*Opener, error) {
	lock, err := k.lock(passphrase)
	if err != nil {
		return nil, fmt.Errorf("unlock the round's key: %w", err)
	}
	secret, err := lock.Open(nil, k.Nonce, k.Private, k.Public)
	if err != nil {
		return nil, ErrPassphrase
	}
	private, err := kem().NewPrivateKey(secret)
	if err != nil {
		return nil, fmt.Errorf("unlock the round's key: %w", err)
	}
	return &Opener{private}, nil
}

// Open opens one answer that was sealed for info.
func (o *Opener) Open(info string, sealed []byte) ([]byte, error) {
	plain, err := hpke.Open(o.private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info), sealed)
	if err != nil {
		return nil, fmt.Errorf("open a sealed answer: %w", err)
	}
	return plain, nil
}

// Sealer seals answers so that only the holder of the passphrase can open them.
type Sealer struct {
	public hpke.PublicKey
	info   []byte
}

// Sealer returns what seals answers for info, which names the round and what
// the answers are, so that one cannot be passed off as another.
func (k *Key) Sealer(info string) (*Sealer, error) {
	public, err := kem().NewPublicKey(k.Public)
	if err != nil {
		return nil, fmt.Errorf("read the round's public key: %w", err)
	}
	return &Sealer{public, []byte(info)}, nil
}

// Seal returns plain sealed, Overhead bytes longer.
func (s *Sealer) Seal(plain []byte) ([]byte, error) {
	sealed, err := hpke.Seal(s.public, hpke.HKDFSHA256(), hpke.AES256GCM(), s.info, plain)
	if err != nil {
		return nil, fmt.Errorf("seal an answer: %w", err)
	}
	return sealed, nil
}

// Marshal is the key as it is written to its file.
func (k *Key) Marshal() ([]byte, error) { return json.Marshal(k) }

// ParseKey reads what Marshal wrote.
func ParseKey(data []byte) (*Key, error) {
	var k Key
	if err := json.Unmarshal(data, &k); err != nil {
		return nil, fmt.Errorf("read the round's key: %w", err)
	}
	return &k, nil
}
