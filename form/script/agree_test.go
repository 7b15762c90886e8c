package script_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"adili/form/expr"
	"adili/form/script"
	"adili/internal/testkit/browsertest"
)

// vector is an expression and what it is evaluated in.
type vector struct {
	Expr, XML, Context string
	Now                time.Time
	Zone               string            `json:"tz"`
	Values             map[string]string // answers by the name of their question
}

// trial is a vector as the browser gets it.
type trial struct {
	Tree   json.RawMessage   `json:"tree"`
	Doc    json.RawMessage   `json:"doc"`
	Path   []int             `json:"path"` // from the document down, by the place among the children
	Now    int64             `json:"now"`
	Zone   int               `json:"zone"`
	Values map[string]string `json:"values"`
}

// runner evaluates trials in the browser: the value itself, then as a number,
// as a text and as a condition. Numbers are written bit by bit.
const runner = `window.trials = all => all.map(t => {
  const bits = new DataView(new ArrayBuffer(8));
  const write = v => {
    if (typeof v !== 'number') return typeof v + ' ' + v;
    if (v !== v) return 'number NaN';
    bits.setFloat64(0, v);
    return 'number ' + bits.getBigUint64(0).toString(16);
  };
  const root = adiliForm.load(t.doc);
  const c = {
    node: t.path.reduce((n, i) => n.kids[i], root), now: t.now, zone: t.zone, random: () => 0.625,
    value: name => t.values && t.values[name], label: (question, code) => question + ':' + code,
    instance: id => id === 'list' ? root : undefined,
  };
  try {
    return [adiliForm.evaluate, adiliForm.asNumber, adiliForm.asText, adiliForm.asBool].map(f => write(f(t.tree, c)));
  } catch (problem) {
    return ['thrown ' + problem];
  }
}); void 0`

func writeNumber(f float64) string {
	if math.IsNaN(f) {
		return "number NaN"
	}
	return "number " + strconv.FormatUint(math.Float64bits(f), 16)
}

// inGo evaluates as runner does.
func inGo(e *expr.Expr, c *expr.Context) []string {
	v := e.Eval(c)
	number, text, truth := writeNumber(v.Number()), "string "+v.String(), fmt.Sprint("boolean ", v.Bool())
	switch {
	case v.IsNumber():
		return []string{number, number, text, truth}
	case v.IsBool():
		return []string{truth, number, text, truth}
	}
	return []string{text, number, text, truth}
}

// prepare makes the trial of a vector and the values Go gives; false if the
// expression is none.
func (v vector) prepare(t *testing.T) (trial, []string, bool) {
	t.Helper()
	e, err := expr.Parse(v.Expr)
	if err != nil {
		return trial{}, nil, false
	}
	zone, err := time.LoadLocation(v.Zone)
	if err != nil {
		t.Fatal(err)
	}
	if v.XML == "" {
		v.XML = "<root/>"
	}
	document, err := expr.ParseXML(strings.NewReader(v.XML))
	if err != nil {
		return trial{}, nil, false
	}
	now := v.Now.In(zone)
	c := &expr.Context{
		Node: where(document, v.Context), Now: now, Random: func() float64 { return 0.625 },
		Value: func(name string) (expr.Value, bool) { s, ok := v.Values[name]; return expr.OfText(s), ok },
		Label: func(question, code string) string { return question + ":" + code },
		Instance: func(id string) *expr.Node {
			if id != "list" {
				return nil
			}
			return document
		},
	}
	tree, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	_, offset := now.Zone()
	path := []int{}
	for n := c.Node; n.Parent() != nil; n = n.Parent() {
		path = append(path, slices.Index(n.Parent().Kids, n))
	}
	slices.Reverse(path)
	return trial{tree, doc, path, now.UnixMilli(), offset / 60, v.Values}, inGo(e, c), true
}

// where finds the node a path of a vector leads to; the document if there is
// none. Paths of documents with a doctype count it.
func where(document *expr.Node, path string) *expr.Node {
	for _, p := range []string{path, strings.Replace(path, "/node()[2]", "/node()[1]", 1)} {
		if e, err := expr.Parse(p); err == nil {
			if found := e.Eval(&expr.Context{Node: document}).Nodes(); len(found) > 0 && found[0].Kind != expr.Attribute {
				return found[0]
			}
		}
	}
	return document
}

// agree evaluates vectors in Go and in Chromium; the values have to be of the
// same type and the same bits.
func agree(t *testing.T, vectors []vector) {
	t.Helper()
	tab := browsertest.New(t, browsertest.Options{})
	browsertest.Eval[bool](tab, script.Source()+"; true")
	browsertest.Eval[bool](tab, strings.TrimSuffix(runner, "void 0")+"true")
	compared := 0
	for part := range slices.Chunk(vectors, 200) {
		var trials []trial
		var want [][]string
		var sources []string
		for _, v := range part {
			if one, values, ok := v.prepare(t); ok {
				trials, want, sources = append(trials, one), append(want, values), append(sources, v.Expr)
			}
		}
		raw, err := json.Marshal(trials)
		if err != nil {
			t.Fatal(err)
		}
		got := browsertest.Eval[[][]string](tab, "trials("+string(raw)+")")
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%s\n in Go      %q\n in Chromium %q", sources[i], want[i], got[i])
			}
		}
		compared += len(trials)
	}
	t.Logf("%d of %d vectors compared, the others cannot be parsed", compared, len(vectors))
	if compared < len(vectors)*9/10 {
		t.Errorf("only %d of %d vectors can be parsed", compared, len(vectors))
	}
}

// The vectors of others are kept beside the repository.
func conformance(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	file := filepath.Join(folder, "xpath", name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no vectors in %s (set ADILI_CONFORMANCE): %v", folder, err)
	}
	return file
}

func TestAgreeOnConsensus(t *testing.T) {
	f, err := os.Open(conformance(t, "consensus.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var vectors []vector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	agree(t, vectors)
}

func list(t *testing.T, file string) []vector {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

func TestAgreeOnLiterals(t *testing.T) { agree(t, list(t, conformance(t, "javarosa-literals.json"))) }

func TestAgreeOnOurs(t *testing.T) {
	agree(t, list(t, filepath.Join("..", "expr", "testdata", "vectors.json")))
}
