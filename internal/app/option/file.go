package option

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxFile is more than any configuration needs.
const maxFile = 1 << 20

// entry is what the file says of one option.
type entry struct {
	values []string
	line   int
}

// readFile reads a configuration file. All that is wrong with it is in the
// error.
func readFile(name string) (map[*Option]entry, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: larger than a configuration file can be", name)
	}
	return parseFile(name, string(text))
}

// errSeen makes the decoder say where it has met a value.
var errSeen = errors.New("seen")

// seen takes a value of any type.
type seen struct{ value any }

// UnmarshalTOML keeps the value.
func (s *seen) UnmarshalTOML(value any) error {
	s.value = value
	return errSeen
}

func parseFile(name, text string) (map[*Option]entry, error) {
	var raw map[string]toml.Primitive
	meta, err := toml.Decode(strings.TrimPrefix(text, "\ufeff"), &raw)
	if err != nil {
		if e, ok := errors.AsType[toml.ParseError](err); ok {
			return nil, fmt.Errorf("%s:%d: %s", name, e.Position.Line, e.Message)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	entries := map[*Option]entry{}
	done := map[string]bool{}
	var problems []error
	for _, key := range meta.Keys() {
		if done[key[0]] {
			continue
		}
		done[key[0]] = true
		s := seen{}
		where := name
		e, ok := errors.AsType[toml.ParseError](meta.PrimitiveDecode(raw[key[0]], &s))
		if ok && e.Position.Line > 0 {
			where += ":" + strconv.Itoa(e.Position.Line)
		}
		o, values, err := accept(key[0], s.value)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", where, err))
			continue
		}
		entries[o] = entry{values, e.Position.Line}
	}
	return entries, errors.Join(problems...)
}

// accept finds the option of a key and the texts of its value.
func accept(key string, value any) (*Option, []string, error) {
	if table, ok := value.(map[string]any); ok {
		return nil, nil, inTable(key, table)
	}
	o := find(key)
	if o == nil {
		return nil, nil, fmt.Errorf("%s: %w", key, unknown(key))
	}
	if o.Key == "config" {
		return nil, nil, errors.New("config: a configuration file cannot name another; take the line away")
	}
	texts, ok := o.texts(value)
	if !ok {
		example := o.Type.Example
		if o.Default != "" && o.Type != Number {
			example = strconv.Quote(o.Default)
		}
		if o.List {
			example = "[" + example + "]"
		}
		return nil, nil, fmt.Errorf("%s: of the wrong type (%s); write %s = %s", key, o.Type.Name, key, example)
	}
	return o, texts, nil
}

// texts are the values of a TOML value, if it has the right type.
func (o *Option) texts(value any) ([]string, bool) {
	switch v := value.(type) {
	case string:
		return []string{v}, o.Type != Number
	case int64:
		return []string{strconv.FormatInt(v, 10)}, o.Type == Number
	case bool: // true says that there is a proxy, on this machine
		return []string{"loopback"}, v && o.Type == Proxy
	case []any:
		texts := make([]string, len(v))
		for i, one := range v {
			text, ok := one.(string)
			if !ok {
				return nil, false
			}
			texts[i] = text
		}
		return texts, o.List
	}
	return nil, false
}

// inTable says that there are no tables, and what may have been meant.
func inTable(name string, table map[string]any) error {
	for key := range table {
		if meant := name + "-" + key; find(meant) != nil {
			return fmt.Errorf("%s: the file has no tables; write %s = … above all tables", name, meant)
		}
	}
	return fmt.Errorf("%s: the file has no tables, only lines KEY = VALUE", name)
}

func find(key string) *Option {
	for _, o := range Table {
		if o.Key == key {
			return o
		}
	}
	return nil
}

// unknown says that there is no such option, and what may have been meant.
func unknown(key string) error {
	if o := alike(key); o != nil {
		return fmt.Errorf("there is no such option; did you mean %s?", o.Key)
	}
	return errors.New("there is no such option; adili config lists them all")
}

// alike finds the option that is spelt most like a key, if one is.
func alike(key string) (best *Option) {
	spelt := strings.ToLower(strings.ReplaceAll(key, "_", "-"))
	least := max(2, len(key)/3) + 1
	for _, o := range Table {
		if d := distance(spelt, o.Key); d < least {
			best, least = o, d
		}
	}
	return best
}

// distance is how many letters must be put in, taken out or changed to make one
// word of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			change := before[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, before[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
