package questionnaire

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adili/form"
	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

// mostVersion is how many letters the label of a version has at most.
const mostVersion = 40

// Publish freezes the draft as a version that rounds can take. The label has to
// be new, nothing may stand against taking it into a round, and no id may name
// an item of another kind than in an earlier version.
func (s *Service) Publish(ctx context.Context, by people.Person, id string, revision int, version string) error {
	version = strings.TrimSpace(version)
	if version == "" || len([]rune(version)) > mostVersion || strings.ContainsAny(version, "/\\\r\n\t") {
		e := errs.New(errs.Invalid, "questionnaire.version", "Max", mostVersion)
		e.Details = []errs.Detail{{Field: "version", Key: e.Key, Args: e.Args}}
		return e
	}
	return s.change(ctx, by, id, "questionnaire.publish", []string{"version", version}, func(tx storage.Querier, r *record) error {
		if err := current(r, revision); err != nil {
			return err
		}
		releases, err := loadReleases(ctx, tx, id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(releases, func(v release) bool { return strings.EqualFold(v.version, version) }) {
			e := errs.New(errs.Conflict, "questionnaire.version_taken", "Version", version)
			e.Details = []errs.Detail{{Field: "version", Key: e.Key, Args: e.Args}}
			return e
		}
		if err := publishable(r.draft, releases); err != nil {
			return err
		}
		frozen := *r.draft
		frozen.Version = version
		return insertRelease(ctx, tx, len(releases)+1, release{id: id, version: version, day: s.today(), by: by.Name,
			text: string(form.Write(&frozen)), ledger: r.ledger})
	})
}

// publishable says what stands against publishing q after the versions before.
func publishable(q *form.Questionnaire, before []release) error {
	faults := append(form.Check(q), form.Obstacles(q).Grave()...)
	details := faultsOf(q, faults)
	told := map[string]bool{}
	for _, v := range before {
		old, err := form.Read([]byte(v.text))
		if err != nil {
			return fmt.Errorf("read version %s: %w", v.version, err)
		}
		for _, it := range q.Items() {
			if was, there := old.Item(it.ID); there && was.Kind != it.Kind && !told[it.ID] {
				told[it.ID] = true
				details = append(details, errs.Detail{Field: it.ID, Key: "questionnaire.reused", Args: []any{"ID", it.ID, "Version", v.version}})
			}
		}
	}
	if len(details) == 0 {
		return nil
	}
	e := errs.New(errs.Invalid, "questionnaire.obstacles")
	e.Details = details
	return e
}

// Versions lists the published versions, the newest first.
func (s *Service) Versions(ctx context.Context, by people.Person, id string) ([]Version, error) {
	if err := may(by, people.RoundView); err != nil {
		return nil, err
	}
	releases, err := loadReleases(ctx, s.db.Read(), id)
	if err != nil {
		return nil, err
	}
	var all []Version
	for _, v := range releases {
		frozen, err := v.frozen()
		if err != nil {
			return nil, err
		}
		all = append(all, frozen.Version)
	}
	return all, nil
}

func (v release) frozen() (Frozen, error) {
	q, err := form.Read([]byte(v.text))
	if err != nil {
		return Frozen{}, fmt.Errorf("read version %s of %s: %w", v.version, v.id, err)
	}
	return Frozen{Version{v.version, v.day, v.by, q.Questions(), q.LanguageTags()}, q, []byte(v.text), v.ledger}, nil
}

// Version gives a published version.
func (s *Service) Version(ctx context.Context, by people.Person, id, version string) (Frozen, error) {
	if err := may(by, people.RoundView); err != nil {
		return Frozen{}, err
	}
	v, err := loadRelease(ctx, s.db.Read(), id, version)
	if err != nil {
		return Frozen{}, err
	}
	return v.frozen()
}

// Published lists the versions for a population, or those for all where it is
// "", by name, the newest of each first. It asks for no permission: internal/app
// hands it to the rooms of rounds, which do.
func (s *Service) Published(ctx context.Context, population form.Population) ([]Published, error) {
	releases, err := loadReleases(ctx, s.db.Read(), "")
	if err != nil {
		return nil, err
	}
	var all []Published
	for _, v := range releases {
		frozen, err := v.frozen()
		if err != nil {
			return nil, err
		}
		q := frozen.Questionnaire
		if population == "" || q.Population == population {
			all = append(all, Published{v.id, v.name, v.version, v.day, q.Population, frozen.Questions, frozen.Languages})
		}
	}
	slices.SortStableFunc(all, func(a, b Published) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// PublishedText gives a version as form.Write wrote it.
func (s *Service) PublishedText(ctx context.Context, id, version string) ([]byte, error) {
	v, err := loadRelease(ctx, s.db.Read(), id, version)
	return []byte(v.text), err
}

// Unsigned lists what the languages of a version lack, all of them where langs
// is empty. A signature given after publishing counts as long as the texts are
// the same. A language of which nothing lacks is not in the list.
func (s *Service) Unsigned(ctx context.Context, id, version string, langs []string) ([]Gap, error) {
	v, err := loadRelease(ctx, s.db.Read(), id, version)
	if err != nil {
		return nil, err
	}
	frozen, err := v.frozen()
	if err != nil {
		return nil, err
	}
	r, err := loadRecord(ctx, s.db.Read(), id)
	if err != nil {
		return nil, err
	}
	ledger := translation.Ledger{Entries: v.ledger.Entries, Signatures: maps.Clone(v.ledger.Signatures)}
	if ledger.Signatures == nil {
		ledger.Signatures = map[string][]translation.Signature{}
	}
	for tag, later := range r.ledger.Signatures {
		ledger.Signatures[tag] = append(slices.Clone(ledger.Signatures[tag]), later...)
	}
	if len(langs) == 0 {
		langs = frozen.Languages
	}
	return s.Gaps(ctx, frozen.Questionnaire, ledger, langs)
}
