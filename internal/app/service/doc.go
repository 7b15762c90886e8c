// Package service is what Adili needs to be a service: the command that makes
// it one of Windows, and what other service managers, such as systemd, are told.
package service

import (
	"context"
	"io"
)

// Program is the command line, by which a service serves. It is bound to the
// parser.
type Program func(ctx context.Context, arguments []string, out, errOut io.Writer) (code int)
