package control

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// start serves on the folder until the test ends or stop is called.
func start(t *testing.T, dir string, handler http.HandlerFunc) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	socket, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(ctx, dir); err != nil { // before anybody serves
		t.Fatal(err)
	}
	go func() { done <- socket.Serve(ctx, handler) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func hello(w http.ResponseWriter, r *http.Request) {
	Stream(w, error.Error, func(w io.Writer) (string, error) {
		_, err := io.WriteString(w, "hello "+r.PostFormValue("name"))
		return "and good day", err
	})
}

func ask(t *testing.T, dir string) (string, string, error) {
	t.Helper()
	c, err := Dial(t.Context(), dir)
	if err != nil {
		return "", "", err
	}
	var out strings.Builder
	note, err := c.Post(t.Context(), "/", url.Values{"name": {"ada"}}, &out)
	return out.String(), note, err
}

// In a folder with a short path and in one whose path is too long for a socket.
func TestServe(t *testing.T) {
	short, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(short) })
	long := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	for name, dir := range map[string]string{"short": short, "long": long} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if _, _, err := ask(t, dir); !errors.Is(err, ErrNoServer) {
				t.Errorf("nobody serves: %v", err)
			}
			for range 2 {
				stop := start(t, dir, hello)
				if got, note, err := ask(t, dir); got != "hello ada" || note != "and good day" || err != nil {
					t.Errorf("%q %q, %v", got, note, err)
				}
				wantPrivate(t, dir)
				stop()
				if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
					t.Errorf("left behind: %v %v", left, err)
				}
				if _, _, err := ask(t, dir); !errors.Is(err, ErrNoServer) {
					t.Errorf("the server has stopped: %v", err)
				}
			}
		})
	}
}

// wantPrivate fails if others can open the socket.
func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, socketName)
	if data, err := os.ReadFile(filepath.Join(dir, noteName)); err == nil {
		path = string(data)
		if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the socket's folder has mode %v, %v", info.Mode(), err)
		}
	}
	if info, err := os.Stat(path); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("the socket has mode %v, %v", info.Mode(), err)
	}
}

// What a crash left does not keep the next server from starting.
func TestServeAfterCrash(t *testing.T) {
	dir, private := t.TempDir(), filepath.Join(t.TempDir(), "adili-1")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		filepath.Join(dir, socketName): "", filepath.Join(private, socketName): "", filepath.Join(dir, noteName): filepath.Join(private, socketName),
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := ask(t, dir); !errors.Is(err, ErrNoServer) {
		t.Errorf("nobody serves: %v", err)
	}
	stop := start(t, dir, hello)
	defer stop()
	if got, _, err := ask(t, dir); got != "hello ada" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := os.Stat(private); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old socket's folder is left: %v", err)
	}
}

// What went wrong in the server is told, whenever it went wrong.
func TestPostFails(t *testing.T) {
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not today", http.StatusBadRequest) }, "not today"},
		"failed": {func(w http.ResponseWriter, _ *http.Request) {
			Stream(w, error.Error, func(w io.Writer) (string, error) { io.WriteString(w, "half"); return "", errors.New("the disk\nbroke") })
		}, "the disk broke"},
		"stopped":  {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "half") }, "before the end"},
		"panicked": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "half"); panic(http.ErrAbortHandler) }, "EOF"},
	} {
		stop := start(t, dir, c.handler)
		if _, _, err := ask(t, dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		stop()
	}
}
