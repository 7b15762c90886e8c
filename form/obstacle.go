package form

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"adili/form/expr"
	"adili/form/tree"
)

// identifying are the metadata that an anonymous round never takes, each with
// the key of the reason. XLSForm writes some with spaces.
var identifying = map[string]string{
	"deviceid": "form.obstacle.device", "subscriberid": "form.obstacle.device", "simserial": "form.obstacle.device", "imei": "form.obstacle.device",
	"phonenumber": "form.obstacle.phone",
	"username":    "form.obstacle.person", "email": "form.obstacle.person", "enumerator": "form.obstacle.person",
	"start-geopoint": "form.obstacle.place", "background-geopoint": "form.obstacle.place", "geopoint": "form.obstacle.place",
	"geotrace": "form.obstacle.place", "geoshape": "form.obstacle.place",
	"audit": "form.obstacle.audit", "instance-log": "form.obstacle.audit",
	"image": "form.obstacle.capture", "photo": "form.obstacle.capture", "audio": "form.obstacle.capture", "video": "form.obstacle.capture",
	"file": "form.obstacle.capture", "background-audio": "form.obstacle.capture",
	"barcode": "form.obstacle.barcode",
	"start":   "form.obstacle.time", "end": "form.obstacle.time", "today": "form.obstacle.time", "datetime": "form.obstacle.time",
}

// Obstacles says why a questionnaire that Check finds no fault with cannot
// enter an anonymous round. Warnings are for the manager to know and stand in
// nobody's way.
func Obstacles(q *Questionnaire) Faults {
	o := &obstacles{q: q}
	if q.Population == "" {
		o.bad("population", "form.obstacle.population")
	}
	if q.Questions() == 0 {
		o.bad("pages", "form.fault.empty")
	}
	if n := q.Questions(); n > maxItems {
		o.bad("pages", "form.fault.too_many", "Max", maxItems)
	}
	for i, p := range q.Pages {
		path := fmt.Sprintf("pages[%d]", i)
		o.expression(tree.Join(path, "relevant"), p.Relevant, false)
		o.group(path, p.Items, p.Relevant)
		walk(p.Items, path, o.item)
	}
	return o.faults
}

type obstacles struct {
	q      *Questionnaire
	faults Faults
}

func (o *obstacles) bad(path, key string, args ...any) {
	o.faults = append(o.faults, Fault{Field: path, Key: key, Args: args})
}

func (o *obstacles) warn(path, key string, args ...any) {
	o.faults = append(o.faults, Fault{Field: path, Key: key, Args: args, Warning: true})
}

// group finds conditions that are too long once those around are joined.
func (o *obstacles) group(path string, items []Item, around *expr.Expr) {
	for i := range items {
		inner := fmt.Sprintf("%s.items[%d]", path, i)
		joined := both(around, items[i].Relevant)
		if joined == never {
			o.bad(tree.Join(inner, "relevant"), "form.obstacle.long")
			return
		}
		o.group(inner, items[i].Items, joined)
	}
}

func (o *obstacles) item(it *Item, path string) {
	if it.Kind == Unasked {
		was := strings.ToLower(strings.Join(strings.Fields(it.Type), "-"))
		if key := identifying[was]; key != "" {
			o.bad(tree.Join(path, "was"), key, "Value", it.Type)
		} else {
			o.warn(tree.Join(path, "was"), "form.obstacle.unasked", "Value", it.Type)
		}
		return
	}
	switch it.ID {
	case "STATE", "NAV", "OPEN", "AGAIN":
		o.bad(tree.Join(path, "id"), "form.obstacle.reserved", "Value", it.ID)
	}
	for _, name := range logicFields {
		o.expression(tree.Join(path, name), it.expression(name), name == "constraint")
	}
	if it.Kind.Answered() || it.Kind == Note {
		o.wording(it, path)
	}
	o.answer(it, path)
}

func (o *obstacles) wording(it *Item, path string) {
	if it.Text[o.q.Source] == "" {
		o.bad(tree.Join(path, "text"), "form.obstacle.text", "Language", o.q.Source)
	}
	if it.Default != nil && it.Kind.Answered() {
		o.warn(tree.Join(path, "default"), "form.obstacle.default")
	}
}

// answer finds what could not be stored or counted.
func (o *obstacles) answer(it *Item, path string) {
	switch it.Kind {
	case Agreement:
		if it.Factor == 0 {
			o.bad(tree.Join(path, "factor"), "form.fault.factor")
		}
	case Single:
		if len(it.Choices) > maxChoice {
			o.bad(tree.Join(path, "choices"), "form.obstacle.choices", "Max", maxChoice)
		}
	case Multi:
		if len(it.Choices) > maxMulti {
			o.bad(tree.Join(path, "choices"), "form.obstacle.choices", "Max", maxMulti)
		}
	case Range:
		if !(it.Max > it.Min) || it.Step < 0 {
			o.bad(tree.Join(path, "max"), "form.obstacle.range")
		}
	case Integer, Decimal, Date:
		if it.Constraint == nil {
			o.warn(path, "form.obstacle.exact")
		}
	}
	if it.Pair != nil {
		o.bad(tree.Join(path, "pair"), "form.obstacle.pair")
	}
}

// expression refuses what gives another value each time, what would tell when
// somebody answered, and paths, which a round does not resolve. Only a
// constraint may look at the clock, and at itself.
func (o *obstacles) expression(path string, e *expr.Expr, constraint bool) {
	if e == nil {
		return
	}
	for _, name := range e.Calls() {
		switch name {
		case "now", "today":
			if !constraint {
				o.bad(path, "form.obstacle.clock", "Value", name)
			}
		case "random", "uuid", "randomize":
			o.bad(path, "form.obstacle.chance", "Value", name)
		}
	}
	if !strings.HasSuffix(path, ".filter") && walksTree(e) {
		o.bad(path, "form.obstacle.path", "Value", cmp.Or(e.Source(), path))
	}
}

// walksTree reports whether an expression names a place in the form by a path
// that begins at the top or goes up.
func walksTree(e *expr.Expr) bool {
	tree, err := json.Marshal(e)
	return err != nil || slices.ContainsFunc([]string{`["path","/"`, `["parent",`, `["ancestor`, `["preceding`, `["following`},
		func(s string) bool { return bytes.Contains(tree, []byte(s)) })
}
