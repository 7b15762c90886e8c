package edit

import (
	"maps"

	"adili/form"
	"adili/form/translation"

	"golang.org/x/text/language"
)

// SetText changes one text in one language; unit is an id of package translation,
// "item:q1:text" for example. An empty text takes the translation away.
func SetText(q *form.Questionnaire, unit, lang, text string) (*form.Questionnaire, error) {
	if q.Languages[lang] == "" {
		return nil, refuse("no_language", "Lang", lang)
	}
	next, err := translation.Put(q, lang, map[string]string{unit: text})
	if err != nil {
		return nil, refuse("no_text", "ID", unit)
	}
	return next, nil
}

// SetPopulation says for whom the questionnaire is; "" for nobody yet.
func SetPopulation(q *form.Questionnaire, p form.Population) *form.Questionnaire {
	next := clone(q)
	next.Population = p
	return next
}

// AddLanguage adds a language without texts.
func AddLanguage(q *form.Questionnaire, tag string) (*form.Questionnaire, error) {
	parsed, err := language.Parse(tag)
	if err != nil || parsed.String() != tag {
		return nil, refuse("tag", "Lang", tag)
	}
	if q.Languages[tag] != "" {
		return nil, refuse("language_there", "Lang", tag)
	}
	next := clone(q)
	if next.Languages == nil {
		next.Languages = map[string]form.Status{}
	}
	next.Languages[tag] = form.Draft
	return next, nil
}

// RemoveLanguage removes a language with its texts. That of the source stays.
func RemoveLanguage(q *form.Questionnaire, tag string) (*form.Questionnaire, error) {
	switch {
	case q.Languages[tag] == "":
		return nil, refuse("no_language", "Lang", tag)
	case tag == q.Source:
		return nil, refuse("source_language", "Lang", tag)
	}
	next := clone(q)
	delete(next.Languages, tag)
	delete(next.Names, tag)
	texts(next, func(t *form.Text) {
		if _, there := (*t)[tag]; there {
			*t = maps.Clone(*t)
			delete(*t, tag)
		}
	})
	return next, nil
}

// texts visits every text of q, which is the caller's own.
func texts(q *form.Questionnaire, f func(t *form.Text)) {
	v := visitor{expression: nothing, text: func(_ string, t *form.Text) { f(t) }}
	v.questionnaire(q)
	for code, label := range q.Missing {
		f(&label)
		q.Missing[code] = label
	}
	media := func(all map[string]form.Text) {
		for kind, t := range all {
			f(&t)
			all[kind] = t
		}
	}
	choices := func(all []form.Choice) {
		for i := range all {
			all[i].Media = maps.Clone(all[i].Media)
			media(all[i].Media)
		}
	}
	for _, list := range q.Lists {
		choices(list)
	}
	eachItem(q, func(it *form.Item) {
		media(it.Media)
		choices(it.Choices)
	})
}

// SetSource makes a language the one the others are translated from. Every text
// has to be there in it.
func SetSource(q *form.Questionnaire, tag string) (*form.Questionnaire, error) {
	if q.Languages[tag] == "" {
		return nil, refuse("no_language", "Lang", tag)
	}
	missing := 0
	for _, unit := range translation.Of(q).Units {
		if unit.Texts[tag] == "" {
			missing++
		}
	}
	if missing > 0 {
		return nil, refuse("incomplete", "Lang", tag, "N", missing)
	}
	next := clone(q)
	next.Source = tag
	return next, nil
}

// SetStatus says whether a language was reviewed by a native speaker.
func SetStatus(q *form.Questionnaire, tag string, s form.Status) (*form.Questionnaire, error) {
	if q.Languages[tag] == "" {
		return nil, refuse("no_language", "Lang", tag)
	}
	next := clone(q)
	next.Languages[tag] = s
	return next, nil
}
