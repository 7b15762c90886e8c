package blob

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"adili/internal/kernel/errs"
)

func TestAddresses(t *testing.T) {
	keys := Keys{"id", "secret"}
	for address, ok := range map[string]bool{
		"s3://bucket?endpoint=https://s3.example:9000&region=x": true,
		"s3://bucket/some/where/?endpoint=https://s3.example":   true,
		"s3://bucket": true,
		"s3://bucket?endpoint=http://127.0.0.1:9":      true,
		"s3://bucket?endpoint=http://localhost:9":      true,
		"s3://bucket?endpoint=http://[::1]:9":          true,
		"s3://bucket?endpoint=http://s3.example":       false, // in the clear
		"s3://bucket?endpoint=s3.example":              false,
		"s3://bucket?endpoint=https://s3.example/path": false,
		"s3://bucket?endpoint=https://u:p@s3.example":  false,
		"s3://bucket/../c":                             false,
		"s3://":                                        false,
		"s3://u:p@b":                                   false,
		"s3://bucket?regoin=x":                         false,
		"ftp://b":                                      false,
		"":                                             false,
	} {
		_, err := Open(address, keys)
		if ok != (err == nil) || err != nil && errs.KindOf(err) != errs.Invalid {
			t.Errorf("Open(%q): %v", address, err)
		}
	}
	if e, ok := errs.Find(second(Open("s3://bucket", Keys{}))); !ok || e.Key != "blob.keys_missing" {
		t.Errorf("without keys: %v", e)
	}
	if err := second(Open("s3://user:hunter2@bucket", keys)); strings.Contains(fmt.Sprintf("%v %+v", err, err), "hunter2") {
		t.Error("an error repeats the secret")
	}
}

func second(_ Store, err error) error { return err }

// What a store may answer, and what the operator is told.
func TestBucketFaults(t *testing.T) {
	for _, c := range []struct {
		code   string
		status int
		key    string
	}{
		{"InvalidAccessKeyId", 403, "blob.refused"},
		{"SignatureDoesNotMatch", 403, "blob.refused"},
		{"AccessDenied", 403, "blob.refused"},
		{"NoSuchBucket", 404, "blob.no_bucket"},
		{"RequestTimeTooSkewed", 403, "blob.clock"},
		{"XMinioStorageFull", 507, "blob.quota"},
		{"InternalError", 500, "blob.unreachable"},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel() // some are tried again for seconds
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(c.status)
				fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>no</Message></Error>`, c.code)
			}))
			defer server.Close()
			s := open(t, "s3://bucket?endpoint="+server.URL, Keys{"id", "secret"})
			_, listed := s.List(t.Context(), "")
			_, opened := s.Open(t.Context(), "x")
			for what, err := range map[string]error{
				"Put": s.Put(t.Context(), "x", strings.NewReader("x"), 1), "List": listed, "Open": opened, "Delete": s.Delete(t.Context(), "x"),
			} {
				if e, ok := errs.Find(err); !ok || e.Key != c.key || e.Kind != errs.Unavailable {
					t.Errorf("%s gives %v, want %s", what, err, c.key)
				}
			}
		})
	}
}

func TestBucketGone(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	s := open(t, "s3://bucket?endpoint="+server.URL, Keys{"id", "secret"})
	if e, ok := errs.Find(s.Put(t.Context(), "x", strings.NewReader("x"), 1)); !ok || e.Key != "blob.unreachable" {
		t.Errorf("a store that is gone gives %v", e)
	}
}

// A store that answers again after a moment is no fault.
func TestBucketRetries(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("ETag", `"x"`)
	}))
	defer server.Close()
	s := open(t, "s3://bucket?endpoint="+server.URL, Keys{"id", "secret"})
	if err := s.Put(t.Context(), "x", strings.NewReader("x"), 1); err != nil || asked.Load() != 3 {
		t.Errorf("after %d requests: %v", asked.Load(), err)
	}
}
