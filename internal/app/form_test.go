package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adili/instrument"
)

const sampleForm = `
| survey   |                 |      |              |                          |          |             |             |
|          | type            | name | label        | relevant                 | required | constraint  | calculation |
|          | select_one yn   | seen | Did you go?  |                          | yes      |             |             |
|          | integer         | n    | How often?   | selected(${seen}, 'yes') |          | . > 0       |             |
|          | calculate       | dbl  |              |                          |          |             | ${n} * 2    |
| choices  |                 |      |              |
|          | list_name       | name | label        |
|          | yn              | yes  | Yes          |
|          | yn              | no   | No           |
| settings |                 |      |              |
|          | form_id         |      |              |
|          | sample          |      |              |
`

// formFile writes a form of the given name and text and returns its path.
func formFile(t *testing.T, name, text string) string {
	t.Helper()
	return put(t, filepath.Join(t.TempDir(), name), text)
}

func TestFormCheck(t *testing.T) {
	if code, out, said := command(t, "form", "check", formFile(t, "a.md", sampleForm)); code != exitOK || !strings.Contains(out, "3 questions") && !strings.Contains(out, "2 questions") {
		t.Errorf("%d %q %q", code, out, said)
	}
	bad := strings.NewReplacer("select_one yn  ", "select_one ny  ", "${n} * 2", "${m} * 2").Replace(sampleForm)
	code, out, said := command(t, "form", "check", formFile(t, "bad.md", bad))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitError || len(lines) != 2 || said != "" {
		t.Fatalf("%d %q %q", code, out, said)
	}
	for i, want := range []string{"survey row 2, column type", "survey row 4, column calculation"} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("%q lacks %q", lines[i], want)
		}
	}
	spy := strings.Replace(sampleForm, "|          | calculate ", "|          | deviceid        | d    |              |                          |          |             |             |\n|          | calculate ", 1)
	if code, out, _ := command(t, "form", "check", formFile(t, "spy.md", spy)); code != exitOK || !strings.Contains(out, "warning: anonymous round: ") {
		t.Errorf("%d %q", code, out)
	}
	if code, out, _ := command(t, "form", "check", "--round", formFile(t, "spy.md", spy)); code != exitError || !strings.Contains(out, "deviceid") {
		t.Errorf("%d %q", code, out)
	}
	for _, name := range []string{"missing.md", formFile(t, "a.txt", "x"), formFile(t, "a.xml", "<a/>"), formFile(t, "a.xlsx", "no workbook"), formFile(t, "a.json", "{")} {
		if code, out, said := command(t, "form", "check", name); code != exitError || out+said == "" {
			t.Errorf("%s: %d %q %q", name, code, out, said)
		}
	}
}

// A form goes through all formats and comes out with the same bytes, whatever the files are called.
func TestFormConvert(t *testing.T) {
	for name, text := range map[string]string{"a.md": sampleForm, "official.json": string(instrument.Official()), "private.json": string(instrument.Private())} {
		folder := t.TempDir()
		first := put(t, filepath.Join(folder, name), text)
		at := func(name string) string { return filepath.Join(folder, name) }
		steps := [][2]string{{first, at("1.json")}, {at("1.json"), at("2.xlsx")}, {at("2.xlsx"), at("3.md")}, {at("3.md"), at("4.json")}, {at("4.json"), at("5.xml")}, {first, at("6.xml")}}
		for _, step := range steps {
			if code, out, said := command(t, "form", "convert", step[0], step[1]); code != exitOK {
				t.Fatalf("%s to %s: %d %s %s", step[0], step[1], code, out, said)
			}
		}
		for _, pair := range [][2]string{{"1.json", "4.json"}, {"5.xml", "6.xml"}} {
			a, b := read(t, at(pair[0])), read(t, at(pair[1]))
			if !bytes.Equal(a, b) || len(a) == 0 {
				t.Errorf("%s: %s and %s differ", name, pair[0], pair[1])
			}
		}
	}
	if code, _, said := command(t, "form", "convert", formFile(t, "a.md", sampleForm), "x.docx"); code != exitError || !strings.Contains(said, ".xlsx") {
		t.Errorf("%d %q", code, said)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFormEval(t *testing.T) {
	file := formFile(t, "a.md", sampleForm)
	type state struct {
		Value                                 string
		Relevant, Required, Valid, Calculated bool
	}
	eval := func(arguments ...string) map[string]state {
		t.Helper()
		code, out, said := command(t, append([]string{"form", "eval", file, "--json"}, arguments...)...)
		var got struct{ Variables map[string]state }
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK {
			t.Fatalf("%d %v %s %s", code, err, out, said)
		}
		return got.Variables
	}
	if v := eval(); v["seen"] != (state{"", true, true, false, false}) || v["n"].Relevant || v["dbl"] != (state{"", true, false, true, true}) && v["dbl"] != (state{"NaN", true, false, true, true}) {
		t.Errorf("%+v", v)
	}
	if v := eval("--set", "seen=yes", "--set", "n=4"); v["n"] != (state{"4", true, false, true, false}) || v["dbl"].Value != "8" {
		t.Errorf("%+v", v)
	}
	if v := eval("--set", "seen=yes", "n=-1"); v["n"].Valid || v["dbl"].Value != "-2" {
		t.Errorf("%+v", v)
	}
	if code, _, said := command(t, "form", "eval", file, "--set", "gone=1"); code != exitError || !strings.Contains(said, "gone") {
		t.Errorf("%d %q", code, said)
	}
	if code, out, _ := command(t, "form", "eval", file, "--set", "seen=no"); code != exitOK || !strings.HasPrefix(out, "name ") {
		t.Errorf("%d %q", code, out)
	}
}
