// Package vault keeps the files of rounds: keys, sealed answers, and what
// closing leaves. On one machine all of them lie in its folder. Where several
// nodes work on one database, each has answer files of its own in its own
// folder, and the small files lie in a store they share; a table says which
// nodes have answer files of a round, so that none is left out at closing.
//
// Nothing here is opened or read for its meaning: answers are sealed.
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
	"regexp"

	"adili/internal/kernel/blob"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
)

// Names of the files in a round's folder.
const (
	KeyFile      = "round.key"      // public key, and the private one under the passphrase
	FormKeyFile  = "form.key"       // seals drafts
	AnswerFile   = "answers.box"    // sealed closed answers
	OpinionFile  = "opinions.box"   // sealed open answers
	ClosedFile   = "answers.closed" // after closing: answer records sorted by content
	OpinionsFile = "opinions.json"  // after closing: open answers sorted by content
)

// smallFiles are those that nodes share; boxFiles are each node's own.
var (
	smallFiles = []string{KeyFile, FormKeyFile, ClosedFile, OpinionsFile}
	boxFiles   = []string{OpinionFile, AnswerFile} // the answers last: while they are there, clearing away is not done
)

// Vault keeps the files of all rounds.
type Vault struct {
	db     *storage.DB
	dir    string     // folder with one folder a round
	node   string     // name of this node; empty alone
	shared blob.Store // nil alone
}

// New returns the vault of a machine that works alone.
func New(db *storage.DB, dir string) *Vault { return &Vault{db: db, dir: dir} }

