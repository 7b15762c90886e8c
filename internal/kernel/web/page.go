package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
)

//go:embed layout/*.html
var layoutFiles embed.FS

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of the shell.
func Messages() fs.FS { return messages }

// Layout is the frame around a page.
type Layout string

// The layouts. The third, for anybody's pages, is Public.
const (
	Staff   Layout = "staff"   // navigation, account, flash messages
	Respond Layout = "respond" // answering pages: as few bytes as can be, no navigation
)

// Shell is what every page has beside its own view. The Printer's methods (T, N, Int, Date, Lang, Dir …) are at hand in
// templates as {{.T "key"}}, and inside a range as {{$.T "key"}}.
type Shell struct {
	*i18n.Printer
	Title     string // of the page, translated
	Path      string // of the request, without the query
	Person    people.Person
	Nav       []NavLink
	Flash     string // message of the last action, translated; usually empty
	Invented  bool
	Mark      string // what kind of page this is, such as a trial, translated; usually empty
	ReadOnly  bool   // nothing can be saved now
	CSS       string // addresses of the assets
	StaffCSS  string // empty when there is none
	Script    string
	Icon      string
	Languages []LanguageLink
	assets    map[string]string
}

// Asset gives the address of a file of the folder asset, for a page that needs one more than its layout.
func (s Shell) Asset(name string) string { return s.assets[name] }

// NavLink is a navigation entry as a page shows it.
type NavLink struct {
	Key, URL string
	Hint     string // message key of a sentence about it; empty when there is none
	Current  bool
}

// LanguageLink leads to the same page in another language.
type LanguageLink struct {
	Lang, Name, URL string
	Dir             string
	Current         bool
}

// View is the dot of a page's templates: {{.T "key"}} for the shell, {{.V.Field}} for what the handler gave.
type View[V any] struct {
	Shell
	V V
}

// Page is a parsed page whose view is a V.
type Page[V any] struct {
	layout   Layout
	template *template.Template
}

// NewPage parses a page for a layout. The first of files must define "main" and may define "head" (more elements for the
// head) and "languages" (in place of the layout's links, such as buttons that keep a form); further files hold templates
// it uses. A fault in a file panics: pages are part of the program and are parsed when it starts.
func NewPage[V any](layout Layout, fsys fs.FS, files ...string) *Page[V] {
	t := template.Must(template.ParseFS(layoutFiles, "layout/part.html", "layout/"+string(layout)+".html"))
	t = template.Must(t.ParseFS(fsys, files...))
	if t.Lookup("main") == nil {
		panic(fmt.Sprintf("web: page %v defines no \"main\"", files))
	}
	return &Page[V]{layout: layout, template: t.Lookup("layout")}
}

// Parts gives the page's template and an empty view, for templatecheck.CheckHTMLStrict in tests. Do not execute the
// template: html/template cannot be checked afterwards.
func (p *Page[V]) Parts() (*template.Template, any) { return p.template, View[V]{} }

// Reply shows the page with status 200. titleKey is a message key without placeholders.
func (p *Page[V]) Reply(r *Request, titleKey string, v V) Reply {
	return p.ReplyStatus(r, http.StatusOK, titleKey, v)
}

// ReplyStatus shows the page with the status, such as 400 for a form that comes back with its faults.
func (p *Page[V]) ReplyStatus(r *Request, code int, titleKey string, v V) Reply {
	return p.Titled(code, r.Printer.T(titleKey), v)
}

// Titled is ReplyStatus with a title that is already in the reader's language.
func (p *Page[V]) Titled(code int, title string, v V) Reply {
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		shell := r.server.shell(w, r)
		shell.Title = title
		var page bytes.Buffer
		page.Grow(16 << 10)
		if err := p.template.Execute(&page, View[V]{Shell: shell, V: v}); err != nil {
			return fmt.Errorf("rendering the page of %s: %w", r.route.Pattern, err)
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Language", r.Printer.Lang())
		w.WriteHeader(code)
		_, _ = w.Write(page.Bytes()) // a reader that went away is no fault
		return nil
	})
}

// shell fills what the layout needs. It takes the flash message, which clears its cookie.
func (s *Server) shell(w http.ResponseWriter, r *Request) Shell {
	shell := Shell{
		Printer: r.Printer, Path: r.URL.Path, Person: r.Person, Invented: s.options.Invented,
		CSS: s.assets.address["adili.css"], Script: s.assets.address["adili.js"], Icon: s.assets.address["icon.svg"],
		Languages: s.languages(r), assets: s.assets.address,
	}
	if r.mark != "" {
		shell.Mark = r.Printer.T(r.mark)
	}
	if !r.route.staff() {
		return shell
	}
	shell.ReadOnly = s.options.Writable != nil && !s.options.Writable()
	shell.StaffCSS = s.assets.address["staff.css"]
	for _, item := range s.nav {
		if item.Permission != SignedIn && !r.Person.May(item.Permission) {
			continue
		}
		link := NavLink{Key: item.Key, URL: item.URL, Current: r.URL.Path == item.URL || strings.HasPrefix(r.URL.Path, item.URL+"/")}
		if r.Printer.Has(item.Key + "_hint") {
			link.Hint = item.Key + "_hint"
		}
		shell.Nav = append(shell.Nav, link)
	}
	if c, err := r.Cookie(flashCookie); err == nil {
		setCookie(w, flashCookie, "", -1)
		if r.Printer.Has(c.Value) {
			shell.Flash = r.Printer.T(c.Value)
		}
	}
	return shell
}

// languages links to the same page in every language: by the first part of the path, on staff pages by ?lang=.
func (s *Server) languages(r *Request) []LanguageLink {
	links := make([]LanguageLink, len(i18n.Languages))
	for i, lang := range i18n.Languages {
		u := url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}
		switch _, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); {
		case r.route.staff():
			q := r.URL.Query()
			q.Set("lang", lang)
			u.RawQuery = q.Encode()
		case i18n.Known(r.PathValue("lang")):
			u.Path = "/" + lang + "/" + rest
		default:
			u = url.URL{Path: "/" + lang + "/"} // nothing is served here: to the start page
		}
		links[i] = LanguageLink{Lang: lang, Name: i18n.Native(lang), Dir: i18n.Dir(lang), URL: u.String(), Current: lang == r.Printer.Lang()}
	}
	return links
}
