package pattern_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"adili/form/expr/pattern"
)

func TestProgram(t *testing.T) {
	for source, want := range map[string]string{
		"a":       `[1,[[97,97]],[5,0,0],[4,2,0],[0,0,0]]`,
		"^a+$":    `[1,[[97,97]],[5,0,0],[3,2,4],[4,3,0],[1,2,4],[3,5,8],[0,0,0]]`,
		"[a-c]a*": `[1,[[97,99],[97,97]],[5,0,0],[4,3,0],[4,3,1],[1,2,4],[0,0,0]]`,
		"(?i)k":   `[1,[[75,75,107,107,8490,8490]],[5,0,0],[4,2,0],[0,0,0]]`,
		"..":      `[1,[[0,9,11,1114111]],[5,0,0],[4,2,0],[4,3,0],[0,0,0]]`,
		"(?s).":   `[1,[[0,1114111]],[5,0,0],[4,2,0],[0,0,0]]`,
		`\b`:      `[1,[],[5,0,0],[3,2,16],[0,0,0]]`,
		"":        `[1,[],[5,0,0],[2,2,0],[0,0,0]]`,
	} {
		p, err := pattern.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is written %s, want %s", source, got, want)
		}
		var parts []any
		if err := json.Unmarshal(got, &parts); err != nil || p.Size() != len(parts)-2 {
			t.Errorf("%s has the size %d, want %d, error %v", source, p.Size(), len(parts)-2, err)
		}
	}
}

// What forms use is accepted, and is not much for a phone to load.
func TestAccepted(t *testing.T) {
	for source, most := range map[string]int{
		`^[\p{Arabic} ]{2,60}$`: 3_000,
		`^\pL{2,50}$`:           12_000,
		`(a+)+$`:                200,
		`^.{1,1000}$`:           32_000,
		`^[\pL ]{2,500}$`:       32_000,
		`(?i)^[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,64}\.[a-z]{2,}$`: 6_000,
	} {
		p, err := pattern.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := json.Marshal(p); err != nil || len(got) > most {
			t.Errorf("%s takes %d bytes, error %v", source, len(got), err)
		}
	}
}

func TestRefused(t *testing.T) {
	start := time.Now()
	for source, why := range map[string]string{
		"(?=a)":                      "RE2",
		`(a)\1`:                      "RE2",
		"[":                          "RE2",
		"a{1001}":                    "RE2",
		"(?:a{1000}){1000}":          "RE2",
		strings.Repeat("a{1000}", 3): "smaller counts",
		strings.Repeat(`[\pL0][\pL1]`, 900) + strings.Repeat(`\PL`, 700): "smaller counts",
		`\pL[^\pL0][^\pL1][^\pL2][^\pL3][^\pL4]`:                         "smaller counts",
	} {
		if _, err := pattern.Compile(source); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.30s gives the error %.300v", source, err)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
