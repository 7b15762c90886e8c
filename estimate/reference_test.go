package estimate_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"adili/estimate"
)

// The reference values were computed with R or printed in books; they are kept
// beside the repository. ADILI_CONFORMANCE names their folder otherwise.

func referenceFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "conformance")
	}
	if _, err := os.Stat(filepath.Join(folder, "stats", "expected", "survey.json")); err != nil {
		t.Skipf("no reference values in %s (set ADILI_CONFORMANCE): %v", folder, err)
	}
	return filepath.Join(folder, "stats")
}

type refDesign struct {
	Data    any   `json:"data"`
	IDs     names `json:"ids"`
	Strata  names `json:"strata"`
	Weights any   `json:"weights"`
	FPC     names `json:"fpc"`
	Derive  map[string]string
}

// names is a list of columns; combinations of columns, which only the CIPS
// designs have, are built by their own test and read as nothing.
type names []string

func (n *names) UnmarshalJSON(raw []byte) error {
	var plain []string
	if json.Unmarshal(raw, &plain) == nil {
		*n = plain
	}
	return nil
}

type refCase struct {
	ID, Design, Estimator string
	Args                  struct {
		Vars, By any
		Var      string
		Value    any
		Num, Den string
		Methods  []string
		Level    float64
		DF       string `json:"df"`
		Lonely   string `json:"lonely_psu"`
		Contrast struct{ Plus, Minus map[string][]any }
		P        []*float64
	}
	Expect map[string]any
}

// UnmarshalJSON leaves the arguments of estimators of other packages alone.
func (c *refCase) UnmarshalJSON(raw []byte) error {
	type plain refCase
	var p struct {
		plain
		Args json.RawMessage
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	*c = refCase(p.plain)
	_ = json.Unmarshal(p.Args, &c.Args)
	return nil
}

type refFile struct {
	Designs map[string]refDesign
	Cases   []refCase
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// table is a CSV file by columns.
type table struct {
	n      int
	column map[string][]string
}

func readTable(t *testing.T, path string) table {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tab := table{n: len(rows) - 1, column: map[string][]string{}}
	for j, name := range rows[0] {
		for _, r := range rows[1:] {
			tab.column[name] = append(tab.column[name], r[j])
		}
	}
	return tab
}

// number reads a column as numbers; empty cells and NA are missing, Yes and No
// are 1 and 0.
func (tab table) number(t *testing.T, name string) []float64 {
	t.Helper()
	if _, ok := tab.column[name]; !ok {
		t.Fatalf("no column %q", name)
	}
	x := make([]float64, tab.n)
	for i, s := range tab.column[name] {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			if s != "" && s != "NA" {
				t.Fatalf("column %s, row %d: %q", name, i, s)
			}
			v = math.NaN()
		}
		x[i] = v
	}
	return x
}

// is is 1 where a column has the value, NaN where it is missing.
func (tab table) is(name string, value string) []float64 {
	x := make([]float64, tab.n)
	for i, s := range tab.column[name] {
		switch {
		case s == "" || s == "NA":
			x[i] = math.NaN()
		case s == value:
			x[i] = 1
		}
	}
	return x
}

// levels lists the values of columns joined with a dot, and each row's.
func (tab table) levels(names []string) (levels []string, code []int) {
	label := make([]string, tab.n)
	for i := range label {
		var parts []string
		for _, n := range names {
			parts = append(parts, tab.column[n][i])
		}
		label[i] = strings.Join(parts, ".")
	}
	levels = slices.Clone(label)
	slices.Sort(levels)
	levels = slices.Compact(levels)
	for _, l := range label {
		code = append(code, slices.Index(levels, l))
	}
	return levels, code
}

// sample builds the sample of a reference design.
func (d refDesign) sample(t *testing.T, tab table) estimate.Sample {
	t.Helper()
	var s estimate.Sample
	stages := max(1, len(d.IDs))
	for i := range stages {
		var st estimate.Stage
		if i < len(d.IDs) {
			st.Unit = tab.column[d.IDs[i]]
		}
		if i < len(d.Strata) {
			st.Stratum = tab.column[d.Strata[i]]
		}
		if i < len(d.FPC) {
			st.Population = tab.number(t, d.FPC[i])
		}
		s.Stages = append(s.Stages, st)
	}
	switch {
	case d.Weights == nil:
		s.Weight = productWeights(s, tab)
	case d.Derive["weight"] == "1":
		s.Weight = slices.Repeat([]float64{1}, tab.n)
	default:
		s.Weight = tab.number(t, d.Weights.(string))
	}
	return s
}

// productWeights are population over sample sizes, multiplied over stages.
func productWeights(s estimate.Sample, tab table) []float64 {
	w := slices.Repeat([]float64{1}, tab.n)
	prefix := make([]string, tab.n)
	for _, st := range s.Stages {
		units := map[string]map[string]bool{}
		for i := range w {
			if units[prefix[i]] == nil {
				units[prefix[i]] = map[string]bool{}
			}
			units[prefix[i]][st.Unit[i]] = true
		}
		next := make([]string, tab.n)
		for i := range w {
			w[i] *= st.Population[i] / float64(len(units[prefix[i]]))
			next[i] = prefix[i] + "/" + st.Unit[i]
		}
		prefix = next
	}
	return w
}

// same compares a number with its reference, null meaning NaN.
func same(t *testing.T, what string, got float64, want any, tolerance float64) {
	t.Helper()
	w, ok := want.(float64)
	if !ok {
		if !math.IsNaN(got) {
			t.Errorf("%s = %v, want none", what, got)
		}
		return
	}
	if d := math.Abs(got - w); !(d <= tolerance*math.Max(math.Abs(w), 1e-6)) {
		t.Errorf("%s = %.15g, want %.15g (off by %.2g)", what, got, w, d/math.Abs(w))
	}
}

// pick reads an expectation that is a scalar or an object by label.
func pick(t *testing.T, expect map[string]any, key, label string) (any, bool) {
	t.Helper()
	v, ok := expect[key]
	if m, isMap := v.(map[string]any); isMap {
		v, ok = m[label]
		if !ok {
			t.Errorf("reference has no %s for %q", key, label)
		}
	}
	return v, ok
}

func stringsOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var s []string
		for _, x := range v {
			s = append(s, fmt.Sprint(x))
		}
		return s
	}
	return nil
}

