package xlsform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adili/form/xlsform/spelling"
)

// The guide names every type, what is refused, and our own columns.
func TestGuide(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "guide", "xlsform.md"))
	if err != nil {
		t.Fatal(err)
	}
	guide := string(data)
	for _, typing := range spelling.Types {
		name := typing.Name
		if strings.HasPrefix(name, "uri:") {
			name = "uri:…"
		}
		if !strings.Contains(guide, "`"+name+"`") {
			t.Errorf("the guide does not name the type %s", typing.Name)
		}
	}
	for name := range spelling.RefusedTypes {
		if !strings.Contains(guide, "`"+name+"`") {
			t.Errorf("the guide does not name the refused type %s", name)
		}
	}
	for _, own := range []string{"kind", "role", "factor", "reverse_scored", "sensitive", "missing", "window_months", "max_length", "action",
		"equivalent", "choices_from", "pair_statement", "pair_known", "pair_anchor", "pair_practice", "exclusive", "fixed", "population",
		"reviewed", spelling.ExactTexts, spelling.MissingList, spelling.OwnList("NAME")} {
		if !strings.Contains(guide, "`"+own+"`") {
			t.Errorf("the guide does not name the column %s", own)
		}
	}
}
