package questionnaire

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"adili/form"
	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/id"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

// List lists the questionnaires, by name.
func (s *Service) List(ctx context.Context, by people.Person) ([]Summary, error) {
	if err := may(by, people.RoundView); err != nil {
		return nil, err
	}
	records, err := loadRecords(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	releases, err := loadReleases(ctx, s.db.Read(), "")
	if err != nil {
		return nil, err
	}
	var all []Summary
	for _, r := range records {
		one := Summary{ID: r.id, Name: r.name, Changed: true}
		q, err := form.Read([]byte(r.text))
		if err == nil {
			one.Population, one.Questions, one.Languages = q.Population, q.Questions(), q.LanguageTags()
		}
		i := slices.IndexFunc(releases, func(v release) bool { return v.id == r.id })
		if i >= 0 {
			one.Version, one.Day = releases[i].version, releases[i].day
		}
		if i >= 0 && q != nil {
			q.Version = one.Version
			one.Changed = string(form.Write(q)) != releases[i].text
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Summary) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

func named(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len([]rune(name)) > mostName {
		e := errs.New(errs.Invalid, "questionnaire.name", "Max", mostName)
		e.Details = []errs.Detail{{Field: "name", Key: e.Key, Args: e.Args}}
		return "", e
	}
	return name, nil
}

// Create adds a questionnaire to the library.
func (s *Service) Create(ctx context.Context, by people.Person, name string, from Source) (string, []errs.Detail, error) {
	if err := may(by, people.RoundPlan); err != nil {
		return "", nil, err
	}
	name, err := named(name)
	if err != nil {
		return "", nil, err
	}
	q, warnings, err := from()
	if err != nil {
		return "", nil, err
	}
	if len(q.Title) == 0 {
		titled := *q
		titled.Title = form.Text{q.Source: name}
		q = &titled
	}
	r := record{id: id.New("q"), name: name, revision: 1, place: 1, warnings: warnings, noted: by.ID + " " + s.today()}
	if err := r.set(q); err != nil {
		return "", nil, err
	}
	return r.id, warnings, s.db.Write(ctx, func(tx storage.Querier) error {
		if err := saveRecord(ctx, tx, r); err != nil {
			return err
		}
		if err := insertEdit(ctx, tx, r, ""); err != nil {
			return err
		}
		return s.note(ctx, tx, by, "questionnaire.create", r.id, "name", r.name)
	})
}

// set makes q the draft, if it is fit to be kept, and notes in the ledger which
// source texts its translations are of.
func (r *record) set(q *form.Questionnaire) error {
	if faults := form.Check(q); len(faults) > 0 {
		e := errs.New(errs.Invalid, "questionnaire.faults")
		e.Details = faultsOf(q, faults)
		return e
	}
	text := form.Write(q)
	kept, err := form.Read(text)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		e := errs.New(errs.Invalid, "questionnaire.faults")
		e.Details = faultsOf(q, faults)
		return e
	}
	if err != nil {
		return err
	}
	settle(&r.ledger, r.draft, kept)
	r.draft, r.text = kept, string(text)
	return nil
}

// settle notes of the translations that are new in now, and of those nothing is
// known of, which source text they are of. before is nil for a new questionnaire.
func settle(l *translation.Ledger, before, now *form.Questionnaire) {
	old := map[string]translation.Unit{}
	if before != nil {
		for _, u := range translation.Of(before).Units {
			old[u.ID] = u
		}
	}
	if l.Entries == nil {
		l.Entries = map[string]map[string]translation.Entry{}
	}
	for _, u := range translation.Of(now).Units {
		was, there := old[u.ID]
		for tag, target := range u.Texts {
			entry := l.Entries[tag][u.ID]
			fresh := !there || was.Texts[tag] != target
			if tag == now.Source || target == "" || !fresh && entry.Of != "" {
				continue
			}
			entry.Of = u.Texts[now.Source]
			if !fresh {
				entry.Of = was.Texts[before.Source]
			}
			entry.Status = translation.Translated
			if now.Languages[tag] == form.Reviewed && !there {
				entry.Status = translation.Reviewed
			}
			enter(l, tag, u.ID, entry)
		}
	}
}

func enter(l *translation.Ledger, tag, unit string, e translation.Entry) {
	if l.Entries[tag] == nil {
		if l.Entries == nil {
			l.Entries = map[string]map[string]translation.Entry{}
		}
		l.Entries[tag] = map[string]translation.Entry{}
	}
	l.Entries[tag][unit] = e
}
