package storage_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/pgtest"

	"github.com/jackc/pgx/v5"
)

func TestPostgresGoneAndBack(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{})
	db, err := storage.Open(t.Context(), pgtest.Create(t, server.URL(), "gone", "", true))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	// The server goes in the middle of a transaction.
	err = db.Write(t.Context(), func(tx storage.Querier) error {
		if err := insert(t.Context(), tx, thing{ID: "b", Record: "{}", Seal: []byte{}}); err != nil {
			return err
		}
		return server.Stop()
	})
	if errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Write = %v, want Unavailable", err)
	}
	wantUnavailable(t, db)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "c"); err != nil {
		t.Errorf("after the server is back: %v", err)
	}
	if got := ids(t, db); got != "a c" {
		t.Errorf("stored: %s", got)
	}
}

func TestPostgresSettings(t *testing.T) {
	db := dbtest.Postgres(t, migrate)
	reader, writer := db.Pools()
	for setting, want := range map[string]string{
		"synchronous_commit": "on", "statement_timeout": "30s", "lock_timeout": "10s",
		"idle_in_transaction_session_timeout": "1min", "default_transaction_read_only": "off",
	} {
		var got string
		if err := writer.QueryRowContext(t.Context(), "SHOW "+setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", setting, got, err, want)
		}
	}
	if n := reader.Stats().MaxOpenConnections + writer.Stats().MaxOpenConnections; n > 20 {
		t.Errorf("up to %d connections", n)
	}
}

func TestPostgresLocked(t *testing.T) {
	db := dbtest.Postgres(t, migrate)
	_, writer := db.Pools()
	tx, err := writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), "LOCK TABLE thing"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := put(ctx, db, "a"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Write = %v, want Unavailable", err)
	}
}

func TestPostgresScrub(t *testing.T) {
	db := dbtest.Postgres(t, migrate)
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	if err := db.Scrub(t.Context(), "thing"); err != nil {
		t.Error(err)
	}
	if got := ids(t, db); got != "a" {
		t.Errorf("stored: %s", got)
	}
}

func TestPostgresLocaleIsChecked(t *testing.T) {
	server := pgtest.URL(t)
	if pgtest.Shared() {
		t.Skip("not on a server that others use")
	}
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for name, options := range map[string]string{
		"ascii": "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'",
		"icu":   "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'",
	} {
		if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0 "+options); err != nil {
			t.Fatal(err)
		}
		db, err := storage.Open(t.Context(), strings.Replace(server, "/postgres?", "/"+name+"?", 1))
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "createdb") {
			t.Errorf("%s: Open = %v, want how to make a right one", name, err)
		}
	}
}
