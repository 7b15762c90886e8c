// Package ballot keeps the answers of an open round where nobody can read
// them, in an order that tells nothing.
//
// A Box is a file of slots of one size, filled with random bytes when it is
// made. An answer is sealed to the round's public key the moment it arrives
// and written into a free slot drawn by chance, and it is on the disk
// (fdatasync) before anybody is told so. No table of either database engine
// could do this: SQLite keeps arrival order in its pages and its log, and
// PostgreSQL in the hidden columns of every row.
//
// A slot holds the sealed answer, a mark by which the same form sent again is
// recognised, and a checksum that tells a written slot from a free one. There
// is no time, no address, no serial number and nothing that stands in the
// invitations as well.
//
// Seal and Key are the sealing: HPKE (RFC 9180) with X25519, HKDF-SHA256 and
// AES-256-GCM; the private key rests under a passphrase (Argon2id, RFC 9106)
// until the round is closed, and is destroyed then.
package ballot
