// Package metric counts what an administrator needs to keep the service running, for Prometheus: that it runs, since when,
// the requests of staff, and whether something is about to stop a round.
//
// Nothing is counted about respondents: on a quiet day a counter that rises by one, looked at with a list of who was handed
// an invitation, would tell who has answered. So there is no series that changes when an answer comes in. The usual series
// of the process (processor time, memory, open files, bytes on the network) are left out for that reason, and the free disk
// space is given in whole hundredths of the disk only. See docs/decisions/0016-what-is-watched.md.
package metric

import (
	"net"
	"net/http"
	"runtime"
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
	signIns  prometheus.Counter
	mails    prometheus.Counter
	health   *Health
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
		signIns: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "adili_signin_failures_total", Help: "Sign-ins of staff that were refused.",
		}),
		mails: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "adili_mail_failures_total", Help: "Mails that the mail server did not take.",
		}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "adili_build_info", Help: "Always 1; the labels tell the version.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	info.Set(1)
	start := prometheus.NewGauge(prometheus.GaugeOpts{Name: "adili_start_time_seconds", Help: "When the program was started, in seconds since 1970."})
	start.SetToCurrentTime()
	s.registry.MustRegister(info, start, s.requests, s.seconds, s.signIns, s.mails)
	return s
}

// Watch adds the values that are looked up when Prometheus asks, and the health pages. Call it once, before Handler.
func (s *Set) Watch(sources Sources, health *Health) {
	s.registry.MustRegister(newCollector(sources))
	s.health = health
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

// SignInFailed counts one sign-in of staff that was refused. Who tried, and from where, is not kept.
func (s *Set) SignInFailed() {
	if s != nil {
		s.signIns.Inc()
	}
}

// MailFailed counts one mail that the mail server did not take.
func (s *Set) MailFailed() {
	if s != nil {
		s.mails.Inc()
	}
}

// Handler serves the metrics at /metrics and, after Watch, the health pages at /healthz and /readyz.
func (s *Set) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second}))
	if s.health != nil {
		mux.HandleFunc("GET /healthz", alive)
		mux.HandleFunc("GET /readyz", s.health.serve)
	}
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
