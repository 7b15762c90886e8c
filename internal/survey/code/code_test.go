package code

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adili/form"
)

var (
	officials = []int{1, 2}
	privates  = []int{101}
)

func drawCode(t *rapid.T) Code {
	table := Share(rapid.Uint64().Draw(t, "seed"), officials, privates)
	kind, strata := form.Official, officials
	if rapid.Bool().Draw(t, "private sector") {
		kind, strata = form.Private, privates
	}
	stratum := rapid.SampledFrom(strata).Draw(t, "stratum")
	carrier := rapid.SampledFrom([]Carrier{ByCard, ByLink}).Draw(t, "carrier")
	code, err := table.Draw(kind, stratum, carrier)
	if err != nil {
		t.Fatal(err)
	}
	if table.Stratum(code) != stratum {
		t.Fatalf("%s leads to stratum %d, want %d", code, table.Stratum(code), stratum)
	}
	if want := map[Carrier]int{ByCard: 16, ByLink: 29}[carrier]; len(code) != want {
		t.Fatalf("code %s has %d characters, want %d", code, len(code), want)
	}
	return code
}

func TestCodeIsReadAsPeopleTypeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := drawCode(t)
		spoken := strings.NewReplacer("0", "o", "1", rapid.SampledFrom([]string{"i", "L", "1", "١"}).Draw(t, "one")).Replace(string(code))
		for _, typed := range []string{string(code), code.Groups(), " " + strings.ToLower(string(code)) + "\n", strings.ReplaceAll(code.Groups(), " ", "-"), spoken} {
			got, err := Parse(strings.TrimSuffix(typed, "\n"))
			if err != nil || got != code {
				t.Fatalf("Parse(%q) = %q, %v; want %q", typed, got, err, code)
			}
		}
	})
}

// Every single wrong character and every exchange of two is found.
func TestCheckFindsTypingMistakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := []byte(drawCode(t))
		i := rapid.IntRange(0, len(code)-1).Draw(t, "i")
		j := rapid.IntRange(0, len(code)-1).Draw(t, "j")
		wrong := append([]byte(nil), code...)
		if i == j {
			wrong[i] = alphabet[(strings.IndexByte(alphabet, wrong[i])+rapid.IntRange(1, 31).Draw(t, "by"))%32]
		} else {
			wrong[i], wrong[j] = wrong[j], wrong[i]
		}
		if string(wrong) == string(code) {
			return
		}
		if _, err := Parse(string(wrong)); !errors.Is(err, ErrMistyped) {
			t.Fatalf("%s for %s was not found to be mistyped: %v", wrong, code, err)
		}
	})
}

func TestCodeRefusesOtherText(t *testing.T) {
	for _, typed := range []string{"", "abc", strings.Repeat("U", 16), strings.Repeat("0", 15), strings.Repeat("0", 17), strings.Repeat("é", 16), strings.Repeat("A", 1000)} {
		if _, err := Parse(typed); !errors.Is(err, ErrMistyped) {
			t.Errorf("Parse(%q): %v, want %v", typed, err, ErrMistyped)
		}
	}
}

// An unknown code is shown a stratum like any other, so that nothing before
// the last step tells it from a used or an unused one.
func TestEveryPrefixBelongsToAStratum(t *testing.T) {
	for name, table := range map[string]Table{
		"both": Share(7, officials, privates), "officials": Share(7, officials, nil), "private sector": Share(7, nil, privates),
	} {
		share := map[int]int{}
		for _, number := range table {
			share[number]++
		}
		if share[0] > 0 {
			t.Errorf("%s: %d prefixes belong to no stratum", name, share[0])
		}
		for number, n := range share {
			if n < 100 {
				t.Errorf("%s: stratum %d has only %d prefixes", name, number, n)
			}
		}
	}
}

// Codes of one population stay good when the other's strata are fixed later.
func TestSharingIsStable(t *testing.T) {
	alone, both := Share(7, officials, nil), Share(7, officials, privates)
	for i := 0; i < len(alone); i += 2 {
		if alone[i] != both[i] {
			t.Fatalf("prefix %d moved from stratum %d to %d", i, alone[i], both[i])
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("0000000000000000")
	f.Fuzz(func(t *testing.T, typed string) {
		if code, err := Parse(typed); err == nil {
			if again, err := Parse(code.Groups()); err != nil || again != code {
				t.Errorf("%q gives %q, which gives %q, %v", typed, code, again, err)
			}
		}
	})
}
