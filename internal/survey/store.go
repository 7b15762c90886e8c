package survey

import (
	"context"
	"encoding/json"
	"fmt"

	"adili/form"
	"adili/internal/kernel/storage"
)

// All SQL of the package stands in this file.

// The state of a code is 0 while it is unused, 1 while it is promised to one
// form, 2 when it has served.

func scanRound(row storage.Row) (Round, error) {
	var r Round
	var detail []byte
	if err := row.Scan(&r.ID, &r.Name, &r.Iteration, &r.State, &detail); err != nil {
		return r, err
	}
	if err := json.Unmarshal(detail, &r.RoundDetail); err != nil {
		return r, fmt.Errorf("read round %s: %w", r.ID, err)
	}
	return r, nil
}

func loadRound(ctx context.Context, q storage.Querier, id string) (Round, error) {
	return storage.One(ctx, q, scanRound, `SELECT id, name, iteration, state, detail FROM round WHERE id = $1`, id)
}

func loadRounds(ctx context.Context, q storage.Querier) ([]Round, error) {
	return storage.All(ctx, q, scanRound, `SELECT id, name, iteration, state, detail FROM round ORDER BY iteration DESC, id`)
}

func insertRound(ctx context.Context, q storage.Querier, r Round) error {
	detail, err := json.Marshal(r.RoundDetail)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO round (id, name, iteration, state, detail) VALUES ($1, $2, $3, $4, $5)`,
		r.ID, r.Name, r.Iteration, string(r.State), string(detail))
	return err
}

func updateRound(ctx context.Context, q storage.Querier, r Round) error {
	detail, err := json.Marshal(r.RoundDetail)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `UPDATE round SET name = $2, iteration = $3, state = $4, detail = $5 WHERE id = $1`,
		r.ID, r.Name, r.Iteration, string(r.State), string(detail))
	return err
}

// emptyRound deletes everything of a round but the line that says that there
// was one.
func emptyRound(ctx context.Context, q storage.Querier, id string) error {
	for _, statement := range []string{
		`DELETE FROM tally WHERE round_id = $1`,
		`DELETE FROM fieldwork WHERE round_id = $1`,
		`DELETE FROM code WHERE round_id = $1`,
		`DELETE FROM population WHERE round_id = $1`,
	} {
		if _, err := q.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}

func deleteRound(ctx context.Context, q storage.Querier, id string) error {
	if err := emptyRound(ctx, q, id); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx, `DELETE FROM round WHERE id = $1`, id)
	return err
}

func scanPopulation(row storage.Row) (Population, error) {
	var p Population
	var plan []byte
	if err := row.Scan(&p.Kind, &plan, &p.Instrument); err != nil {
		return p, err
	}
	if err := json.Unmarshal(plan, &p.Plan); err != nil {
		return p, fmt.Errorf("read the plan of %s: %w", p.Kind, err)
	}
	return p, nil
}

func loadPopulations(ctx context.Context, q storage.Querier, round string) ([]Population, error) {
	return storage.All(ctx, q, scanPopulation, `SELECT kind, plan, instrument FROM population WHERE round_id = $1 ORDER BY kind`, round)
}

func loadPopulation(ctx context.Context, q storage.Querier, round string, kind form.Population) (Population, error) {
	return storage.One(ctx, q, scanPopulation, `SELECT kind, plan, instrument FROM population WHERE round_id = $1 AND kind = $2`, round, string(kind))
}

func savePopulation(ctx context.Context, q storage.Querier, round string, p Population) error {
	plan, err := json.Marshal(p.Plan)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO population (round_id, kind, plan, instrument) VALUES ($1, $2, $3, $4)
		ON CONFLICT (round_id, kind) DO UPDATE SET plan = excluded.plan, instrument = excluded.instrument`,
		round, string(p.Kind), string(plan), string(p.Instrument))
	return err
}

func deletePopulation(ctx context.Context, q storage.Querier, round string, kind form.Population) error {
	_, err := q.ExecContext(ctx, `DELETE FROM population WHERE round_id = $1 AND kind = $2`, round, string(kind))
	return err
}

// storedCode is a row of the code table.
type storedCode struct {
	selector string
	stratum  int
	salt     []byte
	hash     []byte
	filler   []byte // where used ones keep a mark, in its place: a backup is as long whatever was used
}

func insertCode(ctx context.Context, q storage.Querier, round string, c storedCode) error {
	_, err := q.ExecContext(ctx, `INSERT INTO code (round_id, selector, stratum, salt, hash, pending) VALUES ($1, $2, $3, $4, $5, $6)`,
		round, c.selector, c.stratum, c.salt, c.hash, c.filler)
	return err
}

