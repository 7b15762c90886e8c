package vault

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
)

// Adopt moves the files of a round that was begun on one machine, or restored
// from a backup, to the places they have here. A round's key lies in the folder
// of a node in these two cases only.
func (v *Vault) Adopt(ctx context.Context, round string, closed bool) (err error) {
	defer errs.Wrap(&err, "take over the files of round %s", round)
	names := []string{KeyFile, FormKeyFile}
	if closed {
		names = []string{ClosedFile, OpinionsFile}
	}
	kept := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(v.local(round, name))
		if err == nil {
			kept[name] = data
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if kept[KeyFile] != nil {
		if err := v.adoptBoxes(ctx, round); err != nil {
			return err
		}
	}
	if !v.Joined() {
		return nil
	}
	for name, data := range kept {
		if err := v.put(ctx, round, name, data); err != nil {
			return err
		}
	}
	for name := range kept {
		if err := ballot.Destroy(v.local(round, name)); err != nil {
			return err
		}
	}
	return nil
}

// adoptBoxes makes this machine one with answers of the round, unless it was
// that already when it was interrupted. A node that was started before this one
// may have taken some since: no backup has that table, so what it says is no
// older than the files here, and both are counted.
func (v *Vault) adoptBoxes(ctx context.Context, round string) error {
	rows, err := boxesOf(ctx, v.db.Read(), round)
	if err != nil || len(rows) == 0 && !v.Joined() {
		return err
	}
	boxes, err := v.openBoxes(round)
	if err != nil {
		return err
	}
	boxes.Close()
	for _, row := range rows {
		if !v.Joined() {
			return errElsewhere
		}
		if row.Name == v.node && row.box == boxes.Answers.ID() {
			return nil
		}
	}
	return v.db.Write(ctx, func(tx storage.Querier) error {
		if err := deleteBox(ctx, tx, round, v.node); err != nil {
			return err
		}
		return v.Register(ctx, tx, round, boxes.Answers.ID())
	})
}
