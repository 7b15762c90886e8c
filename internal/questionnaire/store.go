package questionnaire

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"adili/form"
	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// All SQL of the package stands in this file.

// record is a row of questionnaire.
type record struct {
	id, name        string
	revision, place int
	text            string // of the draft
	draft           *form.Questionnaire
	ledger          translation.Ledger
	warnings        []errs.Detail
	noted           string
}

func scanRecord(row storage.Row) (r record, err error) {
	var ledger, warnings []byte
	if err := row.Scan(&r.id, &r.name, &r.revision, &r.place, &r.text, &ledger, &warnings, &r.noted); err != nil {
		return r, err
	}
	if err := json.Unmarshal(ledger, &r.ledger); err != nil {
		return r, fmt.Errorf("read the ledger of %s: %w", r.id, err)
	}
	if err := json.Unmarshal(warnings, &r.warnings); err != nil {
		return r, fmt.Errorf("read the warnings of %s: %w", r.id, err)
	}
	return r, nil
}

func loadRecord(ctx context.Context, q storage.Querier, id string) (record, error) {
	r, err := storage.One(ctx, q, scanRecord, `SELECT id, name, revision, place, draft, ledger, warnings, noted FROM questionnaire WHERE id = $1`, id)
	if err != nil {
		return r, err
	}
	if r.draft, err = form.Read([]byte(r.text)); err != nil {
		return r, fmt.Errorf("read the draft of %s: %w", id, err)
	}
	return r, nil
}

// loadRecords lists the questionnaires without reading their drafts.
func loadRecords(ctx context.Context, q storage.Querier) ([]record, error) {
	return storage.All(ctx, q, scanRecord, `SELECT id, name, revision, place, draft, ledger, warnings, noted FROM questionnaire ORDER BY id`)
}

func saveRecord(ctx context.Context, q storage.Querier, r record) error {
	ledger, err := json.Marshal(r.ledger)
	if err != nil {
		return err
	}
	warnings, err := json.Marshal(r.warnings)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO questionnaire (id, name, revision, place, draft, ledger, warnings, noted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET name = excluded.name, revision = excluded.revision,
		place = excluded.place, draft = excluded.draft, ledger = excluded.ledger, warnings = excluded.warnings, noted = excluded.noted`,
		r.id, r.name, r.revision, r.place, r.text, string(ledger), string(warnings), r.noted)
	return err
}

func deleteRecord(ctx context.Context, q storage.Querier, id string) error {
	if _, err := q.ExecContext(ctx, `DELETE FROM questionnaire_edit WHERE questionnaire_id = $1`, id); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx, `DELETE FROM questionnaire WHERE id = $1`, id)
	return err
}

// state is what an edit led to.
type state struct {
	Draft  string             `json:"draft"`
	Ledger translation.Ledger `json:"ledger"`
}

// mostState bounds a state when it is unpacked: a draft and its ledger in many languages.
const mostState = 64 << 20

func pack(s state) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(s); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func unpack(data []byte) (s state, err error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return s, err
	}
	err = json.NewDecoder(io.LimitReader(z, mostState)).Decode(&s)
	return s, err
}

// insertEdit adds the state that r has now at its place. What could be done
// again from there is gone, and what lies too far back.
func insertEdit(ctx context.Context, q storage.Querier, r record, what string) error {
	data, err := pack(state{r.text, translation.Ledger{Entries: r.ledger.Entries}})
	if err != nil {
		return err
	}
	if _, err := q.ExecContext(ctx, `DELETE FROM questionnaire_edit WHERE questionnaire_id = $1 AND (n >= $2 OR n < $3)`,
		r.id, r.place, r.place-mostEdits); err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO questionnaire_edit (questionnaire_id, n, what, state) VALUES ($1, $2, $3, $4)`, r.id, r.place, what, data)
	return err
}

