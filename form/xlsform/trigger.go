package xlsform

import (
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

// trigger is a reference in the column trigger.
type trigger struct {
	rec  record
	name string
}

// readTrigger reads what sets the value of an item. Such an item is kept and
// not asked: Adili works out every value whenever something changes.
func (r *reader) readTrigger(rec record, it *form.Item, name string) {
	r.kinds[it.ID] = name
	if it.Kind == form.Calculate {
		r.kinds[it.ID] = ""
	}
	value := rec.get("trigger")
	if name == "background-geopoint" && (value == "" || it.Calculation != nil) {
		rec.bad("trigger", "xlsform.problem.place_trigger")
	}
	if value == "" {
		return
	}
	if !strings.Contains(value, "${") {
		rec.bad("trigger", "xlsform.problem.reference")
		return
	}
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		switch {
		case spelling.IsReference(part):
			r.triggers = append(r.triggers, trigger{rec, part[2 : len(part)-1]})
		case strings.Count(part, "${") > 1:
			rec.bad("trigger", "xlsform.problem.trigger_comma")
		case part != "":
			rec.bad("trigger", "xlsform.problem.reference")
		}
	}
	if it.Extra == nil {
		it.Extra = make(map[string]string)
	}
	it.Extra["trigger"] = value
	if it.Kind != form.Unasked {
		it.Kind, it.Type = form.Unasked, name
	}
	rec.warn("trigger", "xlsform.problem.triggered")
}

// checkTriggers checks that what sets a value is a question that is shown.
func (r *reader) checkTriggers() {
	for _, t := range r.triggers {
		kind, ok := r.kinds[t.name]
		switch {
		case !ok:
			t.rec.bad("trigger", "xlsform.problem.reference_name", "Value", t.name, "Similar", "")
		case kind == "":
			t.rec.bad("trigger", "xlsform.problem.trigger_unseen", "Value", t.name)
		}
	}
}
