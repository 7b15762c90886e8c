package questionnaire

import (
	"context"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"adili/form"
	"adili/form/edit"
	"adili/form/translation"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// screenPrefix begins the ids of texts of the respondent's screens in a file.
const screenPrefix = "screen:"

// screenSource is the language the screens were written in.
const screenSource = "en"

// tongueOf finds what is kept of the screens in a language.
func tongueOf(ctx context.Context, q storage.Querier, tag string) (tongue, error) {
	all, err := loadTongues(ctx, q)
	for _, l := range all {
		if l.tag == tag {
			return l, err
		}
	}
	return tongue{tag: tag, name: native(tag), texts: map[string]string{}}, err
}

// native is the name of a language in itself, or its tag.
func native(tag string) string {
	if i18n.Known(tag) {
		return i18n.Native(tag)
	}
	parsed, err := language.Parse(tag)
	if name := display.Self.Name(parsed); err == nil && name != "" {
		return name
	}
	return tag
}

func (s *Service) screenBook(ctx context.Context, tag string) (translation.Book, translation.Ledger, error) {
	l, err := tongueOf(ctx, s.db.Read(), tag)
	return s.bookOf(l), l.ledger, err
}

// bookOf is the book of the screens with the texts of a language.
func (s *Service) bookOf(l tongue) translation.Book {
	book := translation.Book{Name: "screens", Source: screenSource}
	for _, key := range slices.Sorted(maps.Keys(s.screens[screenSource])) {
		texts := form.Text{screenSource: s.screens[screenSource][key]}
		target := l.texts[key]
		if shipped, ok := s.screens[l.tag]; ok {
			target = shipped[key]
		}
		if target != "" {
			texts[l.tag] = target
		}
		book.Units = append(book.Units, translation.Unit{ID: screenPrefix + key, Required: true, Texts: texts})
	}
	return book
}

// inSource gives the screens' texts to somebody who translates a questionnaire
// from source: in that language, where the program has it.
func (s *Service) inSource(own translation.Book, source string) []translation.Unit {
	units := slices.Clone(own.Units)
	for i, u := range units {
		units[i].Texts = maps.Clone(u.Texts)
		units[i].Texts[source] = s.sourceText(u.Texts[screenSource], u.ID, source)
	}
	return units
}

// sourceText is a present English text of the screens in another language of
// the program. A text that is no longer the present one stays English.
func (s *Service) sourceText(english, unit, source string) string {
	key := strings.TrimPrefix(unit, screenPrefix)
	if text := s.screens[source][key]; text != "" && english == s.screens[screenSource][key] {
		return text
	}
	return english
}

// Screens gives the texts of the respondent's screens and what is noted of
// their translation into lang.
func (s *Service) Screens(ctx context.Context, by people.Person, lang string) (translation.Book, translation.Ledger, error) {
	if err := may(by, people.RoundView); err != nil {
		return translation.Book{}, translation.Ledger{}, err
	}
	return s.screenBook(ctx, lang)
}

// SignScreens notes that a person answers for the screens in a language, in a role.
func (s *Service) SignScreens(ctx context.Context, by people.Person, lang string, role translation.Role) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Querier) error {
		l, err := tongueOf(ctx, tx, lang)
		if err != nil {
			return err
		}
		if err := refusedSign(l.ledger.Sign(s.bookOf(l), lang, role, by.Name, s.today())); err != nil {
			return err
		}
		if err := saveTongue(ctx, tx, l); err != nil {
			return err
		}
		return s.note(ctx, tx, by, "questionnaire.sign_screens", lang, "role", string(role))
	})
}

// Languages lists the further languages, for the respondent's pages.
func (s *Service) Languages(ctx context.Context) ([]Language, error) {
	all, err := loadTongues(ctx, s.db.Read())
	var further []Language
	for _, l := range all {
		if _, shipped := s.screens[l.tag]; !shipped {
			further = append(further, Language{l.tag, l.name, l.texts})
		}
	}
	return further, err
}

