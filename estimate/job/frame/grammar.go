package frame

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Domain is a part of the population: conditions that all hold. Its zero value is everyone.
type Domain struct {
	columns []condition
	where   string
}

// condition is a column that has one of some values.
type condition struct {
	column  string
	numbers []float64
	texts   []string
}

// Everyone says whether the domain has no condition.
func (d Domain) Everyone() bool { return len(d.columns) == 0 && d.where == "" }

// UnmarshalJSON reads {column:[values],..}, with "where":EXPR beside them.
func (d *Domain) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return fmt.Errorf("a domain is an object of columns with their values: %w", err)
	}
	*d = Domain{}
	for name, raw := range fields {
		if name == "where" {
			if err := json.Unmarshal(raw, &d.where); err != nil {
				return fmt.Errorf("where: an expression is expected: %w", err)
			}
			continue
		}
		c := condition{column: name}
		var values []any
		if err := json.Unmarshal(raw, &values); err != nil {
			return fmt.Errorf("domain column %s: a list of values is expected: %w", name, err)
		}
		for _, value := range values {
			switch x := value.(type) {
			case float64:
				c.numbers = append(c.numbers, x)
			case string:
				c.texts = append(c.texts, x)
			default:
				return fmt.Errorf("domain column %s: %v is neither a number nor a text", name, value)
			}
		}
		d.columns = append(d.columns, c)
	}
	slices.SortFunc(d.columns, func(a, b condition) int { return strings.Compare(a.column, b.column) })
	return nil
}

// Contrast is a linear combination of domains.
type Contrast struct{ Terms []ContrastTerm }

// ContrastTerm is one domain of a contrast.
type ContrastTerm struct {
	Coef   float64 `json:"coef"`
	Domain Domain  `json:"domain"`
}

// UnmarshalJSON reads {"plus","minus"} or {"terms"}.
func (c *Contrast) UnmarshalJSON(text []byte) error {
	var x struct {
		Plus, Minus *Domain
		Terms       []ContrastTerm
	}
	if err := strict(text, &x); err != nil {
		return fmt.Errorf("contrast: %w", err)
	}
	switch {
	case x.Plus != nil && x.Minus != nil && x.Terms == nil:
		c.Terms = []ContrastTerm{{1, *x.Plus}, {-1, *x.Minus}}
	case x.Terms != nil && x.Plus == nil && x.Minus == nil:
		c.Terms = x.Terms
	default:
		return errors.New("contrast: either plus and minus, or terms")
	}
	return nil
}

// Formula is a nonlinear contrast, an expression over the labels of categories.
type Formula struct {
	Expr string `json:"expr"`
}

// Weights are a column, or a column of another file looked up by key; the zero value is what the population sizes give.
type Weights struct {
	Column string
	File   string
	Key    []string
}

// UnmarshalJSON reads null, a column, or {"file","key","column"}.
func (w *Weights) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &w.Column)
	}
	var x *struct {
		File   string   `json:"file"`
		Key    []string `json:"key"`
		Column string   `json:"column"`
	}
	if err := strict(text, &x); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	if x != nil {
		*w = Weights{File: x.File, Key: x.Key, Column: x.Column}
		if w.File == "" || len(w.Key) == 0 || w.Column == "" {
			return errors.New("weights: file, key and column are needed")
		}
	}
	return nil
}

// Given says whether weights were named.
func (w Weights) Given() bool { return w.Column != "" }

// Margin is a known distribution of the population.
type Margin struct {
	By     []string `json:"by"`
	Totals Totals   `json:"totals"`
}

// Totals are known population counts: by level, or in a file.
type Totals struct {
	Level  map[string]float64
	File   string
	Filter Domain
	Key    []string
	Column string
}

// UnmarshalJSON reads {level:N} or {"file","filter","key","column"}.
func (t *Totals) UnmarshalJSON(text []byte) error {
	var probe map[string]json.RawMessage
	if err := json.Unmarshal(text, &probe); err != nil {
		return fmt.Errorf("totals: %w", err)
	}
	if raw, ok := probe["file"]; !ok || len(raw) == 0 || raw[0] != '"' {
		if err := json.Unmarshal(text, &t.Level); err != nil {
			return fmt.Errorf("totals: numbers by level are expected: %w", err)
		}
		return nil
	}
	var x struct {
		File   string   `json:"file"`
		Filter Domain   `json:"filter"`
		Key    []string `json:"key"`
		Column string   `json:"column"`
	}
	if err := strict(text, &x); err != nil {
		return fmt.Errorf("totals: %w", err)
	}
	t.File, t.Filter, t.Key, t.Column = x.File, x.Filter, x.Key, x.Column
	return nil
}

// Stop says when an iteration has converged.
type Stop struct {
	Relative float64 `json:"relative"`
	Absolute float64 `json:"absolute"`
}

// Iteration is how long an iteration goes on.
type Iteration struct {
	Stop  Stop `json:"stop"`
	Maxit int  `json:"maxit"`
}

// Raking is the margins that weights are raked to.
type Raking struct {
	Margins []Margin `json:"margins"`
	Iteration
}

// Quotient is the columns of a ratio.
type Quotient struct {
	Num string `json:"num"`
	Den string `json:"den"`
}

// Category is a value of a column.
type Category struct {
	Var   string `json:"var"`
	Value Label  `json:"value"`
}

// Term is one explanatory variable of a model: an expression, or a column whose levels beside the reference get a
// coefficient each.
type Term struct {
	Term   string `json:"term"`
	Factor string `json:"factor"`
	Ref    Label  `json:"ref"`
	Levels []any  `json:"levels"`
	Label  string `json:"label"`
}

// Label is a category, written as text or as a number.
type Label string

// UnmarshalJSON reads a text or a number.
func (l *Label) UnmarshalJSON(text []byte) error {
	var x any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&x); err != nil {
		return err
	}
	*l = Label(fmt.Sprint(x))
	return nil
}

// Model is a regression model.
type Model struct {
	Family string `json:"family"`
	Link   string `json:"link"`
	Y      string `json:"y"`
	X      []Term `json:"x"`
	Domain Domain `json:"domain"`
}

// Names are columns: one, or a list.
type Names []string

// UnmarshalJSON reads a text or a list of texts.
func (n *Names) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*n = Names{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(n))
}

// strict decodes JSON and refuses what it does not know, with a list of what there is.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		known := fields(reflect.TypeOf(into))
		return fmt.Errorf("%s is not known here; there are: %s", name, strings.Join(known, ", "))
	}
	if wrong, ok := err.(*json.UnmarshalTypeError); ok { // one inside another error has been explained
		field := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:] // without the Go types that hold it
		if field != "" {
			field += ": "
		}
		return fmt.Errorf("%s%s is expected, not %s", field, expected(wrong.Type), wrong.Value)
	}
	return err
}

// expected says in the words of JSON what a type is read from.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	}
	return "an object"
}

// fields are the names that a struct is read by.
func fields(t reflect.Type) (names []string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			names = append(names, fields(f.Type)...)
		case name != "" && name != "-":
			names = append(names, name)
		case f.IsExported():
			names = append(names, strings.ToLower(f.Name))
		}
	}
	return names
}