func loadCode(ctx context.Context, q storage.Querier, round, selector string) (storedCode, error) {
	return storage.One(ctx, q, func(row storage.Row) (storedCode, error) {
		c := storedCode{selector: selector}
		err := row.Scan(&c.stratum, &c.salt, &c.hash)
		return c, err
	}, `SELECT stratum, salt, hash FROM code WHERE round_id = $1 AND selector = $2`, round, selector)
}

func loadSelectors(ctx context.Context, q storage.Querier, round string) (map[string]bool, error) {
	all, err := storage.All(ctx, q, func(row storage.Row) (s string, err error) { return s, row.Scan(&s) },
		`SELECT selector FROM code WHERE round_id = $1`, round)
	taken := make(map[string]bool, len(all))
	for _, s := range all {
		taken[s] = true
	}
	return taken, err
}

// claimCode marks a code as pending for the form with this mark. It reports
// false where another form has it. A code that was spent by this very form is
// its own still, as far as that is remembered: see spendCode.
func claimCode(ctx context.Context, q storage.Querier, round, selector string, mark []byte) (bool, error) {
	res, err := q.ExecContext(ctx, `UPDATE code SET state = CASE WHEN state = 0 THEN 1 ELSE state END, pending = $3
		WHERE round_id = $1 AND selector = $2 AND (state = 0 OR pending = $3)`, round, selector, mark)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// spendCode makes a pending code used. What is kept in place of the mark is
// nothing or, so that another node knows the form again, the mark.
func spendCode(ctx context.Context, q storage.Querier, round, selector string, mark, kept []byte) error {
	_, err := q.ExecContext(ctx, `UPDATE code SET state = 2, pending = $4
		WHERE round_id = $1 AND selector = $2 AND state = 1 AND pending = $3`, round, selector, mark, kept)
	return err
}

// codeCount is how many codes of a stratum were made and used.
type codeCount struct{ stratum, made, used int }

func countCodes(ctx context.Context, q storage.Querier, round string) ([]codeCount, error) {
	return storage.All(ctx, q, func(row storage.Row) (c codeCount, err error) {
		return c, row.Scan(&c.stratum, &c.made, &c.used)
	}, `SELECT stratum, COUNT(*), COUNT(*) FILTER (WHERE state = 2) FROM code WHERE round_id = $1 GROUP BY stratum ORDER BY stratum`, round)
}

func deleteCodes(ctx context.Context, q storage.Querier, round string) error {
	_, err := q.ExecContext(ctx, `DELETE FROM code WHERE round_id = $1`, round)
	return err
}

func deleteStratumCodes(ctx context.Context, q storage.Querier, round string, low, high int) error {
	_, err := q.ExecContext(ctx, `DELETE FROM code WHERE round_id = $1 AND stratum >= $2 AND stratum <= $3`, round, low, high)
	return err
}

func saveFieldwork(ctx context.Context, q storage.Querier, round string, stratum int, day Day, used int) error {
	_, err := q.ExecContext(ctx, `INSERT INTO fieldwork (round_id, stratum, day, used) VALUES ($1, $2, $3, $4)
		ON CONFLICT (round_id, stratum) DO UPDATE SET day = excluded.day, used = excluded.used`, round, stratum, string(day), used)
	return err
}

// fieldworkRow is the count of a stratum at the end of a day.
type fieldworkRow struct {
	stratum int
	day     Day
	used    int
}

func loadFieldwork(ctx context.Context, q storage.Querier, round string) ([]fieldworkRow, error) {
	return storage.All(ctx, q, func(row storage.Row) (f fieldworkRow, err error) {
		return f, row.Scan(&f.stratum, &f.day, &f.used)
	}, `SELECT stratum, day, used FROM fieldwork WHERE round_id = $1 ORDER BY stratum`, round)
}

func deleteFieldwork(ctx context.Context, q storage.Querier, round string) error {
	_, err := q.ExecContext(ctx, `DELETE FROM fieldwork WHERE round_id = $1`, round)
	return err
}

func saveTally(ctx context.Context, q storage.Querier, round string, c codeCount) error {
	_, err := q.ExecContext(ctx, `INSERT INTO tally (round_id, stratum, invited, used) VALUES ($1, $2, $3, $4)
		ON CONFLICT (round_id, stratum) DO UPDATE SET invited = excluded.invited, used = excluded.used`, round, c.stratum, c.made, c.used)
	return err
}

func loadTally(ctx context.Context, q storage.Querier, round string) ([]codeCount, error) {
	return storage.All(ctx, q, func(row storage.Row) (c codeCount, err error) {
		return c, row.Scan(&c.stratum, &c.made, &c.used)
	}, `SELECT stratum, invited, used FROM tally WHERE round_id = $1 ORDER BY stratum`, round)
}
