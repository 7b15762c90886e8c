package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"adili/internal/kernel/errs"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// SQLite's result codes, from https://www.sqlite.org/rescode.html. The low byte of an extended code is the primary one.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteNoMemory   = 7
	sqliteReadOnly   = 8
	sqliteIO         = 10
	sqliteFull       = 13
	sqliteCantOpen   = 14
	sqliteProtocol   = 15
	sqliteConstraint = 19
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
	sqliteRowID      = 2579
)

// PostgreSQL's states, from appendix A of its manual.
const (
	stateUnique        = "23505"
	stateSerialisation = "40001"
	stateDeadlock      = "40P01"
	stateReadOnly      = "25006"
)

// fault gives err the kind Unavailable when the database is locked, full or gone. Other errors, and errors that have a
// kind already, stay as they are.
func fault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errs.Find(err); ok || !unavailable(err) {
		return err
	}
	return gone(err)
}

// writeFault is fault for the writing side, where a refusal to write means that the disk was made read-only after an
// error, or that the server has become a standby. On the reading side the same refusal is a fault of ours.
func writeFault(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqliteReadOnly {
		return gone(err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == stateReadOnly {
		return gone(err)
	}
	return fault(err)
}

func gone(cause error) error {
	return errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(cause)
}

// unavailable reports whether err lies with the database's state rather than with the statement.
func unavailable(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqliteBusy, sqliteLocked, sqliteNoMemory, sqliteIO, sqliteFull, sqliteCantOpen, sqliteProtocol:
			return true
		}
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return stateUnavailable(e.Code) && !errors.Is(err, context.Canceled)
	}
	if errors.Is(err, context.Canceled) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok { // includes context.DeadlineExceeded
		return true
	}
	for _, known := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, errMoved} {
		if errors.Is(err, known) {
			return true
		}
	}
	return pgconn.SafeToRetry(err) // such as a connection closed under us
}

// stateUnavailable tells PostgreSQL's states that pass by themselves or by the administrator's hand.
func stateUnavailable(code string) bool {
	switch code {
	case stateSerialisation, stateDeadlock, // still failing after the retries
		"55P03",          // lock not available
		"25P03", "25P04", // a transaction that took too long
		"3D000": // the database was removed, as while it is being restored
		return true
	}
	for _, class := range []string{"08", "53", "57", "58"} { // connection, resources (disk full), shut-down, system
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}

// again reports whether the same transaction may well pass when it is run once more.
func again(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff
		return code == sqliteBusy || code == sqliteLocked
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == stateSerialisation || e.Code == stateDeadlock
	}
	return false
}

// IsConflict reports whether err says that a unique key is taken. In a transaction PostgreSQL refuses any further
// statement after that: use ON CONFLICT where the work must go on.
func IsConflict(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqliteUnique || e.Code() == sqlitePrimaryKey || e.Code() == sqliteRowID
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == stateUnique
	}
	return false
}

// IsMissing reports whether err says that there is no such row.
func IsMissing(err error) bool {
	return err != nil && (errors.Is(err, sql.ErrNoRows) || errs.KindOf(err) == errs.NotFound)
}
