package xlsform_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"adili/form"
	"adili/form/xlsform"
)

// survey makes a form of rows without the first cell, which names the sheet.
func survey(rows ...string) string {
	return "| survey |\n| | " + strings.Join(rows, " |\n| | ") + " |\n"
}

func choices(rows ...string) string {
	return "| choices |\n| | " + strings.Join(rows, " |\n| | ") + " |\n"
}

func settings(rows ...string) string {
	return "| settings |\n| | " + strings.Join(rows, " |\n| | ") + " |\n"
}

const yn = "| choices |\n| | list_name | name | label |\n| | yn | y | Yes |\n| | yn | n | No |\n"

// Each case has one mistake; want is where the problem points, and its key.
var mistakes = []struct{ form, place, key string }{
	{"| a | b |\n| b | | |\n| b | x |\n", "survey:0:", "no_survey"},
	{survey("type | name | label", "text | a | A") + "| setings |\n| | form_id |\n| | x |\n", "settings:0:", "misspelt"},
	{survey("type | name | label", "text | a | A") + "| remarks |\n| | x |\n", "remarks:0:", "sheet_ignored"},
	{survey("type | name | label", "text | a | A") + survey("type | name | label", "text | a | A"), "survey:0:", "sheet_twice"},
	{survey("name | label", "a | A"), "survey:1:type", "no_column"},
	{survey("type | name | label", "select_one l | a | A") + choices("list_name | label", "l | A"), "choices:1:name", "no_column"},
	{survey("type | name | label | caption", "text | a | A | B"), "survey:1:caption", "column_twice"},
	{survey("type | name | label | label", "text | a | A | B"), "survey:1:label", "column_twice"},
	{survey("type | name | label", "text | a | A | lost"), "survey:2:", "no_header"},
	{survey("type | name | label", "select_one l | a | A") + choices("list_name | name | label | my note", "l | x | X | n"), "choices:1:my note", "choice_header"},
	{survey("type | name | label::fr | label::French (fr)", "text | a | A | B"), "survey:1:label::French (fr)", "language_twice"},
	{survey("type | name | label::Klingon", "text | a | A"), "survey:1:label::Klingon", "language_code"},
	{survey("type | name | label::fr | label::es | hint::fr", "text | a | A | B | C"), "survey:1:", "untranslated"},
	{survey("type | name | label", "| a | A"), "survey:2:type", "no_type"},
	{survey("type | name | label", "txet | a | A"), "survey:2:type", "type"},
	{survey("type | name | label", "select_one | a | A"), "survey:2:type", "type"},
	{survey("type | name | label", "begin_repeat | a | A", "text | b | B", "end_repeat | |"), "survey:2:type", "type_refused"},
	{survey("type | name | label", "xml-external | a | A"), "survey:2:type", "type_refused"},
	{survey("type | name | label", "select_one_from_file a.csv | a | A"), "survey:2:type", "type_refused"},
	{survey("type | name | label", "text | b | B", "select_one ${b} | a | A"), "survey:3:type", "type_refused"},
	{survey("type | name | label", "geopoint | a | A"), "survey:2:type", "unasked"},
	{survey("type | name", "deviceid | a"), "survey:2:type", "unasked"},
	{survey("type | name | label | save_to", "text | a | A | b"), "survey:2:save_to", "feature"},
	{survey("type | name | label | calculation", "calculate | a | | pulldata('a', 'b', 'c', 'd')"), "survey:2:calculation", "feature"},
	{survey("type | name | label", "text | a | A") + "| entities |\n| | list_name |\n| | x |\n", "entities:2:", "feature"},
	{survey("type | name | label | hint", "| | | only a hint", "text | a | A |"), "survey:2:type", "skipped"},
	{survey("type | name | label", "text | a | A") + settings("form_id", "x", "y"), "settings:3:", "more_settings"},
	{survey("type | name | label | disabled", "text | a | A |", "text | b | B | yes"), "survey:3:disabled", "disabled"},
	{survey("type | name | label", "text | | A"), "survey:2:name", "no_name"},
	{survey("type | value | label", "text | a b | A"), "survey:2:value", "name"},
	{survey("type | name | label", "text | a | A") + settings("name", "1 x"), "settings:1:name", "name"},
	{survey("type | name | label", "text | a | A", "text | a | A"), "survey:3:name", "name_twice"},
	{survey("type | name | label", "text | a | A", "text | A | A"), "survey:3:name", "name_case"},
	{survey("type | name | label", "text | meta | A"), "survey:2:name", "name_meta"},
	{survey("type | name", "audit | a"), "survey:2:name", "audit_name"},
	{survey("type | name | label", "text | a | A", "end_group | |"), "survey:3:type", "no_begin"},
	{survey("type | name | label", "begin group | a | A", "text | b | A"), "survey:2:type", "no_end"},
	{survey("type | name | label", "text | a |"), "survey:2:label", "no_label"},
	{survey("type | name | label | big-image", "text | a | A | b.png"), "survey:2:big-image", "big_image"},
	{survey("type | name | label | media::smell", "text | a | A | b.png"), "survey:2:media::smell", "media"},
	{survey("type | name | label", "text | a | A") + settings("omit_instanceID | public_key", "yes | k"), "settings:2:omit_instanceID", "encryption"},
	{survey("type | name | label", "calculate | a | A"), "survey:2:calculation", "no_calculation"},
	{survey("type | name | label | relevance", "text | a | A | 1 +"), "survey:2:relevance", "expression"},
	{survey("type | name | label | default", "text | a | A | a + + b"), "survey:2:default", "default"},
	{survey("type | name | label", "text | a | A ${b"), "survey:2:label", "reference"},
	{survey("type | name | label | relevant", "text | a | A | ${ a } = 1"), "survey:2:relevant", "expression"},
	{survey("type | name | label", "text | name | A", "text | b | Hello ${nmae}"), "survey:3:label", "reference_name"},
	{survey("type | name | label", "begin_group | g | G", "text | a | A", "end_group | | ", "text | a | A", "note | n | ${a}"), "survey:6:label", "reference_twice"},
	{survey("type | name | label", "select_one l | a | A") + "| choises |\n| | list_name | name | label |\n| | l | a | A |\n", "survey:2:type", "no_choices"},
	{survey("type | name | label", "select_one ynn | a | A") + yn, "survey:2:type", "no_list"},
	{survey("type | name | label", "select_one yn | a | A") + yn + "| | | z | Z |\n", "choices:4:list_name", "choice_no_list"},
	{survey("type | name | label", "select_one yn | a | A") + yn + "| | yn | | Z |\n", "choices:4:name", "choice_no_name"},
	{survey("type | name | label", "select_one yn | a | A") + yn + "| | yn | z | |\n", "choices:4:label", "choice_no_label"},
	{survey("type | name | label", "select_one yn | a | A") + yn + "| | yn | y | Z |\n", "choices:4:name", "choice_twice"},
	{survey("type | name | label", "select_multiple yn | a | A") + yn + "| | yn | y y | Z |\n", "survey:2:type", "choice_space"},
	{survey("type | name | label | choice_filter", "select_one yn or_other | a | A | true()") + yn, "survey:2:choice_filter", "or_other_filter"},
	{survey("type | name | label::fr", "select_one yn or_other | a | A") + yn, "survey:1:", "or_other_text"},
	{survey("type | name | label | appearance | choice_filter", "begin_group | g | G | table-list |", "select_one yn | a | A | | true()", "end_group | | | |") + yn, "survey:3:choice_filter", "table_filter"},
	{survey("type | name | label | appearance", "begin_group | g | G | table-list", "select_one yn | a | A |", "select_one z | b | B |", "end_group | | |") + yn + "| | z | y | Z |\n", "survey:4:type", "table_list"},
	{survey("type | name | label | parameters", "text | a | A | rows"), "survey:2:parameters", "parameters"},
	{survey("type | name | label | parameters", "text | a | A | lines=3"), "survey:2:parameters", "parameter"},
	{survey("type | name | label | parameters", "text | a | A | rows=many"), "survey:2:parameters", "parameter_whole"},
	{survey("type | name | label | parameters", "select_one yn | a | A | randomize=often") + yn, "survey:2:parameters", "parameter_choice"},
	{survey("type | name | label | parameters", "image | a | A | app=camera"), "survey:2:parameters", "parameter_app"},
	{survey("type | name | parameters", "audit | | location-max-age=5"), "survey:2:parameters", "parameter_place"},
	{survey("type | name | label | parameters", "select_one yn | a | A | randomize=true seed=x") + yn, "survey:2:parameters", "seed"},
	{survey("type | name | label | parameters", "select_one yn | a | A | seed=1") + yn, "survey:2:parameters", "seed_alone"},
	{survey("type | name | label | parameters", "range | a | A | end=x"), "survey:2:parameters", "range_number"},
	{survey("type | name | label | parameters", "range | a | A | step=0"), "survey:2:parameters", "range_zero"},
	{survey("type | name | label | parameters", "range | a | A | step=20"), "survey:2:parameters", "range_large"},
	{survey("type | name | label | parameters", "range | a | A | step=2 tick_interval=3"), "survey:2:parameters", "range_multiple"},
	{survey("type | name | label | parameters", "range | a | A | placeholder=11"), "survey:2:parameters", "range_outside"},
	{survey("type | name | label | parameters | appearance", "range | a | A | placeholder=1 | picker"), "survey:2:parameters", "range_appearance"},
	{survey("type | name | label | parameters", "range | a | A | tick_labelset=t"), "survey:2:parameters", "range_list"},
	{survey("type | name | label | parameters", "range | a | A | tick_labelset=yn") + yn, "survey:2:parameters", "range_choice"},
	{survey("type | name | label | parameters | appearance", "range | a | A | tick_labelset=t | no-ticks") + choices("list_name | name | label", "t | 1 | A", "t | 2 | B", "t | 3 | C"), "survey:2:parameters", "range_two"},
	{survey("type | name | label | parameters | appearance", "range | a | A | tick_labelset=t | no-ticks") + choices("list_name | name | label", "t | 1 | A", "t | 2 | B"), "survey:2:parameters", "range_ends"},
	{survey("type | name", "simserial | a"), "survey:2:type", "device"},
	{survey("type | name | label", "text | a | A") + settings("form_id | id_string", "a | b"), "settings:2:id_string", "id_twice"},
	{survey("type | name | label | role", "text | a | A | queen"), "survey:2:role", "value"},
	{survey("type | name | label | reverse_scored", "text | a | A | perhaps"), "survey:2:reverse_scored", "value"},
	{survey("type | name | label", "text | a | A") + settings("population", "martians"), "settings:2:population", "value"},
	{survey("type | name | label | factor", "text | a | A | 11"), "survey:2:factor", "whole"},
	{survey("type | name | label | pair_known", "text | a | A | 2"), "survey:2:pair_known", "share"},
	{survey("type | name | label | kind", "select_one yn | a | A | agreement") + yn, "survey:2:kind", "agreement"},
	{survey("type | name | label | trigger | calculation", "text | a | A | |", "calculate | b | | ${a} | 1"), "survey:3:trigger", "triggered"},
	{survey("type | name | label | trigger | calculation", "text | a | A | |", "calculate | b | | ${a} ${a} | 1"), "survey:3:trigger", "trigger_comma"},
	{survey("type | name | label | trigger | calculation", "calculate | a | | | 1", "calculate | b | | ${a} | 1"), "survey:3:trigger", "trigger_unseen"},
	{survey("type | name | label | trigger", "background-geopoint | b | |"), "survey:2:trigger", "place_trigger"},
	{survey("type | name | label | relevant", "text | a | A | ${b} = 1", "text | b | B | ${a} = 1"), "survey:2:relevant", "form.fault.cycle"},
	{survey("type | name | label | constraint", "text | a | A | nonsense(.)"), "survey:2:constraint", "form.fault.expression"},
}

