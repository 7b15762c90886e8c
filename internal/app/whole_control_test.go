//go:build unix

package app

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// The socket by which commands reach the server is for the server's own user,
// serves several at a time, goes with the server, and one that a crash left is
// in nobody's way.
func TestWholeControlSocket(t *testing.T) {
	path := program(t)
	for _, length := range []string{"short", "long"} {
		t.Run(length, func(t *testing.T) {
			h := newHome(t, "", 1)
			if length == "long" { // longer than a socket's path may be
				h.data = filepath.Join(filepath.Dir(h.data), strings.Repeat("long", 30))
				if err := os.Rename(filepath.Join(filepath.Dir(h.data), "data"), h.data); err != nil {
					t.Fatal(err)
				}
			}
			p := &process{t: t, path: path, arguments: h.arguments("serve", "--listen", "127.0.0.1:0", "--backup-recipient", h.recipient)}
			t.Cleanup(p.kill)
			for range 2 { // the second finds what the first left
				p.start()
				h.several(path)
				h.strangers(t, path)
				p.kill()
				if socket := h.socket(t); socket != "" {
					if _, err := net.Dial("unix", socket); err == nil {
						t.Error("somebody answers after the server was killed")
					}
				}
				check(t, h.arguments()...) // which looks itself
			}
			p.start()
			socket := h.socket(t)
			p.stop()
			if _, err := os.Lstat(socket); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the socket %s is left by a server that was stopped: %v", socket, err)
			}
		})
	}
}

// socket finds the server's socket; empty when there is none.
func (h *home) socket(t *testing.T) string {
	t.Helper()
	if text, err := os.ReadFile(filepath.Join(h.data, "control")); err == nil {
		return string(text)
	}
	found := filepath.Join(h.data, "control.sock")
	if _, err := os.Lstat(found); err != nil {
		return ""
	}
	return found
}

// several asks the server several things at a time.
func (h *home) several(path string) {
	h.t.Helper()
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			arguments := h.arguments("backup", filepath.Join(h.t.TempDir(), "backup"))
			if i%2 == 0 {
				arguments = h.arguments("check", "--json")
			}
			out, err := exec.Command(path, arguments...).CombinedOutput()
			if _, bad := errors.AsType[*exec.ExitError](err); err != nil && (!bad || i%2 == 1) || strings.Contains(string(out), "another Adili") {
				h.t.Errorf("%v: %v\n%s", arguments, err, out)
			}
		})
	}
	wg.Wait()
}

// strangers asks as another user, who gets nowhere, even where the folders
// above are open to all.
func (h *home) strangers(t *testing.T, path string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Log("another user can be tried by root only")
		return
	}
	socket := h.socket(t)
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket %s: %v, %v", socket, info, err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	common, err := os.MkdirTemp("", "common")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(common)
	copied := filepath.Join(common, "adili")
	if err := errors.Join(os.Chmod(common, 0o755), os.WriteFile(copied, program, 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, open := range []bool{false, true} {
		if open { // somebody opened the data folder to all: the socket still is not
			if err := os.Chmod(h.data, 0o755); err != nil {
				t.Fatal(err)
			}
			for folder := filepath.Dir(h.data); folder != os.TempDir() && folder != "/"; folder = filepath.Dir(folder) {
				if err := os.Chmod(folder, 0o755); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, arguments := range [][]string{h.arguments("backup", filepath.Join(common, "backup")), h.arguments("check"), h.arguments("trail", "export"), h.arguments("user", "reset", deskEmail)} {
			command := exec.Command(copied, arguments...)
			command.Dir = common
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			out, err := command.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitError || !strings.Contains(string(out), "permission denied") {
				t.Errorf("another user gets %v from %v:\n%s", err, arguments, out)
			}
		}
	}
	if err := os.Chmod(h.data, 0o700); err != nil {
		t.Fatal(err)
	}
}
