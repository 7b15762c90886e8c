package metric

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestMetrics(t *testing.T) {
	s := New("1.2.3")
	s.Staff("GET /staff/round/{id}", 200, 30*time.Millisecond)
	s.Staff("GET /staff/round/{id}", 200, 3*time.Second)
	s.Staff("POST /staff/round", 409, time.Millisecond)
	(*Set)(nil).Staff("GET /", 200, 0)
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text := answer.Body.String()
	for _, want := range []string{
		`adili_info{version="1.2.3"} 1`,
		`adili_staff_requests_total{route="GET /staff/round/{id}",status="200"} 2`,
		`adili_staff_requests_total{route="POST /staff/round",status="409"} 1`,
		`adili_staff_request_seconds_bucket{route="GET /staff/round/{id}",le="0.1"} 1`,
		"adili_start_time_seconds",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, telling := range []string{"process_", "go_"} { // they rise with every answer
		if strings.Contains(text, "\n"+telling) {
			t.Errorf("there is a series %s…", telling)
		}
	}
	if answer.Code != 200 || strings.Contains(text, "respond") || strings.Contains(text, "answer") {
		t.Errorf("status %d, or something about respondents:\n%s", answer.Code, text)
	}
	other := httptest.NewRecorder()
	s.Handler().ServeHTTP(other, httptest.NewRequest("GET", "/", nil))
	if other.Code != 404 {
		t.Errorf("/ gives %d", other.Code)
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
