package script_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"adili/form/expr"
)

// maker makes expressions by chance out of what has edges: both interpreters
// have to see the same in them, sensible or not.
type maker struct {
	random    *rand.Rand
	functions []expr.Function
}

const randomXML = `<data xml:lang="ar"><a>5</a><a> -0.5 </a><b code="x">2024-02-29</b><b/><c><d>one two  three</d><d>الجمارك 😀</d>tail</c><e>2023-12-31T23:59:59.999-07:00</e><n>NaN</n><p:q>1e-7</p:q></data>`

var (
	literals = []string{
		"''", "' '", "'0'", "'-0'", "'.5'", "'5.'", "'1e3'", "'1e400'", "'-'", "'+1'", "'abc'", "'a b  c'", "' b '", "'true'", "'1'", "'NaN'", "'Infinity'", "'0x10'",
		"'\u00a05'", "'٥'", "'é'", "'e\u0301'", "'سؤال'", "'😀 smile'", "'%Y-%m-%d %H:%M:%S.%3 %a %e %b %y %n %h %% %é %'", "'2024-02-29'", "'2023-02-29'", "'1969-12-31'", "'0001-01-01'", "'9999-12-31'",
		"'0000-01-01'", "'2024-2-9'", "'2024-12-31T23:59:59.9999+14:00'", "'2024-01-01T00:00'", "'1900-03-01T12:30:15Z'", "'24:00:00'", "'06:30:00.250+03:00'", "'23:59'", "'2024-01-01T'", "'20240101'",
		"0", "1", "2", "3", "7", "0.5", "1.5", "2.5", "0.1", "0.3", "1.005", "2.15", "100", "1000000000000000000000000", "123456789.123456789", "0.0000001", "0.00000000000000000000012345",
		"9007199254740993", "-1", "-0.5", "-2.5", "-1.475", "-0", "(1 div 0)", "(0 div 0)", "(-1 div 0)", "19782.29", "-719161", "2932896", "365.25", "true()", "false()", "today()", "now()",
		"${age}", "${city}", "${none}", "${list}", "${born}",
	}
	paths = []string{
		".", "..", "/data/a", "/data/b", "//d", "/data/c", "/data/*", "//@code", "/data/b/@*", "/data/e", "/data/n", "/none", "/data/p:*", "/data/a[2]", "/data/*[position() < 3]", "//d[. != '']",
		"/data/c/node()", "/data/c/text()", "/data/b[1]/following-sibling::*", "//d[1]/ancestor-or-self::*", "/data/e/preceding-sibling::*[2]", "//d/preceding::*", "/data/a/following::node()", "//*[last()]",
		"/data/a | /data/b", "(/data/b | /data/a)[1]", "/data/*[count(*) > current()/none + 0]", "//*[selected(., 'two')]", "randomize(/data/*, 7)", "randomize(//*)[3]", "current()/data/a",
		"instance('list')/data/d", "instance('list')//*[position() mod 2 = 1]", "instance('none')/data", "instance('list')/data/b[. = current()/data/b]", "(//d)[last()]", "//*[not(*)][3]",
	}
	patterns = []string{"'^[0-9]+$'", "'a|b'", "'(?i)ABC'", "'[^a-z ]'", `'\d{2,4}-\w'`, "'^$'", "'.'", `'\bsm'`, `'\p{Arabic}+'`, "'^.{3,8}$'", `'\s'`, "'(?i)[k-s]'", "'x*?$'", `'\.'`, `'[\d.]+'`, `'^(?:one|two)\b'`, `'^[\p{Arabic} ]{2,60}$'`, "'(?m)^(?:[a-z ]+)+$'", "'([^5]|[^ ])*5$'"}
	signs    = []string{"+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or"}
)

func (m *maker) pick(list []string) string { return list[m.random.IntN(len(list))] }

// number is one of any size, with few digits or many.
func (m *maker) number() string {
	digits := strconv.FormatInt(m.random.Int64()>>m.random.IntN(62), 10)
	point := m.random.IntN(len(digits) + 1)
	if m.random.IntN(8) == 0 {
		digits = strings.Repeat("0", m.random.IntN(30)) + digits
	}
	return strings.TrimSuffix(digits[:point]+"."+digits[point:], ".")
}

func (m *maker) date() string {
	t := time.UnixMilli(m.random.Int64N(253_402_300_800_000+62_135_596_800_000) - 62_135_596_800_000).UTC()
	layouts := []string{"2006-01-02", "2006-1-2", "2006-01-02T15:04:05.000Z", "2006-01-02T15:04", "2006-01-02T15:04:05-03:30"}
	return "'" + t.Format(m.pick(layouts)) + "'"
}

