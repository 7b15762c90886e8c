package questionnaire

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/form/edit"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
)

var (
	ada   = people.Person{ID: "person_1", Name: "Ada", Role: people.Manager}
	grace = people.Person{ID: "person_2", Name: "Grace", Role: people.Manager}
	edith = people.Person{ID: "person_3", Name: "Edith", Role: people.Manager}
	alan  = people.Person{ID: "person_4", Name: "Alan", Role: people.Analyst}
)

var screens = map[string]map[string]string{
	"en": {"respond.back": "Back", "respond.left:one": "One left", "respond.left:other": "{{.N}} left"},
	"fr": {"respond.back": "Retour", "respond.left:one": "Reste {{.N}}", "respond.left:other": "Restent {{.N}}"},
}

func migrate(ctx context.Context, db *storage.DB) error {
	return errors.Join(audit.Migrate(ctx, db), Migrate(ctx, db))
}

func newService(db *storage.DB) *Service {
	return New(db, clock.Fixed(time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)), screens)
}

func each(t *testing.T, f func(t *testing.T, s *Service)) {
	t.Helper()
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) { f(t, newService(db)) })
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKey(t *testing.T, err error, kind errs.Kind, key string) *errs.E {
	t.Helper()
	e, ok := errs.Find(err)
	if !ok || e.Kind != kind || e.Key != key {
		t.Fatalf("error %v, want %v %s", err, kind, key)
	}
	return e
}

func create(t *testing.T, s *Service, from Source) string {
	t.Helper()
	id, _, err := s.Create(t.Context(), ada, "Spring", from)
	check(t, err)
	return id
}

func draft(t *testing.T, s *Service, id string) Draft {
	t.Helper()
	d, err := s.Draft(t.Context(), ada, id)
	check(t, err)
	return d
}

func setText(unit, lang, text string) func(*form.Questionnaire) (*form.Questionnaire, error) {
	return func(q *form.Questionnaire) (*form.Questionnaire, error) { return edit.SetText(q, unit, lang, text) }
}

func TestStatements(t *testing.T) { dbtest.PrepareAll(t, ".", migrate) }

func TestCreateAndList(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		blank := create(t, s, Blank(form.Official, "fr"))
		d := draft(t, s, blank)
		if q := d.Questionnaire; q.Title["fr"] != "Spring" || q.Source != "fr" || len(q.Pages) != 1 || len(q.Scales) != 1 {
			t.Errorf("blank: %+v", q)
		}
		if len(d.Faults.Grave()) == 0 || d.CanUndo || d.CanRedo {
			t.Errorf("draft: faults %v, undo %v", d.Faults, d.CanUndo)
		}
		bundled := create(t, s, Bundled(form.Private))
		all, err := s.List(t.Context(), alan)
		check(t, err)
		if len(all) != 2 || !all[0].Changed || all[0].Version != "" {
			t.Errorf("list: %+v", all)
		}
		if d := draft(t, s, bundled); d.Questionnaire.Questions() < 30 || len(d.Faults.Grave()) > 0 {
			t.Errorf("bundled: %d questions, %v", d.Questionnaire.Questions(), d.Faults)
		}
		_, _, err = s.Create(t.Context(), ada, "  ", Blank("", "en"))
		wantKey(t, err, errs.Invalid, "questionnaire.name")
		_, _, err = s.Create(t.Context(), alan, "x", Blank("", "en"))
		wantKey(t, err, errs.Forbidden, "error.forbidden")
		_, err = s.Draft(t.Context(), ada, "nothing")
		if errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such draft: %v", err)
		}
	})
}

const markdown = `
| survey | | | |
| | type | name | label::English (en) |
| | select_one yn | q1 | Do you agree? |
| | text | q2 | Why, after ${q1}? |
| choices | | | |
| | list_name | name | label::English (en) |
| | yn | yes | Yes |
| | yn | no | No |
`

