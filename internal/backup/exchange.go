package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// Names in the data folder and schemas of the PostgreSQL database.
const (
	stageName   = "restoring"        // folder: what is being restored
	stageSchema = "adili_restoring"  // schema: the same
	journalName = "restoring.json"   // an exchange under way
	asideFolder = "before-restore-"  // + time: what was there before
	asideSchema = "before_restore_"  // + time
	asideTime   = "20060102t150405z" // in both names
)

// journal says what an exchange does, so that it can be completed after an interruption at any point.
type journal struct {
	From  string   `json:"from"`  // folder, below the data folder, of what comes into use
	Aside string   `json:"aside"` // folder for what was in use
	Out   []string `json:"out"`   // what was in use
	In    []string `json:"in"`    // what comes into use
	// On PostgreSQL the schemas with the same parts.
	FromSchema  string `json:"from_schema,omitempty"`
	AsideSchema string `json:"aside_schema,omitempty"`
}

// exchange puts the staged data into use. It gives the folder, and on PostgreSQL the schema, of what was there before.
func (t Target) exchange(ctx context.Context, old bool) (aside string, err error) {
	// A file that the backup lacks goes aside too: a key or the heads of a trail of other data are none of these.
	parts := append([]string{databaseName, databaseName + "-wal", databaseName + "-shm", "rounds"}, t.Files...)
	j := journal{From: stageName, In: t.existing(stageName, parts), Out: t.existing("", parts)}
	if t.Database != "" {
		j.FromSchema = stageSchema
	}
	if err := t.adopt(stageName); err != nil {
		return "", err
	}
	if err := syncTree(t.path(stageName)); err != nil {
		return "", err
	}
	if aside, err = t.begin(ctx, &j); err != nil || old {
		return aside, err
	}
	return "", t.forget(ctx, j) // nothing was there before
}

// forget removes what would hold the old data.
func (t Target) forget(ctx context.Context, j journal) error {
	if j.AsideSchema != "" {
		db, err := storage.OpenSchema(ctx, t.Database, "")
		if err != nil {
			return err
		}
		if err := errors.Join(db.DropSchema(ctx, j.AsideSchema), db.Close()); err != nil {
			return err
		}
	}
	return os.Remove(t.path(j.Aside)) // only if it is empty
}

// Undo puts back what the last restore, or the last Undo, moved aside; what is in use is moved aside instead. It gives the
// names of what came back and of where the other went.
func (t Target) Undo(ctx context.Context) (back, aside string, err error) {
	defer errs.Wrap(&err, "undo the restore")
	if err := Complete(ctx, t.Data, t.Database); err != nil {
		return "", "", err
	}
	entries, err := os.ReadDir(t.Data)
	if err != nil {
		return "", "", err
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), asideFolder) {
			back = max(back, e.Name())
		}
	}
	if back == "" {
		return "", "", errs.New(errs.NotFound, "backup.nothing_aside", "Folder", t.Data)
	}
	j := journal{From: back}
	if j.In, err = below(t.path(back)); err != nil {
		return "", "", err
	}
	j.Out = t.existing("", append([]string{databaseName, databaseName + "-wal", databaseName + "-shm", "rounds"}, j.In...))
	slices.Sort(j.Out)
	j.Out = slices.Compact(j.Out)
	if t.Database != "" {
		db, err := storage.OpenSchema(ctx, t.Database, "")
		if err != nil {
			return "", "", err
		}
		if err = db.Alone(ctx); errors.Is(err, storage.ErrInUse) {
			err = errs.New(errs.Conflict, "backup.in_use").Because(err)
		}
		if err = errors.Join(err, db.Close()); err != nil {
			return "", "", err
		}
		j.FromSchema = asideSchema + strings.TrimPrefix(back, asideFolder)
	}
	aside, err = t.begin(ctx, &j)
	return back, aside, err
}

// existing gives those of the names that are there below the folder.
func (t Target) existing(folder string, names []string) []string {
	var found []string
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(t.path(folder), filepath.FromSlash(name))); err == nil {
			found = append(found, name)
		}
	}
	return found
}

