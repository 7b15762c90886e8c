package xlsform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

// accepted are the parameters of the types that say which they know.
var accepted = map[string][]string{
	"text":                  {"rows"},
	"range":                 {"end", "placeholder", "start", "step", "tick_interval", "tick_labelset"},
	spelling.SelectOne:      {"randomize", "seed"},
	spelling.SelectMultiple: {"randomize", "seed"},
	spelling.Rank:           {"randomize", "seed"},
	"image":                 {"app", "max-pixels"},
	"audio":                 {"quality"},
	"background-audio":      {"quality"},
	"geopoint":              {"allow-mock-accuracy", "capture-accuracy", "reference-geometry", "warning-accuracy"},
	"geotrace":              {"allow-mock-accuracy", "incremental", "reference-geometry"},
	"geoshape":              {"allow-mock-accuracy", "incremental", "reference-geometry"},
	"audit": {"identify-user", "location-max-age", "location-min-interval", "location-priority", "track-changes",
		"track-changes-reasons"},
}

// choicesOf are the values a parameter can have.
var choicesOf = map[string][]string{
	"randomize": {"true", "false"}, "allow-mock-accuracy": {"true", "false"}, "track-changes": {"true", "false"},
	"identify-user": {"true", "false"}, "track-changes-reasons": {"on-form-edit"},
	"location-priority": {"no-power", "low-power", "balanced", "high-accuracy"},
	"quality":           {"voice-only", "low", "normal", "external"},
}

// numbers are the parameters that measure something.
var numbers = []string{"capture-accuracy", "warning-accuracy"}

// wholeNumbers are the parameters that count something.
var wholeNumbers = []string{"rows", "max-pixels", "location-min-interval", "location-max-age"}

// readParameters reads the parameters of an item. name is the usual spelling of
// its type.
func (r *reader) readParameters(rec record, it *form.Item, name string) {
	parameters, ok := parseParameters(rec.get("parameters"))
	if !ok {
		rec.bad("parameters", "xlsform.problem.parameters")
		return
	}
	if allowed := accepted[name]; allowed != nil {
		for _, key := range slices.Sorted(mapKeys(parameters)) {
			if !slices.Contains(allowed, key) {
				rec.bad("parameters", "xlsform.problem.parameter", "Value", key, "Allowed", strings.Join(allowed, ", "))
				return
			}
			r.checkParameter(rec, key, parameters[key])
		}
		r.checkPlaceParameters(rec, name, parameters)
	}
	switch {
	case name == "range":
		r.readRange(rec, it, parameters)
	case name == spelling.SelectOne || name == spelling.SelectMultiple || name == spelling.Rank:
		r.readRandom(rec, it, parameters)
	}
	if len(parameters) > 0 {
		it.Parameters = parameters
	}
}

func (r *reader) checkParameter(rec record, key, value string) {
	if allowed := choicesOf[key]; allowed != nil && !slices.Contains(allowed, value) {
		rec.bad("parameters", "xlsform.problem.parameter_choice", "Name", key, "Value", value, "Allowed", strings.Join(allowed, ", "))
	}
	if n, err := strconv.Atoi(value); slices.Contains(wholeNumbers, key) && (err != nil || n < 0 && key != "rows") {
		rec.bad("parameters", "xlsform.problem.parameter_whole", "Name", key)
	}
	if _, ok := decimal(value); !ok && slices.Contains(numbers, key) {
		rec.bad("parameters", "xlsform.problem.range_number", "Name", key)
	}
	if yes, _ := spelling.YesNo(value); !yes && key == "incremental" {
		rec.bad("parameters", "xlsform.problem.parameter_choice", "Name", key, "Value", value, "Allowed", "true")
	}
	if key == "app" && (rec.get("appearance") == "" || rec.get("appearance") == "annotate") && !packageName.MatchString(value) {
		rec.bad("parameters", "xlsform.problem.parameter_app")
	}
	if _, ok := r.listFold(value); !ok && key == "reference-geometry" {
		rec.bad("parameters", "xlsform.problem.no_list", "Value", value, "Similar", "")
	}
}

var packageName = regexp.MustCompile(`^[a-zA-Z]\w*(\.[a-zA-Z]\w*)+$`)

// checkPlaceParameters checks parameters that go together.
func (r *reader) checkPlaceParameters(rec record, name string, parameters map[string]string) {
	if name == "background-audio" && parameters["quality"] == "external" {
		rec.bad("parameters", "xlsform.problem.parameter_choice", "Name", "quality", "Value", "external", "Allowed", "voice-only, low, normal")
	}
	together := []string{"location-priority", "location-min-interval", "location-max-age"}
	given := 0
	for _, key := range together {
		if parameters[key] != "" {
			given++
		}
	}
	least, _ := strconv.Atoi(parameters["location-min-interval"])
	most, _ := strconv.Atoi(parameters["location-max-age"])
	if given != 0 && given != len(together) || most < least {
		rec.bad("parameters", "xlsform.problem.parameter_place", "Names", strings.Join(together, ", "))
	}
}

// parseParameters reads pairs of key and value, divided by white space, commas
// or semicolons.
func parseParameters(s string) (map[string]string, bool) {
	words := strings.FieldsFunc(strings.ReplaceAll(s, "=", " = "), func(r rune) bool {
		return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t'
	})
	parameters := make(map[string]string)
	for i := 0; i < len(words); i += 3 {
		if i+2 >= len(words) || words[i] == "=" || words[i+1] != "=" || words[i+2] == "=" {
			return nil, false
		}
		key, value := strings.ToLower(words[i]), words[i+2]
		if key != "label" && key != "value" && !strings.Contains(value, "${") {
			value = strings.ToLower(value)
		}
		parameters[key] = value
	}
	return parameters, true
}

// readRandom moves the parameters of random order to their fields.
func (r *reader) readRandom(rec record, it *form.Item, parameters map[string]string) {
	randomize, given := parameters["randomize"]
	seed, seeded := parameters["seed"]
	if seeded && !given {
		rec.bad("parameters", "xlsform.problem.seed_alone")
	}
	if seeded && given && !spelling.IsReference(seed) {
		if _, ok := decimal(seed); !ok {
			rec.bad("parameters", "xlsform.problem.seed")
		}
	}
	if randomize != "true" {
		return
	}
	it.Random, it.Seed = true, seed
	delete(parameters, "randomize")
	delete(parameters, "seed")
}