func TestFiles(t *testing.T) {
	s := newService(dbtest.SQLite(t, migrate))
	id := create(t, s, FromFile(`C:\forms\form.MD`, []byte(markdown)))
	q := draft(t, s, id).Questionnaire
	for _, format := range []string{"json", "xlsx", "md"} {
		f, err := Export(q, format)
		check(t, err)
		again := draft(t, s, create(t, s, FromFile("again."+format, f.Data)))
		if !form.Equal(again.Questionnaire, q) {
			t.Errorf("%s: not what was written", format)
		}
	}
	if f, err := Export(q, "xml"); err != nil || !strings.Contains(string(f.Data), "<h:html") {
		t.Errorf("xml: %v", err)
	}
	_, _, err := s.Create(t.Context(), ada, "x", FromFile("form.md", []byte(strings.ReplaceAll(strings.ReplaceAll(markdown, "select_one yn", "select_one yyn"), "${q1}", "${q9}"))))
	e := wantKey(t, err, errs.Invalid, "questionnaire.file")
	if len(e.Details) != 2 {
		t.Fatalf("details: %+v", e.Details)
	}
	for _, d := range e.Details {
		if d.File != "form.md · survey" || d.Row < 2 || d.Field == "" || d.Key == "" {
			t.Errorf("detail: %+v", d)
		}
	}
	_, _, err = s.Create(t.Context(), ada, "x", FromFile("form.json", []byte("{\n\"format\": 3}")))
	if e := wantKey(t, err, errs.Invalid, "questionnaire.file"); len(e.Details) == 0 || e.Details[0].Row == 0 {
		t.Errorf("details: %+v", e.Details)
	}
	_, _, err = s.Create(t.Context(), ada, "x", FromFile("form.xlsx", []byte("no workbook")))
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("no workbook: %v", err)
	}
	_, _, err = s.Create(t.Context(), ada, "x", FromFile("form.pdf", nil))
	wantKey(t, err, errs.Invalid, "questionnaire.suffix")
}

func TestChange(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		ctx := t.Context()
		id := create(t, s, FromFile("form.md", []byte(markdown)))
		rev, err := s.Change(ctx, ada, id, 1, "a", setText("item:q1:text", "en", "First"))
		check(t, err)
		if same, err := s.Change(ctx, ada, id, rev, "a", setText("item:q1:text", "en", "First")); err != nil || same != rev {
			t.Errorf("a change of nothing: revision %d after %d, %v", same, rev, err)
		}
		_, err = s.Change(ctx, grace, id, 1, "b", setText("item:q1:text", "en", "Other"))
		wantKey(t, err, errs.Conflict, "questionnaire.stale")
		_, err = s.Change(ctx, ada, id, rev, "remove", func(q *form.Questionnaire) (*form.Questionnaire, error) { return edit.RemoveItem(q, "q1") })
		wantKey(t, err, errs.Invalid, "edit.refusal.used")
		_, err = s.Change(ctx, ada, id, rev, "bad", setText("item:q1:text", "en", "${nobody}"))
		if e := wantKey(t, err, errs.Invalid, "questionnaire.faults"); e.Details[0].Field != "q1 · text.en" {
			t.Errorf("details: %+v", e.Details)
		}
		_, err = s.Change(ctx, alan, id, rev, "", setText("title", "en", "x"))
		wantKey(t, err, errs.Forbidden, "error.forbidden")
		rev, err = s.RenameItem(ctx, ada, id, rev, "q1", "agrees")
		check(t, err)
		d := draft(t, s, id)
		if it, ok := d.Questionnaire.Item("q2"); !ok || !strings.Contains(it.Text["en"], "${agrees}") || d.Undo != "questionnaire.what.rename" {
			t.Errorf("renamed: %v, undo %q", it.Text, d.Undo)
		}
		if rev, err = s.Undo(ctx, ada, id, rev); err != nil {
			t.Fatal(err)
		}
		if rev, err = s.Undo(ctx, ada, id, rev); err != nil {
			t.Fatal(err)
		}
		if it, _ := draft(t, s, id).Questionnaire.Item("q1"); it.Text["en"] != "Do you agree?" {
			t.Errorf("undone: %v", it.Text)
		}
		_, err = s.Undo(ctx, ada, id, rev)
		wantKey(t, err, errs.Conflict, "questionnaire.no_step")
		if rev, err = s.Redo(ctx, ada, id, rev); err != nil {
			t.Fatal(err)
		}
		if d = draft(t, s, id); d.Questionnaire.Pages[0].Items[0].Text["en"] != "First" || d.Redo != "questionnaire.what.rename" || !d.CanUndo {
			t.Errorf("redone: %+v", d)
		}
		if _, err = s.Change(ctx, ada, id, rev, "c", setText("title", "en", "New")); err != nil {
			t.Fatal(err)
		}
		if d = draft(t, s, id); d.CanRedo {
			t.Error("what was undone can be done again after another change")
		}
	})
}

