package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"adili/internal/kernel/errs"
)

// loadParams bounds how many values one statement brings.
const loadParams = 2000

// ErrNewer says that a database or a copy of one comes from a newer version of the program than this.
var ErrNewer = errors.New("it was made by a newer version of Adili")

// ErrUnfit says that rows do not fit the tables they are for.
var ErrUnfit = errors.New("the tables are not those the rows were taken from")

// MigrateUntil makes Migrate stop, for each room, at the version that is given. Rooms that are not given are left out.
func (db *DB) MigrateUntil(versions map[string]int64) { db.until = versions }

// Versions tells for each room the last migration that was applied.
func (db *DB) Versions(ctx context.Context) (versions map[string]int64, err error) {
	err = db.Snapshot(ctx, func(q Querier) error {
		_, versions, err = readSchema(ctx, q, db.engine)
		return err
	})
	return versions, err
}

// Empty reports whether there is no table of any room.
func (db *DB) Empty(ctx context.Context) (empty bool, err error) {
	err = db.Snapshot(ctx, func(q Querier) error {
		tables, versions, err := readSchema(ctx, q, db.engine)
		empty = len(tables)+len(versions) == 0
		return err
	})
	return empty, err
}

// Load puts rows into a database that is not in use: f hands them over, table by table in the order given, which must be
// that of Dump.Tables. All is loaded or nothing. Rows that migrations made are replaced.
func (db *DB) Load(ctx context.Context, tables []Table, f func(l *Loader) error) (err error) {
	defer errs.Wrap(&err, "storage.Load")
	pool := db.writer
	if db.engine == Postgres {
		pool = db.patient()
		defer pool.Close()
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fault(err)
	}
	defer tx.Rollback() // after a commit this does nothing
	l := &Loader{ctx: ctx, tx: tx}
	if err := l.prepare(db.engine, tables); err != nil {
		return fault(err)
	}
	if err = f(l); err == nil {
		err = l.flush()
	}
	if err != nil { // f's own errors are none of ours to classify
		return err
	}
	return writeFault(tx.Commit())
}

// Loader takes the rows of Load.
type Loader struct {
	ctx   context.Context
	tx    *sql.Tx
	known map[string]Table // that there are rows for
	table Table
	args  []any
	rows  int
	full  string // the statement for as many rows as go into one
}

// prepare checks that the tables are there with the same columns, and empties them.
func (l *Loader) prepare(engine string, tables []Table) error {
	there, _, err := readSchema(l.ctx, l.tx, engine)
	if err != nil {
		return err
	}
	l.known = make(map[string]Table, len(tables))
	for _, t := range tables {
		i := slices.IndexFunc(there, func(other Table) bool { return other.Name == t.Name })
		if i < 0 || !sameColumns(t.Columns, there[i].Columns) {
			return fmt.Errorf("%w: %q", ErrUnfit, t.Name)
		}
		l.known[t.Name] = t
	}
	for _, t := range slices.Backward(tables) {
		if _, err := l.tx.ExecContext(l.ctx, fmt.Sprintf(`DELETE FROM "%s"`, t.Name)); err != nil {
			return err
		}
	}
	return nil
}

func sameColumns(a, b []Column) bool {
	sorted := func(all []Column) []Column {
		return slices.SortedFunc(slices.Values(all), func(x, y Column) int { return strings.Compare(x.Name, y.Name) })
	}
	return slices.Equal(sorted(a), sorted(b))
}

// Row adds a row to a table, with values as Dump.Rows gives them.
func (l *Loader) Row(table string, row []any) error {
	if table != l.table.Name {
		if err := l.flush(); err != nil {
			return err
		}
		t, ok := l.known[table]
		if !ok {
			return fmt.Errorf("%w: %q", ErrUnfit, table)
		}
		l.table, l.full = t, insert(t, max(1, loadParams/len(t.Columns)))
	}
	if len(row) != len(l.table.Columns) {
		return fmt.Errorf("%w: %q has %d columns, the row %d", ErrUnfit, table, len(l.table.Columns), len(row))
	}
	l.args = append(l.args, row...)
	l.rows++
	if len(l.args)+len(row) > loadParams {
		return l.flush()
	}
	return nil
}

// flush stores what was gathered.
func (l *Loader) flush() error {
	if l.rows == 0 {
		return nil
	}
	statement := l.full
	if l.rows < loadParams/len(l.table.Columns) {
		statement = insert(l.table, l.rows)
	}
	_, err := l.tx.ExecContext(l.ctx, statement, l.args...)
	if err != nil {
		return fmt.Errorf("fill table %s: %w", l.table.Name, writeFault(err))
	}
	clear(l.args)
	l.args, l.rows = l.args[:0], 0
	return nil
}

// insert is the statement that stores so many rows.
func insert(t Table, rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `INSERT INTO "%s" (`, t.Name)
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `"%s"`, c.Name)
	}
	b.WriteString(") VALUES ")
	n := 0
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		for i := range t.Columns {
			n++
			b.WriteString(map[bool]string{true: "(", false: ", "}[i == 0])
			fmt.Fprintf(&b, "$%d", n)
		}
		b.WriteByte(')')
	}
	return b.String()
}
