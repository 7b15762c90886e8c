// Package metric counts what an administrator needs to keep the service running, for Prometheus: that it runs, since when,
// and the requests of staff. Nothing is counted about respondents: on a quiet day a counter that rises by one, looked at
// with a list of who was handed an invitation, would tell who has answered. The usual series of the process (processor
// time, memory, bytes on the network) are left out for the same reason: they rise with every answer.
package metric

import (
	"net"
	"net/http"
	"strconv"
	"time"

	"adili/internal/kernel/errs"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Set is the program's metrics. It is safe for use by several goroutines. The zero pointer counts nothing.
type Set struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// New makes the metrics of a program of the given version.
func New(version string) *Set {
	s := &Set{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "adili_staff_requests_total", Help: "Requests to staff pages, by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "adili_staff_request_seconds", Help: "Time taken by requests to staff pages, in seconds.",
			Buckets: []float64{0.005, 0.02, 0.1, 0.5, 2, 10},
		}, []string{"route"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "adili_info", Help: "Always 1; the label tells the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	start := prometheus.NewGauge(prometheus.GaugeOpts{Name: "adili_start_time_seconds", Help: "When the program was started, in seconds since 1970."})
	start.SetToCurrentTime()
	s.registry.MustRegister(info, start, s.requests, s.seconds)
	return s
}

// Staff counts one request to a staff page. The route is its pattern, such as "GET /staff/round/{id}", never the path, or
// each round would be a series of its own. The caller must not count routes of respondents.
func (s *Set) Staff(route string, status int, took time.Duration) {
	if s == nil {
		return
	}
	s.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	s.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Handler serves the metrics at /metrics.
func (s *Set) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second}))
	return mux
}

// Server gives a server for the metrics alone, to be listened on beside the public one. The address must be on the
// loopback interface: the metrics are for programs on the same machine.
func (s *Set) Server(address string) (*http.Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errs.New(errs.Invalid, errs.Invalid.Key()).Because(&net.AddrError{Err: "the metrics may be served on loopback only", Addr: address})
	}
	return &http.Server{
		Addr: address, Handler: s.Handler(), MaxHeaderBytes: 8 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 15 * time.Second, IdleTimeout: time.Minute,
	}, nil
}
