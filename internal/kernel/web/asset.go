package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:embed asset/*
var assetFiles embed.FS

const assetPrefix = "/assets/"

// cssComment and indent are what the sent text of an asset does without.
var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	indent     = regexp.MustCompile(`\n\s*(//[^\n]*)?`)
)

// contentTypes are written here because the machine's own table differs from system to system.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// asset is a file sent with the pages.
type asset struct {
	contentType  string
	body, zipped []byte
}

// assets are all of them, by their address, which holds a hash of the content: /assets/adili.1a2b3c4d5e6f.css. An address
// never changes its content, so browsers may keep it for ever.
type assets struct {
	address map[string]string // by file name
	file    map[string]asset  // by address
}

// newAssets prepares the embedded files, and style as staff.css unless it is empty.
func newAssets(style []byte) assets {
	a := assets{address: make(map[string]string), file: make(map[string]asset)}
	entries, err := fs.ReadDir(assetFiles, "asset")
	if err != nil {
		panic(err) // cannot be: the folder is embedded
	}
	for _, e := range entries {
		body, err := assetFiles.ReadFile("asset/" + e.Name())
		if err != nil {
			panic(err) // as above
		}
		a.add(e.Name(), body)
	}
	if len(style) > 0 {
		a.add("staff.css", style)
	}
	return a
}

func (a assets) add(name string, body []byte) {
	body = lean(name, body)
	ext := path.Ext(name)
	hash := sha256.Sum256(body)
	address := fmt.Sprintf("%s%s.%x%s", assetPrefix, strings.TrimSuffix(name, ext), hash[:6], ext)
	a.address[name] = address
	a.file[address] = asset{contentType: contentTypes[ext], body: body, zipped: zip(body)}
}

// lean takes comments and indentation out of an asset. It is no minifier: the files hold no string with /* or //.
func lean(name string, body []byte) []byte {
	if path.Ext(name) == ".css" {
		body = cssComment.ReplaceAll(body, nil)
	}
	body = append([]byte("\n"), body...) // so that the first line is one like the others
	return bytes.TrimSpace(indent.ReplaceAll(body, []byte("\n")))
}

func zip(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // only for a level out of range
	}
	_, _ = z.Write(body) // a bytes.Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	file, ok := a.file[r.URL.Path]
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		plain(w, http.StatusNotFound, "not found\n")
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", file.contentType)
	h.Set("Vary", "Accept-Encoding")
	body := file.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a reader that went away is no fault
	}
}
