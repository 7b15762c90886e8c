package storage

import (
	"database/sql"
	"time"
)

// Hurry makes Write give up after d, so that tests of a locked database need not wait as long as people do.
func (db *DB) Hurry(d time.Duration) { db.wait = d }

// Pools gives the two pools, for looking at the settings of their connections.
func (db *DB) Pools() (reader, writer *sql.DB) { return db.reader, db.writer }
