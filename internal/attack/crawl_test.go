//go:build long

package attack

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// form is one that a page holds, filled in.
type form struct {
	method, address string
	values          url.Values
}

var marks = regexp.MustCompile(`[a-z]+_[0-9a-z]{20,}`)

// kind is what forms have in common that differ in what they are about only.
func (f form) kind() string {
	return f.method + " " + marks.ReplaceAllString(f.address, "ID")
}

// crawl visits the pages that can be reached from those given, one of each kind, and gives one form of each kind.
func (g *gate) crawl(t *testing.T, pages ...string) (forms []form) {
	t.Helper()
	visited, found := make(map[string]bool), make(map[string]bool)
	for len(pages) > 0 && len(visited) < 80 {
		page := pages[0]
		pages = pages[1:]
		if kind := marks.ReplaceAllString(page, "ID"); visited[kind] {
			continue
		} else {
			visited[kind] = true
		}
		root := g.read(t, page)
		for n := range root.Descendants() {
			switch {
			case n.Type == html.ElementNode && n.Data == "a" && attribute(n, "download") == "":
				link, err := url.Parse(attribute(n, "href"))
				if err == nil && link.Host == "" && strings.HasPrefix(link.Path, "/") && link.Query().Get("lang") == "" && !strings.Contains(link.Path, "/report") {
					pages = append(pages, link.RequestURI())
				}
			case n.Type == html.ElementNode && n.Data == "form":
				f := fill(page, n)
				if !found[f.kind()] && len(f.values) > 0 && !slices.Contains([]string{"/staff/sign-out", "/staff/account"}, f.address) {
					found[f.kind()] = true
					forms = append(forms, f)
				}
			}
		}
	}
	return forms
}

// read opens a page through the gate.
func (g *gate) read(t *testing.T, page string) *html.Node {
	t.Helper()
	answer, err := http.Get(g.URL + page)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	root, err := html.Parse(io.LimitReader(answer.Body, 4<<20))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// fill fills a form with what stands in it, and 1 where nothing does.
func fill(page string, n *html.Node) form {
	f := form{method: strings.ToUpper(attribute(n, "method")), address: attribute(n, "action"), values: make(url.Values)}
	if f.address == "" {
		f.address = page
	}
	if f.method == "" {
		f.method = http.MethodGet
	}
	for field := range n.Descendants() {
		name, value := attribute(field, "name"), attribute(field, "value")
		if field.Type != html.ElementNode || name == "" || attribute(field, "type") == "file" || f.values.Has(name) {
			continue
		}
		switch field.Data {
		case "input", "button", "textarea", "select":
			if value == "" {
				value = "1"
			}
			f.values.Set(name, value)
		}
	}
	return f
}

// mostFields is how many fields of a form are attacked. The others go along as they are.
const mostFields = 5

// log writes forms as the log of a proxy, as sqlmap reads it, with a star behind each value that is to be attacked: of fields
// that differ in a number only, the first.
func (g *gate) log(forms []form) string {
	const line = "======================================================\n"
	var b strings.Builder
	host := strings.TrimPrefix(g.URL, "http://")
	for _, f := range forms {
		var fields []string
		marked := make(map[string]bool)
		for _, name := range slices.Sorted(maps.Keys(f.values)) {
			field := url.QueryEscape(name) + "=" + url.QueryEscape(f.values.Get(name))
			if kind := digits.ReplaceAllString(name, ""); !marked[kind] && len(marked) < mostFields {
				marked[kind] = true
				field += "*"
			}
			fields = append(fields, field)
		}
		target, body := f.address, strings.Join(fields, "&")
		if f.method == http.MethodGet {
			target, body = target+"?"+body, ""
		}
		fmt.Fprintf(&b, "%s12:00:00  %s  [127.0.0.1]\n%s%s %s HTTP/1.1\nHost: %s\nContent-Type: application/x-www-form-urlencoded\n\n%s\n%s\n\n\n",
			line, g.URL, line, f.method, target, host, body, line)
	}
	return b.String()
}

var digits = regexp.MustCompile(`[0-9]+`)
