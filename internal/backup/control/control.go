// Package control lets commands on the same machine talk to the server that runs on a data folder: HTTP over a socket in
// that folder, which only the folder's user can open.
package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adili/internal/kernel/errs"
)

// Names in the data folder.
const (
	socketName = "control.sock"
	noteName   = "control" // names the socket when the folder's path is too long for one
)

// longestPath is the length of a socket's path that every system takes: 104 bytes on macOS, with the zero at the end.
const longestPath = 103

// resultTrailer comes after a streamed answer: "ok" and a note, or "failed" and what went wrong on the way.
const resultTrailer = "Adili-Result"

// ErrNoServer says that no server runs on the data folder.
var ErrNoServer = errors.New("no server runs on this data folder")

// Socket is where a server hears commands. Serve it.
type Socket struct {
	listener net.Listener
	dir      string
}

// Listen opens the socket of a data folder; commands that come from now on wait for Serve. The caller holds the data
// folder's lock, so a socket that is there was left by a crash.
func Listen(dir string) (_ *Socket, err error) {
	defer errs.Wrap(&err, "listen for commands")
	if err := clean(dir); err != nil {
		return nil, err
	}
	path, err := place(dir)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, clean(dir))
	}
	return &Socket{listener, dir}, nil
}

// place gives the path of the socket: in the data folder, or elsewhere and with a note in the folder when the path would be
// too long.
func place(dir string) (string, error) {
	path, err := filepath.Abs(filepath.Join(dir, socketName))
	if err != nil || len(path) <= longestPath {
		return path, err
	}
	private, err := os.MkdirTemp("", "adili-") // mode 0700
	if err != nil {
		return "", err
	}
	path = filepath.Join(private, socketName)
	if err := os.WriteFile(filepath.Join(dir, noteName), []byte(path), 0o600); err != nil {
		return "", errors.Join(err, os.Remove(private))
	}
	return path, nil
}

// Serve answers requests until the context ends.
func (s *Socket) Serve(ctx context.Context, handler http.Handler) (err error) {
	defer errs.Wrap(&err, "answer commands")
	defer func() { _ = clean(s.dir) }() // what cannot be removed is cleared away at the next start
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx }, // a backup under way ends with the server
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(s.listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = server.Close()
		<-failed
	}
	return err
}

// clean removes the socket of a server that is no more.
func clean(dir string) error {
	note := filepath.Join(dir, noteName)
	data, err := os.ReadFile(note)
	if err == nil && filepath.Base(string(data)) == socketName {
		err = errors.Join(missing(os.Remove(string(data))), missing(os.Remove(filepath.Dir(string(data)))), os.Remove(note))
	}
	return errors.Join(missing(err), missing(os.Remove(filepath.Join(dir, socketName))))
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Client talks to the server on a data folder.
type Client struct{ http http.Client }

// Dial finds the server on a data folder. The error is ErrNoServer when there is none.
func Dial(ctx context.Context, dir string) (*Client, error) {
	path := filepath.Join(dir, socketName)
	if data, err := os.ReadFile(filepath.Join(dir, noteName)); err == nil {
		path = string(data)
	}
	connect := func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	conn, err := connect(ctx)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("only the user that the server runs as, or the administrator, may talk to it: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoServer, err)
	}
	if err := conn.Close(); err != nil {
		return nil, err
	}
	return &Client{http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return connect(ctx) },
	}}}, nil
}

// Post sends a form and copies the answer to w. It gives an error unless the server said at the end that all is well, and
// what else the server had to say.
func (c *Client) Post(ctx context.Context, path string, form url.Values, w io.Writer) (note string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control"+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := c.http.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close() // it was only read
	if answer.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
		return "", errors.Join(fmt.Errorf("the server answered %s: %s", answer.Status, strings.TrimSpace(string(text))), err)
	}
	if _, err := io.Copy(w, answer.Body); err != nil {
		return "", err
	}
	result := answer.Trailer.Get(resultTrailer)
	if note, ok := strings.CutPrefix(result, "ok"); ok {
		return strings.TrimSpace(note), nil
	}
	if result == "" {
		return "", errors.New("the server stopped before the end")
	}
	return "", fmt.Errorf("the server failed: %s", strings.TrimPrefix(result, "failed "))
}

// Stream answers a request with what f writes, and says at the end whether that is all, with f's note. An error is told in
// the words that say gives.
func Stream(w http.ResponseWriter, say func(error) string, f func(w io.Writer) (note string, err error)) error {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Trailer", resultTrailer) // so that a short answer gets one too
	note, err := f(w)
	result := "ok " + note
	if err != nil {
		result = "failed " + strings.Join(strings.Fields(say(err)), " ")
	}
	w.Header().Set(resultTrailer, result)
	return err
}
