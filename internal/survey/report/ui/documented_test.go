package ui

import (
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the formulas of the method page from the packages' documentation")

// documented are the methods of the report, as the template that shows one is called, with the place of its documentation: a
// symbol, or a section of the documentation of the package where symbol is the heading of one.
var documented = []struct{ name, folder, symbol, heading string }{
	{"finite", "estimate", "Finite populations", "Weights and sampling fractions"},
	{"rake", "estimate/weight", "Rake", "Raking, and variances after it"},
	{"thin", "estimate/weight", "Thin", "Categories with few respondents"},
	{"kish", "estimate", "Kish", "Unequal weights"},
	{"score", "estimate", "Score", "Score of a person"},
	{"mean", "estimate", "Design.Mean", "Mean"},
	{"linear", "estimate", "The idea", "Linearised variance"},
	{"domain", "estimate", "Domains and missing answers", "Domains and missing answers"},
	{"freedom", "estimate", "Degrees of freedom", "Degrees of freedom"},
	{"student", "estimate/interval", "Student", "Interval of a mean or a difference"},
	{"effect", "estimate", "Design.Effect", "Design effect"},
	{"share", "estimate", "Design.Proportions", "Share"},
	{"beta", "estimate/interval", "KornGraubard", "Interval of a share"},
	{"edge", "estimate", "Shares near 0 and 1", "Shares near 0 and 1"},
	{"difference", "estimate", "Independent", "Difference between independent samples"},
	{"test", "estimate", "Contrast.P", "Test of a difference"},
	{"holm", "estimate/family", "Holm", "Several tests at once"},
}

// TestDocumented compares the formulas of the method page with what the documentation of the packages says now, and looks
// that the page has a place for each.
func TestDocumented(t *testing.T) {
	packages := map[string]*doc.Package{}
	var b strings.Builder
	b.WriteString("{{- /* Made from the documentation of the packages by make golden: change the comments there. */ -}}\n")
	page, err := os.ReadFile("page/method.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documented {
		if packages[d.folder] == nil {
			packages[d.folder] = readPackage(t, d.folder)
		}
		blocks, where := documentation(packages[d.folder], d.symbol)
		if len(blocks) == 0 {
			t.Fatalf("package %s has no documentation of %s", d.folder, d.symbol)
		}
		text, err := fragment(blocks)
		if err != nil {
			t.Fatalf("%s of package %s: %v", d.symbol, d.folder, err)
		}
		fmt.Fprintf(&b, "{{define %q}}<section class=\"stack\"><h3>%s</h3>\n%s<p class=\"muted where\"><code>%s</code></p></section>\n{{end}}\n",
			"doc-"+d.name, html.EscapeString(d.heading), text, html.EscapeString(where))
		if !strings.Contains(string(page), `{{template "doc-`+d.name+`"}}`) {
			t.Errorf("page/method.html never shows %s", d.name)
		}
	}
	const name = "page/documented.html"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(have), "\r", "") != b.String() {
		t.Error(name + " is not what the documentation of the packages says: make golden")
	}
}

// TestMethodsUsed looks that the page lists the methods that the report used, and no others.
func TestMethodsUsed(t *testing.T) {
	all := rounds()
	raked, thin, kish, mean, effect, gap := "weight.Rake<", "weight.Thin<", ".Kish<", "Design.Mean<", "Design.Effect<", "family.Holm<"
	for name, used := range map[string][]string{
		"usual":    {raked, thin, kish, mean, effect, gap},
		"everyone": {thin, kish, mean, effect, gap},
		"quota":    {thin, kish, mean, effect},
		"small":    {mean},
	} {
		page := want(t, newHandler(t, all[name]), base+"/method?lang=ar")
		for _, method := range []string{raked, thin, kish, mean, effect, gap} {
			if shown := strings.Contains(page, method); shown != slices.Contains(used, method) {
				t.Errorf("%s: %s is shown: %v", name, method, shown)
			}
		}
		if strings.Count(page, `lang="en" dir="ltr"`) < 3 {
			t.Errorf("%s: the formulas are not marked as English", name)
		}
	}
	for name, c := range all {
		words := want(t, newHandler(t, c), base+"/method")
		if fitted := strings.Contains(words, "are also fitted to the number of people"); fitted != strings.Contains(words, raked) {
			t.Errorf("%s: raking is listed: %v", name, !fitted)
		}
	}
}