func (m *maker) make(depth int) string {
	switch n := m.random.IntN(10); {
	case depth == 0 && n < 2:
		return m.number()
	case depth == 0 && n == 2:
		return m.date()
	case depth == 0 && n < 8:
		return m.pick(literals)
	case depth == 0 || n == 0:
		return m.pick(paths)
	case n < 3:
		return "(" + m.make(depth-1) + " " + m.pick(signs) + " " + m.make(depth-1) + ")"
	case n == 3:
		return "-" + m.make(depth-1)
	}
	f := m.functions[m.random.IntN(len(m.functions))]
	most := f.Max
	if most < 0 {
		most = f.Min + 3
	}
	args := make([]string, f.Min+m.random.IntN(most-f.Min+1))
	for i := range args {
		args[i] = m.make(depth - 1)
	}
	if f.Name == "regex" && m.random.IntN(8) > 0 {
		args[1] = m.pick(patterns)
	}
	name := f.Name
	switch m.random.IntN(40) { // what Check refuses
	case 0:
		args = append(args, m.make(0))
	case 1:
		args = args[:max(0, len(args)-1)]
	case 2:
		name = "no-" + name
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// Expressions by chance agree too; ADILI_SEED takes another sequence.
func TestAgreeByChance(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("ADILI_SEED"), 10, 64)
	if err != nil {
		seed = 1
	}
	m := &maker{rand.New(rand.NewPCG(seed, 5)), expr.Functions()}
	contexts := []string{"/", "/data", "/data/a", "/data/c/d"}
	zones := []string{"UTC", "America/Phoenix", "Asia/Kolkata"}
	n := 4000
	if os.Getenv("ADILI_FULL") != "" {
		n = 40000
	}
	var vectors []vector
	for i := range n {
		vectors = append(vectors, vector{
			Expr: m.make(1 + i%3), XML: randomXML, Context: m.pick(contexts), Zone: m.pick(zones),
			Now:    time.UnixMilli(1709247599999 + m.random.Int64N(3_000_000_000)), // about the leap day of 2024
			Values: map[string]string{"age": "34", "city": "طنجة", "none": "", "list": "a b c", "born": "1990-05-17"},
		})
	}
	agree(t, vectors)
}

var (
	patternParts = []string{
		"a", "b", "K", "ſ", "é", "ج", "😀", " ", "5", "-", ".", "[a-c]", "[^a-c]", "[[:alpha:]]", "[[:^digit:]_]", `\d`, `\D`, `\w`, `\W`, `\s`, `\S`, `\pL`, `\PN`, `\p{Arabic}`, `\p{Lu}`,
		`[^\pL\s]`, `\x{1F600}`, `\x41`, `\.`, `\n`, `\t`, `\b`, `\B`, "^", "$", `\A`, `\z`, "(?i:k)", "(?i:[r-t])", "(?i)é", "(?s:.)", "(?m:^)", "(?m:$)", "(?m)", "(?s)", "(?U)", `\Q+*\E`, `[\]\-^]`, "/", "}",
	}
	patternTexts = []string{
		"", "a", "abc", "ABC", "aab-5", "K k K", "ſs", "é É é", "الجمارك ٥", "😀", "😀a", "5 5\t5", "a\nb", "a\r\nb", "_x_", " ", " ", "+*", "]-^", "/}", "a.b", "ZZ 99",
	}
)

func (m *maker) pattern(depth int) string {
	if depth == 0 {
		return m.pick(patternParts)
	}
	a, b := m.pattern(depth-1), m.pattern(depth-1)
	switch m.random.IntN(6) {
	case 0:
		return "(?:" + a + "|" + b + ")"
	case 1:
		return "(" + a + ")" + m.pick([]string{"*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}", "{0}", "{0,2}?"}) + b
	}
	return a + b
}

// Patterns mean to the browser what they mean to RE2.
func TestAgreeOnPatterns(t *testing.T) {
	m := &maker{random: rand.New(rand.NewPCG(3, 7))}
	var vectors []vector
	for i := range 3000 {
		pattern, text := m.pattern(i%4), m.pick(patternTexts)
		if !strings.Contains(pattern, "'") {
			vectors = append(vectors, vector{Expr: "regex('" + text + "', '" + pattern + "')"})
		}
	}
	agree(t, vectors)
}

// Patterns that take an engine with backtracking a time beyond all bounds are
// quick, also on a long answer.
func TestPatternsAreQuick(t *testing.T) {
	var vectors []vector
	for _, pattern := range []string{"(a+)+$", "^(a|aa)+$", "^(a*)*b$", "(a?){50}a{50}$", "(.*a){20}$", `^([\pL ]+)+\d$`, "(?:a|b|ab)*c"} {
		for _, length := range []int{40, 4000} {
			vectors = append(vectors, vector{Expr: "regex('" + strings.Repeat("a", length) + "!', '" + pattern + "')"})
		}
	}
	start := time.Now()
	agree(t, vectors)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v, with the start of the browser", took)
	}
}

// What takes too long ends on both sides, with the same nothing.
func TestAgreeOnTooLong(t *testing.T) {
	document := "<data>" + strings.Repeat("<d>text</d>", 400) + "</data>"
	all := []string{
		"count(//*[count(//*[count(//*[count(//*) > 0]) > 0]) > 0])",
		"//d = //d[//d != //d[//d = 'none']]",
		"string-length(" + strings.Repeat("join(", 12) + "'0123456789'" + strings.Repeat(", //d, //d)", 12) + ")",
	}
	var vectors []vector
	for _, source := range all {
		e, err := expr.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		root, err := expr.ParseXML(strings.NewReader(document))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Try(&expr.Context{Node: root}); err == nil {
			t.Errorf("%s is not too long", source)
		}
		vectors = append(vectors, vector{Expr: source, XML: document})
	}
	agree(t, vectors)
}
