package form

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with an instrument file.
type Fault struct {
	Line  int    // line of the file, from 1; 0 where it concerns the whole file
	Field string // path of the field, for example pages[2].items[0].scale
	Key   string // message key, one of those FaultKeys lists
	Args  []any  // name, value pairs for the message
}

// Faults are all the faults found in one file. They are the error that Read
// returns; the file is taken whole or not at all.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// String is the fault in English, for logs and the command line.
func (f Fault) String() string {
	s := faultText[f.Key]
	for i := 0; i+1 < len(f.Args); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{{.%v}}", f.Args[i]), fmt.Sprint(f.Args[i+1]))
	}
	if f.Field != "" {
		s = f.Field + ": " + s
	}
	if f.Line > 0 {
		s = fmt.Sprintf("line %d: %s", f.Line, s)
	}
	return s
}

// FaultKeys lists every message key a Fault can carry, with its English text.
// A catalogue of messages has to have them all.
func FaultKeys() map[string]string {
	keys := make(map[string]string, len(faultText))
	for k, v := range faultText {
		keys[k] = v
	}
	return keys
}

var faultText = map[string]string{
	"form.fault.syntax":         "This is not valid JSON: {{.Detail}}. Check the commas, quotes and brackets around this line.",
	"form.fault.trailing":       "The file goes on after its end. Remove what follows the last closing brace.",
	"form.fault.duplicate_key":  "This field stands twice. Keep one of them.",
	"form.fault.unknown_field":  "This field is not part of the format. Check its spelling or remove it.",
	"form.fault.want_text":      "A text in quotes is needed here.",
	"form.fault.want_number":    "A whole number is needed here.",
	"form.fault.want_bool":      "true or false is needed here.",
	"form.fault.want_list":      "A list in square brackets is needed here.",
	"form.fault.want_object":    "An object in braces is needed here.",
	"form.fault.required":       "This field is missing or empty. Add it.",
	"form.fault.format":         "The format must be “{{.Want}}”.",
	"form.fault.choice":         "“{{.Value}}” is not allowed here. Use one of: {{.Allowed}}.",
	"form.fault.id":             "“{{.Value}}” is not a valid id. Use small letters, digits and underscores, a letter first, 2 to 40 characters.",
	"form.fault.duplicate_id":   "The id “{{.Value}}” is used twice. Ids must differ.",
	"form.fault.language":       "The text has no “{{.Value}}” version. Add it, or remove the language from “languages”.",
	"form.fault.language_extra": "“{{.Value}}” is not among the “languages” of the file. Add it there, or remove the text.",
	"form.fault.scale":          "There is no scale “{{.Value}}”. Define it under “scales”, or use one that is there.",
	"form.fault.scale_points":   "A scale needs exactly 5 points.",
	"form.fault.factor":         "The key factor must be a number from 1 to 10.",
	"form.fault.choices":        "Between 2 and {{.Max}} choices are needed.",
	"form.fault.choices_both":   "Give either “choices” or “choices_from”, not both.",
	"form.fault.when_item":      "“{{.Value}}” is not a single or multi item on an earlier page. A condition can only look back.",
	"form.fault.when_choice":    "“{{.Value}}” is not a choice of that item.",
	"form.fault.length":         "The longest open answer allowed is 1 to {{.Max}} characters.",
	"form.fault.not_here":       "This field does not go with an item of type “{{.Value}}”. Remove it.",
	"form.fault.empty":          "The questionnaire has no question that can be answered.",
	"form.fault.too_many":       "At most {{.Max}} are allowed.",
	"form.fault.too_large":      "The file is larger than {{.Max}} KiB.",
}
