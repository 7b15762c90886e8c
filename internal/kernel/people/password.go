package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"

	"golang.org/x/crypto/argon2"
)

// Limits of a password. NIST SP 800-63B asks for 15 characters where the password is the only factor, and for no rules of
// composition.
const (
	MinPassword = 15  // characters
	maxPassword = 200 // characters; more only costs time
	minDistinct = 5   // different characters, against "aaaaaaaaaaaaaaa"
)

// checkPassword says why a new password is refused, or nil.
func checkPassword(password, email string) error {
	password = i18n.Normal(password)
	distinct := make(map[rune]bool)
	for _, r := range password {
		distinct[r] = true
	}
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return errs.New(errs.Invalid, "people.error.password_short", "Least", MinPassword)
	case n > maxPassword:
		return errs.New(errs.Invalid, "people.error.password_long", "Most", maxPassword)
	case len(distinct) < minDistinct, strings.EqualFold(password, email):
		return errs.New(errs.Invalid, "people.error.password_weak")
	}
	return nil
}

// Cost of a hash: OWASP's first choice for Argon2id, 19 MiB and two passes, about 30 ms.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashLength = 32
	saltLength = 16
)

// hasher makes and checks password hashes, a few at a time so that a flood of sign-ins takes neither all memory nor all
// processors.
type hasher struct {
	turns chan struct{}
	dummy string // a hash nobody has the password of, checked for unknown accounts to take the same time
}

func newHasher() hasher {
	return hasher{turns: make(chan struct{}, 2), dummy: encode(random(saltLength), random(hashLength))}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}

func encode(salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

// hash gives the PHC string of a new password.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	salt := random(saltLength)
	sum, err := h.sum(ctx, password, salt, hashPasses, hashMemory, hashLanes, hashLength)
	if err != nil {
		return "", err
	}
	return encode(salt, sum), nil
}

// phc is the content of a PHC string.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, hash     []byte
}

// readPHC reads a PHC string, which may be of another cost than today's.
func readPHC(text string) (p phc, err error) {
	var version uint32
	parts := strings.Split(text, "$") // "", argon2id, v, cost, salt, hash
	if len(parts) != 6 || parts[1] != "argon2id" {
		return phc{}, fmt.Errorf("unknown form of password hash")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &p.memory, &p.passes, &p.lanes); err != nil || version != argon2.Version {
		return phc{}, fmt.Errorf("cost of a password hash %q: %v", parts[2]+parts[3], err)
	}
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return phc{}, fmt.Errorf("salt of a password hash: %w", err)
	}
	if p.hash, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return phc{}, fmt.Errorf("password hash: %w", err)
	}
	return p, nil
}

// check says whether the password belongs to the PHC string.
func (h hasher) check(ctx context.Context, password, text string) (bool, error) {
	p, err := readPHC(text)
	if err != nil {
		return false, err
	}
	got, err := h.sum(ctx, password, p.salt, p.passes, p.memory, p.lanes, uint32(len(p.hash)))
	return err == nil && subtle.ConstantTimeCompare(got, p.hash) == 1, err
}

func (h hasher) sum(ctx context.Context, password string, salt []byte, passes, memory uint32, lanes uint8, length uint32) ([]byte, error) {
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(ctx.Err())
	}
	return argon2.IDKey([]byte(i18n.Normal(password)), salt, passes, memory, lanes, length), nil
}

// newToken gives 130 random bits as text, for sessions and one-time links.
func newToken() string { return strings.ToLower(rand.Text()) }

// tokenHash is what is kept of a token. A plain hash is enough: nobody can try 2^130 tokens.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
