package option

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the page of the guide")

// The guide says what the table says.
func TestGuideGolden(t *testing.T) {
	const name = "../../../docs/guide/options.md"
	var b bytes.Buffer
	if err := Guide(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(have, []byte("\r"), nil), b.Bytes()) {
		t.Error("docs/guide/options.md is not what the table of options says: make golden")
	}
}

// The table itself is in order.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	fields := map[any]string{}
	var o Options
	for _, option := range Table {
		if seen[option.Key] {
			t.Errorf("%s stands twice", option.Key)
		}
		seen[option.Key] = true
		if title(option.Group) == "" || option.Type == nil || !strings.HasSuffix(option.Help, ".") && !strings.HasSuffix(option.Help, "none") {
			t.Errorf("%s has no group, type or help", option.Key)
		}
		if secret := strings.HasSuffix(option.Key, "-file"); secret != (option.Type == SecretFile) {
			t.Errorf("%s: the keys of secrets end in -file, and no others", option.Key)
		}
		field := option.field(&o)
		if other, taken := fields[field]; taken && option.Key != "database-file" {
			t.Errorf("%s and %s set the same", option.Key, other)
		}
		fields[field] = option.Key
		if _, err := option.read(option.Default, "/"); option.Default != "" && err != nil {
			t.Errorf("%s: the default: %v", option.Key, err)
		}
		if _, list := field.(*[]string); list != option.List {
			t.Errorf("%s: a list or not?", option.Key)
		}
	}
}

func TestPrepareKnowsItsGroups(t *testing.T) {
	var c struct {
		Flags `options:"storge"`
	}
	if err := Prepare(&c); err == nil || !strings.Contains(err.Error(), "storge") {
		t.Errorf("error %v", err)
	}
}