func loadEdit(ctx context.Context, q storage.Querier, id string, n int) (state, error) {
	data, err := storage.One(ctx, q, func(row storage.Row) (data []byte, err error) { return data, row.Scan(&data) },
		`SELECT state FROM questionnaire_edit WHERE questionnaire_id = $1 AND n = $2`, id, n)
	if err != nil {
		return state{}, err
	}
	return unpack(data)
}

// loadWhats gives what led to the states around a place.
func loadWhats(ctx context.Context, q storage.Querier, id string, place int) (map[int]string, error) {
	type one struct {
		n    int
		what string
	}
	all, err := storage.All(ctx, q, func(row storage.Row) (o one, err error) { return o, row.Scan(&o.n, &o.what) },
		`SELECT n, what FROM questionnaire_edit WHERE questionnaire_id = $1 AND n >= $2 AND n <= $3`, id, place-1, place+1)
	whats := map[int]string{}
	for _, o := range all {
		whats[o.n] = o.what
	}
	return whats, err
}

// release is a row of questionnaire_release.
type release struct {
	id, name               string // of the questionnaire
	version, day, by, text string
	ledger                 translation.Ledger
}

func scanRelease(row storage.Row) (v release, err error) {
	var ledger []byte
	if err := row.Scan(&v.id, &v.name, &v.version, &v.day, &v.by, &v.text, &ledger); err != nil {
		return v, err
	}
	return v, json.Unmarshal(ledger, &v.ledger)
}

func loadRelease(ctx context.Context, q storage.Querier, id, version string) (release, error) {
	return storage.One(ctx, q, scanRelease, `SELECT v.questionnaire_id, q.name, v.version, v.day, v.by_name, v.text, v.ledger FROM questionnaire_release v
		JOIN questionnaire q ON q.id = v.questionnaire_id WHERE v.questionnaire_id = $1 AND v.version = $2`, id, version)
}

// loadReleases lists the versions of a questionnaire, or of all for "", the
// newest of each first.
func loadReleases(ctx context.Context, q storage.Querier, id string) ([]release, error) {
	return storage.All(ctx, q, scanRelease, `SELECT v.questionnaire_id, q.name, v.version, v.day, v.by_name, v.text, v.ledger FROM questionnaire_release v
		JOIN questionnaire q ON q.id = v.questionnaire_id WHERE v.questionnaire_id = $1 OR $1 = '' ORDER BY v.questionnaire_id, v.n DESC`, id)
}

func insertRelease(ctx context.Context, q storage.Querier, n int, v release) error {
	ledger, err := json.Marshal(v.ledger)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO questionnaire_release (questionnaire_id, n, version, day, by_name, text, ledger)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, v.id, n, v.version, v.day, v.by, v.text, string(ledger))
	return err
}

// tongue is a row of respondent_language.
type tongue struct {
	tag, name string
	texts     map[string]string
	ledger    translation.Ledger
}

func scanTongue(row storage.Row) (l tongue, err error) {
	var texts, ledger []byte
	if err := row.Scan(&l.tag, &l.name, &texts, &ledger); err != nil {
		return l, err
	}
	if err := json.Unmarshal(texts, &l.texts); err != nil {
		return l, err
	}
	return l, json.Unmarshal(ledger, &l.ledger)
}

func loadTongues(ctx context.Context, q storage.Querier) ([]tongue, error) {
	return storage.All(ctx, q, scanTongue, `SELECT tag, name, texts, ledger FROM respondent_language ORDER BY tag`)
}

func saveTongue(ctx context.Context, q storage.Querier, l tongue) error {
	texts, err := json.Marshal(l.texts)
	if err != nil {
		return err
	}
	ledger, err := json.Marshal(l.ledger)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO respondent_language (tag, name, texts, ledger) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tag) DO UPDATE SET name = excluded.name, texts = excluded.texts, ledger = excluded.ledger`,
		l.tag, l.name, string(texts), string(ledger))
	return err
}
