//go:build !windows

package service

// Commands are the commands that this kind of system has besides.
type Commands struct{}
