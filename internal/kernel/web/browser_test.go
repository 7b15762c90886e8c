package web_test

import (
	"net/http/httptest"
	"testing"

	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/testkit/browsertest"
)

// Any form that posts is sent once by a double click; other forms, and the same
// one when the reader comes back to the page, are sent.
func TestDoubleClick(t *testing.T) {
	catalogue, err := i18n.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(web.New(web.Options{Catalogue: catalogue}).Handler())
	t.Cleanup(server.Close)
	tab := browsertest.New(t, browsertest.Options{})
	tab.Go(server.URL + "/en/")
	got := browsertest.Eval[string](tab, `(function () {
		function form(method) {
			var f = document.createElement('form');
			f.setAttribute('method', method);
			return document.body.appendChild(f);
		}
		function send(f) { return f.dispatchEvent(new Event('submit', {bubbles: true, cancelable: true})) ? 'sent ' : 'held '; }
		var a = form('post'), b = form('post'), c = form('get');
		var all = send(a) + send(a) + send(b) + send(c) + send(c) + send(b);
		dispatchEvent(new Event('pageshow'));
		return all + send(b) + send(b);
	})()`)
	if want := "sent held sent sent sent held sent held "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