// nodeName is what a node may be called: it stands in names of files.
var nodeName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$`)

// Join makes the vault that of one of several nodes, which share a store.
func (v *Vault) Join(node string, shared blob.Store) error {
	if !nodeName.MatchString(node) {
		return fmt.Errorf("a node's name has up to 64 letters, digits, dashes and dots, not %q", node)
	}
	v.node, v.shared = node, shared
	return nil
}

// Joined reports whether this is one of several nodes.
func (v *Vault) Joined() bool { return v.shared != nil }

// Node is the name of this node, empty alone.
func (v *Vault) Node() string { return v.node }

// Folder is where this machine's files of a round lie.
func (v *Vault) Folder(round string) string { return filepath.Join(v.dir, round) }

func (v *Vault) local(round, name string) string { return filepath.Join(v.dir, round, name) }

// Names in the shared store.
func sharedName(round, name string) string { return "rounds/" + round + "/" + name }

func boxName(round, node, name string) string { return sharedName(round, "box/"+node+"."+name) }

// put stores a small file whole or not at all.
func (v *Vault) put(ctx context.Context, round, name string, data []byte) error {
	if v.Joined() {
		return v.shared.Put(ctx, sharedName(round, name), bytes.NewReader(data), int64(len(data)))
	}
	return ballot.WriteFile(v.local(round, name), data)
}

// get reads a small file.
func (v *Vault) get(ctx context.Context, round, name string) ([]byte, error) {
	if !v.Joined() {
		return os.ReadFile(v.local(round, name))
	}
	r, err := v.shared.Open(ctx, sharedName(round, name))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Shape says how large the answer files of a round are.
type Shape struct{ Answer, Opinion, Slots int }

// Make makes the files of a round that is being opened, in place of what an
// interrupted opening left, which was never used. The answer file's id is what
// Register wants.
func (v *Vault) Make(ctx context.Context, round string, key *ballot.Key, secret []byte, shape Shape) (box string, err error) {
	dir := v.Folder(round)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	data, err := key.Marshal()
	if err != nil {
		return "", err
	}
	if err := v.put(ctx, round, KeyFile, data); err != nil {
		return "", fmt.Errorf("make %s: %w", KeyFile, err)
	}
	if err := v.put(ctx, round, FormKeyFile, secret); err != nil {
		return "", fmt.Errorf("make %s: %w", FormKeyFile, err)
	}
	if err := v.makeBoxes(round, shape); err != nil {
		return "", err
	}
	boxes, err := v.openBoxes(round)
	if err != nil {
		return "", err
	}
	boxes.Close()
	return boxes.Answers.ID(), nil
}

func (v *Vault) makeBoxes(round string, shape Shape) error {
	for name, size := range map[string]int{AnswerFile: shape.Answer, OpinionFile: shape.Opinion} {
		if err := ballot.Create(v.local(round, name), size, shape.Slots); err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
	}
	return nil
}

// Keys reads the round's key and the key of its drafts.
func (v *Vault) Keys(ctx context.Context, round string) (*ballot.Key, []byte, error) {
	key, err := v.Key(ctx, round)
	if err != nil {
		return nil, nil, err
	}
	secret, err := v.get(ctx, round, FormKeyFile)
	return key, secret, err
}

// Key reads the round's key.
func (v *Vault) Key(ctx context.Context, round string) (*ballot.Key, error) {
	data, err := v.get(ctx, round, KeyFile)
	if err != nil {
		return nil, err
	}
	return ballot.ParseKey(data)
}

// Boxes are the answer files of a round on this machine.
type Boxes struct{ Answers, Opinions *ballot.Box }

// Close waits for answers under way and closes both files.
func (b Boxes) Close() {
	b.Answers.Close()
	b.Opinions.Close()
}

func (v *Vault) openBoxes(round string) (Boxes, error) {
	answers, err := ballot.Open(v.local(round, AnswerFile))
	if err != nil {
		return Boxes{}, err
	}
	opinions, err := ballot.Open(v.local(round, OpinionFile))
	if err != nil {
		answers.Close()
		return Boxes{}, err
	}
	return Boxes{answers, opinions}, nil
}

// Errors of Open, for the operator's log.
var (
	errElsewhere = errors.New("answers of this round lie on several nodes: start with the store they share")
	errLost      = errors.New("the database knows of answers on this node, but their files are not in its folder")
	errStranger  = errors.New("the answer files in this node's folder are not those the database knows of, as after a restore: " +
		"if they are to be given up, remove the round's folder")
)

// Open opens this machine's answer files of an open round. On one of several
// nodes it makes and registers them where there are none; check says in the
// same transaction whether the round still is open.
func (v *Vault) Open(ctx context.Context, round string, shape Shape, check func(tx storage.Querier) error) (Boxes, error) {
	rows, err := boxesOf(ctx, v.db.Read(), round)
	if err != nil {
		return Boxes{}, err
	}
	if !v.Joined() {
		if len(rows) > 0 {
			return Boxes{}, errElsewhere
		}
		return v.openBoxes(round)
	}
	for _, row := range rows {
		if row.Name == v.node {
			return v.openKnown(round, row)
		}
	}
	return v.openNew(ctx, round, shape, check)
}

// openKnown opens the files the database knows of, and no others.
func (v *Vault) openKnown(round string, row Node) (Boxes, error) {
	if row.state != Taking {
		return Boxes{}, fmt.Errorf("the answer files of this node are %s", row.state)
	}
	boxes, err := v.openBoxes(round)
	if errors.Is(err, fs.ErrNotExist) {
		return Boxes{}, errors.Join(errLost, err)
	}
	if err == nil && boxes.Answers.ID() != row.box {
		boxes.Close()
		err = errStranger
	}
	return boxes, err
}

// openNew makes files and registers them. Files that are there already must be
// empty, as a node leaves them that was stopped between the two.
func (v *Vault) openNew(ctx context.Context, round string, shape Shape, check func(tx storage.Querier) error) (Boxes, error) {
	for _, name := range boxFiles {
		if err := v.removeEmpty(round, name); err != nil {
			return Boxes{}, err
		}
	}
	if err := os.MkdirAll(v.Folder(round), 0o700); err != nil {
		return Boxes{}, err
	}
	if err := v.makeBoxes(round, shape); err != nil {
		return Boxes{}, err
	}
	boxes, err := v.openBoxes(round)
	if err != nil {
		return Boxes{}, err
	}
	err = v.db.Write(ctx, func(tx storage.Querier) error {
		if err := check(tx); err != nil {
			return err
		}
		return v.Register(ctx, tx, round, boxes.Answers.ID())
	})
	if err != nil {
		boxes.Close()
		return Boxes{}, fmt.Errorf("register the answer files: %w", err)
	}
	return boxes, nil
}

func (v *Vault) removeEmpty(round, name string) error {
	box, err := ballot.Open(v.local(round, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	n := box.Len()
	box.Close()
	if n > 0 {
		return errStranger
	}
	return os.Remove(v.local(round, name))
}

// Register notes that this node has an answer file of the round. Alone it does
// nothing.
func (v *Vault) Register(ctx context.Context, tx storage.Querier, round, box string) error {
	if !v.Joined() {
		return nil
	}
	return insertBox(ctx, tx, round, v.node, box)
}

// Counted reports whether what this node has taken will be counted: whether it
// has not been given up for lost. Alone that is always so.
func (v *Vault) Counted(ctx context.Context, tx storage.Querier, round string) (bool, error) {
	if !v.Joined() {
		return true, nil
	}
	row, err := boxOf(ctx, tx, round, v.node)
	if storage.IsMissing(err) {
		return false, nil
	}
	return row.state == Taking, err
}

// Size is how many bytes the answer files of a round take on this machine.
func (v *Vault) Size(round string) uint64 {
	var sum uint64
	for _, name := range boxFiles {
		if info, err := os.Stat(v.local(round, name)); err == nil {
			sum += uint64(info.Size())
		}
	}
	return sum
}
