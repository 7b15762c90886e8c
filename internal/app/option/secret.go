package option

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// maxSecret is more than any password or address has.
const maxSecret = 64 << 10

// readSecret gives what is in a file, without the end of its last line.
func readSecret(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", unwrapPath(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", unwrapPath(err)
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	switch {
	case len(text) == 0:
		return "", errors.New("the file is empty")
	case len(text) > maxSecret:
		return "", errors.New("the file is too large for a secret")
	case bytes.ContainsAny(text, "\n\r\x00"):
		return "", errors.New("the file has more than one line")
	}
	return string(text), nil
}
