// Package backup makes encrypted copies of everything that is kept, while the program runs, and restores them, also on the
// other database engine. The file is described in docs/guide/backup-format.md.
//
// A copy shows one moment: the intake of answers pauses while the answer files are copied and the database's moment is
// fixed, so that no answer is in it whose code is unused there, and no code is used whose answer is missing. Sealed
// answers stay sealed; sessions and one-time links are left out.
package backup

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/storage"
)

//go:embed message/*.json
var messages embed.FS

// Messages has the texts of this package's errors.
func Messages() fs.FS { return messages }

// Source hands over the files that belong to the database.
type Source interface {
	// Copy gives every file to put, which reads it before it returns, and calls snapshot once, at a moment when the
	// files given and the database belong together. Where there are several nodes, missing names those whose files
	// could not be had.
	Copy(ctx context.Context, put func(name string, size int64, r io.Reader) error, snapshot func() error) (missing []string, err error)
}

// Options says what is backed up.
type Options struct {
	DB      *storage.DB
	Source  Source
	Data    string   // data folder
	Files   []string // small files in the data folder that are kept besides, such as keys; they need not exist
	Passing []string // tables whose rows mean nothing later: sessions, one-time links, leases; they need not exist
	// Name gives the name of a round, for the operator. It may be nil.
	Name    func(ctx context.Context, round string) (string, error)
	Version string // of the program
	Clock   clock.Clock
	Log     *slog.Logger
}

// Backup makes copies.
type Backup struct {
	Options
	turn chan struct{} // one at a time
}

// New returns a Backup.
func New(o Options) *Backup { return &Backup{Options: o, turn: make(chan struct{}, 1)} }

// Manifest says what is in a backup. It is the first thing in it.
type Manifest struct {
	Format   int              `json:"format"`
	Program  string           `json:"program"` // version that made it
	Made     time.Time        `json:"made"`
	Engine   string           `json:"engine"`   // that it was made on; it can be restored on either
	Versions map[string]int64 `json:"versions"` // last migration of each room
	Tables   []storage.Table  `json:"tables"`
	Passing  []string         `json:"passing"` // tables that were left out
	Files    []File           `json:"files"`
	Open     []Round          `json:"open"`    // rounds that were taking answers
	Missing  []string         `json:"missing"` // nodes whose answers are not in it
}

// File is a file in a backup.
type File struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// Round is an open round in a backup.
type Round struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// End closes a backup: without it, it is not whole.
type End struct {
	Rows   map[string]int64  `json:"rows"`   // of each table
	Sums   map[string]string `json:"sums"`   // SHA-256 of each table's rows
	Bytes  int64             `json:"bytes"`  // of all entries before this
	SHA256 string            `json:"sha256"` // of all entries before this, with their names and sizes
}
