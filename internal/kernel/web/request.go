package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
)

// Limits of a form.
const (
	maxFields = 500      // fields, files included
	maxValue  = 64 << 10 // bytes of one text field in a form that carries files
)

// Request is what a handler gets: the HTTP request, the reader's language, and the person, who is nobody outside /staff/ and
// on staff pages that need no session.
type Request struct {
	*http.Request
	Printer *i18n.Printer
	Person  people.Person

	server *Server
	route  Route
	mark   string     // see Mark
	form   url.Values // nil until read
	files  map[string]*Upload
}

// Upload is a file that came with a form. It lies in a temporary file that is gone when the request ends.
type Upload struct {
	Name string // as the sender calls it, without folders
	Size int64  // bytes
	file *os.File
}

// ReadAt implements io.ReaderAt.
func (u *Upload) ReadAt(p []byte, off int64) (int, error) { return u.file.ReadAt(p, off) }

// Mark makes the page say above everything else what kind of page it is, in the text of the key, such as that answers given
// here do not count. A page about an error says it too.
func (r *Request) Mark(key string) { r.mark = key }

// SessionToken gives the token in the session cookie, or "" when there is none.
func (r *Request) SessionToken() string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// StaffCookie gives the value of a cookie that the reply StaffCookie set, or "".
func (r *Request) StaffCookie(name string) string {
	c, err := r.Cookie(cookiePrefix + name)
	if err != nil {
		return ""
	}
	return c.Value
}

// In gives the printer of another language than the reader's, for what is sent to somebody else.
func (r *Request) In(lang string) *i18n.Printer { return r.server.options.Catalogue.Printer(lang) }

// Form reads the request's form within the limits, once; later calls give the same values. Forms with files are read too,
// see File. Trouble is an errs.E of kind Invalid or TooLarge.
func (r *Request) Form() (url.Values, error) {
	if r.form != nil {
		return r.form, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, errs.New(errs.Invalid, "web.error.form").Because(err)
	}
	var form url.Values
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err = r.readFields()
	case "multipart/form-data":
		form, err = r.readParts(params["boundary"])
	default:
		err = errs.New(errs.Invalid, "web.error.form")
	}
	if err != nil {
		return nil, err
	}
	r.form = form
	return form, nil
}

// readFields reads the whole body before anything else happens, so that an upload that is cut off holds nothing but its own
// connection.
func (r *Request) readFields() (url.Values, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, bodyError(err)
	}
	if bytes.Count(body, []byte("&")) >= maxFields {
		return nil, errs.New(errs.TooLarge, "web.error.fields", "Most", maxFields)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errs.New(errs.Invalid, "web.error.form").Because(err)
	}
	return form, nil
}

func (r *Request) readParts(boundary string) (url.Values, error) {
	form := make(url.Values)
	r.files = make(map[string]*Upload)
	parts := multipart.NewReader(r.Body, boundary)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			return form, nil
		}
		if err != nil {
			return nil, bodyError(err)
		}
		if n >= maxFields {
			return nil, errs.New(errs.TooLarge, "web.error.fields", "Most", maxFields)
		}
		if err := r.readPart(part, form); err != nil {
			return nil, err
		}
	}
}

func (r *Request) readPart(part *multipart.Part, form url.Values) error {
	if part.FileName() == "" {
		text, err := io.ReadAll(io.LimitReader(part, maxValue+1))
		if err != nil {
			return bodyError(err)
		}
		if len(text) > maxValue {
			return errs.New(errs.TooLarge, errs.TooLarge.Key())
		}
		form.Add(part.FormName(), string(text))
		return nil
	}
	file, err := os.CreateTemp("", "adili-upload-*")
	if err != nil {
		return errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(err)
	}
	old := r.files[part.FormName()]
	up := &Upload{Name: part.FileName(), file: file}
	r.files[part.FormName()] = up
	old.close()
	// Where the system allows it the name goes at once, so that not even a crash leaves the file behind; elsewhere close does.
	_ = os.Remove(file.Name())
	if up.Size, err = io.Copy(file, part); err != nil {
		return bodyError(err)
	}
	return nil
}

// File gives the file sent in the form's field: errs.Invalid when none was sent. It reads the form if that was not done.
func (r *Request) File(field string) (*Upload, error) {
	if _, err := r.Form(); err != nil {
		return nil, err
	}
	up := r.files[field]
	if up == nil || up.Size == 0 {
		return nil, errs.New(errs.Invalid, "web.error.file")
	}
	return up, nil
}

func (u *Upload) close() {
	if u == nil {
		return
	}
	_ = u.file.Close()           // nothing was to be kept
	_ = os.Remove(u.file.Name()) // gone already on most systems
}

func (r *Request) close() {
	for _, up := range r.files {
		up.close()
	}
}

// bodyError says why a body could not be read: too large, the disk, or a sender that went away.
func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errs.New(errs.TooLarge, errs.TooLarge.Key()).Because(err)
	}
	if _, ok := errors.AsType[*os.PathError](err); ok {
		return errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(err)
	}
	return errs.New(errs.Invalid, "web.error.cut").Because(err)
}

// LocalPath gives the staff address in s, and fallback when s is none, so that a form's "next" never leads to another site.
func LocalPath(s, fallback string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, staffPrefix) ||
		strings.ContainsAny(s, "\\\r\n") || strings.Contains(u.Path, "..") {
		return fallback
	}
	return u.RequestURI()
}
