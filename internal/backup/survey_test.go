package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/form"
	"adili/form/expr"
	"adili/internal/backup"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
	"adili/internal/survey/report"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
)

var key = func() *age.X25519Identity {
	k, err := age.GenerateX25519Identity()
	if err != nil {
		panic(err)
	}
	return k
}()

// inside compares what is not exported too; two expressions are equal where they are written equally.
var inside = cmp.Options{
	cmp.Exporter(func(t reflect.Type) bool { return t != reflect.TypeFor[expr.Expr]() }),
	cmp.Comparer(func(a, b *expr.Expr) bool { return a == b || a != nil && b != nil && a.Source() == b.Source() }),
}

func migrate(ctx context.Context, db *storage.DB) error {
	return errors.Join(audit.Migrate(ctx, db), people.New(db, clock.System()).Migrate(ctx), survey.Migrate(ctx, db))
}

// server is the survey room on a data folder.
type server struct {
	t        testing.TB
	data     string
	database string
	db       *storage.DB
	survey   *survey.Service
}

func postgres(t testing.TB) string {
	t.Helper()
	return pgtest.Create(t, pgtest.URL(t), "t"+strings.ToLower(rand.Text()), "", false)
}

// start opens the data folder, empty or not.
func start(t testing.TB, data, database string) *server {
	t.Helper()
	url := database
	if url == "" {
		url = "sqlite:" + filepath.Join(data, "adili.db")
	}
	db, err := storage.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, data: data, database: database, db: db}
	s.survey = survey.New(db, clock.Fixed(roundtest.Now), filepath.Join(data, "rounds"), slog.New(slog.DiscardHandler))
	if err := s.survey.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s
}

func (s *server) stop() {
	s.t.Helper()
	if s.db == nil {
		return
	}
	if err := errors.Join(s.survey.Close(), s.db.Close()); err != nil {
		s.t.Fatal(err)
	}
	s.db = nil
}

func (s *server) backup() *backup.Backup {
	return backup.New(backup.Options{
		DB: s.db, Source: s.survey, Data: s.data, Passing: []string{"person_session", "person_link", "person_used", "answer_box", "copy_request"},
		Version: "test", Clock: clock.Fixed(roundtest.Now), Log: slog.New(slog.DiscardHandler),
		Name: func(ctx context.Context, id string) (string, error) {
			r, _, err := s.survey.Round(ctx, roundtest.Manager, id)
			return r.Name, err
		},
	})
}

func (s *server) make() []byte {
	s.t.Helper()
	var b bytes.Buffer
	m, err := s.backup().Make(s.t.Context(), &b, []age.Recipient{key.Recipient()})
	if err != nil || len(m.Missing) > 0 {
		s.t.Fatal(m.Missing, err)
	}
	return b.Bytes()
}

