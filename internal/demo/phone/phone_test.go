package phone

import (
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const startPage = `<!DOCTYPE html><title>x</title><link rel="stylesheet" href="/assets/a.css"><script src="/assets/a.js" defer></script>
<h1 data-start>A &amp; B</h1>
<form method="post" action="/en/s/r1"><label for="code">Code</label><input id="code" name="code" value=""><button>Go</button></form>
<form method="post" action="/en/s/r1"><input type="hidden" name="OPEN" value="private"><button>Without</button></form>`

const welcomePage = `<h1>Welcome</h1><ul><li><button form="answers" name="NAV" value="stay">fr</button></li></ul>
<form id="answers" method="post" action="/en/s/r1" data-answers="/en/s/r1"><input type="hidden" name="STATE" value="0">
<button name="NAV" value="next">Start</button><button name="NAV" value="decline">No</button></form>`

const itemsPage = `<h1>Items</h1><form data-answers="x" action="/en/s/r1"><input type="hidden" name="STATE" value="1&amp;">
<fieldset><legend>One</legend><label><input type="radio" name="one" value="1"><span>No &amp; no</span></label>
<label><input type="radio" name="one" value="2" checked><span>Yes</span></label></fieldset>
<label><input type="checkbox" name="many" value="a">A</label><label><input type="checkbox" name="many" value="b">B</label>
<label for="t">Text</label><textarea id="t" name="text">
so &lt;far&gt;</textarea><button name="NAV" value="next">Next</button><button name="NAV" value="back">Back</button></form>`

const summaryPage = `<h1>Summary</h1><form data-answers="x" action="/en/s/r1"><input type="hidden" name="STATE" value="2">
<button name="NAV" value="next">Send</button></form>`

// fake answers like the answering pages and keeps what was sent.
type fake struct {
	sent []url.Values
	full bool // the code is refused at the end
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	show := func(status int, text string) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			w.WriteHeader(status)
			fmt.Fprint(w, text)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		packed := gzip.NewWriter(w)
		fmt.Fprint(packed, text)
		packed.Close()
	}
	if r.Method == http.MethodGet {
		show(http.StatusOK, startPage)
		return
	}
	if err := r.ParseForm(); err != nil {
		show(http.StatusBadRequest, "")
		return
	}
	f.sent = append(f.sent, r.PostForm)
	switch state := r.PostForm.Get("STATE"); {
	case r.PostForm.Get("code") == "bad":
		show(http.StatusBadRequest, startPage)
	case state == "":
		show(http.StatusOK, welcomePage)
	case state == "0":
		show(http.StatusOK, itemsPage)
	case state == "1&":
		show(http.StatusOK, summaryPage)
	case f.full:
		show(http.StatusConflict, summaryPage)
	default:
		show(http.StatusOK, "<h1 data-done>Thanks</h1>")
	}
}

func newFake(t *testing.T) (*fake, *Phone) {
	f := &fake{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, New(NewClient(2), server.URL+"/")
}

func TestAnswerFollowsTheForms(t *testing.T) {
	f, p := newFake(t)
	var asked []string
	err := p.Answer(t.Context(), "en", "r1", "official", "C0DE", func(item string, options []Option) []string {
		asked = append(asked, fmt.Sprint(item, options))
		return map[string][]string{"one": {"1", "2"}, "many": {"a", "b"}}[item]
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one[{1 No & no} {2 Yes}]", "many[{a A} {b B}]", "text[]"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	want := []url.Values{
		{"code": {"C0DE"}},
		{"STATE": {"0"}, "NAV": {"next"}},
		{"STATE": {"1&"}, "NAV": {"next"}, "one": {"1"}, "many": {"a", "b"}},
		{"STATE": {"2"}, "NAV": {"next"}},
	}
	if diff := cmp.Diff(want, f.sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestOpenLinkAndWhatWasThere(t *testing.T) {
	f, p := newFake(t)
	p.Plain = true
	if err := p.Answer(t.Context(), "en", "r1", "private", "", First); err != nil {
		t.Fatal(err)
	}
	if got := f.sent[0]; got.Get("OPEN") != "private" || got.Has("code") {
		t.Errorf("began with %v", got)
	}
	if err := p.Answer(t.Context(), "en", "r1", "official", "", First); err == nil || !strings.Contains(err.Error(), "no open link") {
		t.Errorf("a link that is not there: %v", err)
	}
	shown := parse([]byte(itemsPage))
	want := url.Values{"STATE": {"1&"}, "NAV": {"next"}, "one": {"2"}, "text": {"so <far>"}}
	if diff := cmp.Diff(want, shown.answers().values()); diff != "" {
		t.Errorf("the form as it stands (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	f, p := newFake(t)
	if err := p.Answer(t.Context(), "en", "r1", "", "bad", First); !errors.Is(err, ErrRefused) {
		t.Errorf("a mistyped code: %v", err)
	}
	f.full = true
	if err := p.Answer(t.Context(), "en", "r1", "", "used", First); !errors.Is(err, ErrRefused) {
		t.Errorf("a used code: %v", err)
	}
	v, err := p.Open(t.Context(), "en", "r1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Final(); err == nil {
		t.Error("a last request before the summary")
	}
	if v.Send(t.Context()) == nil {
		t.Error("sent before the summary")
	}
}

func TestFinalAndSizes(t *testing.T) {
	f, p := newFake(t)
	v, err := p.Open(t.Context(), "en", "r1")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Enter(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	if err := v.WalkToSummary(t.Context(), First); err != nil {
		t.Fatal(err)
	}
	before := len(f.sent)
	last, err := v.Final()
	if err != nil {
		t.Fatal(err)
	}
	if err := last.Send(t.Context()); err != nil {
		t.Error(err)
	}
	if len(f.sent) != before+1 || f.sent[before].Get("STATE") != "2" {
		t.Errorf("the last request sent %v", f.sent[before:])
	}
	var names []string
	for _, s := range v.Sizes {
		names = append(names, s.Page)
		if s.Wire < 100 || s.Body < 50 {
			t.Errorf("size %+v", s)
		}
	}
	if diff := cmp.Diff([]string{"start", "welcome", "page 1", "summary"}, names); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if got := v.Sizes[0].Body; got != len(startPage) {
		t.Errorf("the start page has %d bytes, want %d", got, len(startPage))
	}
	if diff := cmp.Diff([]string{"/assets/a.css", "/assets/a.js"}, v.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	f.full = true
	if err := last.Send(t.Context()); !errors.Is(err, ErrRefused) {
		t.Errorf("sent again: %v", err)
	}
}
