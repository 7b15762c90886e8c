package pgtest

import "os/exec"

// account is a user to run as; here only the present one.
type account struct{ Uid, Gid uint32 }

func owner() (*account, error) { return nil, nil }

func (*account) run(*exec.Cmd) {}
