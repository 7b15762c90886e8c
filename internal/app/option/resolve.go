package option

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// SystemFile is the configuration file of the whole machine.
const SystemFile = "/etc/adili/adili.toml"

// systemFile is where it lies on this system.
func systemFile() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("ProgramData"), "Adili", "adili.toml")
	}
	return SystemFile
}

// Sources are the places that options come from besides the command line.
type Sources struct {
	Lookup func(name string) (string, bool) // of the environment
	File   string                           // of the whole machine; need not be there
}

// System are the real sources.
func System() Sources { return Sources{Lookup: os.LookupEnv, File: systemFile()} }

// Source is where a value came from.
type Source struct {
	Kind string `json:"kind"` // flag, environment, file, default
	Name string `json:"name,omitempty"`
	Line int    `json:"line,omitempty"`
}

// String gives the source as messages name it.
func (s Source) String() string {
	switch {
	case s.Kind == "default":
		return s.Kind
	case s.Line > 0:
		return s.Name + ":" + strconv.Itoa(s.Line)
	}
	return s.Name
}

// Setting is an option with its value.
type Setting struct {
	Option *Option
	Values []string // none where nothing is set
	Source Source
}

// Resolved is what is in force and where it came from.
type Resolved struct {
	Options  Options
	Settings []Setting // in the order of the table
}

// Data gives the data folder, for a command that can leave the rest to the
// server at work there.
func (f Flags) Data() (string, error) {
	r := &resolver{sources: System(), given: f.given(), settings: map[*Option]Setting{}}
	if err := r.readFile(); err != nil {
		return "", err
	}
	r.setKeys("data")
	return r.options.Data, errors.Join(r.problems...)
}

// Options gives the options in force, checked.
func (f Flags) Options() (Options, error) {
	r, err := f.Resolve(System())
	if err != nil {
		return Options{}, err
	}
	return r.Options, r.Check()
}

// resolver gathers the values of all sources.
type resolver struct {
	sources  Sources
	given    map[string][]string
	file     string
	entries  map[*Option]entry
	options  Options
	settings map[*Option]Setting
	problems []error
}

// Resolve finds the value of every option of the command's groups; the others
// stay as if nobody had set them, so that a command does not stop over a secret
// it has no use for. The error has every fault in a single value; what does not
// fit together is for Check to say.
func (f Flags) Resolve(s Sources) (*Resolved, error) {
	r := &resolver{sources: s, given: f.given(), settings: map[*Option]Setting{}}
	if err := r.readFile(); err != nil {
		return nil, err
	}
	groups := f.groups() // of the command
	for _, o := range Table {
		if !groups[o.Group] {
			r.settings[o] = Setting{Option: o, Source: Source{Kind: "default"}}
		} else if o.Key != "config" {
			r.set(o)
		}
	}
	for _, o := range Table {
		if o.derive != nil && groups[o.Group] && r.settings[o].Source.Kind == "default" {
			if text := o.derive(&r.options); text != "" {
				r.settings[o] = r.apply(Setting{Option: o, Values: []string{text}, Source: Source{Kind: "default"}})
			}
		}
	}
	all := &Resolved{Options: r.options}
	for _, o := range Table {
		all.Settings = append(all.Settings, r.settings[o])
	}
	return all, errors.Join(r.problems...)
}

// setKeys sets the options that say where the file is.
func (r *resolver) setKeys(keys ...string) {
	for _, key := range keys {
		r.set(find(key))
	}
}

// readFile reads the configuration file, if there is one. That the default data
// folder cannot be told (a command run as the service's user in root's folder
// may not look around there) is a fault only if the file names no other: the
// option is set once more afterwards.
func (r *resolver) readFile() error {
	r.setKeys("data")
	if r.settings[find("data")].Source.Kind == "default" {
		r.problems = nil
	}
	r.setKeys("config")
	if err := errors.Join(r.problems...); err != nil {
		return err
	}
	if r.options.Config != "" {
		r.file = r.options.Config
		return r.entriesOf(r.file, false)
	}
	inData := ""
	if r.options.Data != "" {
		inData = filepath.Join(r.options.Data, "adili.toml")
	}
	for _, name := range []string{r.sources.File, inData} {
		if name == "" {
			continue
		}
		err := r.entriesOf(name, name == inData)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		r.file = name
		r.options.Config = name
		r.settings[find("config")] = Setting{Option: find("config"), Values: []string{name}, Source: Source{Kind: "default"}}
		return nil
	}
	return nil
}

// entriesOf reads a file. One that was found in the data folder cannot say
// where the data folder is.
func (r *resolver) entriesOf(name string, inData bool) (err error) {
	r.entries, err = readFile(name)
	if err != nil {
		return err
	}
	if e, ok := r.entries[find("data")]; ok && inData {
		return fmt.Errorf("%s:%d: data: this file was found in the data folder and cannot name another; give --data or ADILI_DATA, or move the file to %s", name, e.line, r.sources.File)
	}
	return nil
}

