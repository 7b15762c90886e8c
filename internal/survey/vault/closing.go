package vault

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
)

// Nodes lists the nodes that have answer files of a round; alone there are
// none.
func (v *Vault) Nodes(ctx context.Context, q storage.Querier, round string) ([]Node, error) {
	if !v.Joined() {
		return nil, nil
	}
	return boxesOf(ctx, q, round)
}

// Own gives the rounds of which this node has answer files, or has to clear
// them away: their state, "open", "delivered", "forgotten" or "discard".
func (v *Vault) Own(ctx context.Context) (map[string]string, error) {
	return ownBoxes(ctx, v.db.Read(), v.node)
}

// Deliver puts this node's sealed answers into the shared store. No Put may
// come afterwards. check says in the transaction that notes it whether the
// round still is being closed. Alone it does nothing.
func (v *Vault) Deliver(ctx context.Context, round string, check func(tx storage.Querier) error) (err error) {
	defer errs.Wrap(&err, "deliver the answers of round %s", round)
	if !v.Joined() {
		return nil
	}
	row, err := boxOf(ctx, v.db.Read(), round, v.node)
	if storage.IsMissing(err) || err == nil && row.state != Taking && row.state != GivenUp {
		return nil
	}
	if err != nil {
		return err
	}
	boxes, err := v.openKnown(round, Node{Name: row.Name, box: row.box, state: Taking})
	if err != nil {
		return err
	}
	boxes.Close()
	for _, name := range boxFiles {
		if err := v.upload(ctx, v.local(round, name), boxName(round, v.node, name)); err != nil {
			return err
		}
	}
	return v.db.Write(ctx, func(tx storage.Querier) error {
		if err := check(tx); err != nil {
			return err
		}
		return setDelivered(ctx, tx, round, v.node)
	})
}

// upload copies a file of this machine into the shared store.
func (v *Vault) upload(ctx context.Context, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return v.shared.Put(ctx, name, f, info.Size())
}

// Forget gives a node up for lost. It reports false where it has no answers
// that are waited for.
func (v *Vault) Forget(ctx context.Context, tx storage.Querier, round, node string) (bool, error) {
	return setForgotten(ctx, tx, round, node)
}

// Sealed is the sealed answers of a round that were put together.
type Sealed struct {
	Answers, Opinions ballot.Collection
	Nodes             []string // whose they are; none alone
}

