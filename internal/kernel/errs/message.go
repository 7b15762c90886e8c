package errs

import (
	"embed"
	"io/fs"
)

//go:embed message/*.json
var messages embed.FS

// Messages gives the texts of the kernel-wide error keys, one file for each language.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "message")
	if err != nil {
		panic(err) // cannot be: the folder is embedded above
	}
	return sub
}
