package web

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// Reply is an answer that is ready to be sent. Only this package makes replies; Page.Reply, Redirect, File and the others
// below are the ways to get one.
type Reply interface {
	// send writes the answer. It returns an error only while nothing has been written yet.
	send(w http.ResponseWriter, r *Request) error
}

// replyFunc is a function as a Reply.
type replyFunc func(w http.ResponseWriter, r *Request) error

func (f replyFunc) send(w http.ResponseWriter, r *Request) error { return f(w, r) }

// Redirect sends the browser to a page of this program with 303, the answer to a form that worked.
func Redirect(url string) Reply {
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		w.Header().Set("Location", url)
		w.WriteHeader(http.StatusSeeOther)
		return nil
	})
}

// RedirectFlash redirects, and the next staff page shows the message once. On other routes it is Redirect alone: a
// respondent never gets a cookie.
func RedirectFlash(url, messageKey string) Reply {
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		if r.route.staff() {
			setCookie(w, flashCookie, messageKey, 60)
		}
		return Redirect(url).send(w, r)
	})
}

// File sends bytes to be saved under the name.
func File(filename, contentType string, body []byte) Reply {
	return Stream(filename, contentType, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
}

// Stream sends a file as write makes it. When write fails half-way the connection is broken off, so that nobody takes half
// a file for the whole.
func Stream(filename, contentType string, write func(io.Writer) error) Reply {
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": filename}))
		if err := write(w); err != nil {
			r.server.logFault(r, fmt.Errorf("sending %s: %w", filename, err), "")
			panic(http.ErrAbortHandler)
		}
		return nil
	})
}

func plain(w http.ResponseWriter, code int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, s) // a reader that went away is no fault
}

// Header adds a header to a reply, such as Clear-Site-Data after an answer was sent. It cannot set a cookie.
func Header(reply Reply, name, value string) Reply {
	if http.CanonicalHeaderKey(name) == "Set-Cookie" {
		panic("web: a cookie by way of Header")
	}
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		w.Header().Set(name, value)
		return reply.send(w, r)
	})
}

// Faulty sends the reply, such as a form that comes back, with the error's status, and logs the error as a page about it would.
func Faulty(reply Reply, err error) Reply {
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		r.server.logFault(r, err, "")
		if status := Status(err); status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "60")
		}
		return reply.send(w, r)
	})
}

// The cookies, for staff only. __Host- means: from this host, over https (or loopback), for the whole site.
const (
	sessionCookie = "__Host-adili"
	cookiePrefix  = "__Host-adili-" // of the others
	flashCookie   = cookiePrefix + "flash"
)

// StartSession puts the session token into the cookie of a staff reply.
func StartSession(reply Reply, token string) Reply { return withSession(reply, token, 0) }

// EndSession removes the session cookie.
func EndSession(reply Reply) Reply { return withSession(reply, "", -1) }

func withSession(reply Reply, token string, maxAge int) Reply {
	return withCookie(reply, sessionCookie, token, maxAge)
}

// StaffCookie puts a value into another cookie of a staff reply, for that long, and takes the cookie away when the value is
// empty. Request.StaffCookie reads it.
func StaffCookie(reply Reply, name, value string, life time.Duration) Reply {
	maxAge := int(life / time.Second)
	if value == "" {
		maxAge = -1
	}
	return withCookie(reply, cookiePrefix+name, value, maxAge)
}

func withCookie(reply Reply, name, value string, maxAge int) Reply {
	return replyFunc(func(w http.ResponseWriter, r *Request) error {
		if !r.route.staff() {
			return fmt.Errorf("a cookie on %s, which is no staff route", r.route.Pattern)
		}
		setCookie(w, name, value, maxAge)
		return reply.send(w, r)
	})
}

// setCookie sets a cookie that lives until the browser closes (maxAge 0), for so many seconds, or no longer (-1).
func setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
