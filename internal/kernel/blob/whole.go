package blob

import (
	"bytes"
	"context"
	"io"

	"adili/internal/kernel/errs"
)

// ReadFile reads a small file whole. For one that is not there errors.Is(err, fs.ErrNotExist).
func ReadFile(ctx context.Context, store Store, name string) (_ []byte, err error) {
	defer errs.Wrap(&err, "read %s", name)
	r, err := store.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close() // it was only read
	return io.ReadAll(r)
}

// WriteFile stores a small file.
func WriteFile(ctx context.Context, store Store, name string, data []byte) error {
	return store.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
}
