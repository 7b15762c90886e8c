package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"adili/internal/survey/ballot"
)

// Needed gives the bytes that the answer files of a round may still take on
// this machine: growing and closing each need room for a second copy.
func (v *Vault) Needed(round string) (n uint64) {
	for _, name := range boxFiles {
		if info, err := os.Stat(v.local(round, name)); err == nil {
			n += 2 * uint64(info.Size())
		}
	}
	return n
}

// Count gives the number of answers of a round in the folder dir of rounds, on
// which no program is at work: 0 where there is no answer file.
func Count(dir, round string) (int, error) {
	box, err := ballot.Open(filepath.Join(dir, round, AnswerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return box.Len(), box.Close()
}
