package storage

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"adili/internal/kernel/errs"
)

// Type is what a column holds, in words both engines share.
type Type string

// The types, each with how a value of it comes out of a Dump; NULL is nil.
const (
	Int   Type = "int"   // int64
	Float Type = "float" // float64
	Text  Type = "text"  // string
	Bool  Type = "bool"  // bool
	Bytes Type = "bytes" // []byte
	JSON  Type = "json"  // string, in one spelling: no white space, keys sorted
)

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Table is a table of a room.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	key     []string // primary key
	refers  []string // tables that its foreign keys point at
}

// Dump reads the whole database as it was at one moment, while others go on writing.
type Dump struct {
	tx       *sql.Tx
	pool     *sql.DB // on PostgreSQL, of this dump alone
	tables   []Table
	versions map[string]int64
}

// BeginDump fixes the moment. Close the dump soon: for as long as it is open the engine keeps what is deleted elsewhere.
func (db *DB) BeginDump(ctx context.Context) (_ *Dump, err error) {
	defer errs.Wrap(&err, "storage.BeginDump")
	d := &Dump{}
	pool := db.reader
	if db.engine == Postgres {
		// Whoever takes the rows may be slow: no limits but the caller's context.
		d.pool = postgresConns(db.config, map[string]string{
			"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "default_transaction_read_only": "on",
		}, nil)
		pool = d.pool
	}
	if d.tx, err = pool.BeginTx(ctx, db.readOptions()); err == nil {
		// Both engines fix the moment with the first statement.
		d.tables, d.versions, err = readSchema(ctx, d.tx, db.engine)
	}
	if err != nil {
		return nil, fault(errors.Join(err, d.Close()))
	}
	return d, nil
}

// Close ends the dump.
func (d *Dump) Close() error {
	var err error
	if d.tx != nil {
		if err = d.tx.Rollback(); errors.Is(err, sql.ErrTxDone) { // the context has ended
			err = nil
		}
	}
	if d.pool != nil {
		err = errors.Join(err, d.pool.Close())
	}
	return err
}

// Tables gives the tables of all rooms, each after those it refers to.
func (d *Dump) Tables() []Table { return slices.Clone(d.tables) }

// Versions tells for each room the last migration that was applied.
func (d *Dump) Versions() map[string]int64 { return d.versions }

// Rows hands over the rows of a table, in the order of its primary key: nothing tells in which order they were written.
// The row is f's only until it returns.
func (d *Dump) Rows(ctx context.Context, t Table, f func(row []any) error) (err error) {
	defer errs.Wrap(&err, "read table %s", t.Name)
	i := slices.IndexFunc(d.tables, func(other Table) bool { return other.Name == t.Name })
	if i < 0 {
		return errors.New("there is no such table")
	}
	query, err := selectAll(t, d.tables[i].key)
	if err != nil {
		return err
	}
	cells := make([]cell, len(t.Columns))
	into := make([]any, 0, 2*len(cells))
	for i, c := range t.Columns {
		cells[i].kind = c.Type
		into = append(into, cells[i].into()...)
	}
	row := make([]any, len(cells))
	var own error // f's, which is none of ours to classify
	err = each(ctx, d.tx, query, nil, func(r Row) (bool, error) {
		if err := r.Scan(into...); err != nil {
			return false, err
		}
		for i := range cells {
			if row[i], err = cells[i].value(); err != nil {
				return false, fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
			}
		}
		own = f(row)
		return own == nil, nil
	})
	if own != nil {
		return own
	}
	return err
}

// selectAll is the statement that reads a table. A byte column comes with whether it is NULL, since an empty value may
// come back nil.
func selectAll(t Table, key []string) (string, error) {
	var columns, order []string
	for _, c := range t.Columns {
		if !plainName.MatchString(c.Name) {
			return "", fmt.Errorf("bad column name %q", c.Name)
		}
		switch c.Type {
		case Bytes:
			columns = append(columns, fmt.Sprintf(`"%s", "%s" IS NULL`, c.Name, c.Name))
		case JSON:
			columns = append(columns, fmt.Sprintf(`CAST("%s" AS TEXT)`, c.Name))
		default:
			columns = append(columns, fmt.Sprintf(`"%s"`, c.Name))
		}
		if len(key) == 0 && c.Type != JSON || slices.Contains(key, c.Name) {
			order = append(order, fmt.Sprintf(`"%s" NULLS FIRST`, c.Name))
		}
	}
	query := fmt.Sprintf(`SELECT %s FROM "%s"`, strings.Join(columns, ", "), t.Name)
	if len(order) > 0 {
		query += " ORDER BY " + strings.Join(order, ", ")
	}
	return query, nil
}

// cell takes one column's value.
type cell struct {
	kind  Type
	whole sql.NullInt64
	real  sql.NullFloat64
	text  sql.NullString
	truth sql.NullBool
	bytes []byte
	null  bool
}

func (c *cell) into() []any {
	switch c.kind {
	case Int:
		return []any{&c.whole}
	case Float:
		return []any{&c.real}
	case Bool:
		return []any{&c.truth}
	case Bytes:
		return []any{&c.bytes, &c.null}
	}
	return []any{&c.text}
}

func (c *cell) value() (any, error) {
	switch {
	case c.kind == Int && c.whole.Valid:
		return c.whole.Int64, nil
	case c.kind == Float && c.real.Valid:
		return c.real.Float64, nil
	case c.kind == Bool && c.truth.Valid:
		return c.truth.Bool, nil
	case c.kind == Bytes && !c.null:
		return append([]byte{}, c.bytes...), nil
	case c.kind == Text && c.text.Valid:
		return c.text.String, nil
	case c.kind == JSON && c.text.Valid:
		return CanonicalJSON(c.text.String)
	}
	return nil, nil
}

// CanonicalJSON gives JSON in one spelling: PostgreSQL keeps the meaning of a text only, SQLite its letters.
func CanonicalJSON(text string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return "", fmt.Errorf("bad JSON: %w", err)
	}
	if decoder.More() {
		return "", errors.New("bad JSON: something follows the value")
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(plainNumbers(value)); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// plainNumbers gives every number in one spelling, without losing a digit: some are larger than a float64 tells apart.
func plainNumbers(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plainNumbers(v[name])
		}
	case json.Number:
		return json.Number(plainNumber(v.String()))
	}
	return value
}

// plainNumber writes a JSON number without an exponent, as PostgreSQL does, and without zeros that say nothing. Numbers that
// would be longer than any float64 stay as they are.
func plainNumber(text string) string {
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(rest), "e")
	exponent := 0
	if power != "" {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return text
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	point := len(whole) + exponent - (len(whole+fraction) - len(digits)) // where the decimal point stands in digits
	digits = strings.TrimRight(digits, "0")
	switch {
	case digits == "":
		return "0"
	case point > 400 || point < -400:
		return text
	case point <= 0:
		digits = "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		digits += strings.Repeat("0", point-len(digits))
	default:
		digits = digits[:point] + "." + digits[point:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}