func TestUndoGoesBackAHundredTimes(t *testing.T) {
	s := newService(dbtest.SQLite(t, migrate))
	id, rev := create(t, s, FromFile("form.md", []byte(markdown))), 1
	var err error
	for i := range 120 {
		rev, err = s.Change(t.Context(), ada, id, rev, "x", setText("title", "en", strings.Repeat("x", i+1)))
		check(t, err)
	}
	n := 0
	for ; ; n++ {
		if rev, err = s.Undo(t.Context(), ada, id, rev); err != nil {
			break
		}
	}
	if n != mostEdits || len(draft(t, s, id).Questionnaire.Title["en"]) != 20 {
		t.Errorf("%d times, to %v", n, draft(t, s, id).Questionnaire.Title)
	}
}

func TestPublish(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		ctx := t.Context()
		id := create(t, s, FromFile("form.md", []byte(markdown)))
		err := s.Publish(ctx, ada, id, 1, "1")
		if e := wantKey(t, err, errs.Invalid, "questionnaire.obstacles"); e.Details[0].Field != "population" {
			t.Errorf("details: %+v", e.Details)
		}
		rev, err := s.Change(ctx, ada, id, 1, "p", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			return edit.SetPopulation(q, form.Official), nil
		})
		check(t, err)
		wantKey(t, s.Publish(ctx, ada, id, 1, "1"), errs.Conflict, "questionnaire.stale")
		wantKey(t, s.Publish(ctx, ada, id, rev, " "), errs.Invalid, "questionnaire.version")
		check(t, s.Publish(ctx, ada, id, rev, "1"))
		wantKey(t, s.Publish(ctx, ada, id, rev, "1"), errs.Conflict, "questionnaire.version_taken")
		wantKey(t, s.Delete(ctx, ada, id), errs.Conflict, "questionnaire.published")
		_, err = s.RenameItem(ctx, ada, id, rev, "q1", "z1")
		wantKey(t, err, errs.Conflict, "questionnaire.fixed_id")
		if all, err := s.List(ctx, ada); err != nil || all[0].Changed || all[0].Version != "1" || all[0].Day != "2026-12-01" {
			t.Errorf("list: %+v, %v", all, err)
		}
		before, err := s.PublishedText(ctx, id, "1")
		check(t, err)
		rev, err = s.Change(ctx, ada, id, rev, "kind", func(q *form.Questionnaire) (*form.Questionnaire, error) {
			it, _ := q.Item("q2")
			it.Kind = form.Integer
			return edit.SetItem(q, it)
		})
		check(t, err)
		if e := wantKey(t, s.Publish(ctx, ada, id, rev, "2"), errs.Invalid, "questionnaire.obstacles"); e.Details[0].Key != "questionnaire.reused" {
			t.Errorf("details: %+v", e.Details)
		}
		after, err := s.PublishedText(ctx, id, "1")
		if string(after) != string(before) || err != nil {
			t.Error("a published version changed")
		}
		v, err := s.Version(ctx, alan, id, "1")
		if err != nil || v.By != "Ada" || v.Questions != 2 || v.Questionnaire.Version != "1" {
			t.Errorf("version: %+v, %v", v.Version, err)
		}
		if all, err := s.Published(ctx, form.Private); err != nil || len(all) != 0 {
			t.Errorf("for the private sector: %v, %v", all, err)
		}
		if all, err := s.Published(ctx, form.Official); err != nil || len(all) != 1 || all[0].ID != id {
			t.Errorf("for officials: %v, %v", all, err)
		}
		_, err = s.PublishedText(ctx, id, "9")
		if errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such version: %v", err)
		}
		other := create(t, s, Blank("", "en"))
		check(t, s.Delete(ctx, ada, other))
	})
}

func TestTrail(t *testing.T) {
	db := dbtest.SQLite(t, migrate)
	s := newService(db)
	id := create(t, s, FromFile("form.md", []byte(markdown)))
	rev, err := s.Change(t.Context(), ada, id, 1, "a", setText("title", "en", "A"))
	check(t, err)
	rev, err = s.Change(t.Context(), grace, id, rev, "a", setText("title", "en", "B"))
	check(t, err)
	_, err = s.Change(t.Context(), grace, id, rev, "a", setText("title", "en", "C"))
	check(t, err)
	check(t, s.Delete(t.Context(), ada, id))
	entries, err := audit.Entries(t.Context(), db.Read(), 0, 100)
	check(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Actor.Name+" "+e.Action)
	}
	want := "Ada questionnaire.create, Grace questionnaire.edit, Ada questionnaire.delete"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("the trail says %s, want %s", s, want)
	}
}