// restore puts the backup into a data folder and starts there.
func restore(t testing.TB, data []byte, folder, database string) (*server, backup.Report) {
	t.Helper()
	target := backup.Target{
		Data: folder, Database: database, Replace: true, Clock: clock.Fixed(roundtest.Now), Migrate: migrate,
		Count: func(ctx context.Context, q storage.Querier, dir string) (counts []backup.Count, err error) {
			all, err := survey.CountAccepted(ctx, q, dir)
			for _, a := range all {
				counts = append(counts, backup.Count{Round: backup.Round{ID: a.Round.ID, Name: a.Round.Name}, State: string(a.Round.State), Answers: a.Answers})
			}
			return counts, err
		},
	}
	open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	r, err := target.Restore(t.Context(), open, []age.Identity{key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, folder, database), r
}

// draft is a form filled in with an answer to each agreement item and a remark.
func draft(t testing.TB, s *server, round string, c code.Code, answer int) (*survey.Intake, *paper.Draft) {
	t.Helper()
	in, err := s.survey.Intake(t.Context(), round)
	if err != nil {
		t.Fatal(err)
	}
	d, err := in.Begin(c.String())
	if err != nil {
		t.Fatal(err)
	}
	q := in.Questionnaire(d.Kind)
	for page, p := range q.Pages {
		values := map[string][]string{}
		for _, item := range p.Items {
			switch {
			case item.Relevant != nil: // asked of some only
			case item.Kind == form.Agreement:
				values[item.ID] = []string{fmt.Sprint(1 + answer%5)}
			case item.Kind == form.OpenAnswer:
				values[item.ID] = []string{fmt.Sprintf("remark number %d", answer)}
			}
		}
		if d.Answers, err = q.Accept(page, d.Answers, values); err != nil {
			t.Fatal(err)
		}
	}
	return in, d
}

func (s *server) send(round string, c code.Code, answer int) error {
	in, d := draft(s.t, s, round, c, answer)
	return s.survey.Submit(s.t.Context(), in, d)
}

// figures is the report with everything in it.
func (s *server) figures(round string) *report.Report {
	s.t.Helper()
	closed, err := s.survey.Closed(s.t.Context(), roundtest.Manager, round)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := report.Make(closed, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// officials counts the answers of officials to a closed round.
func (s *server) officials(round string) (n int) {
	s.t.Helper()
	closed, err := s.survey.Closed(s.t.Context(), roundtest.Manager, round)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, g := range closed.Groups {
		if g.Kind == form.Official {
			n += len(g.Responses)
		}
	}
	return n
}

// rows is every row of every table that starting leaves alone, as CSV.
func (s *server) rows() string {
	s.t.Helper()
	d, err := s.db.BeginDump(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	defer d.Close()
	var out strings.Builder
	w := csv.NewWriter(&out)
	for _, table := range d.Tables() {
		if table.Name == "audit_entry" || table.Name == "fieldwork" { // the latter is counted anew when the room starts
			continue
		}
		if err := d.Rows(s.t.Context(), table, func(row []any) error {
			text := []string{table.Name}
			for _, v := range row {
				text = append(text, fmt.Sprintf("%T %v", v, v))
			}
			return w.Write(text)
		}); err != nil {
			s.t.Fatal(err)
		}
	}
	w.Flush()
	return out.String()
}

// Moving to PostgreSQL and back, with one round closed and one open, changes neither counts nor reports nor rows.
func TestMoveToPostgresAndBack(t *testing.T) {
	first := start(t, t.TempDir(), "")
	closed, codes := roundtest.Open(t, first.survey, code.ByLink, 60)
	for i, c := range slices.Concat(codes[form.Official][:100], codes[form.Private][:40]) {
		if err := first.send(closed, c, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.survey.CloseRound(t.Context(), roundtest.Manager, closed, roundtest.Passphrase); err != nil {
		t.Fatal(err)
	}
	open, codes := roundtest.Open(t, first.survey, code.ByLink, 40)
	for i, c := range codes[form.Official][:50] {
		if err := first.send(open, c, i); err != nil {
			t.Fatal(err)
		}
	}
	wantRows, wantReport := first.rows(), first.figures(closed)
	if n := first.officials(closed); n != 100 || wantReport.Groups[0].Total.Answers.N != 100 {
		t.Fatalf("%d answers counted, want 100; in the report %v", n, wantReport.Groups[0].Total)
	}
	second, _ := restore(t, first.make(), t.TempDir(), postgres(t))
	third, _ := restore(t, second.make(), t.TempDir(), "")
	for name, s := range map[string]*server{"PostgreSQL": second, "SQLite again": third} {
		if got := s.rows(); got != wantRows {
			t.Errorf("%s: rows differ: %s", name, cmp.Diff(wantRows, got))
		}
		if got := s.figures(closed); !cmp.Equal(got, wantReport, inside) {
			t.Errorf("%s: the report differs: %s", name, cmp.Diff(wantReport, got, inside))
		}
	}
	// The open round goes on where it was: used codes are refused, unused ones taken, and closing counts both.
	if err := third.send(open, codes[form.Official][0], 1); !errors.Is(err, survey.ErrCode) {
		t.Errorf("a used code: %v", err)
	}
	for i, c := range codes[form.Official][50:80] {
		if err := third.send(open, c, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := third.survey.CloseRound(t.Context(), roundtest.Manager, open, roundtest.Passphrase); err != nil {
		t.Fatal(err)
	}
	if got := third.officials(open); got != 80 {
		t.Errorf("%d answers counted, want 80", got)
	}
}

// Restoring during an open round says what was accepted since, and nothing counts twice: neither a form that was sent
// before and is sent again, nor another form with the same code.
func TestRestoreDuringAnOpenRound(t *testing.T) {
	for engine, database := range map[string]func() string{storage.SQLite: func() string { return "" }, storage.Postgres: func() string { return postgres(t) }} {
		t.Run(engine, func(t *testing.T) {
			s := start(t, t.TempDir(), database())
			round, codes := roundtest.Open(t, s.survey, code.ByLink, 60)
			all := codes[form.Official]
			for i, c := range all[:40] {
				if err := s.send(round, c, i); err != nil {
					t.Fatal(err)
				}
			}
			data := s.make()
			type sent struct {
				in *survey.Intake
				d  *paper.Draft
			}
			var later []sent
			for i, c := range all[40:53] {
				in, d := draft(t, s, round, c, i)
				if err := s.survey.Submit(t.Context(), in, d); err != nil {
					t.Fatal(err)
				}
				later = append(later, sent{in, d})
			}
			s.stop()
			again, r := restore(t, data, s.data, s.database)
			if len(r.Lost) != 1 || r.Lost[0].Answers != 20 || r.Lost[0].Now != "open" || r.Unread != nil { // 13, rounded up
				t.Errorf("lost %+v, %v", r.Lost, r.Unread)
			}
			var text strings.Builder
			if err := r.Explain(&text); err != nil || !strings.Contains(text.String(), "up to 20 answers have been accepted since") {
				t.Errorf("%s, %v", text.String(), err)
			}
			if _, err := os.Stat(filepath.Join(s.data, r.Aside, "rounds", round, "answers.box")); err != nil {
				t.Errorf("the answers accepted since are lost: %v", err)
			}
			in, err := again.survey.Intake(t.Context(), round)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range later { // the browser still has the page; or they answer again
				if i < 5 {
					err = again.survey.Submit(t.Context(), in, l.d)
				} else {
					err = again.send(round, all[40+i], i)
				}
				if err != nil {
					t.Errorf("answering again: %v", err)
				}
				if err := again.send(round, all[40+i], 1); !errors.Is(err, survey.ErrCode) {
					t.Errorf("a third form with the same code: %v", err)
				}
			}
			for _, c := range all[:40] {
				if err := again.send(round, c, 2); !errors.Is(err, survey.ErrCode) {
					t.Errorf("a code used before the backup: %v", err)
				}
			}
			if err := again.survey.CloseRound(t.Context(), roundtest.Manager, round, roundtest.Passphrase); err != nil {
				t.Fatal(err)
			}
			if got := again.officials(round); got != 53 {
				t.Errorf("%d answers counted, want 53", got)
			}
		})
	}
}

// Moving to a new PostgreSQL database in the same data folder compares with the database there; on the way back the old one
// is elsewhere, and that is what is said.
func TestMoveInPlace(t *testing.T) {
	s := start(t, t.TempDir(), "")
	round, codes := roundtest.Open(t, s.survey, code.ByLink, 60)
	all := codes[form.Official]
	for i, c := range all[:10] {
		if err := s.send(round, c, i); err != nil {
			t.Fatal(err)
		}
	}
	data := s.make()
	for i, c := range all[10:13] {
		if err := s.send(round, c, i); err != nil {
			t.Fatal(err)
		}
	}
	s.stop()
	there, r := restore(t, data, s.data, postgres(t))
	if len(r.Lost) != 1 || r.Lost[0].Answers != 10 || r.Unread != nil || !r.GoneOn() {
		t.Errorf("lost %+v, %v", r.Lost, r.Unread)
	}
	if _, err := os.Stat(filepath.Join(s.data, r.Aside, "adili.db")); err != nil {
		t.Errorf("the database before the move: %v", err)
	}
	data = there.make()
	there.stop()
	again, r := restore(t, data, s.data, there.database)
	if len(r.Lost) != 1 || r.Lost[0].Answers != 0 || r.GoneOn() {
		t.Errorf("lost %+v, %v, though nothing has gone on", r.Lost, r.Unread)
	}
	again.stop()
	if _, r = restore(t, data, s.data, ""); r.Unread == nil || !strings.Contains(r.Unread.Error(), "elsewhere") {
		t.Errorf("unread: %v", r.Unread)
	}
}

// Backups made while answers pour in show one moment each: in every one of them as many codes are used as there are
// answers, and whoever was told "received" before it began is in it.
func TestBackupsDuringIntake(t *testing.T) {
	s := start(t, t.TempDir(), "")
	round, codes := roundtest.Open(t, s.survey, code.ByLink, 120)
	in, forms := (*survey.Intake)(nil), map[code.Code]*paper.Draft{}
	for i, c := range codes[form.Official] {
		in, forms[c] = draft(t, s, round, c, i)
	}
	var work sync.WaitGroup
	queue := make(chan code.Code)
	var acknowledged counted
	for range 6 {
		work.Go(func() {
			for c := range queue {
				if err := s.survey.Submit(t.Context(), in, forms[c]); err != nil {
					t.Error(err)
				}
				acknowledged.add()
			}
		})
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		for _, c := range codes[form.Official] {
			queue <- c
			time.Sleep(2 * time.Millisecond)
		}
		close(queue)
	}()
	type made struct {
		least int
		data  []byte
	}
	var backups []made
	for range 6 {
		least := acknowledged.get()
		backups = append(backups, made{least, s.make()})
	}
	<-fed
	work.Wait()
	grew := map[int]bool{}
	for i, b := range backups {
		restored, _ := restore(t, b.data, t.TempDir(), "")
		accepted, err := survey.CountAccepted(t.Context(), restored.db.Read(), filepath.Join(restored.data, "rounds"))
		if err != nil {
			t.Fatal(err)
		}
		used, err := storage.One(t.Context(), restored.db.Read(), func(row storage.Row) (n int, err error) { return n, row.Scan(&n) },
			"SELECT COUNT(*) FROM code WHERE state = 2")
		if err != nil || accepted[0].Answers != used || used < b.least {
			t.Errorf("backup %d: %d answers, %d used codes, %d acknowledged before; %v", i, accepted[0].Answers, used, b.least, err)
		}
		grew[used] = true
		restored.stop()
	}
	if len(grew) < 3 {
		t.Errorf("the backups show %v answers: were they made during intake?", slices.Sorted(maps.Keys(grew)))
	}
}

type counted struct {
	mu sync.Mutex
	n  int
}

func (c *counted) add()     { c.mu.Lock(); c.n++; c.mu.Unlock() }
func (c *counted) get() int { c.mu.Lock(); defer c.mu.Unlock(); return c.n }
