// Package code is the invitation codes: how they are written, checked, drawn
// and hashed. It keeps nothing.
package code

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"strings"

	"golang.org/x/crypto/argon2"

	"adili/form"
	"adili/internal/kernel/i18n"
)

// Code is a well-formed invitation code; whether it was ever made is not known.
//
// It is written in Crockford's base 32. Its first two characters say the
// collection stratum, its last is a check character; what lies between is
// drawn by chance.
//
//	card: 2 prefix + 2 selector + 11 secret (55 bits) + 1 check = 16
//	link: 2 prefix + 26 secret (130 bits)              + 1 check = 29
//
// Every prefix belongs to some stratum, also of codes that were never made. So
// nothing that happens before the last step tells an unknown code from a used
// or an unused one, and whoever holds a list of codes learns nothing by trying
// them.
type Code string

const (
	alphabet     = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	cardLength   = 16
	linkLength   = 29
	selectorSize = 4
	prefixBits   = 10
)

// Argon2id cost of a card code. The 55 secret bits carry the strength: at this
// cost trying them all would take a processor tens of millions of years.
const (
	codeMemory = 8 << 10 // KiB
	codePasses = 2
	codeHash   = 32
)

// Carrier is what brings a code to a person.
type Carrier string

// The carriers.
const (
	ByCard Carrier = "card" // printed, drawn from a box or handed out
	ByLink Carrier = "link" // a link with the code in its fragment
)

// ErrMistyped is returned by Parse when the check character does not fit.
var ErrMistyped = errors.New("the code is mistyped")

// Parse reads a code as people type it: in small or capital letters, with
// spaces or hyphens, with O for 0 and I or L for 1, in Arabic-Indic digits.
func Parse(s string) (Code, error) {
	var b strings.Builder
	for _, r := range strings.ToUpper(i18n.Digits(s)) {
		switch {
		case r == ' ' || r == '-' || r == '\t' || r == '\u00a0' || r == '–' || r == '\u2011' || r == '\u200e' || r == '\u200f':
			continue
		case r == 'O':
			r = '0'
		case r == 'I' || r == 'L':
			r = '1'
		}
		b.WriteRune(r)
	}
	code := b.String()
	if len(code) != cardLength && len(code) != linkLength {
		return "", ErrMistyped
	}
	check, ok := checkSum(code)
	if !ok || check != 0 {
		return "", ErrMistyped
	}
	return Code(code), nil
}

// String is the code without spaces.
func (c Code) String() string { return string(c) }

// Groups is the code in groups of four, as it is printed.
func (c Code) Groups() string {
	var b strings.Builder
	for i, r := range string(c) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Card reports whether the code is of the kind printed on cards.
func (c Code) Card() bool { return len(c) == cardLength }

// Selector is what the code is looked up by. Of a card it is the public part;
// of a link the hash of the whole, which at 130 bits needs no slow hash.
func (c Code) Selector() string {
	if c.Card() {
		return string(c[:selectorSize])
	}
	h := sha256.Sum256([]byte("adili link code\x00" + c))
	return hex.EncodeToString(h[:])
}

func (c Code) prefix() int {
	return strings.IndexByte(alphabet, c[0])<<5 | strings.IndexByte(alphabet, c[1])
}

// Hash is what is stored of the code.
func (c Code) Hash(salt []byte) []byte {
	if c.Card() {
		return argon2.IDKey([]byte(c), salt, codePasses, codeMemory, 1, codeHash)
	}
	h := sha256.Sum256(append(append([]byte("adili link hash\x00"), salt...), c...))
	return h[:]
}

// Matches reports whether hash was made of c with salt, in a time that does not
// tell how far it agrees.
func (c Code) Matches(salt, hash []byte) bool {
	return subtle.ConstantTimeCompare(c.Hash(salt), hash) == 1
}

// checkSum is a sum over the field of 32 elements in which every position has
// its own weight. It finds every single wrong character and every exchange of
// two characters, wherever they stand.
func checkSum(code string) (sum byte, ok bool) {
	weight := byte(1)
	for i := len(code) - 1; i >= 0; i-- {
		v := strings.IndexByte(alphabet, code[i])
		if v < 0 {
			return 0, false
		}
		sum ^= multiply(weight, byte(v))
		weight = multiply(weight, 2)
	}
	return sum, true
}

// multiply is multiplication in GF(2^5) modulo x^5 + x^2 + 1, of which x is a
// generator: its powers are 31 different weights.
func multiply(a, b byte) byte {
	var product byte
	for range 5 {
		if b&1 == 1 {
			product ^= a
		}
		b >>= 1
		a <<= 1
		if a&0x20 != 0 {
			a ^= 0x25
		}
	}
	return product
}

// Table shares the 1,024 prefixes out among the numbers of collection strata.
type Table [1 << prefixBits]int

// Share makes the table for the strata of the populations that are invited by
// code. The sharing is public and the same for ever: codes of one population
// stay good when the other's strata are fixed later.
func Share(seed uint64, official, private []int) Table {
	var table Table
	halves := [2][]int{official, private}
	if len(official) == 0 {
		halves[0] = private
	}
	if len(private) == 0 {
		halves[1] = official
	}
	if len(halves[0]) == 0 {
		return table
	}
	half := len(table) / 2
	order := mathrand.New(mathrand.NewPCG(seed, 0)).Perm(half)
	for i := range table {
		strata := halves[i&1] // the lowest bit of a prefix is its population
		table[i] = strata[order[i>>1]*len(strata)/half]
	}
	return table
}

// Stratum is the collection stratum a code belongs to, whether it was ever
// made or not.
func (t *Table) Stratum(c Code) int { return t[c.prefix()] }

// Draw draws a code for a stratum of a population.
func (t *Table) Draw(kind form.Population, stratum int, carrier Carrier) (Code, error) {
	secret := linkLength - 1
	if carrier == ByCard {
		secret = cardLength - 1
	}
	raw := make([]byte, secret)
	for range 1 << 16 {
		if _, err := rand.Read(raw); err != nil {
			return "", fmt.Errorf("draw a code: %w", err)
		}
		code := make([]byte, secret, secret+1)
		for i, b := range raw {
			code[i] = alphabet[b&31]
		}
		if kind == form.Official { // its half of the prefixes: the lowest bit is 0
			code[1] = alphabet[raw[1]&30]
		} else {
			code[1] = alphabet[raw[1]&31|1]
		}
		if t[Code(code).prefix()] == stratum {
			return withCheck(code), nil
		}
	}
	return "", fmt.Errorf("draw a code: stratum %d has no prefix", stratum)
}

// withCheck appends the character that makes the sum zero. Its weight is one,
// so it is the sum of the rest.
func withCheck(code []byte) Code {
	sum, _ := checkSum(string(code) + "0")
	return Code(append(code, alphabet[sum]))
}

// Free draws a code whose selector is not taken, and takes it.
func (t *Table) Free(kind form.Population, stratum int, carrier Carrier, taken map[string]bool) (Code, error) {
	for range 10000 {
		c, err := t.Draw(kind, stratum, carrier)
		if err != nil {
			return "", err
		}
		if !taken[c.Selector()] {
			taken[c.Selector()] = true
			return c, nil
		}
	}
	return "", errors.New("no free card numbers are left")
}

// Shuffle brings a slice into an order drawn by chance.
func Shuffle[T any](all []T) error {
	for i := len(all) - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return err
		}
		all[i], all[j.Int64()] = all[j.Int64()], all[i]
	}
	return nil
}
