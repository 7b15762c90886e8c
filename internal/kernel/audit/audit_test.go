package audit

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 999_000, time.UTC)

var ada = Actor{"person_1", "Ada"}

// do appends one entry in a transaction of its own.
func do(t testing.TB, db *storage.DB, by Actor, action, object string, detail ...string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		return Append(t.Context(), tx, noon, by, action, object, detail...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// alter does what nothing in the program does.
func alter(t *testing.T, db *storage.DB, statement string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		_, err := tx.ExecContext(t.Context(), statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStatements(t *testing.T) { dbtest.PrepareAll(t, ".", Migrate) }

func TestAppend(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		do(t, db, System, "backup.made", "")
		do(t, db, ada, "round.open", "round_1", "iteration", "2", "name", "Spring \"26\"\n<é>\u2028\u202e😀\x00\xff")
		got, err := Entries(t.Context(), db.Read(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		at := noon.Truncate(time.Second)
		want := []Entry{
			{Seq: 1, At: at, Actor: System, Action: "backup.made"},
			{Seq: 2, At: at, Actor: ada, Action: "round.open", Object: "round_1", Detail: []Pair{{"iteration", "2"}, {"name", "Spring \"26\" <é>  😀 \uFFFD"}}},
		}
		want[0].Hash = want[0].sum(nil)
		want[1].Hash = want[1].sum(want[0].Hash)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		head, err := Verify(t.Context(), db.Read())
		if err != nil || head.Seq != 2 {
			t.Errorf("Verify = %v, %v", head, err)
		}
		if got, err := Entries(t.Context(), db.Read(), 1, 10); err != nil || len(got) != 1 || got[0].Seq != 2 {
			t.Errorf("Entries after 1 = %v, %v", got, err)
		}
	})
}

func TestAppendRefuses(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	for name, try := range map[string]func(tx storage.Querier) error{
		"no action":    func(tx storage.Querier) error { return Append(t.Context(), tx, noon, ada, "", "") },
		"one word":     func(tx storage.Querier) error { return Append(t.Context(), tx, noon, ada, "open", "") },
		"nobody":       func(tx storage.Querier) error { return Append(t.Context(), tx, noon, Actor{}, "round.open", "") },
		"odd detail":   func(tx storage.Querier) error { return Append(t.Context(), tx, noon, ada, "round.open", "", "name") },
		"detail words": func(tx storage.Querier) error { return Append(t.Context(), tx, noon, ada, "round.open", "", "a b", "") },
	} {
		if err := db.Write(t.Context(), try); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := Append(t.Context(), db.Read(), noon, ada, "round.open", ""); err == nil {
		t.Error("an entry was made outside of a transaction")
	}
	do(t, db, Actor{"x", strings.Repeat("é", 300)}, "round.open", strings.Repeat("x", 999), "name", strings.Repeat("y", 999))
	got, err := Entries(t.Context(), db.Read(), 0, 10)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if e := got[0]; len([]rune(e.Actor.Name)) != maxName || len([]rune(e.Object)) != maxName || len([]rune(e.Detail[0].Value)) != maxValue {
		t.Errorf("long text was not cut: %+v", e)
	}
}

// What is undone leaves no entry and no gap.
func TestAppendGoesWithItsTransaction(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		do(t, db, ada, "round.open", "1")
		undo := errors.New("undo")
		err := db.Write(t.Context(), func(tx storage.Querier) error {
			if err := Append(t.Context(), tx, noon, ada, "round.open", "2"); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		do(t, db, ada, "round.open", "3")
		head, err := Verify(t.Context(), db.Read())
		if err != nil || head.Seq != 2 {
			t.Errorf("Verify = %v, %v", head, err)
		}
	})
}

// Several nodes add at once: no number is lost or given twice, and everything that was acknowledged is there.
func TestAppendFromManyNodes(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		const nodes, each = 8, 12
		var wg sync.WaitGroup
		for node := range nodes {
			wg.Go(func() {
				for i := range each {
					err := db.Write(t.Context(), func(tx storage.Querier) error {
						if err := Append(t.Context(), tx, noon, Actor{"", fmt.Sprint(node)}, "round.open", fmt.Sprint(i)); err != nil {
							return err
						}
						return Append(t.Context(), tx, noon, Actor{"", fmt.Sprint(node)}, "round.close", fmt.Sprint(i))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		head, err := Verify(t.Context(), db.Read())
		if err != nil || head.Seq != 2*nodes*each {
			t.Fatalf("Verify = %v, %v; want %d entries", head, err, 2*nodes*each)
		}
		all, err := Entries(t.Context(), db.Read(), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, e := range all {
			seen[e.Actor.Name+" "+e.Action+" "+e.Object]++
		}
		if len(seen) != 2*nodes*each {
			t.Errorf("%d different entries", len(seen))
		}
	})
}

// Each way of laying hands on the table is found, at the first entry that it touches.
func TestVerifyFindsForgery(t *testing.T) {
	tests := []struct {
		name      string
		statement string
		seq       int64
		how       string
	}{
		{"action", "UPDATE audit_entry SET action = 'round.close' WHERE seq = 3", 3, Altered},
		{"object", "UPDATE audit_entry SET object = 'x' WHERE seq = 3", 3, Altered},
		{"time", "UPDATE audit_entry SET at = at + 1000000 WHERE seq = 3", 3, Altered},
		{"person", "UPDATE audit_entry SET actor_id = 'person_2' WHERE seq = 3", 3, Altered},
		{"name", "UPDATE audit_entry SET actor_name = 'Max' WHERE seq = 3", 3, Altered},
		{"detail", `UPDATE audit_entry SET detail = '[["n","9"]]' WHERE seq = 3`, 3, Altered},
		{"no detail", `UPDATE audit_entry SET detail = '[]' WHERE seq = 3`, 3, Altered},
		{"detail spaced", `UPDATE audit_entry SET detail = '[["n", "3"]]' WHERE seq = 3`, 3, Altered},
		{"detail broken", `UPDATE audit_entry SET detail = '[[' WHERE seq = 3`, 3, Altered},
		{"hash", "UPDATE audit_entry SET hash = (SELECT hash FROM audit_entry WHERE seq = 2) WHERE seq = 3", 3, Altered},
		{"first taken out", "DELETE FROM audit_entry WHERE seq = 1", 1, Missing},
		{"middle taken out", "DELETE FROM audit_entry WHERE seq = 3", 3, Missing},
		{"closed up", "UPDATE audit_entry SET seq = -3 WHERE seq = 3", 1, Missing},
		{"swapped", "UPDATE audit_entry SET action = CASE WHEN seq = 2 THEN 'round.three' ELSE 'round.two' END WHERE seq IN (2, 3)", 2, Altered},
		{"end cut off", "DELETE FROM audit_entry WHERE seq > 4", 5, Cut},
		{"all gone", "DELETE FROM audit_entry", 1, Cut},
	}
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		for i := range 5 {
			do(t, db, ada, "round.open", "round_1", "n", fmt.Sprint(i+1))
		}
		known, err := Verify(t.Context(), db.Read())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Entries(t.Context(), db.Read(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			alter(t, db, test.statement)
			_, err := Verify(t.Context(), db.Read(), known)
			if broken, ok := errors.AsType[*Broken](err); !ok || *broken != (Broken{test.seq, test.how}) {
				t.Errorf("%s: Verify = %v", test.name, err)
			} else if !strings.Contains(broken.Error(), fmt.Sprintf("entry %d", test.seq)) {
				t.Errorf("%s: says %s", test.name, broken)
			}
			alter(t, db, "DELETE FROM audit_entry")
			write(t, db, rows)
		}
	})
}

// write puts rows into an empty table as they are.
func write(t *testing.T, db *storage.DB, rows []Entry) {
	t.Helper()
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		for _, e := range rows {
			if err := insert(t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A chain that was written anew from the third entry on holds in itself, but not against what was noted.
func TestVerifyAgainstKnownHeads(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	var heads []Head
	for i := range 5 {
		do(t, db, ada, "round.open", fmt.Sprint(i))
		head, err := Verify(t.Context(), db.Read())
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
	}
	if _, err := Verify(t.Context(), db.Read(), heads...); err != nil {
		t.Errorf("an honest trail: %v", err)
	}
	alter(t, db, "DELETE FROM audit_entry WHERE seq > 2")
	for i := range 3 {
		do(t, db, ada, "round.close", fmt.Sprint(i))
	}
	if _, err := Verify(t.Context(), db.Read(), heads[:2]...); err != nil {
		t.Errorf("against what came before: %v", err)
	}
	for seq, known := range map[int64][]Head{5: {heads[4]}, 3: heads, 4: {heads[3], heads[1]}} {
		_, err := Verify(t.Context(), db.Read(), known...)
		if broken, ok := errors.AsType[*Broken](err); !ok || *broken != (Broken{seq, Rewritten}) {
			t.Errorf("against %v: %v, want entry %d rewritten", known, err, seq)
		}
	}
	liar := Head{2, heads[0].Hash}
	if _, err := Verify(t.Context(), db.Read(), heads[1], liar); err == nil {
		t.Error("two notes that contradict each other were both believed")
	}
}

func TestHead(t *testing.T) {
	full := Entry{Seq: 1, Action: "a.b"}.sum(nil)
	for _, h := range []Head{{}, {7, full}} {
		got, err := ParseHead(h.String() + "\n")
		if err != nil || cmp.Diff(h, got) != "" {
			t.Errorf("%s read as %v, %v", h, got, err)
		}
	}
	for _, bad := range []string{"", "7", "7:", "7:00", ":" + link(full), "-1:" + link(full), "0:" + link(full), "7:" + link(full) + "00", "x:" + link(full)} {
		if h, err := ParseHead(bad); err == nil {
			t.Errorf("%q read as %s", bad, h)
		}
	}
}

func TestSearch(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		at := noon
		for _, e := range []Entry{
			{Actor: Console, Action: "account.create"}, {Actor: ada, Action: "round.open"}, {Actor: Actor{"person_2", "Max"}, Action: "round.open"},
			{Actor: Actor{"person_1", "Ada L."}, Action: "round.close"}, {Actor: System, Action: "backup.made"}, {Actor: Actor{"person_3", "console"}, Action: "round.open"},
		} {
			err := db.Write(t.Context(), func(tx storage.Querier) error { return Append(t.Context(), tx, at, e.Actor, e.Action, "") })
			if err != nil {
				t.Fatal(err)
			}
			at = at.Add(time.Hour)
		}
		for name, test := range map[string]struct {
			filter Filter
			limit  int
			want   string
		}{
			"all":         {Filter{}, 9, "6 5 4 3 2 1"},
			"some":        {Filter{}, 2, "6 5"},
			"more":        {Filter{Before: 5}, 2, "4 3"},
			"person":      {Filter{Actor: "person_1"}, 9, "4 2"},
			"console":     {Filter{Actor: "console"}, 9, "1"},
			"action":      {Filter{Action: "round.open"}, 9, "6 3 2"},
			"both":        {Filter{Actor: "person_1", Action: "round.open"}, 9, "2"},
			"hours":       {Filter{From: noon.Add(time.Hour).Truncate(time.Second), To: noon.Add(3 * time.Hour).Truncate(time.Second)}, 9, "3 2"},
			"never there": {Filter{Action: "x.y"}, 9, ""},
		} {
			found, err := Search(t.Context(), db.Read(), test.filter, test.limit)
			var seqs []string
			for _, e := range found {
				seqs = append(seqs, fmt.Sprint(e.Seq))
			}
			if got := strings.Join(seqs, " "); err != nil || got != test.want {
				t.Errorf("%s: %s, %v; want %s", name, got, err, test.want)
			}
		}
		actors, err := Actors(t.Context(), db.Read())
		if diff := cmp.Diff([]Actor{{"person_1", "Ada L."}, {"person_2", "Max"}, Console, {"person_3", "console"}, System}, actors); err != nil || diff != "" {
			t.Error(err, diff)
		}
		actions, err := Actions(t.Context(), db.Read())
		if diff := cmp.Diff([]string{"account.create", "backup.made", "round.close", "round.open"}, actions); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}
