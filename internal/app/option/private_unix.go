//go:build unix

package option

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// private refuses a file that others on the machine can use. Credentials that
// the service manager hands over are read by nobody else, whatever the group's
// bits say: they stand for an access list.
func private(name string, bits fs.FileMode, s Sources) error {
	info, err := os.Stat(name)
	if err != nil {
		return unwrapPath(err)
	}
	if folder, ok := s.Lookup("CREDENTIALS_DIRECTORY"); ok && folder != "" && filepath.Dir(name) == filepath.Clean(folder) {
		bits &= 0o007
	}
	if mode := info.Mode().Perm(); mode&bits != 0 {
		return fmt.Errorf("open to others on this machine (mode %04o): chmod 600 %s", mode, name)
	}
	return nil
}
