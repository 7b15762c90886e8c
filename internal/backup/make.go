package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"

	"filippo.io/age"
)

// Copy is a moment that has been fixed and can be written down once. Close it.
type Copy struct {
	Manifest Manifest

	backup *Backup
	spool  *spool
	dump   *storage.Dump
}

// Make writes a backup that the recipients' keys open. When it gives an error, what was written is of no use.
func (b *Backup) Make(ctx context.Context, w io.Writer, recipients []age.Recipient) (_ Manifest, err error) {
	c, err := b.Begin(ctx)
	if err != nil {
		return Manifest{}, fault(err)
	}
	err = c.WriteTo(ctx, w, recipients)
	if err = errors.Join(err, c.Close()); err != nil {
		return Manifest{}, fault(err)
	}
	b.note(ctx, c.Manifest, audit.Console, "")
	return c.Manifest, nil
}

// note writes down that a backup was made. The backup is as good without: a database that takes no changes is when it is
// needed most. Before an upgrade there may be no trail yet.
func (b *Backup) note(ctx context.Context, m Manifest, by audit.Actor, name string) {
	if m.Versions["audit"] == 0 {
		return
	}
	err := b.DB.Write(ctx, func(tx storage.Querier) error {
		return audit.Append(ctx, tx, b.Clock.Now(), by, "backup.made", name)
	})
	if err != nil {
		b.Log.Error("the audit trail does not say that a backup was made", "error", err)
	}
}

// Begin fixes the moment that a backup is to show. The intake of answers pauses until it returns, not longer.
func (b *Backup) Begin(ctx context.Context) (_ *Copy, err error) {
	defer errs.Wrap(&err, "begin a backup")
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c := &Copy{backup: b}
	if err := c.begin(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Copy) begin(ctx context.Context) (err error) {
	b := c.backup
	if c.spool, err = newSpool(b.Data); err != nil {
		return err
	}
	put := func(name string, size int64, r io.Reader) error { return c.spool.put(ctx, name, size, r) }
	if err := c.files(put); err != nil {
		return err
	}
	c.Manifest.Missing, err = b.Source.Copy(ctx, put, func() (err error) {
		if c.dump != nil {
			return errors.New("the moment of the backup is fixed already")
		}
		c.dump, err = b.DB.BeginDump(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if c.dump == nil {
		return errors.New("the moment of the backup was not fixed")
	}
	return c.describe(ctx)
}

// files puts the single files. A key that the database needs is older than the row that names it, so they come before the
// moment is fixed.
func (c *Copy) files(put func(name string, size int64, r io.Reader) error) error {
	for _, name := range c.backup.Files {
		data, err := os.ReadFile(filepath.Join(c.backup.Data, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = put(name, int64(len(data)), bytes.NewReader(data))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// describe writes the manifest.
func (c *Copy) describe(ctx context.Context) error {
	b := c.backup
	c.Manifest = Manifest{
		Format: format, Program: b.Version, Made: b.Clock.Now().UTC().Truncate(time.Second), Engine: b.DB.Engine(),
		Versions: c.dump.Versions(), Files: c.spool.files, Missing: c.Manifest.Missing,
	}
	for _, t := range c.dump.Tables() {
		if slices.Contains(b.Passing, t.Name) {
			c.Manifest.Passing = append(c.Manifest.Passing, t.Name)
		} else {
			c.Manifest.Tables = append(c.Manifest.Tables, t)
		}
	}
	for _, f := range c.spool.files {
		id, ok := openRound(f.Name)
		if !ok {
			continue
		}
		r := Round{ID: id, Name: id}
		if b.Name != nil {
			var err error
			if r.Name, err = b.Name(ctx, id); err != nil {
				return err
			}
		}
		c.Manifest.Open = append(c.Manifest.Open, r)
	}
	return nil
}

// openRound tells the sealed answers of a round, which are there for as long as it is open.
func openRound(file string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(file, "rounds/")
	if !ok {
		return "", false
	}
	id, name, _ := strings.Cut(rest, "/")
	return id, name == "answers.box"
}

// WriteTo writes the backup. When it gives an error, what was written is of no use.
func (c *Copy) WriteTo(ctx context.Context, w io.Writer, recipients []age.Recipient) (err error) {
	defer errs.Wrap(&err, "write the backup")
	if len(recipients) == 0 {
		return errs.New(errs.Invalid, "backup.no_recipient")
	}
	s, err := seal(w, recipients)
	if err != nil {
		return err
	}
	a := newArchive(ctx, s, c.Manifest.Made)
	if err := c.write(ctx, a); err != nil {
		// Nothing is completed: what has been written so far must not look like a backup.
		return err
	}
	return s.Close()
}

func (c *Copy) write(ctx context.Context, a *archive) error {
	if err := a.json(manifestName, c.Manifest); err != nil {
		return err
	}
	for _, t := range c.Manifest.Tables {
		if err := a.table(t, func(f func(row []any) error) error { return c.dump.Rows(ctx, t, f) }); err != nil {
			return err
		}
	}
	for i, f := range c.spool.files {
		r, err := c.spool.open(i)
		if err != nil {
			return err
		}
		if err = errors.Join(a.entry(filePrefix+f.Name, f.Size, r), r.Close()); err != nil {
			return err
		}
	}
	return a.close()
}

// Close lets the moment go.
func (c *Copy) Close() error {
	defer func() { <-c.backup.turn }()
	var err error
	if c.dump != nil {
		err = c.dump.Close()
	}
	if c.spool != nil {
		err = errors.Join(err, c.spool.remove())
	}
	return err
}
