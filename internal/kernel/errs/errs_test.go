package errs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func TestWrapKeepsTheKind(t *testing.T) {
	open := func() (err error) {
		defer Wrap(&err, "survey.OpenRound %s", "r1")
		return New(Conflict, "round.already_open", "Name", "secret").Because(errors.New("cause"))
	}
	err := open()
	if got, want := err.Error(), "survey.OpenRound r1: conflict (round.already_open): cause"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if KindOf(err) != Conflict {
		t.Errorf("KindOf = %v, want Conflict", KindOf(err))
	}
	if e, ok := Find(err); !ok || e.Key != "round.already_open" {
		t.Errorf("Find = %v, %v", e, ok)
	}
	var none error
	Wrap(&none, "nothing")
	if none != nil {
		t.Errorf("Wrap made an error of nil: %v", none)
	}
}

func TestKindOf(t *testing.T) {
	tests := []struct {
		err  error
		want Kind
	}{
		{errors.New("plain"), Internal},
		{New(Gone, "x"), Gone},
		{fmt.Errorf("a: %w", New(TooMany, "x")), TooMany},
		{New(Invalid, "outer").Because(New(NotFound, "inner")), Invalid},
	}
	for _, test := range tests {
		if got := KindOf(test.err); got != test.want {
			t.Errorf("KindOf(%v) = %v, want %v", test.err, got, test.want)
		}
	}
}

func TestErrorHidesWhatWasTyped(t *testing.T) {
	e := New(Invalid, "people.email", "Email", "someone@example.org")
	e.Details = []Detail{{Field: "Email"}}
	if got, want := e.Error(), "invalid (people.email), 1 details"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestEachKindHasItsText(t *testing.T) {
	for _, lang := range strings.Fields("en fr es pt ar ru zh") {
		data, err := fs.ReadFile(Messages(), lang+".json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		if len(texts) != len(kindNames) {
			t.Errorf("%s has %d texts, want %d", lang, len(texts), len(kindNames))
		}
		for k := Internal; k <= Unavailable; k++ {
			if texts[k.Key()] == "" {
				t.Errorf("%s lacks %s", lang, k.Key())
			}
		}
	}
	if Kind(200).String() != "internal" {
		t.Error("an unknown kind is not shown as internal")
	}
}
