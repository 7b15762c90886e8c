package readiness

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestAnswers(t *testing.T) {
	ours := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte("ok\n"))
	})
	secure := httptest.NewTLSServer(ours)
	defer secure.Close()
	if err := Answers(t.Context(), secure.Client(), secure.URL+"/"); err != nil {
		t.Errorf("ours: %v", err)
	}
	if err := Answers(t.Context(), nil, secure.URL); err == nil || !untrusted(err) {
		t.Errorf("a certificate nobody knows: %v", err)
	}
	for name, handler := range map[string]http.HandlerFunc{
		"another page": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<h1>It works!</h1>")) },
		"not found":    http.NotFound,
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, secure.URL+"/healthz", http.StatusFound)
		},
	} {
		other := httptest.NewServer(handler)
		if err := Answers(t.Context(), secure.Client(), other.URL); !errors.Is(err, ErrOther) {
			t.Errorf("%s: %v", name, err)
		}
		other.Close()
	}
	secure.Close()
	if err := Answers(t.Context(), secure.Client(), secure.URL); err == nil || errors.Is(err, ErrOther) || untrusted(err) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestNetworkTime(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", noon.Format(http.TimeFormat))
	}))
	defer server.Close()
	if got, err := NetworkTime(t.Context(), nil, server.URL); err != nil || !got.Equal(noon) {
		t.Errorf("%v, %v", got, err)
	}
	server.Close()
	if _, err := NetworkTime(t.Context(), nil, server.URL); err == nil {
		t.Error("no error")
	}
}

// The clocks that there are, and what is compared.
func TestSkew(t *testing.T) {
	gone := errors.New("gone")
	at := func(d time.Duration) func(context.Context) (time.Time, error) {
		return func(context.Context) (time.Time, error) { return noon.Add(d), nil }
	}
	database := func(d Database, err error) func(context.Context) (Database, error) {
		return func(context.Context) (Database, error) { return d, err }
	}
	dark := func(context.Context) (time.Time, error) { return time.Time{}, gone }
	for name, test := range map[string]struct {
		p    Probes
		want time.Duration
		fail bool
	}{
		"network":            {Probes{Now: now, Others: at(-time.Minute)}, time.Minute - 500*time.Millisecond, false},
		"network first":      {Probes{Now: now, Others: at(-time.Minute), Database: database(Database{Now: noon}, nil)}, time.Minute - 500*time.Millisecond, false},
		"no network":         {Probes{Now: now, Others: dark, Database: database(Database{Now: noon.Add(time.Second)}, nil)}, -time.Second, false},
		"database":           {Probes{Now: now, Database: database(Database{Now: noon.Add(time.Second)}, nil)}, -time.Second, false},
		"database's is ours": {Probes{Now: now, Database: database(Database{}, nil)}, 0, true},
		"database gone":      {Probes{Now: now, Database: database(Database{}, gone)}, 0, true},
		"none":               {Probes{Now: now, Others: dark}, 0, true},
	} {
		got, err := Skew(t.Context(), test.p)
		if got != test.want || (err != nil) != test.fail {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
