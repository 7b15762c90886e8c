// Package folder keeps a data folder to one program.
package folder

import (
	"errors"
	"os"
)

// ErrInUse says that another program runs on the folder.
var ErrInUse = errors.New("another Adili is running on this data folder")

// Occupy makes the folder if there is none and keeps others out of it until the file is closed. The error is ErrInUse when
// another is there.
func Occupy(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return lock(folder)
}
