package storage

import "context"

// Standing is how the tables in a database stand to those that this program knows.
type Standing struct {
	Applied, Known map[string]int64 // last migration of each room
}

// Stand finds out how the database stands; migrate is what brings the tables of all rooms up to date.
func (db *DB) Stand(ctx context.Context, migrate func(ctx context.Context, db *DB) error) (s Standing, err error) {
	if s.Known, err = Known(ctx, migrate); err != nil {
		return s, err
	}
	s.Applied, err = db.Versions(ctx)
	return s, err
}

// Empty reports whether there are no tables yet.
func (s Standing) Empty() bool { return len(s.Applied) == 0 }

// Newer reports whether a newer program has been at work.
func (s Standing) Newer() bool {
	for room, version := range s.Applied {
		if version > s.Known[room] {
			return true
		}
	}
	return false
}

// Older reports whether something is left to migrate.
func (s Standing) Older() bool {
	for room, version := range s.Known {
		if s.Applied[room] < version {
			return true
		}
	}
	return false
}
