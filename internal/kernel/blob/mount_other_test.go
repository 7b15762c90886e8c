//go:build !linux

package blob

import (
	"errors"
	"testing"
)

func mountSmall(string) error { return errors.ErrUnsupported }

func unmount(*testing.T, string) {}
