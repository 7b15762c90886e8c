// Package id makes the identifiers of stored things. They are random and not ordered by time: an identifier must not tell
// when an answer was given, nor in which order.
package id

import "crypto/rand"

// alphabet is Crockford's base 32 in lower case: no i, l, o or u, so that an identifier can be read aloud.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// length in characters of 5 random bits each: 130 bits, so that no two are ever alike and none can be guessed.
const length = 26

// New gives prefix + "_" + 26 random characters, such as "round_7k3v…".
func New(prefix string) string {
	b := make([]byte, length)
	rand.Read(b) // never fails: since Go 1.24 the program ends if the system has no random numbers
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return prefix + "_" + string(b)
}
