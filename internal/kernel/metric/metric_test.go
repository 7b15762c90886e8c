package metric

import (
	"context"
	"errors"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// scrape gives the text of /metrics.
func scrape(t *testing.T, s *Set) string {
	t.Helper()
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 200 {
		t.Fatalf("status %d:\n%s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// names lists the series' names, each once.
func names(text string) []string {
	var all []string
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (\w+) `).FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	return all
}

var day = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

// full gives every source.
func full() Sources {
	return Sources{
		Database:    func(context.Context) (bool, error) { return true, nil },
		Shared:      func(context.Context) error { return nil },
		Disk:        func() (uint64, uint64, error) { return 40_123_456_789, 100_000_000_000, nil },
		Backup:      func(context.Context) (Backup, error) { return Backup{Succeeded: day, Failed: true}, nil },
		Certificate: func() (time.Time, bool) { return day, false },
		Rounds: func(context.Context) ([]Round, error) {
			return []Round{{ID: "round_1", Closes: day, Available: true, Room: true}, {ID: "round_2", Closes: day}}, nil
		},
		Jobs: func(context.Context) ([]Job, error) {
			return []Job{{Name: "backup", Succeeded: day, Failures: 3}, {Name: "trail", Failing: true}}, nil
		},
		Skew: func(context.Context) (time.Duration, error) { return -1500 * time.Millisecond, nil },
	}
}

func TestMetrics(t *testing.T) {
	s := New("1.2.3")
	s.Watch(full(), NewHealth())
	s.Staff("GET /staff/round/{id}", 200, 30*time.Millisecond)
	s.Staff("GET /staff/round/{id}", 200, 3*time.Second)
	s.Staff("POST /staff/round", 409, time.Millisecond)
	s.SignInFailed()
	s.MailFailed()
	nobody := (*Set)(nil)
	nobody.Staff("GET /", 200, 0)
	nobody.SignInFailed()
	nobody.MailFailed()
	text := scrape(t, s)
	for _, want := range []string{
		`version="1.2.3"} 1`,
		`adili_staff_requests_total{route="GET /staff/round/{id}",status="200"} 2`,
		`adili_staff_requests_total{route="POST /staff/round",status="409"} 1`,
		`adili_staff_request_seconds_bucket{route="GET /staff/round/{id}",le="0.1"} 1`,
		"adili_start_time_seconds", "adili_signin_failures_total 1", "adili_mail_failures_total 1",
		"adili_database_up 1", "adili_database_writable 1", "adili_shared_store_up 1",
		"adili_disk_free_bytes 4e+10", "adili_disk_size_bytes 1e+11",
		"adili_backup_last_success_timestamp_seconds 1.796112e+09", "adili_backup_last_error 1", "adili_certificate_last_error 0",
		"adili_round_open 2", `adili_intake_available{round="round_1"} 1`, `adili_intake_available{round="round_2"} 0`,
		`adili_intake_room{round="round_2"} 0`, `adili_round_closes_timestamp_seconds{round="round_1"} 1.796112`,
		`adili_job_failures_total{name="backup"} 3`, `adili_job_failing{name="trail"} 1`, `adili_job_last_success_timestamp_seconds{name="trail"} 0`,
		"adili_clock_skew_seconds -1.5",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// The list of names is closed: whoever adds one has to think about what it tells of respondents, and to name it here and
// in docs/guide/alerts.md.
func TestNothingTellsOfAnswers(t *testing.T) {
	s := New("1.2.3")
	s.Watch(full(), NewHealth())
	s.Staff("GET /staff/", 200, time.Millisecond)
	want := []string{
		"adili_backup_last_error", "adili_backup_last_success_timestamp_seconds", "adili_build_info", "adili_certificate_expiry_timestamp_seconds",
		"adili_certificate_last_error", "adili_clock_skew_seconds", "adili_database_up", "adili_database_writable", "adili_disk_free_bytes",
		"adili_disk_size_bytes", "adili_intake_available", "adili_intake_room", "adili_job_failing", "adili_job_failures_total",
		"adili_job_last_success_timestamp_seconds", "adili_mail_failures_total", "adili_round_closes_timestamp_seconds", "adili_round_open",
		"adili_shared_store_up", "adili_signin_failures_total", "adili_staff_request_seconds", "adili_staff_requests_total", "adili_start_time_seconds",
	}
	got := names(scrape(t, s))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the series are\n%v, want\n%v", got, want)
	}
}

// A single answer makes the journal some pages longer. No series may move by that.
func TestDiskSpaceIsCoarse(t *testing.T) {
	const size = 20 << 30
	seen := map[uint64]bool{}
	for free := uint64(9<<30 + 150<<20); free > 9<<30+50<<20; free -= 4096 {
		seen[coarse(free, size)] = true
	}
	if len(seen) != 1 {
		t.Errorf("100 MiB of answers show as %d steps", len(seen))
	}
	for free, want := range map[uint64]uint64{0: 0, 99: 0, 100: 100, 10_000: 10_000, 5_555: 5_500} {
		if got := coarse(free, 10_000); got != want {
			t.Errorf("coarse(%d) = %d, want %d", free, got, want)
		}
	}
	if coarse(7, 10) != 7 {
		t.Error("a tiny disk")
	}
}

func TestSourcesThatFail(t *testing.T) {
	gone := errors.New("gone")
	s := New("x")
	s.Watch(Sources{
		Database: func(context.Context) (bool, error) { return true, gone },
		Shared:   func(context.Context) error { return gone },
		Disk:     func() (uint64, uint64, error) { return 0, 0, gone },
		Backup:   func(context.Context) (Backup, error) { return Backup{}, gone },
		Rounds:   func(context.Context) ([]Round, error) { return nil, gone },
		Jobs:     func(context.Context) ([]Job, error) { return nil, gone },
		Skew:     func(context.Context) (time.Duration, error) { return 0, gone },
	}, NewHealth())
	text := scrape(t, s)
	for _, want := range []string{"adili_database_up 0", "adili_database_writable 0", "adili_shared_store_up 0"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, name := range names(text) {
		for _, absent := range []string{"disk", "backup", "round", "job", "clock", "certificate", "intake"} {
			if strings.Contains(name, absent) {
				t.Errorf("%s in spite of the failure", name)
			}
		}
	}
	empty := New("x")
	empty.Watch(Sources{}, NewHealth())
	if text := scrape(t, empty); strings.Contains(text, "database") {
		t.Errorf("nothing to ask, and yet:\n%s", text)
	}
}

// What hangs takes nothing else with it, and is not asked again while it hangs.
func TestSourcesThatHang(t *testing.T) {
	free := make(chan bool)
	asked := make(chan bool, 9)
	sources := full()
	sources.Disk = func() (uint64, uint64, error) { asked <- true; <-free; return 0, 0, nil }
	sources.Database = func(context.Context) (bool, error) { <-free; return true, nil }
	defer close(free)
	s := New("x")
	c := newCollector(sources)
	c.limit = 50 * time.Millisecond
	s.registry.MustRegister(c)
	for range 2 {
		text := scrape(t, s)
		if strings.Contains(text, "adili_disk") || !strings.Contains(text, "adili_round_open 2") {
			t.Errorf("with a disk that hangs:\n%s", text)
		}
		if !strings.Contains(text, "adili_database_up 0") {
			t.Error("a database that hangs is not down")
		}
	}
	if len(asked) != 1 {
		t.Errorf("asked %d times", len(asked))
	}
}

func TestServerIsOnLoopbackOnly(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:9100": true, "localhost:9100": true, "[::1]:9100": true,
		":9100": false, "0.0.0.0:9100": false, "192.0.2.1:9100": false, "example.org:9100": false, "127.0.0.1": false,
	} {
		server, err := New("x").Server(address)
		if (err == nil) != want {
			t.Errorf("Server(%q) = %v", address, err)
		}
		if err == nil && (server.Addr != address || server.ReadHeaderTimeout == 0 || server.WriteTimeout == 0) {
			t.Errorf("Server(%q) lacks limits", address)
		}
	}
}
