package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"adili/internal/kernel/id"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
)

// copyEvery is how often a node looks whether the other side went on.
const copyEvery = 50 * time.Millisecond

// copyFolder begins the names of folders in which a backup is made ready.
const copyFolder = ".copy-"

func copyName(request, node, round, file string) string {
	return "copy/" + request + "/" + node + "/" + round + "/" + file
}

// Asked is a wish for copies of the answer files of the other nodes.
type Asked struct {
	id    string
	nodes []string
	ready []string
}

// Ask asks the other nodes that take answers for copies, and waits until each
// has answered or the time is up. They take no answers until Finish, or until
// they can wait no longer. Nobody else may ask at the same time.
func (v *Vault) Ask(ctx context.Context, limit time.Duration) (*Asked, error) {
	a := &Asked{id: id.New("copy")}
	if !v.Joined() {
		return a, nil
	}
	if err := v.deleteShared(ctx, "copy/"); err != nil { // of a backup that was interrupted
		return nil, err
	}
	err := v.db.Write(ctx, func(tx storage.Querier) (err error) {
		if err := deleteRequests(ctx, tx); err != nil {
			return err
		}
		if a.nodes, err = nodesToAsk(ctx, tx, v.node); err != nil {
			return err
		}
		for _, node := range a.nodes {
			if err := insertRequest(ctx, tx, node, a.id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(limit); time.Now().Before(end); {
		all, err := loadRequests(ctx, v.db.Read())
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(r request) bool { return r.state == "asked" }) {
			return a, nil
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
	// A node that would answer from now on would hold still too late.
	return a, v.db.Write(ctx, func(tx storage.Querier) error { return refuseLate(ctx, tx) })
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(copyEvery):
		return nil
	}
}

// Finish lets the other nodes go on. Copies of nodes that took no answers from
// Ask to here are good; it gives the names of the others.
func (v *Vault) Finish(ctx context.Context, a *Asked) (missing []string, err error) {
	if len(a.nodes) == 0 {
		return nil, nil
	}
	err = v.db.Write(ctx, func(tx storage.Querier) error {
		a.ready = nil
		all, err := loadRequests(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.id == a.id && r.state == "ready" {
				a.ready = append(a.ready, r.node)
			}
		}
		return deleteRequests(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	for _, node := range a.nodes {
		if !slices.Contains(a.ready, node) {
			missing = append(missing, node)
		}
	}
	return missing, nil
}

// Answer gives the copies another node asked for, if one did. hold keeps this
// node from taking answers until release is called: when the other node says
// that it is done, or else when the database knows that this node goes on,
// which it tries to after limit, or after an error. A node that stops and
// cannot say so any more is released with false: it may take no more answers.
func (v *Vault) Answer(ctx context.Context, limit time.Duration, hold func() (release func(goOn bool))) error {
	wish, err := loadRequest(ctx, v.db.Read(), v.node)
	if storage.IsMissing(err) || err == nil && wish.state != "asked" {
		return nil
	}
	if err != nil {
		return err
	}
	release := hold()
	goOn := false
	defer func() { release(goOn) }()
	if err = v.serve(ctx, wish, limit); err == nil {
		goOn = true
		return nil
	}
	if errors.Is(err, errHeldLong) {
		err = nil // the other side sees it and names this node
	}
	goOn = v.insist(ctx)
	return err
}

// errHeldLong says that the other node is not done after the time it has.
var errHeldLong = errors.New("a backup takes too long")

// serve gives the copies and waits until the other node is done.
func (v *Vault) serve(ctx context.Context, wish request, limit time.Duration) error {
	timed, cancel := context.WithTimeoutCause(ctx, limit, errHeldLong)
	defer cancel()
	if err := v.giveCopies(timed, wish); err != nil {
		return fmt.Errorf("copy the answer files for a backup: %w", err)
	}
	for {
		now, err := loadRequest(timed, v.db.Read(), v.node)
		if storage.IsMissing(err) || err == nil && (now.id != wish.id || now.state != "ready") {
			return nil
		}
		if err := pause(timed); err != nil {
			return context.Cause(timed)
		}
	}
}

// insistFor is how long one try to tell the database may take.
const insistFor = 5 * time.Second

// insist tells the database that this node goes on, until it knows. No answer
// may be taken while the other node can still believe that none was. It gives
// up, and reports false, only if ctx has ended too.
func (v *Vault) insist(ctx context.Context) bool {
	for {
		one, cancel := context.WithTimeout(context.WithoutCancel(ctx), insistFor)
		err := v.Resume(one)
		cancel()
		if err == nil || pause(ctx) != nil {
			return err == nil
		}
	}
}

func (v *Vault) giveCopies(ctx context.Context, wish request) error {
	own, err := v.Own(ctx)
	if err != nil {
		return err
	}
	for round, state := range own {
		if state != Taking {
			continue
		}
		for _, file := range boxFiles {
			if err := v.upload(ctx, v.local(round, file), copyName(wish.id, v.node, round, file)); err != nil {
				return err
			}
		}
	}
	return v.db.Write(ctx, func(tx storage.Querier) error {
		_, err := moveRequest(ctx, tx, wish, "ready") // a wish that is gone by now needs nothing
		return err
	})
}

// Resume says that this node takes answers whatever a backup waits for. A node
// that starts does so first: it may have been stopped while it held still.
func (v *Vault) Resume(ctx context.Context) error {
	if !v.Joined() {
		return nil
	}
	return v.db.Write(ctx, func(tx storage.Querier) error { return resumeRequest(ctx, tx, v.node) })
}

// CollectOwn puts together the sealed answers this machine has of a round that
// is not closed. Nobody may put any meanwhile.
func (v *Vault) CollectOwn(ctx context.Context, round string) (*Sealed, error) {
	s := &Sealed{}
	if v.Joined() {
		row, err := boxOf(ctx, v.db.Read(), round, v.node)
		if storage.IsMissing(err) || err == nil && row.state != Taking {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return s, v.collectLocal(round, s)
}

// collectOthers adds to it what other nodes have delivered or given copies of.
func (v *Vault) collectOthers(ctx context.Context, a *Asked, round string, s *Sealed) error {
	rows, err := v.Nodes(ctx, v.db.Read(), round)
	if err != nil {
		return err
	}
	for _, row := range rows {
		name := func(file string) string { return boxName(round, row.Name, file) }
		switch {
		case row.Delivered():
		case row.state == Taking && slices.Contains(a.ready, row.Name):
			name = func(file string) string { return copyName(a.id, row.Name, round, file) }
		default:
			continue
		}
		if err := v.collectShared(ctx, s, name); err != nil {
			return err
		}
	}
	return nil
}

// Staged is files made ready for a backup.
type Staged struct {
	dir   string
	files []stagedFile
}

type stagedFile struct {
	name string // in the backup
	data []byte // a small file
	path string // or where the file lies
}

// Stage prepares an empty backup. Discard it when done.
func (v *Vault) Stage() (*Staged, error) {
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(v.dir, copyFolder)
	return &Staged{dir: dir}, err
}

// Discard destroys what Stage and its sisters have made.
func (s *Staged) Discard() error { return destroyFolder(s.dir) }

// Each hands over the files.
func (s *Staged) Each(put func(name string, size int64, r io.Reader) error) error {
	for _, f := range s.files {
		if f.path == "" {
			if err := put(f.name, int64(len(f.data)), bytes.NewReader(f.data)); err != nil {
				return err
			}
			continue
		}
		if err := handOver(f, put); err != nil {
			return err
		}
	}
	return nil
}

func handOver(f stagedFile, put func(name string, size int64, r io.Reader) error) error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return put(f.name, info.Size(), file)
}

// StageOpen makes the files of a round that is not closed ready: its keys, and
// the sealed answers of all nodes in one file each, in a new order.
func (v *Vault) StageOpen(ctx context.Context, to *Staged, a *Asked, round string, own *Sealed, shape Shape) error {
	if err := v.collectOthers(ctx, a, round, own); err != nil {
		return err
	}
	if err := v.stageSmall(ctx, to, round, KeyFile, FormKeyFile); err != nil {
		return err
	}
	dir := filepath.Join(to.dir, round)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, box := range []struct {
		name string
		from *ballot.Collection
		size int
	}{{AnswerFile, &own.Answers, shape.Answer}, {OpinionFile, &own.Opinions, shape.Opinion}} {
		path := filepath.Join(dir, box.name)
		err := box.from.Create(path)
		if errors.Is(err, ballot.ErrNothing) {
			err = ballot.Create(path, box.size, shape.Slots)
		}
		if err != nil {
			return err
		}
		to.files = append(to.files, stagedFile{name: sharedName(round, box.name), path: path})
	}
	return nil
}

// StageClosed makes the files of a closed round ready.
func (v *Vault) StageClosed(ctx context.Context, to *Staged, round string) error {
	return v.stageSmall(ctx, to, round, ClosedFile, OpinionsFile)
}

func (v *Vault) stageSmall(ctx context.Context, to *Staged, round string, names ...string) error {
	for _, name := range names {
		data, err := v.get(ctx, round, name)
		if err != nil {
			return err
		}
		to.files = append(to.files, stagedFile{name: sharedName(round, name), data: data})
	}
	return nil
}

// DropCopies removes the copies the other nodes have given.
func (v *Vault) DropCopies(ctx context.Context, a *Asked) error {
	if !v.Joined() {
		return nil
	}
	return v.deleteShared(ctx, "copy/"+a.id+"/")
}

// Sweep makes the folder if there is none, and destroys in it what an
// interrupted backup left.
func (v *Vault) Sweep() error {
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(v.dir, copyFolder+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := destroyFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

// destroyFolder destroys every file in a folder, and removes it.
func destroyFolder(dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		return ballot.Destroy(path)
	})
	return errors.Join(err, os.RemoveAll(dir))
}
