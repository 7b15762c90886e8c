package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
	_ "time/tzdata" // a round has a time zone, and a bare machine has no list of them

	"adili/internal/app/option"
	"adili/internal/app/service"
	"adili/internal/backup/control"
	"adili/internal/kernel/cert"
	"adili/internal/kernel/web"
)

// stopTime is how long requests under way may take once the program is asked
// to stop.
const stopTime = 10 * time.Second

// listen are the addresses served.
type listen struct {
	Listen string // pages
	HTTP   string // beside HTTPS: leads there; empty for none
	Admin  string // metrics; empty for none
	Site   string // what readers use, if it is not the address that is listened on
}

type serveCommand struct {
	option.Flags `options:"storage network nodes backup mail sign-in log"`
}

// Run serves until the context ends.
func (c serveCommand) Run(ctx context.Context, s streams) (err error) {
	o, err := c.Options()
	if err != nil {
		return err
	}
	log := s.logger(o.LogFormat)
	config, err := configure(o, log)
	if err != nil {
		return err
	}
	if !o.HTTPS() {
		if err := web.CheckPlain(o.Listen, config.Proxies); err != nil {
			return err
		}
	}
	a, err := Open(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.serve(ctx, listen{o.Listen, o.HTTPListen, o.AdminListen, o.Address}, log, func(base string) error {
		token, needed, err := a.People.SetupLink(ctx)
		if err != nil {
			return err
		}
		if needed {
			fmt.Fprintf(s.out, "There is no account yet. Open this link once to make the first:\n%s/staff/setup/%s\n", base, token)
		}
		if !o.HTTPS() && len(o.BehindProxy) == 0 {
			log.Warn("only this machine can open the pages; for everybody else set one of the options domain, cert and behind-proxy: see adili serve --help")
		}
		if _, err = fmt.Fprintf(s.out, "ready %s\n", base); err != nil {
			return err
		}
		return service.Notify("READY=1")
	})
}

// listeners are the servers of a program at work.
type listeners struct {
	servers []*http.Server
	failed  chan error
}

// start serves on an address in the background.
func (s *listeners) start(server *http.Server, address string, secure bool) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.servers = append(s.servers, server)
	go func() {
		if secure {
			s.failed <- server.ServeTLS(listener, "", "")
			return
		}
		s.failed <- server.Serve(listener)
	}()
	return listener, nil
}

// stop ends the servers once requests under way are done.
func (s *listeners) stop(ctx context.Context) (err error) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer done()
	for _, server := range s.servers {
		err = errors.Join(err, server.Shutdown(ctx))
	}
	return err
}

// serve listens, calls ready when pages can be opened, and returns when the
// context has ended and requests under way are done.
func (a *App) serve(ctx context.Context, l listen, log *slog.Logger, ready func(base string) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &listeners{failed: make(chan error, 4)}
	var work sync.WaitGroup
	defer func() {
		err = errors.Join(err, s.stop(ctx))
		cancel()
		work.Wait() // what is at work needs the database, which is closed next
	}()
	base, err := a.listen(s, l)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // texts and pages were read: small servers have other uses for what that took
	a.serving.Store(true)
	a.background(ctx, &work, log)
	if err := ready(base); err != nil {
		return err
	}
	select {
	case err = <-s.failed:
	case <-ctx.Done():
		log.Info("stopping")
	}
	return err
}

// listen starts the servers and gives the address readers use.
func (a *App) listen(s *listeners, l listen) (base string, err error) {
	server := a.Web.HTTPServer(l.Listen)
	keeper := a.config.Cert
	scheme := "http://"
	if keeper != nil {
		server.TLSConfig, scheme = keeper.TLSConfig(), "https://"
		if l.HTTP != "" {
			if _, err := s.start(a.leader(keeper, l.HTTP), l.HTTP, false); err != nil {
				return "", err
			}
		}
	}
	listener, err := s.start(server, l.Listen, keeper != nil)
	if err != nil {
		return "", err
	}
	if l.Admin != "" {
		admin, err := a.Metrics.Server(l.Admin)
		if err != nil {
			return "", fmt.Errorf("--admin-listen: %w", err)
		}
		if _, err := s.start(admin, l.Admin, false); err != nil {
			return "", fmt.Errorf("metrics: %w", err)
		}
	}
	if l.Site != "" {
		return l.Site, nil
	}
	return scheme + listener.Addr().String(), nil
}

// leader serves plain HTTP beside HTTPS: it leads there, and proves to the
// certificate authority that the name is ours.
func (a *App) leader(k *cert.Keeper, address string) *http.Server {
	server := a.Web.HTTPServer(address)
	server.Handler = k.HTTPHandler(nil)
	return server
}

// background starts what goes on beside the serving of pages.
func (a *App) background(ctx context.Context, work *sync.WaitGroup, log *slog.Logger) {
	work.Go(func() { a.Survey.Watch(ctx) })
	work.Go(func() { a.Jobs.Run(ctx) })
	if a.config.Cert != nil {
		work.Go(func() { a.config.Cert.Run(ctx) })
	}
	socket, err := control.Listen(a.config.Data) // before anybody is told that the server is ready
	if err != nil {
		log.Error("commands on this machine cannot reach the server", "error", err)
		return
	}
	work.Go(func() {
		if err := socket.Serve(ctx, a.commands()); err != nil && ctx.Err() == nil {
			log.Error("commands on this machine cannot reach the server", "error", err)
		}
	})
}
