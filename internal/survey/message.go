package survey

import (
	"embed"
	"io/fs"
)

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of the package: what its errors say, and the faults
// of a questionnaire file that package form finds.
func Messages() fs.FS { return messages }
