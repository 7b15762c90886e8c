// Package frame is what the pages of the library share: the questionnaire of
// the address, the top of a page, fields of forms and what is wrong with them.
package frame

import (
	"embed"
	"io"
	"io/fs"
	"net/url"
	"strconv"
	"strings"

	"adili/factor"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire"
)

//go:embed page/part.html
var part embed.FS

// Page makes a staff page of a file in the folder page of files, with the
// templates that these pages share: "header", "under", "field" and "fields".
func Page[V any](files fs.FS, name string) *web.Page[V] {
	return web.NewPage[V](web.Staff, both{files, part}, "page/"+name+".html", "page/part.html")
}

// both looks for a file in one place and then in another.
type both [2]fs.FS

// Open opens the file.
func (b both) Open(name string) (fs.File, error) {
	if f, err := b[0].Open(name); err == nil {
		return f, nil
	}
	return b[1].Open(name)
}

// Addresses of the pages.
const (
	ListURL = "/staff/questionnaires"
	OneURL  = ListURL + "/{q}"
)

// Sizes of what may be sent, in bytes.
const (
	FormBody   = 1 << 20
	maxFile    = 8 << 20
	UploadBody = maxFile + 256<<10
)

// Draft is the questionnaire of the address, with what pages about it need.
type Draft struct {
	questionnaire.Draft
	Editable bool
}

// Find finds it.
func Find(service *questionnaire.Service, r *web.Request) (Draft, error) {
	d, err := service.Draft(r.Context(), r.Person, r.PathValue("q"))
	return Draft{d, r.Person.May(people.RoundPlan)}, err
}

// Of makes a handler of one for a questionnaire.
func Of(service *questionnaire.Service, handle func(*web.Request, Draft) (web.Reply, error)) web.Handler {
	return func(r *web.Request) (web.Reply, error) {
		d, err := Find(service, r)
		if err != nil {
			return nil, err
		}
		return handle(r, d)
	}
}

// At is a questionnaire of which only the id is known, for its addresses.
func At(id string) Draft { return Draft{Draft: questionnaire.Draft{ID: id}} }

// URL is the address of a page about the questionnaire, with a query of names
// and values.
func (d Draft) URL(page string, query ...string) string {
	u := ListURL + "/" + url.PathEscape(d.ID)
	if page != "" {
		u += "/" + page
	}
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	if len(values) > 0 {
		u += "?" + values.Encode()
	}
	return u
}

// Item is the address of a question in the editor.
func (d Draft) Item(id string) string { return d.URL("", "item", id) }

// Header is the top of a page about a questionnaire.
type Header struct {
	Label  string // of the way here, for screen readers
	Way    []Link
	Name   string
	Tabs   []Link
	Locked string // why nothing can be changed
	Faults *Faults
}

// Link is a link in the reader's language.
type Link struct {
	Text, URL string
	Current   bool
	Lang, Dir string // where the text is in another language
}

// Tongue is a language by its own name.
func Tongue(tag string) Link { return Link{Text: Native(tag), Lang: tag, Dir: Direction(tag)} }

// Header is the top of the page that r asks for; err is what was wrong with a
// form that comes back.
func (d Draft) Header(r *web.Request, err error) Header {
	t := r.Printer
	h := Header{
		Label: t.T("library.way"), Way: []Link{{Text: t.T("library.nav"), URL: ListURL}}, Name: d.Name, Faults: NewFaults(t, d.Questionnaire, err),
	}
	for _, page := range []string{"", "translate", "versions", "codebook"} {
		key := "library.tab." + page
		if page == "" {
			key = "library.tab.edit"
		}
		u := d.URL(page)
		current := r.URL.Path == u || page != "" && strings.HasPrefix(r.URL.Path, u+"/") || page == "" && r.URL.Path == d.URL("bank")
		h.Tabs = append(h.Tabs, Link{Text: t.T(key), URL: u, Current: current})
	}
	if !d.Editable {
		h.Locked = t.T("library.view_only")
	}
	return h
}

// Upload reads the file of a form.
func Upload(r *web.Request) (name string, data []byte, err error) {
	up, err := r.File("file")
	if err != nil {
		return "", nil, err
	}
	if up.Size > maxFile {
		return "", nil, errs.New(errs.TooLarge, errs.TooLarge.Key())
	}
	data, err = io.ReadAll(io.NewSectionReader(up, 0, up.Size))
	return up.Name, data, err
}

// Revision is the one a form was made from.
func Revision(values url.Values) int {
	n, err := strconv.Atoi(values.Get("revision"))
	if err != nil {
		return -1
	}
	return n
}

// FactorName is a key factor in the reader's language.
func FactorName(lang string, n int) (string, bool) {
	f, ok := factor.ByNumber(n)
	if !ok {
		return "", false
	}
	name, _ := f.Name(lang)
	return name, true
}
