package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// versionSuffix ends the names of the tables in which goose notes what was applied.
const versionSuffix = "_version"

// readSchema gives the tables of all rooms, each after those it refers to, and the rooms' versions.
func readSchema(ctx context.Context, q Querier, engine string) ([]Table, map[string]int64, error) {
	read := sqliteTables
	if engine == Postgres {
		read = postgresTables
	}
	found, err := read(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	var tables []Table
	versions := map[string]int64{}
	for _, t := range found {
		if room, ok := t.versionOf(); ok {
			// The newest row of a number counts: goose removes the row when a migration is undone.
			versions[room], err = One(ctx, q, scanInt, fmt.Sprintf(`SELECT COALESCE(MAX(version_id), 0) FROM "%s" WHERE is_applied`, t.Name))
			if err != nil {
				return nil, nil, err
			}
			continue
		}
		for i, c := range t.Columns {
			if t.Columns[i].Type = portable(string(c.Type)); t.Columns[i].Type == "" {
				return nil, nil, fmt.Errorf("table %s, column %s: no portable type for %s", t.Name, c.Name, c.Type)
			}
		}
		tables = append(tables, t)
	}
	tables, err = inOrder(tables)
	return tables, versions, err
}

func scanInt(row Row) (n int64, err error) { return n, row.Scan(&n) }

// versionOf tells a table of goose's, and its room.
func (t Table) versionOf() (room string, ok bool) {
	room, ok = strings.CutSuffix(t.Name, versionSuffix)
	has := func(name string) bool {
		return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name })
	}
	return room, ok && has("version_id") && has("is_applied")
}

// portable gives the type that a declaration stands for, "" for one that the rooms do not use.
func portable(declared string) Type {
	switch strings.ToLower(declared) {
	case "bigint", "integer":
		return Int
	case "double precision":
		return Float
	case "text":
		return Text
	case "boolean":
		return Bool
	case "bytea":
		return Bytes
	case "jsonb":
		return JSON
	}
	return ""
}

// inOrder puts every table after those it refers to, and otherwise by name.
func inOrder(tables []Table) ([]Table, error) {
	slices.SortFunc(tables, func(a, b Table) int { return strings.Compare(a.Name, b.Name) })
	placed := make(map[string]bool, len(tables))
	ordered := make([]Table, 0, len(tables))
	for len(ordered) < len(tables) {
		before := len(ordered)
		for _, t := range tables {
			waits := slices.ContainsFunc(t.refers, func(other string) bool { return !placed[other] })
			if !placed[t.Name] && !waits {
				placed[t.Name] = true
				ordered = append(ordered, t)
			}
		}
		if len(ordered) == before {
			return nil, errors.New("tables refer to each other, or to themselves, in a circle: their rows can be put back in no order")
		}
	}
	return ordered, nil
}

func sqliteTables(ctx context.Context, q Querier) ([]Table, error) {
	names, err := All(ctx, q, scanName, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return nil, err
	}
	tables := make([]Table, len(names))
	for i, name := range names {
		t := &tables[i]
		t.Name = name
		_, err = All(ctx, q, t.scanColumn, "SELECT name, type, pk > 0 FROM pragma_table_info($1) ORDER BY cid", name)
		if err == nil {
			t.refers, err = All(ctx, q, scanName, `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`, name)
		}
		if err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func postgresTables(ctx context.Context, q Querier) ([]Table, error) {
	names, err := All(ctx, q, scanName, `SELECT relname FROM pg_class
		WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return nil, err
	}
	tables := make([]Table, len(names))
	for i, name := range names {
		t := &tables[i]
		t.Name = name
		_, err = All(ctx, q, t.scanColumn, `SELECT a.attname, format_type(a.atttypid, NULL), COALESCE(a.attnum = ANY (i.indkey), false)
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
			WHERE c.relname = $1 AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
			ORDER BY a.attnum`, name)
		if err == nil {
			t.refers, err = All(ctx, q, scanName, `SELECT DISTINCT f.relname FROM pg_constraint k
				JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
				WHERE k.contype = 'f' AND c.relname = $1 AND c.relnamespace = current_schema()::regnamespace`, name)
		}
		if err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func scanName(row Row) (name string, err error) { return name, row.Scan(&name) }

// scanColumn adds a column to the table, with its type as declared.
func (t *Table) scanColumn(row Row) (c Column, err error) {
	var key bool
	if err = row.Scan(&c.Name, &c.Type, &key); err != nil {
		return c, err
	}
	t.Columns = append(t.Columns, c)
	if key {
		t.key = append(t.key, c.Name)
	}
	return c, nil
}
