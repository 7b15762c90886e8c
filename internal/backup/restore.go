package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"

	"filippo.io/age"
)

// databaseName is the SQLite database in the data folder.
const databaseName = "adili.db"

// Target is where a backup is restored to. No server may run on it: whoever calls holds the data folder's lock.
type Target struct {
	Data     string // data folder, which exists
	Database string // PostgreSQL address; empty for SQLite in the data folder
	Files    []string
	Replace  bool // what is there is moved aside
	Exact    bool // the tables stay at the versions of the backup, for the program that made it
	Clock    clock.Clock
	// Migrate brings all rooms' tables up to date.
	Migrate func(ctx context.Context, db *storage.DB) error
	// Count counts what the open rounds have accepted; dir holds the rounds' files. It may be nil.
	Count func(ctx context.Context, q storage.Querier, dir string) ([]Count, error)
}

// Restore puts a backup in place of what is there. It is read twice: once to see that it is whole, and again into a new
// folder, or schema, beside the old. Only when all is there and reads back as it was written, and agree has given no error,
// the two are exchanged. Until then nothing is changed; an exchange that is interrupted is completed by Complete.
func (t Target) Restore(ctx context.Context, open Open, identities []age.Identity, agree func(Report) error) (r Report, err error) {
	defer errs.Wrap(&err, "restore")
	if err := Complete(ctx, t.Data, t.Database); err != nil {
		return r, err
	}
	if r.Summary, err = Verify(ctx, open, identities); err != nil {
		return r, err
	}
	old, err := t.present(ctx)
	if err != nil {
		return r, err
	}
	if old && !t.Replace {
		return r, errs.New(errs.Conflict, "backup.not_empty", "Folder", t.Data)
	}
	defer func() {
		if err != nil { // also when the context has ended
			err = errors.Join(fault(err), t.clear(context.WithoutCancel(ctx)))
		}
	}()
	staged, err := t.stage(ctx, open, identities, r.Summary)
	if err != nil {
		return r, err
	}
	r.Lost, r.Unread = t.compare(ctx, r.Summary, staged, old)
	if err := staged.Close(); err != nil {
		return r, err
	}
	if agree != nil {
		if err := agree(r); err != nil {
			return r, err
		}
	}
	r.Aside, err = t.exchange(ctx, old)
	return r, err
}

// path is a place in the data folder.
func (t Target) path(name string) string { return filepath.Join(t.Data, filepath.FromSlash(name)) }