// AddLanguageFile adds a language by a file that holds the questionnaire and
// the respondent's screens, as ExportTranslation with screens gives it; or goes
// on with one. lang may be "" where the file says it. name is what the language
// calls itself; "" where it is known. Screens in a language that the program
// ships are left as they are.
func (s *Service) AddLanguageFile(ctx context.Context, by people.Person, id, lang, name, file string, data []byte) (taken Taken, err error) {
	if err := may(by, people.RoundPlan); err != nil {
		return taken, err
	}
	file = path.Base(strings.ReplaceAll(file, `\`, "/"))
	rows, tag, problems, err := readTranslation(file, data)
	if err != nil {
		return taken, err
	}
	if lang == "" {
		lang = tag
	}
	if err := otherLanguage(file, tag, lang); err != nil {
		return taken, err
	}
	var questions, screens []translation.Row
	for _, row := range rows {
		if strings.HasPrefix(row.ID, screenPrefix) {
			screens = append(screens, row)
		} else {
			questions = append(questions, row)
		}
	}
	err = s.change(ctx, by, id, "questionnaire.language", []string{"language", lang}, func(tx storage.Querier, r *record) error {
		if r.draft.Languages[lang] == "" {
			add := func(q *form.Questionnaire) (*form.Questionnaire, error) { return edit.AddLanguage(q, lang) }
			if err := s.edit(ctx, tx, r, whatImport, add); err != nil {
				return err
			}
		}
		if err := translated(r.draft, lang); err != nil {
			return err
		}
		found, texts, err := s.merge(ctx, tx, r, by, lang, questions)
		if err != nil {
			return err
		}
		more, n, err := s.mergeScreens(ctx, tx, by, r.draft.Source, lang, name, screens)
		taken = Taken{lang, texts, n, problemsIn(file, slices.Concat(problems, found, more))}
		return err
	})
	return taken, err
}

// mergeScreens takes rows of the screens, translated from source.
func (s *Service) mergeScreens(ctx context.Context, tx storage.Querier, by people.Person, source, lang, name string, rows []translation.Row) ([]translation.Problem, int, error) {
	if _, shipped := s.screens[lang]; shipped || len(rows) == 0 {
		return nil, 0, nil
	}
	l, err := tongueOf(ctx, tx, lang)
	if err != nil {
		return nil, 0, err
	}
	if name = strings.TrimSpace(name); name != "" {
		l.name = name
	}
	var problems []translation.Problem
	var good []translation.Row
	for _, row := range rows {
		key := strings.TrimPrefix(row.ID, screenPrefix)
		english := s.screens[screenSource][key]
		if row.Source == s.screens[source][key] {
			row.Source = english
		}
		if names := unlike(key, english, row.Target); english != "" && row.Target != "" && names != "" {
			problems = append(problems, translation.Problem{Line: row.Line, ID: row.ID, Key: "translation.placeholder", Args: []any{"ID", row.ID, "Names", names}})
			continue
		}
		good = append(good, row)
	}
	texts, found := l.ledger.Merge(s.bookOf(l), lang, by.Name, good)
	for unit, text := range texts {
		l.texts[strings.TrimPrefix(unit, screenPrefix)] = text
	}
	return append(problems, found...), len(texts), saveTongue(ctx, tx, l)
}

var filled = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

// unlike lists the placeholders {{.N}} that only one of two texts has. The forms
// for one and two may leave theirs out.
func unlike(key, source, target string) string {
	few := strings.HasSuffix(key, ":zero") || strings.HasSuffix(key, ":one") || strings.HasSuffix(key, ":two")
	want, got := filled.FindAllString(source, -1), filled.FindAllString(target, -1)
	var names []string
	for _, name := range want {
		if !few && !slices.Contains(got, name) {
			names = append(names, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			names = append(names, name)
		}
	}
	if rest := filled.ReplaceAllString(target, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		names = append(names, "{{ }}")
	}
	return strings.Join(names, ", ")
}

// Gaps lists what languages of a questionnaire lack by its ledger: of a draft,
// for example. A language of which nothing lacks is not in the list. It asks for
// no permission.
func (s *Service) Gaps(ctx context.Context, q *form.Questionnaire, ledger translation.Ledger, langs []string) ([]Gap, error) {
	book := translation.Of(q)
	var all []Gap
	for _, tag := range langs {
		g := Gap{Lang: tag, Percent: ledger.Covered(book, tag).Percent()}
		_, g.Open = ledger.Signed(book, tag)
		screens, noted, err := s.screenBook(ctx, tag)
		if err != nil {
			return nil, err
		}
		g.Screens = noted.Covered(screens, tag).Percent()
		_, g.Unread = noted.Signed(screens, tag)
		if g.Lacks() {
			all = append(all, g)
		}
	}
	return all, nil
}
