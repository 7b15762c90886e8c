package spelling

import (
	"slices"
	"strings"

	"adili/form"
)

// Typing is what a type of question becomes.
type Typing struct {
	Kind       form.Kind
	Name       string // the usual spelling of the type
	Constraint string // that the type brings along
	Hint       string
}

// Types lists every spelling of every type without a list of choices.
var Types = func() map[string]Typing {
	all := make(map[string]Typing)
	for _, t := range []struct {
		kind      form.Kind
		name      string
		spellings string
	}{
		{form.OpenAnswer, "text", "string|q string|add text prompt"},
		{form.Integer, "integer", "int|q int|add integer prompt"},
		{form.Decimal, "decimal", "q decimal|add decimal prompt"},
		{form.Range, "range", ""},
		{form.Date, "date", "q date|add date prompt"},
		{form.Acknowledge, "acknowledge", "q acknowledge|add acknowledge prompt|trigger"},
		{form.Note, "note", "q note|add note prompt"},
		{form.Calculate, "calculate", "q calculate|add calculate prompt"},
		{form.Hidden, "hidden", ""},
		{form.Unasked, "time", ""},
		{form.Unasked, "dateTime", "datetime|date time|q date time|q dateTime|add date time prompt|add dateTime prompt"},
		{form.Unasked, "geopoint", "location|gps|q geopoint|q location|add location prompt"},
		{form.Unasked, "geotrace", "q geotrace"},
		{form.Unasked, "geoshape", "q geoshape"},
		{form.Unasked, "image", "photo|q picture|q image|add image prompt|add photo prompt"},
		{form.Unasked, "audio", "q audio|add audio prompt"},
		{form.Unasked, "video", "q video|add video prompt"},
		{form.Unasked, "file", "add file prompt"},
		{form.Unasked, "barcode", "q barcode|add barcode prompt"},
		{form.Unasked, "start", "start time|get start time"},
		{form.Unasked, "end", "end time|get end time"},
		{form.Unasked, "today", "get today"},
		{form.Unasked, "deviceid", "imei|device id|get device id"},
		{form.Unasked, "subscriberid", "subscriber id|get subscriber id"},
		{form.Unasked, "simserial", "sim id|get sim id"},
		{form.Unasked, "phonenumber", "get phone number"},
		{form.Unasked, "username", ""},
		{form.Unasked, "email", ""},
		{form.Unasked, "uri:deviceid", ""},
		{form.Unasked, "uri:subscriberid", ""},
		{form.Unasked, "uri:simserial", ""},
		{form.Unasked, "uri:phonenumber", ""},
		{form.Unasked, "uri:username", ""},
		{form.Unasked, "uri:email", ""},
		{form.Unasked, "audit", ""},
		{form.Unasked, "start-geopoint", ""},
		{form.Unasked, "background-geopoint", ""},
		{form.Unasked, "background-audio", ""},
	} {
		for _, spelling := range append(strings.Split(t.spellings, "|"), t.name) {
			all[spelling] = Typing{Kind: t.kind, Name: t.name}
		}
	}
	delete(all, "")
	all["percentage"] = Typing{form.Integer, "integer", "0 <= . and . <= 100", ""}
	all["number of days in last month"] = Typing{form.Integer, "integer", "0 <= . and . <= 31", "Enter a number 0-31."}
	all["number of days in last six months"] = Typing{form.Integer, "integer", "0 <= . and . <= 183", "Enter a number 0-183."}
	all["number of days in last year"] = Typing{form.Integer, "integer", "0 <= . and . <= 365", "Enter a number 0-365."}
	all["phone number"] = Typing{form.OpenAnswer, "text", `regex(., '^\d*$')`, "Enter numbers only."}
	return all
}()

// RefusedTypes cannot be taken; the rest of the sentence says why.
var RefusedTypes = map[string]string{
	"xml-external": "external data files are not read",
	"csv-external": "external data files are not read",
	"osm":          "map features are not asked",
}

// Unseen are the types that nothing is shown of, so that they need no label.
func Unseen(name string) bool {
	switch name {
	case "calculate", "hidden", "start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "email",
		"audit", "start-geopoint", "background-geopoint", "background-audio":
		return true
	}
	return strings.HasPrefix(name, "uri:")
}

// The usual spellings of the types with a list of choices.
const (
	SelectOne      = "select_one"
	SelectMultiple = "select_multiple"
	Rank           = "rank"
)

// selects lists the spellings of the types that have a list of choices, the
// longer ones before those they begin with.
var selects = []struct{ spelling, name string }{
	{"select_multiple_from_file", "file"}, {"select multiple from file", "file"},
	{"select_one_from_file", "file"}, {"select one from file", "file"},
	{"select_one_external", "external"},
	{"add select multiple prompt using", SelectMultiple}, {"add select one prompt using", SelectOne},
	{"select all that apply from", SelectMultiple}, {"select all that apply", SelectMultiple},
	{"select_multiple", SelectMultiple},
	{"select one from", SelectOne}, {"select_one", SelectOne}, {"select one", SelectOne}, {"select1", SelectOne},
	{"rank", Rank},
}

// Choosing is a type with a list of choices.
type Choosing struct {
	Name    string // selectOne, selectMultiple, rank, or file or external
	List    string
	OrOther bool
}

// ParseSelect reads a type with a list of choices.
func ParseSelect(s string) (Choosing, bool) {
	for _, sel := range selects {
		rest, ok := strings.CutPrefix(s, sel.spelling+" ")
		if !ok {
			continue
		}
		list, other, more := strings.Cut(rest, " ")
		if list == "" || more && !slices.Contains([]string{"or specify other", "or_other", "or other"}, other) {
			continue
		}
		return Choosing{Name: sel.name, List: list, OrOther: more}, true
	}
	return Choosing{}, false
}

// ParseControl reads the type of a row that begins or ends a group.
func ParseControl(s string) (begin bool, control string, ok bool) {
	rest, begin := cutWord(s, "begin")
	if !begin {
		if rest, ok = cutWord(s, "end"); !ok {
			return false, "", false
		}
	}
	control, list, more := strings.Cut(rest, " ")
	if rest == "looped group" {
		control, more = rest, false
	}
	if more && (!begin || strings.Contains(strings.TrimPrefix(list, "over "), " ")) {
		return false, "", false
	}
	switch control {
	case "group":
		return begin, "group", true
	case "repeat", "lgroup", "looped group":
		return begin, "repeat", true
	case "loop":
		return begin, "loop", true
	}
	return false, "", false
}

func cutWord(s, word string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, word+" "); ok {
		return rest, true
	}
	return strings.CutPrefix(s, word+"_")
}

// TypeNames are spellings to offer for one that is not known.
func TypeNames() []string {
	names := []string{"select_one LIST", "select_multiple LIST", "rank LIST", "begin_group", "end_group"}
	for spelling, t := range Types {
		if spelling == t.Name {
			names = append(names, spelling)
		}
	}
	slices.Sort(names)
	return names
}
