// Package pgtest runs a private PostgreSQL server for tests and benchmarks, from the binaries of Debian's package
// "postgresql". The server listens on a socket in a temporary folder only and goes away with the test process, however
// that ends. With TEST_POSTGRES set to a URL, that server is used instead.
package pgtest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options says how the server is to run.
type Options struct {
	// Fsync makes commits wait for the disk. Benchmarks want it; tests are faster without.
	Fsync bool
	// Replicated lets Standby make standbys of the server.
	Replicated bool
}

// Server is a running private server.
type Server struct {
	folder  string
	bin     string
	options Options
	stdin   io.Closer // the server lives as long as this is open
	process *exec.Cmd
}

// shared is the one server of this test process.
var shared = sync.OnceValues(func() (*Server, error) { return start(Options{}) })

// URL gives the address of the maintenance database of this process's server, which is started on first use. Without
// PostgreSQL the test is skipped, or fails where CI is set.
func URL(t testing.TB) string {
	t.Helper()
	if address := os.Getenv("TEST_POSTGRES"); address != "" {
		return address
	}
	need(t)
	server, err := shared()
	if err != nil {
		t.Fatalf("starting PostgreSQL: %v", err)
	}
	return server.URL()
}

// Shared reports whether the server outlives the test process, so that what was made on it must be removed.
func Shared() bool { return os.Getenv("TEST_POSTGRES") != "" }

// New starts a server for this test alone, which may stop and start it.
func New(t testing.TB, options Options) *Server {
	t.Helper()
	need(t)
	server, err := start(options)
	if err != nil {
		t.Fatalf("starting PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("stopping PostgreSQL: %v", err)
		}
		os.RemoveAll(server.folder)
	})
	return server
}

// need skips or fails the test where there is no PostgreSQL.
func need(t testing.TB) {
	t.Helper()
	if Binaries() != "" {
		return
	}
	const text = "PostgreSQL is not installed (apt-get install postgresql, or set TEST_POSTGRES)"
	if os.Getenv("CI") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// Binaries gives the folder of the newest installed server's programs, or nothing.
func Binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right, so there is no error
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for an odd folder: taken last
		return n
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }))
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

func start(options Options) (_ *Server, err error) {
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, bin: Binaries(), options: options}
	defer func() {
		if err != nil {
			os.RemoveAll(folder)
		}
	}()
	who, err := owner()
	if err != nil {
		return nil, err
	}
	if who != nil {
		if err := os.Chown(folder, int(who.Uid), int(who.Gid)); err != nil {
			return nil, err
		}
	}
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "--pgdata="+s.data(), "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	who.run(initdb)
	initdb.Dir = folder
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s, s.Start()
}

// watch runs the server until its own standard input ends, which is when the test process closes it or is no more. Then
// it removes the folder, unless told to keep it.
const watch = `"$@" </dev/null & pid=$!; cat >/dev/null; kill -QUIT $pid; wait $pid; [ -e "$KEEP" ] || rm -rf "$FOLDER"`

// Start starts the server again after Stop, with what it had stored.
func (s *Server) Start() error {
	who, err := owner()
	if err != nil {
		return err
	}
	arguments := []string{"-c", watch, "sh", filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.folder,
		"-c", "listen_addresses=", "-c", "max_connections=200", "-c", "autovacuum=off"}
	if !s.options.Replicated {
		arguments = append(arguments, "-c", "wal_level=minimal", "-c", "max_wal_senders=0")
	}
	if !s.options.Fsync {
		arguments = append(arguments, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	log, err := os.OpenFile(filepath.Join(s.folder, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	s.process = exec.Command("/bin/sh", arguments...)
	s.process.Dir, s.process.Stdout, s.process.Stderr = s.folder, log, log
	s.process.Env = append(os.Environ(), "FOLDER="+s.folder, "KEEP="+s.keep())
	who.run(s.process)
	if s.stdin, err = s.process.StdinPipe(); err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	return s.await()
}

// await waits until the server answers.
func (s *Server) await() error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		conn, err := pgx.Connect(ctx, s.URL())
		if err == nil {
			err = conn.Close(ctx)
		}
		cancel()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(s.folder, "log")) // only to say more
			return fmt.Errorf("%w\n%s", err, log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Stop ends the server at once, as a crash would.
func (s *Server) Stop() error {
	if s.process == nil {
		return nil
	}
	if err := os.WriteFile(s.keep(), nil, 0o644); err != nil {
		return err
	}
	if err := s.stdin.Close(); err != nil {
		return err
	}
	s.process.Wait() // gives the signal's status, which is no trouble
	s.process = nil
	return os.Remove(s.keep())
}

// URL gives the address of the maintenance database.
func (s *Server) URL() string {
	return "postgres://postgres@/postgres?host=" + url.QueryEscape(s.folder)
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// keep is a file that tells the watching shell not to remove the folder.
func (s *Server) keep() string { return filepath.Join(s.folder, "keep") }

// Create makes a database on the server of the maintenance database and gives its address. With an empty template it
// is an empty database that sorts by code points, as Adili needs it. It is dropped when the test ends, unless keep is set.
func Create(t testing.TB, maintenance, name, template string, keep bool) string {
	t.Helper()
	options := fmt.Sprintf("TEMPLATE %q", template)
	if template == "" {
		options = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
	}
	execute(t, maintenance, fmt.Sprintf("CREATE DATABASE %q %s", name, options))
	if !keep {
		t.Cleanup(func() { execute(t, maintenance, fmt.Sprintf("DROP DATABASE IF EXISTS %q WITH (FORCE)", name)) })
	}
	address, err := url.Parse(maintenance)
	if err != nil {
		t.Fatal(strings.ReplaceAll(err.Error(), maintenance, "TEST_POSTGRES"))
	}
	address.Path = "/" + name
	return address.String()
}

func execute(t testing.TB, address, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("connecting to PostgreSQL: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