// readPackage reads the documentation of a package of this module.
func readPackage(t *testing.T, folder string) *doc.Package {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("../../../..", folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	set := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(set, files, "adili/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// documentation finds the comment of a function, of a method, or a section of that of the package.
func documentation(p *doc.Package, symbol string) (blocks []comment.Block, where string) {
	funcs := p.Funcs
	kind, name, isMethod := strings.Cut(symbol, ".")
	for _, t := range p.Types {
		funcs = append(funcs, t.Funcs...) // those that make the type
		if isMethod && t.Name == kind {
			for _, m := range t.Methods {
				if m.Name == name {
					return p.Parser().Parse(m.Doc).Content, p.ImportPath + "." + symbol
				}
			}
		}
	}
	for _, f := range funcs {
		if f.Name == symbol {
			return p.Parser().Parse(f.Doc).Content, p.ImportPath + "." + symbol
		}
	}
	inside := false
	for _, each := range p.Parser().Parse(p.Doc).Content {
		if h, ok := each.(*comment.Heading); ok {
			inside = plainText(h.Text) == symbol
		} else if inside {
			blocks = append(blocks, each)
		}
	}
	return blocks, p.ImportPath + ": " + symbol
}

// fragment sets a comment as HTML. Paragraphs on errors and on the use in Go are left out; that on sources comes last.
func fragment(blocks []comment.Block) (string, error) {
	var text, sources strings.Builder
	for _, each := range blocks {
		switch each := each.(type) {
		case *comment.Code:
			text.WriteString(`<div class="formula">`)
			for line := range strings.Lines(each.Text) {
				text.WriteString("<p>")
				for _, piece := range columns.Split(strings.TrimSpace(line), -1) {
					fmt.Fprintf(&text, "<span>%s</span> ", typeset(strings.ReplaceAll(piece, "-", "−")))
				}
				text.WriteString("</p>")
			}
			text.WriteString("</div>\n")
		case *comment.Paragraph:
			words := plainText(each.Text)
			switch {
			case strings.HasPrefix(words, "Errors: "), strings.HasPrefix(words, "In Go, "):
			case strings.HasPrefix(words, "Sources: "):
				fmt.Fprintf(&sources, "<p class=\"muted\">%s</p>\n", html.EscapeString(words))
			default:
				words = quotes.ReplaceAllString(minus.ReplaceAllString(words, "$1−$2"), "“$1”")
				fmt.Fprintf(&text, "<p>%s</p>\n", typeset(words))
			}
		default:
			return "", fmt.Errorf("the method page has no form for %T", each)
		}
	}
	all := text.String() + sources.String()
	if strings.Contains(all, "{{") {
		return "", fmt.Errorf("two braces would open an action of the template")
	}
	return all, nil
}

// plainText is text without links, its lines joined.
func plainText(list []comment.Text) string {
	var b strings.Builder
	for _, each := range list {
		switch each := each.(type) {
		case comment.Plain:
			b.WriteString(string(each))
		case comment.Italic:
			b.WriteString(string(each))
		case *comment.Link:
			b.WriteString(plainText(each.Text))
		case *comment.DocLink:
			b.WriteString(plainText(each.Text))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

var (
	columns   = regexp.MustCompile(` {3,}`)
	subscript = regexp.MustCompile(`_(?:\{([^}]+)\}|(\([^)]+\)|[\p{L}0-9]+))`)
	minus     = regexp.MustCompile(`([ 0-9])-([ 0-9α])`)
	quotes    = regexp.MustCompile(`"([^"]*)"`)
	signs     = strings.NewReplacer("<=", "≤", ">=", "≥", "...", "…", "'", "’")
)

// typeset sets what stands after an underscore lower.
func typeset(s string) string {
	return subscript.ReplaceAllString(html.EscapeString(signs.Replace(s)), "<sub>$1$2</sub>")
}