// present tells whether there is anything to be replaced.
func (t Target) present(ctx context.Context) (bool, error) {
	for _, name := range []string{databaseName, "rounds"} {
		if _, err := os.Lstat(t.path(name)); err == nil {
			return true, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	if t.Database == "" {
		return false, nil
	}
	db, err := storage.OpenSchema(ctx, t.Database, "")
	if err != nil {
		return false, err
	}
	empty, err := db.Empty(ctx)
	return !empty, errors.Join(err, db.Close())
}

// Alone refuses an empty database beside a data folder in which another was in use. To begin there would look like a new
// installation: nobody has an account, and nobody's code is known.
func Alone(data, database string) error {
	found := filepath.Join(data, databaseName)
	_, err := os.Stat(found)
	if database == "" || errors.Is(err, fs.ErrNotExist) { // on SQLite it is the empty one
		var rounds []os.DirEntry
		found = filepath.Join(data, "rounds")
		if rounds, err = os.ReadDir(found); errors.Is(err, fs.ErrNotExist) || err == nil && len(rounds) == 0 {
			return nil
		}
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("the database is empty, but there is %s of another: is the option database right? Data move between databases by a backup and a restore", found)
}

// errElsewhere says that the rounds' files belong to a database that is not asked.
var errElsewhere = errors.New("the rounds in the data folder belong to a database elsewhere, such as PostgreSQL")

// openOld opens the database that is to be replaced. Where data move to a new PostgreSQL database, that is the one in the
// data folder.
func (t Target) openOld(ctx context.Context) (*storage.DB, error) {
	if t.Database != "" {
		db, err := storage.OpenSchema(ctx, t.Database, "")
		if err == nil {
			db, err = unlessEmpty(ctx, db)
		}
		if !errors.Is(err, errElsewhere) {
			return db, err
		}
	}
	_, err := os.Stat(t.path(databaseName)) // opening would make it
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errElsewhere
	}
	if err != nil {
		return nil, err
	}
	db, err := storage.Open(ctx, "sqlite:"+t.path(databaseName))
	if err != nil {
		return nil, err
	}
	return unlessEmpty(ctx, db)
}

// unlessEmpty closes a database without tables: errElsewhere.
func unlessEmpty(ctx context.Context, db *storage.DB) (*storage.DB, error) {
	empty, err := db.Empty(ctx)
	if err == nil && !empty {
		return db, nil
	}
	if empty {
		err = errElsewhere
	}
	return nil, errors.Join(err, db.Close())
}

// stage puts everything in the backup beside what is in use.
func (t Target) stage(ctx context.Context, open Open, identities []age.Identity, s Summary) (_ *storage.DB, err error) {
	if err := os.Mkdir(t.path(stageName), 0o700); err != nil {
		return nil, err
	}
	db, err := t.openStaged(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	db.MigrateUntil(s.Versions)
	if err := t.migrate(ctx, db, s.Manifest); err != nil {
		return nil, err
	}
	if err := t.fill(ctx, db, open, identities, s); err != nil {
		return nil, err
	}
	if err := readBack(ctx, db, s); err != nil {
		return nil, err
	}
	if t.Exact {
		return db, nil
	}
	db.MigrateUntil(nil)
	if err := t.Migrate(ctx, db); err != nil {
		return nil, err
	}
	return db, db.Write(ctx, func(tx storage.Querier) error {
		return audit.Append(ctx, tx, t.Clock.Now(), audit.Console, "backup.restored", s.Made.Format(time.RFC3339))
	})
}

func (t Target) openStaged(ctx context.Context) (*storage.DB, error) {
	if t.Database == "" {
		return storage.Open(ctx, "sqlite:"+t.path(stageName+"/"+databaseName))
	}
	live, err := storage.OpenSchema(ctx, t.Database, "")
	if err != nil {
		return nil, err
	}
	if err = live.Alone(ctx); errors.Is(err, storage.ErrInUse) {
		err = errs.New(errs.Conflict, "backup.in_use").Because(err)
	}
	if err == nil {
		err = live.MakeSchema(ctx, stageSchema)
	}
	if err = errors.Join(err, live.Close()); err != nil {
		return nil, err
	}
	return storage.OpenSchema(ctx, t.Database, stageSchema)
}

// migrate makes the tables as they were when the backup was made.
func (t Target) migrate(ctx context.Context, db *storage.DB, m Manifest) error {
	err := t.Migrate(ctx, db)
	if err != nil && !errors.Is(err, storage.ErrNewer) {
		return err
	}
	got := map[string]int64{}
	if err == nil {
		if got, err = db.Versions(ctx); err != nil {
			return err
		}
	}
	if !maps.Equal(got, m.Versions) {
		return errs.New(errs.Conflict, "backup.newer").Because(fmt.Errorf("made by version %s, with tables %v; here they are %v", m.Program, m.Versions, got))
	}
	return nil
}

// fill loads the rows and files.
func (t Target) fill(ctx context.Context, db *storage.DB, open Open, identities []age.Identity, s Summary) error {
	root, err := os.OpenRoot(t.path(stageName))
	if err != nil {
		return err
	}
	defer root.Close()
	return db.Load(ctx, s.Tables, func(l *storage.Loader) error {
		again, err := read(ctx, open, identities, taker{
			manifest: func(m Manifest) error { return t.allow(m) },
			row:      l.Row,
			file:     func(name string, r io.Reader) error { return putFile(root, filepath.FromSlash(name), r) },
		})
		if err == nil && again.SHA256 != s.SHA256 {
			err = errors.New("the backup changed while it was read")
		}
		return err
	})
}

// allow refuses files that are none of ours.
func (t Target) allow(m Manifest) error {
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Name, "rounds/") && !slices.Contains(t.Files, f.Name) {
			return errs.New(errs.Invalid, "backup.damaged").Because(fmt.Errorf("a file that does not belong there: %s", f.Name))
		}
	}
	return nil
}

// putFile writes a file that only this user may read.
func putFile(root *os.Root, name string, r io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// readBack compares what the database now holds with what was in the backup.
func readBack(ctx context.Context, db *storage.DB, s Summary) error {
	d, err := db.BeginDump(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	for _, t := range s.Tables {
		w, sum := newRowWriter(), sha256.New()
		err := d.Rows(ctx, t, func(row []any) error {
			defer w.buffer.Reset()
			if err := w.add(row); err != nil {
				return err
			}
			sum.Write(w.buffer.Bytes()) // never fails
			return nil
		})
		if err == nil && hex.EncodeToString(sum.Sum(nil)) != s.Sums[t.Name] {
			err = fmt.Errorf("table %s does not read back as it was written", t.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