// Collect puts together the sealed answers of a round: this machine's alone, or
// what the nodes have delivered. A form that was sent to two nodes is there
// once.
func (v *Vault) Collect(ctx context.Context, round string) (_ *Sealed, err error) {
	defer errs.Wrap(&err, "collect the answers of round %s", round)
	s := &Sealed{}
	if !v.Joined() {
		return s, v.collectLocal(round, s)
	}
	rows, err := boxesOf(ctx, v.db.Read(), round)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if !row.Delivered() {
			continue
		}
		s.Nodes = append(s.Nodes, row.Name)
		if err := v.collectShared(ctx, s, func(file string) string { return boxName(round, row.Name, file) }); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (v *Vault) collectLocal(round string, s *Sealed) error {
	return errors.Join(s.Answers.AddFile(v.local(round, AnswerFile)), s.Opinions.AddFile(v.local(round, OpinionFile)))
}

// collectShared reads copies of the two files of a node in the shared store.
func (v *Vault) collectShared(ctx context.Context, s *Sealed, name func(file string) string) error {
	for file, into := range map[string]*ballot.Collection{AnswerFile: &s.Answers, OpinionFile: &s.Opinions} {
		r, err := v.shared.Open(ctx, name(file))
		if err != nil {
			return err
		}
		err = into.Add(r)
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Settled reports whether the answers of exactly these nodes are delivered and
// no others are waited for, and forgets those that were lost.
func (v *Vault) Settled(ctx context.Context, tx storage.Querier, round string, nodes []string) (settled bool, lost int, err error) {
	if !v.Joined() {
		return true, 0, nil
	}
	rows, err := boxesOf(ctx, tx, round)
	if err != nil {
		return false, 0, err
	}
	var delivered []string
	for _, row := range rows {
		switch {
		case row.Delivered():
			delivered = append(delivered, row.Name)
		case row.Forgotten():
			lost++
		default:
			return false, 0, nil
		}
	}
	if !slices.Equal(delivered, nodes) {
		return false, 0, nil
	}
	return true, lost, deleteForgotten(ctx, tx, round)
}

// WriteClosed keeps what closing leaves.
func (v *Vault) WriteClosed(ctx context.Context, round, name string, data []byte) error {
	return v.put(ctx, round, name, data)
}

// ReadClosed reads it.
func (v *Vault) ReadClosed(ctx context.Context, round, name string) ([]byte, error) {
	return v.get(ctx, round, name)
}

// Cleared reports whether there is nothing left on this machine of the answer
// files of a closed round, as far as can be seen without asking the store.
func (v *Vault) Cleared(round string) bool {
	for _, name := range []string{AnswerFile, OpinionFile, KeyFile, FormKeyFile} {
		if _, err := os.Stat(v.local(round, name)); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// Abandoned reports whether the key of a closed round still lies in the shared
// store, because the node that closed it was stopped in the middle.
func (v *Vault) Abandoned(ctx context.Context, round string) bool {
	if !v.Joined() {
		return false
	}
	r, err := v.shared.Open(ctx, sharedName(round, KeyFile))
	if err != nil {
		return false
	}
	r.Close()
	return true
}

// Destroy destroys the key of a closed round and every hash by which a form
// could be recognised. scrub rewrites the database's tables. This machine's
// answer file goes last: while it is there the work is not done, and starting
// again does it over.
func (v *Vault) Destroy(ctx context.Context, round string, scrub func(ctx context.Context) error) (err error) {
	defer errs.Wrap(&err, "destroy the keys of round %s", round)
	if v.Joined() {
		if err := v.deleteShared(ctx, sharedName(round, KeyFile), sharedName(round, FormKeyFile), sharedName(round, "box/")); err != nil {
			return err
		}
	}
	for _, name := range []string{KeyFile, FormKeyFile, OpinionFile} {
		if err := ballot.Destroy(v.local(round, name)); err != nil {
			return err
		}
	}
	if err := scrub(ctx); err != nil {
		return err
	}
	if err := ballot.Destroy(v.local(round, AnswerFile)); err != nil {
		return err
	}
	return v.forgetOwn(ctx, round)
}

// forgetOwn removes this node's line from the table.
func (v *Vault) forgetOwn(ctx context.Context, round string) error {
	if !v.Joined() {
		return nil
	}
	return v.db.Write(ctx, func(tx storage.Querier) error { return deleteBox(ctx, tx, round, v.node) })
}

// deleteShared deletes files from the shared store; what ends in a slash is a
// folder.
func (v *Vault) deleteShared(ctx context.Context, names ...string) error {
	for _, name := range names {
		all := []string{name}
		if strings.HasSuffix(name, "/") {
			list, err := v.shared.List(ctx, name)
			if err != nil {
				return err
			}
			all = nil
			for _, info := range list {
				all = append(all, info.Name)
			}
		}
		for _, one := range all {
			if err := v.shared.Delete(ctx, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// Discard notes that the files of a round, whatever its state, are to be
// destroyed by every node that has some. DiscardFiles does it for this one.
func (v *Vault) Discard(ctx context.Context, tx storage.Querier, round string) error {
	return setDiscard(ctx, tx, round)
}

// DiscardFiles destroys every file of a round, in the shared store and on this
// machine.
func (v *Vault) DiscardFiles(ctx context.Context, round string) (err error) {
	defer errs.Wrap(&err, "destroy the files of round %s", round)
	if v.Joined() {
		if err := v.deleteShared(ctx, sharedName(round, "")); err != nil {
			return err
		}
	}
	for _, name := range slices.Concat(smallFiles, boxFiles) {
		if err := ballot.Destroy(v.local(round, name)); err != nil {
			return err
		}
	}
	if err := destroyFolder(v.Folder(round)); err != nil { // what a crash left beside them
		return err
	}
	return v.forgetOwn(ctx, round)
}

// oweFile lies in the folder of rounds while the database's tables still have
// to be rewritten after rows were deleted.
const oweFile = ".scrub"

// OweScrub notes that the tables are to be rewritten, before the rows go.
func (v *Vault) OweScrub() error { return ballot.WriteFile(filepath.Join(v.dir, oweFile), nil) }

// PayScrub has them rewritten, if that was noted.
func (v *Vault) PayScrub(ctx context.Context, scrub func(ctx context.Context) error) error {
	path := filepath.Join(v.dir, oweFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := scrub(ctx); err != nil {
		return err
	}
	return os.Remove(path)
}
