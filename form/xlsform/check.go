package xlsform

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

// locate remembers the row of every item by its id, now that ids are given.
// The rows come in the order of the items; those left over are returned.
func (r *reader) locate(items []form.Item, rows []record) []record {
	for _, it := range items {
		if len(rows) == 0 {
			return nil
		}
		r.where[it.ID] = rows[0]
		rows = r.locate(it.Items, rows[1:])
	}
	return rows
}

// checkModel looks for what is wrong with the questionnaire as a whole and
// says in which row.
func (r *reader) checkModel() {
	if len(r.q.Lists) == 0 {
		r.q.Lists = nil
	}
	if len(r.q.Settings) == 0 {
		r.q.Settings = nil
	}
	if r.errors > 0 {
		return
	}
	for _, fault := range form.Check(r.q) {
		if fault.Key == "form.fault.not_here" && slices.Equal(fault.Args, []any{"Value", string(form.Calculate)}) {
			continue // a calculation keeps the type, list and numbers of the question it was
		}
		r.add(r.place(fault))
	}
}

// tolerated are faults of a questionnaire that an XLSForm may have: such a form
// is taken, and has to be put right before a round.
var tolerated = map[string]bool{"form.fault.choice_name": true, "form.fault.duplicate_id": true}

// faultColumns are the columns of the fields of a questionnaire that are
// called otherwise.
var faultColumns = map[string]string{
	"text": "label", "title": "label", "intro": "hint", "guidance": "guidance_hint", "filter": "choice_filter", "read_only": "readonly",
	"reverse": "reverse_scored", "sensitivity": "sensitive", "scale": "type", "list": "type", "choices": "type", "was": "type",
	"id": "name", "statement": "pair_statement", "known": "pair_known", "practice": "pair_practice", "anchor": "pair_anchor",
	"min": "parameters", "max": "parameters", "step": "parameters",
}

var (
	faultPath = regexp.MustCompile(`^pages\[(\d+)\]((?:\.items\[\d+\])*)\.?(?:pair\.)?([a-z_]*)`)
	faultItem = regexp.MustCompile(`\d+`)
	faultList = regexp.MustCompile(`^lists\.(.+)\[(\d+)\]\.?(\w*)`)
)

// place turns a fault of the questionnaire into a problem of its row.
func (r *reader) place(fault form.Fault) Problem {
	p := Problem{Sheet: spelling.SurveySheet, Key: fault.Key, Args: fault.Args}
	if m := faultList.FindStringSubmatch(fault.Field); m != nil {
		p.Sheet, p.Warning = spelling.ChoicesSheet, tolerated[fault.Key]
		if i, _ := strconv.Atoi(m[2]); i < len(r.rows[m[1]]) {
			p.Row = r.rows[m[1]][i].rec.row
		}
		p.Field = columnOf(m[3], "name")
		p.Column = r.choices.header(p.Field)
		return p
	}
	m := faultPath.FindStringSubmatch(fault.Field)
	if m == nil {
		p.Args = append(p.Args, "Field", fault.Field)
		return p
	}
	page, _ := strconv.Atoi(m[1])
	id, items := r.q.Pages[page].ID, r.q.Pages[page].Items
	for _, at := range faultItem.FindAllString(m[2], -1) {
		i, _ := strconv.Atoi(at)
		id, items = items[i].ID, items[i].Items
	}
	rec, ok := r.where[id]
	if !ok {
		return p
	}
	p.Row, p.Field = rec.row, columnOf(m[3], "")
	if fault.Key == "form.fault.cycle" {
		p.Field = cycleColumn(rec, fault)
	}
	if p.Field != "" {
		p.Column = r.survey.header(p.Field)
	}
	return p
}

// cycleColumn is the column of the row in which the circle goes on.
func cycleColumn(rec record, fault form.Fault) string {
	for i := 1; i < len(fault.Args); i += 2 {
		next := strings.Split(fmt.Sprint(fault.Args[i]), " → ")
		for _, field := range []string{"relevant", "calculation", "constraint", "required", "readonly", "default", "choice_filter"} {
			if len(next) > 1 && strings.Contains(rec.get(field), "${"+next[1]+"}") {
				return field
			}
		}
	}
	return ""
}

// columnOf is the column of a field, or other where the fault is of the whole.
func columnOf(field, other string) string {
	if usual := faultColumns[field]; usual != "" {
		return usual
	}
	if field == "" || strings.HasPrefix(field, "items") {
		return other
	}
	return field
}
