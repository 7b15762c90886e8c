package i18n

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// forms are the plural forms of CLDR.
var forms = []string{"zero", "one", "two", "few", "many", "other"}

// readLanguage reads one language's file from fsys, at its root or in its folder "message" (which is where an embedded
// catalogue lies). A file that is not there gives no messages.
func readLanguage(fsys fs.FS, lang string) ([]*i18n.Message, error) {
	for _, dir := range []string{".", "message"} {
		name := path.Join(dir, lang+".json")
		text, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading catalogue %s: %w", name, err)
		}
		list, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		return list, nil
	}
	return nil, nil
}

// parse reads a flat catalogue. It walks the tokens by hand because encoding/json keeps the last of two equal keys in
// silence, and a key written twice is the commonest slip in such files.
func parse(text []byte) ([]*i18n.Message, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("no JSON object (%v)", err)
	}
	var list []*i18n.Message
	seen := make(map[string]bool)
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := t.(string) // in an object the decoder gives strings here or an error
		if seen[key] {
			return nil, fmt.Errorf("key %q stands twice", key)
		}
		seen[key] = true
		m, err := parseMessage(dec, key)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		list = append(list, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("text after the end of the object")
	}
	return list, nil
}

// parseMessage reads the value of a key: a text, or an object of plural forms.
func parseMessage(dec *json.Decoder, key string) (*i18n.Message, error) {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return nil, err
	}
	if raw[0] == '"' {
		m := &i18n.Message{ID: key}
		if err := json.Unmarshal(raw, &m.Other); err != nil {
			return nil, err
		}
		if strings.TrimSpace(m.Other) == "" {
			return nil, errors.New("the text is empty")
		}
		return m, nil
	}
	var plural map[string]string
	if err := json.Unmarshal(raw, &plural); err != nil {
		return nil, errors.New("neither a text nor an object of plural forms")
	}
	for form, text := range plural {
		if !slices.Contains(forms, form) || strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("plural form %q is unknown or empty", form)
		}
	}
	if plural["other"] == "" {
		return nil, errors.New(`no plural form "other"`)
	}
	return &i18n.Message{
		ID: key, Zero: plural["zero"], One: plural["one"], Two: plural["two"],
		Few: plural["few"], Many: plural["many"], Other: plural["other"],
	}, nil
}

// texts gives a message's forms by name, without the empty ones.
func texts(m *i18n.Message) map[string]string {
	all := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	for form, text := range all {
		if text == "" {
			delete(all, form)
		}
	}
	return all
}

// Texts gives the texts of catalogues by language and key, as a translator takes them: a plural form is a key of its own,
// such as "respond.answered:one".
func Texts(fsys ...fs.FS) (map[string]map[string]string, error) {
	all := make(map[string]map[string]string, len(Languages))
	for _, lang := range Languages {
		all[lang] = make(map[string]string)
		for _, files := range fsys {
			list, err := readLanguage(files, lang)
			if err != nil {
				return nil, err
			}
			for _, m := range list {
				forms := texts(m)
				for form, text := range forms {
					key := m.ID
					if len(forms) > 1 {
						key += ":" + form
					}
					all[lang][key] = text
				}
			}
		}
	}
	return all, nil
}