// set finds the value of an option.
func (r *resolver) set(o *Option) {
	if texts, ok := r.given[o.Key]; ok {
		r.settings[o] = r.apply(Setting{o, texts, Source{Kind: "flag", Name: "--" + o.Key}})
		return
	}
	if text, ok := r.sources.Lookup(o.Environment()); ok && text != "" {
		r.settings[o] = r.apply(Setting{o, []string{text}, Source{Kind: "environment", Name: o.Environment()}})
		return
	}
	if e, ok := r.entries[o]; ok {
		r.settings[o] = r.apply(Setting{o, e.values, Source{Kind: "file", Name: r.file, Line: e.line}})
		return
	}
	s := Setting{Option: o, Source: Source{Kind: "default"}}
	if o.Default != "" {
		s.Values = []string{o.Default}
		s = r.apply(s)
	}
	r.settings[o] = s
}

// apply checks a value and puts it into the options.
func (r *resolver) apply(s Setting) Setting {
	folder := "" // the working folder
	if s.Source.Kind == "file" {
		folder = filepath.Dir(s.Source.Name)
	}
	texts := s.Values
	if s.Option.List {
		texts = split(texts)
	}
	s.Values = nil
	for _, text := range texts {
		value, err := s.Option.read(text, folder)
		if err == nil {
			err = s.Option.guard(text, value, s.Source, r.sources)
		}
		if err != nil {
			r.problems = append(r.problems, s.problem(text, err))
			return s
		}
		if value != "" {
			s.Values = append(s.Values, value)
		}
	}
	if err := s.store(&r.options); err != nil {
		r.problems = append(r.problems, s.problem(first(s.Values), err))
	}
	return s
}

// split takes values with commas between them apart.
func split(texts []string) []string {
	var parts []string
	for _, text := range texts {
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

func (o *Option) read(text, folder string) (string, error) {
	if text == "" && o.Default == "" {
		return "", nil // nothing, said expressly
	}
	if len(o.Choices) > 0 {
		return text, choose(text, o.Choices)
	}
	return o.Type.read(text, folder)
}

// guard refuses secrets where others can read them.
func (o *Option) guard(text, value string, from Source, s Sources) error {
	switch {
	case value == "":
		return nil
	case o.Type == SecretFile:
		return private(value, 0o077, s)
	case o.Type == KeyFile: // a group for certificates is usual
		return private(value, 0o007, s)
	case o.Type != Database || !hasPassword(text):
		return nil
	case from.Kind == "flag":
		return errors.New("a password on the command line can be seen by everybody on this machine; put the address into a file and name it with database-file")
	case from.Kind == "file":
		if err := private(from.Name, 0o077, s); err != nil {
			return fmt.Errorf("has a password in it, and this file is %w; or put the address into another and name it with database-file", err)
		}
	}
	return nil
}

// problem says what is wrong with a value, without the value where it may be a
// secret.
func (s Setting) problem(text string, err error) error {
	shown := s.Option.show(text)
	switch s.Source.Kind {
	case "file":
		return fmt.Errorf("%s: %s = %q: %w", s.Source, s.Option.Key, shown, err)
	case "environment":
		return fmt.Errorf("%s=%s: %w", s.Source, printable(shown), err)
	case "flag":
		return fmt.Errorf("%s %s: %w", s.Source, printable(shown), err)
	}
	return fmt.Errorf("%s: %w", s.Option.Key, err)
}

// store puts the values where the option belongs. A secret is read from its
// file.
func (s Setting) store(o *Options) error {
	text := first(s.Values)
	if s.Option.Type == SecretFile {
		if text == "" {
			return nil // database-file must not undo database
		}
		secret, err := readSecret(text)
		if err != nil {
			return err
		}
		text = secret
	}
	switch field := s.Option.field(o).(type) {
	case *[]string:
		*field = s.Values
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		*field = n
	case *string:
		*field = text
	}
	return nil
}

// hidden stands for a secret.
const hidden = "(hidden)"

// hasPassword reports whether a database address has a password in it.
func hasPassword(address string) bool { return maskDatabase(address) != address }

// maskDatabase gives a database address without its password.
func maskDatabase(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return hidden
	}
	masked := false
	if _, ok := u.User.Password(); ok {
		u.User, masked = url.User(u.User.Username()), true
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Del(name)
			masked = true
		}
	}
	if !masked {
		return address
	}
	u.RawQuery = query.Encode()
	return u.String() + " " + hidden
}

// show gives a value as people may see it.
func (o *Option) show(text string) string {
	if o.Type == Database {
		return maskDatabase(text)
	}
	return text
}
