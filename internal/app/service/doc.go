// Package service is the command that makes Adili a service of Windows, and
// runs it as one. On other systems it is empty: a service manager such as
// systemd runs the program as it is.
package service

import (
	"context"
	"io"
)

// Program is the command line, by which a service serves. It is bound to the
// parser.
type Program func(ctx context.Context, arguments []string, out, errOut io.Writer) (code int)
