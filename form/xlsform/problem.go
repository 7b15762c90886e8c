package xlsform

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

// Problem is one thing that is wrong or doubtful in the sheets of a form.
type Problem struct {
	Sheet   string
	Row     int    // 1 is the header row, as spreadsheets show it; 0 where it concerns the whole sheet
	Column  string // header as it stands in the sheet; "" where it concerns the whole row
	Field   string // the usual name of the column where the header is another spelling of it
	Key     string // message key, one of those ProblemKeys lists
	Args    []any  // name, value pairs for the message
	Warning bool   // the form can be taken all the same
}

// String is the problem in English, for logs and the command line.
func (p Problem) String() string {
	s := problemText[p.Key]
	if s == "" {
		s = form.FaultKeys()[p.Key]
	}
	for i := 0; i+1 < len(p.Args); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{{.%v}}", p.Args[i]), fmt.Sprint(p.Args[i+1]))
	}
	place := p.Sheet
	if p.Row > 0 {
		place += fmt.Sprintf(" row %d", p.Row)
	}
	if p.Column != "" {
		place += ", column " + p.Column
	}
	if p.Field != "" && p.Field != p.Column {
		place += " (" + p.Field + ")"
	}
	if p.Warning {
		s = "warning: " + s
	}
	return place + ": " + s
}

// ProblemKeys lists every message key a Problem can carry, with its English
// text. A catalogue of messages has to have them all.
func ProblemKeys() map[string]string {
	keys := form.FaultKeys()
	maps.Copy(keys, problemText)
	return keys
}

// inOrder puts problems in the order of their rows, those of the survey sheet
// first.
func inOrder(found []Problem) {
	sheets := []string{"", spelling.SettingsSheet, spelling.ChoicesSheet, spelling.SurveySheet}
	slices.SortStableFunc(found, func(a, b Problem) int {
		if order := slices.Index(sheets, b.Sheet) - slices.Index(sheets, a.Sheet); order != 0 {
			return order
		}
		return a.Row - b.Row
	})
}

// maxProblems is how many errors are collected before reading stops: who has
// more has the wrong file, or one mistake many times.
const maxProblems = 200

// problems collects what is found, and no more than maxProblems of errors and
// of warnings.
type problems struct {
	found            []Problem
	errors, warnings int
}

func (p *problems) add(problem Problem) {
	n := &p.errors
	if problem.Warning {
		n = &p.warnings
	}
	if *n < maxProblems {
		p.found = append(p.found, problem)
	}
	*n++
}

func (p *problems) tooMany() bool { return p.errors >= maxProblems }

