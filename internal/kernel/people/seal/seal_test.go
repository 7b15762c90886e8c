package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

func TestToken(t *testing.T) {
	r, other := New(NewKey(), nil), New(NewKey(), nil)
	token := r.Token([]byte("body"), "a", now.Add(time.Minute))
	if strings.Contains(token, "body") {
		t.Error("a token is readable")
	}
	if body, err := r.Body(token, "a", now); err != nil || string(body) != "body" {
		t.Errorf("%q, %v", body, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"other purpose": func() ([]byte, error) { return r.Body(token, "b", now) },
		"too late":      func() ([]byte, error) { return r.Body(token, "a", now.Add(time.Minute)) },
		"other key":     func() ([]byte, error) { return other.Body(token, "a", now) },
		"changed":       func() ([]byte, error) { return r.Body("A"+token[1:]+"A", "a", now) },
		"no text":       func() ([]byte, error) { return r.Body("", "a", now) },
		"no base64":     func() ([]byte, error) { return r.Body("!", "a", now) },
	} {
		if body, err := open(); !errors.Is(err, ErrOther) {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
}

func TestSecretsAtRest(t *testing.T) {
	root, file := NewKey(), NewKey()
	alone, both, wrong := New(root, nil), New(root, file), New(root, NewKey())
	secret := []byte("twenty secret bytes!")
	for _, c := range []struct {
		name       string
		put, get   *Ring
		owner      string
		has, opens bool
	}{
		{"root alone", alone, alone, "p", true, true},
		{"both keys", both, both, "p", true, true},
		{"a file key that came later", alone, both, "p", true, true},
		{"the database without the file", both, alone, "p", false, false},
		{"another file", both, wrong, "p", false, false},
		{"another owner", both, both, "q", true, false},
	} {
		sealed := c.put.Put(secret, "p")
		got, err := c.get.Get(sealed, c.owner)
		if c.get.Has(sealed) != c.has || (err == nil) != c.opens || c.opens && !bytes.Equal(got, secret) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if bytes.Contains(sealed, secret) {
			t.Errorf("%s: sealed, but readable", c.name)
		}
	}
	if _, err := both.Get([]byte("short"), "p"); !errors.Is(err, ErrOther) || both.Has(nil) {
		t.Error("something short is taken for sealed")
	}
}

func TestDevice(t *testing.T) {
	r := New(NewKey(), nil)
	cookie := r.NewDevice("ana@example.org", now)
	name, fresh := r.Device(cookie, "ana@example.org", now)
	if name == "" || !fresh {
		t.Fatalf("%q, %v", name, fresh)
	}
	if again, _ := r.Device(cookie, "ana@example.org", now.Add(time.Hour)); again != name {
		t.Error("the name of a browser changes")
	}
	if other, _ := r.Device(r.NewDevice("ana@example.org", now), "ana@example.org", now); other == name {
		t.Error("two browsers have one name")
	}
	if name, fresh := r.Device(cookie, "ana@example.org", now.Add(200*day)); name == "" || fresh {
		t.Errorf("after 200 days: %q, %v", name, fresh)
	}
	for what, got := range map[string]func() (string, bool){
		"another account": func() (string, bool) { return r.Device(cookie, "bob@example.org", now) },
		"another key":     func() (string, bool) { return New(NewKey(), nil).Device(cookie, "ana@example.org", now) },
		"a year later":    func() (string, bool) { return r.Device(cookie, "ana@example.org", now.Add(DeviceLife+day)) },
		"none":            func() (string, bool) { return r.Device("", "ana@example.org", now) },
		"half":            func() (string, bool) { return r.Device(cookie[:20], "ana@example.org", now) },
	} {
		if name, _ := got(); name != "" {
			t.Errorf("%s: known", what)
		}
	}
}
