package readiness

import (
	"context"
	"time"
)

// Probes are what the checks ask of the rest of the program. A nil one, or an empty text, leaves out what depends on it,
// unless it says otherwise.
type Probes struct {
	Now     func() time.Time // needed
	Version Version
	Serving bool   // the checks run inside the server, whose own limits are looked at too
	Address string // public https address; that there is none is a finding

	HTTPS  func(ctx context.Context) (HTTPS, error)
	Reach  func(ctx context.Context) error              // asks the public address for a sign of life, see Answers
	Others func(ctx context.Context) (time.Time, error) // the time by another machine's clock, see NetworkTime

	Database func(ctx context.Context) (Database, error)
	Shared   func(ctx context.Context) error // the store that several nodes share

	Data    string   // the data folder
	Secrets []string // further files that only this user may read
	Needed  func(ctx context.Context) (Bytes, error)
	Backup  func(ctx context.Context) (Backup, error)
	Mail    func(ctx context.Context) error // connects and signs in; that there is none is a finding

	Accounts func(ctx context.Context) (Accounts, error)
	Rounds   func(ctx context.Context) ([]Round, error)
	Trail    func(ctx context.Context) error
	Jobs     func(ctx context.Context) (failing []string, err error)
}

// Bytes is an amount of data.
type Bytes uint64

// Version says how the program and the data in the folder fit together.
type Version struct {
	Program string
	Built   time.Time // zero when that is not known
	Data    int       // less than zero: the data were made by an older program; more: by a newer one
}

// HTTPS says how the public address is served.
type HTTPS struct {
	Mode    HTTPSMode
	Names   []string
	Missing []string  // those of them without a certificate
	End     time.Time // of the first certificate to end
	Failing string    // why the last try to obtain, renew or read a certificate failed; empty when it did not
}

// HTTPSMode is where HTTPS comes from.
type HTTPSMode string

// The modes.
const (
	ByACME   HTTPSMode = "acme"     // certificates are obtained from an authority
	ByFiles  HTTPSMode = "files"    // certificates lie in files
	ByProxy  HTTPSMode = "proxy"    // a proxy in front has them
	Loopback HTTPSMode = "loopback" // none: plain HTTP on this machine only
)

// Database is what is known of the database.
type Database struct {
	Engine      string // "sqlite" or "postgres"
	Version     string
	Major       int    // of PostgreSQL
	Locale      string // encoding and collation when they are wrong; empty when they are right
	Size        Bytes
	Writable    bool
	Used, Limit int       // connections; a Limit of 0: without
	Now         time.Time // by the database's clock; zero when it has none of its own
}

// Backup is what is known of backups.
type Backup struct {
	Place     string // folder or address; empty when no backups are made
	Folder    bool   // Place is a folder on this machine
	Encrypted bool
	Succeeded time.Time // zero: never
	Failed    error     // of the last try
}

// Accounts is what is known of operators' accounts.
type Accounts struct {
	Operators   int      // who can sign in
	Unprotected []string // names of those without a second factor
}

// Round is what is known of a round.
type Round struct {
	Name      string
	Open      bool
	Fault     error    // why an open round takes no answers; nil when it does
	Untold    []string // languages that the round offers but that a questionnaire lacks
	Retention bool     // a day is set at which its data go
}
