package pgtest

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Standby starts a server that follows this one, which must be Replicated, and can be read.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		t.Fatal(err)
	}
	next := &Server{folder: folder, bin: s.bin, options: s.options}
	t.Cleanup(func() {
		if err := next.Stop(); err != nil {
			t.Errorf("stopping the standby: %v", err)
		}
		os.RemoveAll(folder)
	})
	who, err := owner()
	if err != nil {
		t.Fatal(err)
	}
	if who != nil {
		if err := os.Chown(folder, int(who.Uid), int(who.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	backup := exec.Command(filepath.Join(s.bin, "pg_basebackup"), "--pgdata="+next.data(), "--host="+s.folder, "--username=postgres",
		"--write-recovery-conf", "--checkpoint=fast", "--no-sync")
	who.run(backup)
	backup.Dir = folder
	if out, err := backup.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	if err := next.Start(); err != nil {
		t.Fatal(err)
	}
	return next
}

// Both gives an address with both servers, in this order, of the same database.
func Both(t testing.TB, address string, second *Server) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("host", q.Get("host")+","+second.folder)
	u.RawQuery = q.Encode()
	return u.String()
}

// Address gives the address of the same database on this server.
func (s *Server) Address(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = url.Values{"host": {s.folder}}.Encode()
	return u.String()
}

// Execute runs a statement on the server, outside of any transaction.
func (s *Server) Execute(t testing.TB, statement string) {
	t.Helper()
	execute(t, s.URL(), statement)
}
