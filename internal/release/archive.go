package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// entry is a file of an archive, or a folder.
type entry struct {
	name string // with slashes; that of a folder ends in one
	data []byte
	mode fs.FileMode
}

// belongs reports whether an entry is of use on a system.
func (e entry) belongs(t target) bool {
	folder, _, _ := strings.Cut(e.name, "/")
	switch folder {
	case "systemd", "container":
		return t.os == "linux"
	case "windows":
		return t.os == "windows"
	case "man", "completions":
		return t.os != "windows"
	}
	return true
}

// pack writes the archive of a system and gives its name and size. All entries
// lie in a folder, in the order of their names, and are as old as the commit.
func (b *builder) pack(name string, t target, entries []entry) (string, int, error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(x, y entry) int { return cmp.Compare(x.name, y.name) })
	write, ending := b.tarball, ".tar.gz"
	if t.os == "windows" {
		write, ending = b.zip, ".zip"
	}
	var data bytes.Buffer
	if err := write(&data, name, entries); err != nil {
		return "", 0, err
	}
	return name + ending, data.Len(), os.WriteFile(filepath.Join(b.out, name+ending), data.Bytes(), 0o644)
}

func (b *builder) tarball(w io.Writer, folder string, entries []entry) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(packed)
	for _, e := range entries {
		h := &tar.Header{Name: folder + "/" + e.name, Mode: int64(e.mode.Perm()), Size: int64(len(e.data)), ModTime: b.when, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if e.mode.IsDir() {
			h.Typeflag = tar.TypeDir
		}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(e.data); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return packed.Close()
}

func (b *builder) zip(w io.Writer, folder string, entries []entry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		h := &zip.FileHeader{Name: folder + "/" + e.name, Method: zip.Deflate, Modified: b.when}
		h.SetMode(e.mode)
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(e.data); err != nil {
			return err
		}
	}
	return z.Close()
}
