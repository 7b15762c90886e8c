package questionnaire

import (
	"context"
	"errors"

	"adili/form"
	"adili/form/edit"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

const (
	mostEdits = 100 // that can be undone
	mostName  = 200 // letters of a name
)

// What the package itself calls changes, for Draft.Undo.
const (
	whatTranslate = "questionnaire.what.translate"
	whatImport    = "questionnaire.what.import"
	whatRename    = "questionnaire.what.rename"
	whatReplace   = "questionnaire.what.replace"
)

// Whats lists the keys that the package itself gives as what was changed.
func Whats() []string { return []string{whatTranslate, whatImport, whatRename, whatReplace} }

func (s *Service) note(ctx context.Context, tx storage.Querier, by people.Person, action, id string, detail ...string) error {
	return audit.Append(ctx, tx, s.clock.Now(), by.Actor(), action, id, detail...)
}

func (s *Service) today() string { return s.clock.Now().Format("2006-01-02") }

// Draft gives the state that is being worked on.
func (s *Service) Draft(ctx context.Context, by people.Person, id string) (d Draft, err error) {
	if err := may(by, people.RoundView); err != nil {
		return d, err
	}
	err = s.db.Snapshot(ctx, func(tx storage.Querier) error {
		r, err := loadRecord(ctx, tx, id)
		if err != nil {
			return err
		}
		whats, err := loadWhats(ctx, tx, id, r.place)
		if err != nil {
			return err
		}
		releases, err := loadReleases(ctx, tx, id)
		if err != nil {
			return err
		}
		d = Draft{ID: r.id, Name: r.name, Questionnaire: r.draft, Ledger: r.ledger, Revision: r.revision,
			Faults: form.Obstacles(r.draft), Warnings: r.warnings}
		if _, d.CanUndo = whats[r.place-1]; d.CanUndo {
			d.Undo = whats[r.place]
		}
		d.Redo, d.CanRedo = whats[r.place+1]
		if len(releases) > 0 {
			d.Published = releases[0].version
		}
		return nil
	})
	return d, err
}

// change loads a questionnaire, lets f change it, stores it and notes who did. Edits are noted once a
// day for each person: every letter typed makes one.
func (s *Service) change(ctx context.Context, by people.Person, id, action string, detail []string, f func(tx storage.Querier, r *record) error) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Querier) error {
		r, err := loadRecord(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := f(tx, &r); err != nil {
			return err
		}
		noted := by.ID + " " + s.today()
		silent := action == "questionnaire.edit" && r.noted == noted
		r.noted = noted
		if err := saveRecord(ctx, tx, r); err != nil || silent {
			return err
		}
		return s.note(ctx, tx, by, action, id, append([]string{"name", r.name}, detail...)...)
	})
}

// Change lets f change the draft and keeps what it was for Undo. what names the
// change for people: a message key of the pages. f may be called more than once.
// A refusal of package edit and faults of form.Check come back as errors of kind
// errs.Invalid, a revision that is no longer the last as errs.Conflict. It
// returns the new revision; a change that changes nothing makes none.
func (s *Service) Change(ctx context.Context, by people.Person, id string, revision int, what string, f func(*form.Questionnaire) (*form.Questionnaire, error)) (int, error) {
	next := 0
	err := s.change(ctx, by, id, "questionnaire.edit", nil, func(tx storage.Querier, r *record) error {
		if err := current(r, revision); err != nil {
			return err
		}
		if err := s.edit(ctx, tx, r, what, f); err != nil {
			return err
		}
		next = r.revision
		return nil
	})
	return next, err
}

func current(r *record, revision int) error {
	if r.revision != revision {
		return errs.New(errs.Conflict, "questionnaire.stale")
	}
	return nil
}

// edit makes a change and keeps the state it leads to.
func (s *Service) edit(ctx context.Context, tx storage.Querier, r *record, what string, f func(*form.Questionnaire) (*form.Questionnaire, error)) error {
	q, err := f(r.draft)
	if refusal, ok := errors.AsType[*edit.Refusal](err); ok {
		return errs.New(errs.Invalid, refusal.Key, refusal.Args...).Because(err)
	}
	if err != nil {
		return err
	}
	was := r.text
	if err := r.set(q); err != nil {
		return err
	}
	if r.text == was {
		return nil
	}
	r.revision++
	r.place++
	return insertEdit(ctx, tx, *r, what)
}