func TestMistakes(t *testing.T) {
	met := make(map[string]bool)
	for _, m := range mistakes {
		key := m.key
		if !strings.Contains(key, ".") {
			key = "xlsform.problem." + key
		}
		met[key] = true
		_, problems := xlsform.Read(xlsform.ReadMarkdown(m.form))
		sheet, rest, _ := strings.Cut(m.place, ":")
		row, column, _ := strings.Cut(rest, ":")
		if !slices.ContainsFunc(problems, func(p xlsform.Problem) bool {
			return p.Key == key && p.Sheet == sheet && strconv.Itoa(p.Row) == row && p.Column == column
		}) {
			t.Errorf("want %s at %s, got %+v\n%s", key, m.place, problems, m.form)
		}
		for _, p := range problems {
			if s := p.String(); strings.Contains(s, "{{") || strings.HasSuffix(s, ": ") {
				t.Errorf("%s: the message has gaps: %s", key, s)
			}
		}
	}
	// The bounds are too large for Markdown; see TestBounds.
	for _, key := range []string{"rows", "columns", "cell", "nesting"} {
		met["xlsform.problem."+key] = true
	}
	faults := form.FaultKeys()
	for key := range xlsform.ProblemKeys() {
		if faults[key] == "" && !met[key] {
			t.Errorf("no case causes %s", key)
		}
	}
}

