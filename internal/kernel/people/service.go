package people

import (
	"context"
	"embed"
	"io/fs"
	"sync"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/people/seal"
	"adili/internal/kernel/storage"
)

//go:embed migration/*.sql
var migrations embed.FS

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of accounts: the errors of this package and the texts of its pages.
func Messages() fs.FS { return messages }

// Migrate makes or updates the tables of this package.
func Migrate(ctx context.Context, db *storage.DB) error {
	return storage.Migrate(ctx, db, "people", migrations)
}

// Service is what can be done with accounts. It may be used by many goroutines.
type Service struct {
	db       *storage.DB
	clock    clock.Clock
	limit    *limiter
	hasher   hasher
	required bool // operators need a second factor

	keysMu  sync.Mutex
	fileKey []byte
	keys    *seal.Ring // nil until needed
}

// New gives the service over a migrated database.
func New(db *storage.DB, clk clock.Clock) *Service {
	return &Service{db: db, clock: clk, limit: newLimiter(clk), hasher: newHasher()}
}

// Migrate makes or updates the tables of this package in the service's database.
func (s *Service) Migrate(ctx context.Context) error { return Migrate(ctx, s.db) }

// now gives the present time as the database keeps it.
func (s *Service) now() int64 { return s.clock.Now().UnixMicro() }
