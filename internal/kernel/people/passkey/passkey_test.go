package passkey

import (
	"errors"
	"testing"
)

func TestAt(t *testing.T) {
	for _, c := range []struct {
		configured, here string
		want             Site
	}{
		{"https://adili.example", "https://adili.example", Site{"adili.example", "https://adili.example"}},
		{"https://Adili.Example:8443", "https://adili.example:8443", Site{"adili.example", "https://adili.example:8443"}},
		{"", "http://localhost:8080", Site{"localhost", "http://localhost:8080"}},
		{"https://adili.example", "http://localhost:8080", Site{"localhost", "http://localhost:8080"}},
		{"https://adili.example", "https://evil.example", Site{}},
		{"https://adili.example", "https://adili.example:8443", Site{}},
		{"", "https://adili.example", Site{}}, // whoever asks chooses the name
		{"", "http://127.0.0.1:8080", Site{}},
		{"http://adili.example", "http://adili.example", Site{}},
		{"https://192.0.2.7", "https://192.0.2.7", Site{}},
		{"https://[2001:db8::1]", "https://[2001:db8::1]", Site{}},
		{"adili.example", "https://adili.example", Site{}},
		{"https://adili.example", "https://%zz", Site{}},
		{"https://%zz", "https://adili.example", Site{}},
	} {
		if got, ok := At(c.configured, c.here); got != c.want || ok != (c.want != Site{}) {
			t.Errorf("%s at %s: %+v, %v", c.configured, c.here, got, ok)
		}
	}
}

func TestNonsense(t *testing.T) {
	site := Site{"adili.example", "https://adili.example"}
	for _, response := range []string{"", "null", "{}", `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`, "[1"} {
		if _, err := Names([]byte(response)); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", response, err)
		}
		if _, err := site.Made(User{ID: "p"}, []byte("{}"), []byte(response)); !errors.Is(err, ErrRefused) {
			t.Errorf("made %q: %v", response, err)
		}
		if _, _, err := site.Shown(User{ID: "p"}, nil, []byte("{}"), []byte(response)); !errors.Is(err, ErrRefused) {
			t.Errorf("shown %q: %v", response, err)
		}
	}
	for _, err := range []error{
		func() error { _, err := site.Made(User{}, []byte("x"), nil); return err }(),
		func() error { _, err := site.Make(User{ID: "p"}, []Key{{Data: []byte("x")}}); return err }(),
		func() error { _, err := site.Ask(User{ID: "p"}, []Key{{Data: []byte("x")}}); return err }(),
	} {
		if err == nil || errors.Is(err, ErrRefused) {
			t.Errorf("a fault of ours is the browser's: %v", err)
		}
	}
}
