// Package app is the one room that knows all others. It reads the
// configuration, opens the database, puts the rooms together, serves them, and
// holds the commands. Nobody imports it but cmd/adili and tests.
package app