// below lists what was moved into a folder: rounds as a whole, everything else file by file.
func below(dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case name == "rounds":
			names = append(names, name)
			return fs.SkipDir
		case !d.IsDir():
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// begin writes the journal, which is the point of no return, and does what it says.
func (t Target) begin(ctx context.Context, j *journal) (aside string, err error) {
	now := t.Clock.Now().UTC()
	for { // two in a second get names of their own
		stamp := now.Format(asideTime)
		j.Aside = asideFolder + stamp
		if j.FromSchema != "" {
			j.AsideSchema = asideSchema + stamp
		}
		if _, err := os.Lstat(t.path(j.Aside)); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", err
		}
		now = now.Add(time.Second)
	}
	if err := t.note(j); err != nil {
		return "", err
	}
	if err := j.run(context.WithoutCancel(ctx), t.Data, t.Database); err != nil {
		return j.Aside, fmt.Errorf("the exchange was cut short; the next start of the service, or the next restore, completes it: %w", err)
	}
	return j.Aside, nil
}

// note makes the folder for what was in use and writes the journal.
func (t Target) note(j *journal) error {
	if err := os.Mkdir(t.path(j.Aside), 0o700); err != nil {
		return err
	}
	if err := t.adopt(j.Aside); err != nil {
		return err
	}
	data, err := json.MarshalIndent(j, "", "\t")
	if err != nil {
		return err
	}
	part := t.path(journalName + ".part")
	if err := os.WriteFile(part, data, 0o600); err != nil {
		return err
	}
	if err := syncPath(part); err != nil {
		return err
	}
	if err := os.Rename(part, t.path(journalName)); err != nil {
		return err
	}
	return syncPath(t.Data)
}

// Complete finishes an exchange that was interrupted, and clears away what an interrupted restore left before it came to
// that. The program calls it, holding the lock of the data folder, before it opens the database.
func Complete(ctx context.Context, data, database string) (err error) {
	defer errs.Wrap(&err, "complete an interrupted restore")
	t := Target{Data: data, Database: database}
	content, err := os.ReadFile(t.path(journalName))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(t.path(stageName)); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return t.clear(ctx)
	}
	if err != nil {
		return err
	}
	var j journal
	if err := json.Unmarshal(content, &j); err != nil {
		return err
	}
	return j.run(ctx, data, database)
}

// run does what the journal says, as far as it is not done yet.
func (j *journal) run(ctx context.Context, data, database string) error {
	for _, name := range j.Out {
		if err := move(data, "", j.Aside, name); err != nil {
			return err
		}
	}
	for _, name := range j.In {
		if err := move(data, j.From, "", name); err != nil {
			return err
		}
	}
	if err := syncTree(filepath.Join(data, j.Aside)); err != nil {
		return err
	}
	for _, name := range j.In {
		if err := syncPath(filepath.Dir(filepath.Join(data, filepath.FromSlash(name)))); err != nil {
			return err
		}
	}
	if j.FromSchema != "" {
		if database == "" {
			return errors.New("the restore was to a PostgreSQL database: start with the same option database")
		}
		if err := j.swap(ctx, database); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(filepath.Join(data, j.From)); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(data, journalName)); err != nil {
		return err
	}
	return syncPath(data)
}

// move renames data/from/name to data/to/name, unless that has been done. What leaves makes room before what comes in
// arrives, so a name that is in its new place was moved.
func move(data, from, to, name string) error {
	name = filepath.FromSlash(name)
	source, target := filepath.Join(data, from, name), filepath.Join(data, to, name)
	if _, err := os.Lstat(source); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(target); err == nil && to != "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	return os.Rename(source, target)
}

// swap exchanges the schemas, unless that has been done.
func (j *journal) swap(ctx context.Context, database string) error {
	db, err := storage.OpenSchema(ctx, database, "")
	if err != nil {
		return err
	}
	staged, err := db.Schemas(ctx, j.FromSchema)
	if err == nil && slices.Contains(staged, j.FromSchema) {
		err = db.SwapSchemas(ctx, j.AsideSchema, j.FromSchema)
	}
	return errors.Join(err, db.Close())
}

// clear removes what was staged.
func (t Target) clear(ctx context.Context) error {
	if _, err := os.Lstat(t.path(journalName)); err == nil {
		return nil // from here on the way leads forward
	}
	if t.Database != "" {
		db, err := storage.OpenSchema(ctx, t.Database, "")
		if err != nil {
			return err
		}
		if err := errors.Join(db.DropSchema(ctx, stageSchema), db.Close()); err != nil {
			return err
		}
	}
	return os.RemoveAll(t.path(stageName))
}

// syncTree makes the folders' entries durable; the files were written so.
func syncTree(dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncPath(path)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncPath makes a file or the entries of a folder durable.
func syncPath(path string) error {
	flag := os.O_RDONLY
	if info, err := os.Stat(path); err != nil {
		return err
	} else if info.IsDir() && runtime.GOOS == "windows" {
		return nil // NTFS logs the change itself and has no such call
	} else if !info.IsDir() {
		flag = os.O_RDWR
	}
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
