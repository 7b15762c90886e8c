package app

import (
	"context"
	"fmt"

	"adili/internal/kernel/storage"
)

// stand is how the tables in a database stand to those this program knows.
type stand struct {
	applied, known map[string]int64 // last migration of each room
}

// look finds out how the database stands.
func look(ctx context.Context, db *storage.DB) (*stand, error) {
	known, err := storage.Known(ctx, migrate)
	if err != nil {
		return nil, err
	}
	applied, err := db.Versions(ctx)
	if err != nil {
		return nil, err
	}
	return &stand{applied: applied, known: known}, nil
}

// empty reports whether there are no tables yet.
func (s *stand) empty() bool { return len(s.applied) == 0 }

// newer reports whether a newer program has been at work.
func (s *stand) newer() bool {
	for room, version := range s.applied {
		if version > s.known[room] {
			return true
		}
	}
	return false
}

// older reports whether something is left to migrate.
func (s *stand) older() bool {
	for room, version := range s.known {
		if s.applied[room] < version {
			return true
		}
	}
	return false
}

// fit refuses to work with tables of another version.
func (s *stand) fit(data string) error {
	switch {
	case s.empty():
		return nil
	case s.newer():
		return fmt.Errorf("the data in %s were made by a newer Adili than this (%s): use that one, or go back to before the upgrade with: adili upgrade --undo --data %s", data, version(), data)
	case s.older():
		return fmt.Errorf("the data in %s were made by an earlier Adili: bring them up to date, with a backup first, by: adili upgrade --data %s", data, data)
	}
	return nil
}