// RenameItem gives an item another id, as long as no version was published.
func (s *Service) RenameItem(ctx context.Context, by people.Person, id string, revision int, item, name string) (int, error) {
	releases, err := loadReleases(ctx, s.db.Read(), id)
	if err != nil {
		return 0, err
	}
	if len(releases) > 0 {
		return 0, errs.New(errs.Conflict, "questionnaire.fixed_id", "ID", item)
	}
	return s.Change(ctx, by, id, revision, whatRename, func(q *form.Questionnaire) (*form.Questionnaire, error) {
		return edit.RenameItem(q, item, name)
	})
}

// Replace puts what a file holds in the place of the draft. Undo brings it back.
func (s *Service) Replace(ctx context.Context, by people.Person, id string, revision int, from Source) (int, []errs.Detail, error) {
	if err := may(by, people.RoundPlan); err != nil {
		return 0, nil, err
	}
	q, warnings, err := from()
	if err != nil {
		return 0, nil, err
	}
	next := 0
	err = s.change(ctx, by, id, "questionnaire.edit", nil, func(tx storage.Querier, r *record) error {
		if err := current(r, revision); err != nil {
			return err
		}
		r.warnings = warnings
		err := s.edit(ctx, tx, r, whatReplace, func(*form.Questionnaire) (*form.Questionnaire, error) { return q, nil })
		next = r.revision
		return err
	})
	return next, warnings, err
}

// SetName gives the questionnaire another name in the library.
func (s *Service) SetName(ctx context.Context, by people.Person, id, name string) error {
	name, err := named(name)
	if err != nil {
		return err
	}
	return s.change(ctx, by, id, "questionnaire.edit", nil, func(_ storage.Querier, r *record) error {
		r.name = name
		return nil
	})
}

// Undo takes the last change back.
func (s *Service) Undo(ctx context.Context, by people.Person, id string, revision int) (int, error) {
	return s.step(ctx, by, id, revision, -1)
}

// Redo makes the change that was undone last again.
func (s *Service) Redo(ctx context.Context, by people.Person, id string, revision int) (int, error) {
	return s.step(ctx, by, id, revision, 1)
}

// step goes to the state before or after. What people wrote about texts and
// signed since stays; what the texts were translations of goes with them.
func (s *Service) step(ctx context.Context, by people.Person, id string, revision, direction int) (int, error) {
	next := 0
	err := s.change(ctx, by, id, "questionnaire.edit", nil, func(tx storage.Querier, r *record) error {
		if err := current(r, revision); err != nil {
			return err
		}
		to, err := loadEdit(ctx, tx, id, r.place+direction)
		if errs.KindOf(err) == errs.NotFound {
			return errs.New(errs.Conflict, "questionnaire.no_step")
		}
		if err != nil {
			return err
		}
		if r.draft, err = form.Read([]byte(to.Draft)); err != nil {
			return err
		}
		for tag, entries := range to.Ledger.Entries {
			for unit, was := range entries {
				e := r.ledger.Entries[tag][unit]
				e.Of, e.Status, e.Back = was.Of, was.Status, was.Back
				enter(&r.ledger, tag, unit, e)
			}
		}
		r.text = to.Draft
		r.place += direction
		r.revision++
		next = r.revision
		return nil
	})
	return next, err
}

// Delete removes a questionnaire of which no version was published.
func (s *Service) Delete(ctx context.Context, by people.Person, id string) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Querier) error {
		r, err := loadRecord(ctx, tx, id)
		if err != nil {
			return err
		}
		releases, err := loadReleases(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(releases) > 0 {
			return errs.New(errs.Conflict, "questionnaire.published", "Name", r.name)
		}
		if err := deleteRecord(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, "questionnaire.delete", id, "name", r.name)
	})
}
