package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"adili/form"
	"adili/internal/kernel/i18n"
)

// FileName is the file in the data folder that tells scripts and load tools
// what the demonstration holds. It carries passwords and is readable by its
// owner only.
const FileName = "demo.json"

// Account is a demonstration account.
type Account struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// SignIn says how to sign in: the address, and the names of the fields.
type SignIn struct {
	Address       string `json:"address"`
	EmailField    string `json:"email_field"`
	PasswordField string `json:"password_field"`
}

// OpenRound is the round that takes answers.
type OpenRound struct {
	ID         string                                `json:"id"`
	Links      map[form.Population]map[string]string `json:"links"`      // address by population and language
	Codes      map[form.Population][]string          `json:"codes"`      // unused card codes
	LinkCodes  map[form.Population][]string          `json:"link_codes"` // unused link codes; they stand behind # in the address
	Passphrase string                                `json:"passphrase"` // closes the round
}

// File is what demo.json holds.
type File struct {
	BaseURL   string            `json:"base_url"`
	Staff     Account           `json:"staff"` // a survey manager
	Operator  Account           `json:"operator"`
	Analyst   Account           `json:"analyst"`
	SignIn    SignIn            `json:"sign_in"`
	OpenRound OpenRound         `json:"open_round"`
	Reports   map[string]string `json:"reports"` // address by iteration of the closed round
	Health    string            `json:"health"`
}

func newFile() *File {
	return &File{
		Reports: map[string]string{},
		OpenRound: OpenRound{
			Codes: map[form.Population][]string{}, LinkCodes: map[form.Population][]string{},
		},
	}
}

// At writes the addresses into the file's fields for the server at base. Until
// it is called for the first time, Reports holds paths.
func (f *File) At(base string) {
	for iteration, address := range f.Reports {
		f.Reports[iteration] = base + strings.TrimPrefix(address, f.BaseURL)
	}
	f.BaseURL, f.Health = base, base+"/healthz"
	f.OpenRound.Links = map[form.Population]map[string]string{}
	for _, kind := range kinds() {
		links := map[string]string{}
		for _, lang := range i18n.Languages {
			links[lang] = base + "/" + lang + "/s/" + f.OpenRound.ID
		}
		f.OpenRound.Links[kind] = links
	}
}

// Save writes the file into the data folder, whole or not at all.
func (f *File) Save(folder string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", FileName, err)
	}
	next := filepath.Join(folder, FileName+".next")
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", FileName, err)
	}
	return os.Rename(next, filepath.Join(folder, FileName))
}

// Load reads the file of a data folder. Where there is none the error is
// os.ErrNotExist.
func Load(folder string) (*File, error) {
	text, err := os.ReadFile(filepath.Join(folder, FileName))
	if err != nil {
		return nil, err
	}
	f := newFile()
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("read %s: %w", FileName, err)
	}
	return f, nil
}

// State is what a data folder is to the demonstration.
type State int

// The states of a data folder.
const (
	Empty   State = iota // nothing is there
	Half                 // a demonstration was begun and not finished
	Made                 // a demonstration is there
	Foreign              // something else is there
)

// mark stands in the data folder while a demonstration is being made.
const mark = "demo.unfinished"

// Look says what a data folder is to the demonstration.
func Look(folder string) (State, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return Empty, nil
	}
	if err != nil {
		return Foreign, err
	}
	for _, file := range []struct {
		name  string
		state State
	}{{mark, Half}, {FileName, Made}} {
		if _, err := os.Stat(filepath.Join(folder, file.name)); err == nil {
			return file.state, nil
		}
	}
	return Foreign, nil
}

// Begin marks the folder as one in which a demonstration is being made. What
// note holds is given back by Note, should it be interrupted.
func Begin(folder, note string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, mark), []byte(note), 0o600)
}

// Note is what Begin noted last.
func Note(folder string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, mark))
	return string(text), err
}

// End takes the mark away: the demonstration is whole.
func End(folder string) error { return os.Remove(filepath.Join(folder, mark)) }

// Clear removes what a demonstration that was not finished left in its folder,
// the mark last.
func Clear(folder string) error {
	for _, name := range []string{"adili.db", "adili.db-wal", "adili.db-shm", "adili.db-journal", "rounds", FileName, FileName + ".next", mark} {
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