func TestBounds(t *testing.T) {
	wide := make([]string, xlsform.MaxColumns+1)
	wide[0], wide[xlsform.MaxColumns] = "type", "x"
	deep := [][]string{{"type", "name", "label"}}
	for range 40 {
		deep = append(deep, []string{"begin_group", "g", "G"})
	}
	for name, c := range map[string]struct {
		rows [][]string
		key  string
	}{
		"rows":    {append(make([][]string, 1_000_000), []string{"x"}), "rows"},
		"columns": {[][]string{wide}, "columns"},
		"cell":    {[][]string{{"type"}, {strings.Repeat("x", 10<<20)}}, "cell"},
		"nesting": {deep, "nesting"},
	} {
		_, problems := xlsform.Read([]xlsform.Sheet{{Name: "survey", Rows: c.rows}})
		if !slices.ContainsFunc(problems, func(p xlsform.Problem) bool { return p.Key == "xlsform.problem."+c.key && !p.Warning }) {
			t.Errorf("%s: got %.200v", name, problems)
		}
	}
}

func TestBlankRowsAtTheEnd(t *testing.T) {
	rows := [][]string{{"type", "name", "label"}, {"text", "a", "A"}}
	rows = append(rows, make([][]string, 1_000_000)...)
	if _, problems := xlsform.Read([]xlsform.Sheet{{Name: "survey", Rows: rows}}); len(problems) > 0 {
		t.Errorf("got %v", problems)
	}
}
