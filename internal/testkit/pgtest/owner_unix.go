//go:build unix

package pgtest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is a user to run as. Nil stands for the present one.
type account struct{ Uid, Gid uint32 }

// owner gives the user to run as: PostgreSQL refuses root.
func owner() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	postgres, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(postgres.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(postgres.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &account{uint32(uid), uint32(gid)}, nil
}

// run has a command run as the user, out of reach of the keys that interrupt
// the tests.
func (a *account) run(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: a.Uid, Gid: a.Gid}
	}
}
