// Package people owns the accounts of staff: who they are, their roles and what a role may do, passwords, sign-in, sessions
// and the one-time links by which an account gets its password. Respondents are no people of this package: of them nothing
// is known and nothing kept.
//
// Tables: person, person_session, person_link. Passwords are kept as Argon2id hashes; session tokens and one-time links as
// SHA-256 hashes of 130 random bits, so that a copy of the database opens no session.
package people
