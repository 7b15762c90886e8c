package backup

import (
	"context"
	"io"

	"adili/internal/kernel/blob"
)

// Resting is the files of rounds on which no program is at work, whatever version made them: everything below "rounds/" in
// each of the stores.
type Resting []blob.Store

// Copy implements Source.
func (r Resting) Copy(ctx context.Context, put func(name string, size int64, r io.Reader) error, snapshot func() error) (missing []string, err error) {
	if err := snapshot(); err != nil {
		return nil, err
	}
	for _, store := range r {
		files, err := store.List(ctx, "rounds/")
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if err := putStored(ctx, store, f, put); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

func putStored(ctx context.Context, store blob.Store, f blob.Info, put func(name string, size int64, r io.Reader) error) error {
	r, err := store.Open(ctx, f.Name)
	if err != nil {
		return err
	}
	defer r.Close() // it was only read
	return put(f.Name, f.Size, r)
}