// against compares every key of a case that names a number by label.
func against(t *testing.T, c refCase, d *estimate.Design, r *estimate.Result, labels []string) {
	t.Helper()
	for i, label := range labels {
		for key, got := range map[string]float64{
			"est": r.At(i).Value, "se": r.SE(i), "df": d.DF(), "cv": r.SE(i) / r.At(i).Value,
		} {
			if want, ok := pick(t, c.Expect, key, label); ok {
				same(t, key+" "+label, got, want, 1e-9)
			}
		}
		df := d.DF()
		if c.Args.DF == "domain" {
			df = r.DF(i)
		}
		for suffix, df := range map[string]float64{"": df, "_normal": math.Inf(1)} {
			in := estimate.StudentInterval(r.At(i).Value, r.SE(i), df, c.Args.Level)
			for key, got := range map[string]float64{"lo": in.Lower, "hi": in.Upper} {
				if want, ok := pick(t, c.Expect, key+suffix, label); ok {
					same(t, key+suffix+" "+label, got, want, 1e-9)
				}
			}
		}
	}
	if m, ok := c.Expect["vcov"].(map[string]any); ok {
		got := r.Matrix()
		for i, row := range m["values"].([]any) {
			for j, want := range row.([]any) {
				same(t, fmt.Sprintf("vcov %d %d", i, j), got[i][j], want, 1e-9*math.Max(1, r.SE(i)*r.SE(j)/math.Max(1e-6, math.Abs(got[i][j]))))
			}
		}
	}
}
