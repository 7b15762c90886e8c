package pgtest

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestServerStopsStartsAndKeepsItsData(t *testing.T) {
	server := New(t, Options{Fsync: true})
	address := Create(t, server.URL(), "kept", "", true)
	execute(t, address, "CREATE TABLE kept (id TEXT)")
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if conn, err := pgx.Connect(t.Context(), address); err == nil {
		conn.Close(t.Context())
		t.Fatal("a stopped server answers")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	execute(t, address, "INSERT INTO kept (id) VALUES ('a')")
}

func TestFolderGoesWithTheProcess(t *testing.T) {
	need(t)
	server, err := start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	// The end of the pipe is all the server learns when the process is no more.
	if err := server.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	server.process.Wait()
	if _, err := os.Stat(server.folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}
