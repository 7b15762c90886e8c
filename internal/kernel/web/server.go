package web

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"

	"github.com/klauspost/compress/gzhttp"
)

// Sessions finds the person behind a session token. people.Service does.
type Sessions interface {
	// Session gives an errs.SignInNeeded error for a token that opens nothing or no longer does.
	Session(ctx context.Context, token string) (people.Person, error)
}

// Options say what a server is made of.
type Options struct {
	Catalogue *i18n.Catalogue // texts of all rooms that will be mounted; web's own are Messages
	People    Sessions
	Logger    *slog.Logger // nil logs nothing
	Clock     clock.Clock  // nil is the machine's
	Style     []byte       // further CSS for the staff layout, such as the charts'; nil for none
	Invented  bool         // put "invented data" on every page
	Secure    bool         // the address is https: tell browsers to keep to it, as they are told anyway when a trusted proxy says so
	// Proxies may say for whom they ask, in X-Forwarded-For and X-Forwarded-Proto, as proxies on this machine always may.
	// With any here, plain HTTP is for them and this machine only.
	Proxies  []netip.Prefix
	Hosts    []string // the names readers use; requests for others are refused. None given: any
	Ready    func(context.Context) error
	Writable func() bool // false puts "nothing can be saved now" on staff pages; nil is always true
	// Observe, when set, is told of each staff request; never of any other.
	Observe func(method, pattern string, status int, took time.Duration)
}

// Server serves the mounted routes.
type Server struct {
	options  Options
	log      *slog.Logger
	clock    clock.Clock
	assets   assets
	staff    *http.ServeMux // /staff/…
	open     *http.ServeMux // everything else
	routes   []Route
	nav      []NavItem
	origin   *http.CrossOriginProtection
	problems map[Layout]*Page[problem]
	rare     *rareLog
}

// New makes a server with the routes of the shell itself: start page, health, assets. A missing catalogue panics.
func New(options Options) *Server {
	if options.Catalogue == nil {
		panic("web: Options without a catalogue")
	}
	s := &Server{
		options: options, log: options.Logger, clock: options.Clock, assets: newAssets(options.Style),
		staff: http.NewServeMux(), open: http.NewServeMux(), origin: http.NewCrossOriginProtection(),
		problems: make(map[Layout]*Page[problem]),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.clock == nil {
		s.clock = clock.System()
	}
	s.rare = newRareLog(s.log, s.clock)
	for _, l := range []Layout{Staff, Public, Respond} {
		s.problems[l] = NewPage[problem](l, layoutFiles, "layout/problem.html")
	}
	s.Mount(Route{Method: http.MethodGet, Pattern: "/{lang}/{$}", Permission: Public, Handle: home()})
	return s
}

// Handler gives the whole of it: what an http.Server serves.
func (s *Server) Handler() http.Handler {
	outer := http.NewServeMux() // by method-less patterns, so that a wrong method gets our page too
	outer.HandleFunc("/", s.dispatch(s.open))
	outer.HandleFunc(staffPrefix, s.dispatch(s.staff))
	outer.HandleFunc("/{$}", s.root)
	outer.HandleFunc("/staff", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, staffPrefix, http.StatusSeeOther) })
	outer.HandleFunc(healthPath, s.health)
	outer.HandleFunc(readyPath, s.ready)
	outer.HandleFunc("/robots.txt", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "User-agent: *\nDisallow: /\n") })
	// A few bytes more or less by the content's checksum, so that the size of a page does not tell whether something in it was
	// guessed right (BREACH).
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(512), gzhttp.CompressionLevel(5), gzhttp.EnableZstd(false), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		panic(err) // only for options out of range
	}
	pages := compress(outer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.setHeaders(w.Header(), r)
		if status, text := s.admit(r); status != 0 {
			plain(w, status, text)
			return
		}
		if strings.HasPrefix(r.URL.Path, assetPrefix) {
			s.assets.serve(w, r) // already compressed
			return
		}
		pages(w, r)
	})
}

// setHeaders sets what every answer carries. Nothing may be loaded from elsewhere, framed, sniffed or told to others, and
// nothing but an asset is ever kept by a cache.
func (s *Server) setHeaders(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", policy+"; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()")
	h.Set("Cache-Control", "no-store")
	if s.options.Secure || s.forwardedHTTPS(r) {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// Time limits of a connection. A phone at 2G sends 64 KiB in about 20 seconds.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 60 * time.Second
	longTimeout   = 5 * time.Minute // for routes that take files
	longBody      = 1 << 20         // from this many bytes on a route counts as one
	maxHeader     = 16 << 10
)

// HTTPServer gives an http.Server of all pages for the address, see Quiet.
func (s *Server) HTTPServer(addr string) *http.Server { return Quiet(addr, s.Handler()) }

// Quiet gives an http.Server for the address with all limits set. Its error log is thrown away: net/http writes remote
// addresses into it.
func Quiet(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr: addr, Handler: handler,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: bodyTimeout, IdleTimeout: bodyTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
}