var problemText = map[string]string{
	"xlsform.problem.no_survey":        "There is no sheet named “survey”.{{.Similar}} Add it: it lists the questions.",
	"xlsform.problem.misspelt":         "No sheet is named “{{.Want}}”.{{.Similar}} Rename it, or put an underscore before its name if it is meant to be left out.",
	"xlsform.problem.sheet_twice":      "Two sheets have this name. Keep one of them.",
	"xlsform.problem.sheet_ignored":    "This sheet is not part of a form and is left out.",
	"xlsform.problem.rows":             "The sheet has more than {{.Max}} rows. Split the form.",
	"xlsform.problem.columns":          "The sheet has more than {{.Max}} columns. Remove those that the form does not need.",
	"xlsform.problem.cell":             "The cell has more than {{.Max}} bytes. Shorten it.",
	"xlsform.problem.no_column":        "The sheet has no column “{{.Want}}”. Add it to the first row.",
	"xlsform.problem.column_twice":     "“{{.Other}}” and “{{.Header}}” are the same column. Keep one of them.",
	"xlsform.problem.no_header":        "A cell stands below no header. Write a header in the first row, or clear the cell.",
	"xlsform.problem.choice_header":    "A column of choices needs a name without spaces. The column is left out.",
	"xlsform.problem.language_twice":   "“{{.Other}}” and “{{.Language}}” are both the language “{{.Tag}}”. Use one spelling.",
	"xlsform.problem.language_code":    "“{{.Language}}” has no language code in brackets. Write it like “French (fr)”.",
	"xlsform.problem.untranslated":     "The language “{{.Language}}” has no column for: {{.Columns}}. Add it, or the texts will be missing.",
	"xlsform.problem.no_type":          "The row has no type. Choose one, for example text.",
	"xlsform.problem.type":             "“{{.Value}}” is not a type of question.{{.Similar}} Use one of the XLSForm types, for example text or select_one LIST.",
	"xlsform.problem.type_refused":     "Adili cannot take “{{.Value}}”: {{.Reason}}. Remove the row or ask it another way.",
	"xlsform.problem.unasked":          "“{{.Value}}” is kept, but Adili does not ask it.",
	"xlsform.problem.feature":          "Adili cannot take this: {{.Reason}}. Clear the cell or write it another way.",
	"xlsform.problem.skipped":          "The row has no type, name or label and is left out.",
	"xlsform.problem.more_settings":    "Only the first row of settings counts. This row is left out.",
	"xlsform.problem.disabled":         "The column disabled is no longer part of XLSForm. Use relevant.",
	"xlsform.problem.no_name":          "The row has no name. Give it one that no other question has.",
	"xlsform.problem.name":             "“{{.Value}}” is not a valid name. Begin with a letter or underscore and use letters, digits, underscores, hyphens and periods.",
	"xlsform.problem.name_twice":       "The name “{{.Value}}” stands twice in this group. Names must differ within a group.",
	"xlsform.problem.name_case":        "The name “{{.Value}}” differs from another only by capital letters. Some programs confuse them.",
	"xlsform.problem.name_meta":        "The name “meta” is reserved. Use another.",
	"xlsform.problem.audit_name":       "An audit must be named “audit”. Clear the name.",
	"xlsform.problem.no_begin":         "This ends a {{.Kind}} that was not begun. Add its begin row, or remove this one.",
	"xlsform.problem.no_end":           "The {{.Kind}} “{{.Value}}” is not ended. Add its end row.",
	"xlsform.problem.nesting":          "Groups stand in one another more than {{.Max}} deep. Flatten them.",
	"xlsform.problem.no_label":         "The question “{{.Value}}” has no label, hint or media. Write a label.",
	"xlsform.problem.big_image":        "The question “{{.Value}}” has a big-image but no image. Add the image.",
	"xlsform.problem.media":            "“{{.Value}}” is no kind of media. Use image, big-image, audio or video.",
	"xlsform.problem.encryption":       "A form with a public_key needs its instanceID. Clear omit_instanceID.",
	"xlsform.problem.no_calculation":   "A calculate row needs a calculation. Write one.",
	"xlsform.problem.expression":       "The expression cannot be read {{.Detail}}.",
	"xlsform.problem.default":          "The default looks like an expression but cannot be read {{.Detail}}. It is taken as text.",
	"xlsform.problem.reference":        "A reference must be written ${name}. Check the braces and the name.",
	"xlsform.problem.reference_name":   "No question is named “{{.Value}}”.{{.Similar}} Correct the reference.",
	"xlsform.problem.reference_twice":  "Several questions are named “{{.Value}}”, so the reference is unclear. Rename one.",
	"xlsform.problem.triggered":        "The value is set when another answer changes. The row is kept, but Adili does not run it.",
	"xlsform.problem.trigger_comma":    "Divide the references by commas.",
	"xlsform.problem.trigger_unseen":   "“{{.Value}}” is never shown, so nothing can be set when it changes. Use another question.",
	"xlsform.problem.place_trigger":    "A background-geopoint needs a trigger and no calculation.",
	"xlsform.problem.no_choices":       "There is no sheet named “choices”.{{.Similar}} Add it with the columns list_name, name and label.",
	"xlsform.problem.no_list":          "There is no list “{{.Value}}” on the choices sheet.{{.Similar}} Add it, or correct the name.",
	"xlsform.problem.choice_no_list":   "The choice belongs to no list and is left out. Fill in list_name.",
	"xlsform.problem.choice_no_name":   "The choice has no name. Give it one.",
	"xlsform.problem.choice_no_label":  "The choice has no label. People will see its name.",
	"xlsform.problem.choice_twice":     "The choice “{{.Value}}” stands twice in the list. Rename one, or set allow_choice_duplicates to yes.",
	"xlsform.problem.choice_space":     "The list “{{.List}}” serves select_multiple, so the name “{{.Value}}” must not contain a space.",
	"xlsform.problem.or_other_filter":  "or_other does not go with a choice_filter. Add the choice “other” and a text question by hand.",
	"xlsform.problem.or_other_text":    "or_other adds words that are not translated. Add the choice “other” and a text question by hand.",
	"xlsform.problem.table_filter":     "A choice_filter does not go with the appearance table-list.",
	"xlsform.problem.table_list":       "All questions of a table-list need the same list: “{{.Want}}”, not “{{.Value}}”.",
	"xlsform.problem.parameters":       "Parameters must be written key=value key=value.",
	"xlsform.problem.parameter":        "“{{.Value}}” is not a parameter of this type. Use: {{.Allowed}}.",
	"xlsform.problem.parameter_whole":  "The parameter {{.Name}} must be a whole number.",
	"xlsform.problem.parameter_choice": "The parameter {{.Name}} cannot be “{{.Value}}”. Use: {{.Allowed}}.",
	"xlsform.problem.parameter_app":    "The parameter app must be the name of a program, like org.example.camera.",
	"xlsform.problem.parameter_place":  "The parameters {{.Names}} go together, and the last must not be smaller than the second.",
	"xlsform.problem.seed":             "The seed must be a number or ${name}.",
	"xlsform.problem.seed_alone":       "A seed needs randomize=true.",
	"xlsform.problem.range_number":     "The parameter {{.Name}} must be a number.",
	"xlsform.problem.range_zero":       "The parameter {{.Name}} must not be 0.",
	"xlsform.problem.range_large":      "The parameter {{.Name}} is larger than the range from start to end.",
	"xlsform.problem.range_multiple":   "The parameter {{.Name}} must be a multiple of step.",
	"xlsform.problem.range_outside":    "The parameter {{.Name}} must lie between start and end.",
	"xlsform.problem.range_appearance": "tick_interval, placeholder and tick_labelset go with the appearances vertical and no-ticks only, or with none.",
	"xlsform.problem.range_list":       "tick_labelset must be a list on the choices sheet.",
	"xlsform.problem.range_two":        "With no-ticks the list of tick_labelset needs exactly two choices.",
	"xlsform.problem.range_ends":       "With no-ticks the choices of tick_labelset must be start and end.",
	"xlsform.problem.range_choice":     "The choices of tick_labelset must be numbers between start and end, at a multiple of {{.Name}} from start.",
	"xlsform.problem.device":           "“{{.Value}}” is no longer given by most devices.",
	"xlsform.problem.id_twice":         "form_id and id_string both stand in the settings. form_id counts.",
	"xlsform.problem.value":            "“{{.Value}}” is not allowed here. Use: {{.Allowed}}.",
	"xlsform.problem.whole":            "A whole number from {{.Min}} to {{.Max}} is needed here.",
	"xlsform.problem.share":            "A share between 0 and 1 is needed here.",
	"xlsform.problem.agreement":        "An agreement question needs a list of 5 choices named 1, 2, 3, 4 and 5, the lowest first, with labels.",
}
