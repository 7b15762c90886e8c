package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
	_ "time/tzdata" // a round has a time zone, and a bare machine has no list of them

	"adili/internal/kernel/clock"
)

// stopTime is how long requests under way may take once the program is asked
// to stop.
const stopTime = 10 * time.Second

type listen struct {
	Listen string `help:"Address to serve on. Plain HTTP is served on this machine only." default:"127.0.0.1:8080" env:"ADILI_LISTEN"`
	Admin  string `name:"admin-listen" help:"Address for metrics; without it there are none." env:"ADILI_ADMIN_LISTEN"`
}

// errNotLoopback says why an address is refused.
var errNotLoopback = errors.New("plain HTTP is served on this machine only (127.0.0.1, ::1 or localhost): answers must not cross a network in the clear; put a proxy with HTTPS in front")

// loopback reports whether address can be reached from this machine only.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", address, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--listen %s: %w", address, errNotLoopback)
}

type serveCommand struct {
	store
	listen
}

// Run serves until the context ends.
func (c serveCommand) Run(ctx context.Context, s streams) (err error) {
	if err := loopback(c.Listen); err != nil {
		return err
	}
	log := s.logger()
	a, err := Open(ctx, Config{Data: c.Data, Database: c.Database, Clock: clock.System(), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.serve(ctx, c.listen, log, func(base string) error {
		token, needed, err := a.People.SetupLink(ctx)
		if err != nil {
			return err
		}
		if needed {
			fmt.Fprintf(s.out, "There is no account yet. Open this link once to make the first:\n%s/staff/setup/%s\n", base, token)
		}
		_, err = fmt.Fprintf(s.out, "ready %s\n", base)
		return err
	})
}

// serve listens, calls ready when pages can be opened, and returns when the
// context has ended and requests under way are done.
func (a *App) serve(ctx context.Context, l listen, log *slog.Logger, ready func(base string) error) error {
	listener, err := net.Listen("tcp", l.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := a.Web.HTTPServer(l.Listen)
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(listener) }()
	servers := []*http.Server{server}
	if l.Admin != "" {
		admin, err := a.admin(l.Admin, failed)
		if err != nil {
			server.Close()
			return err
		}
		servers = append(servers, admin)
	}
	go a.Survey.Watch(ctx)
	if err := ready("http://" + listener.Addr().String()); err != nil {
		server.Close()
		return err
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("stopping")
	}
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer done()
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(stop))
	}
	return err
}

// admin serves metrics on an address of their own.
func (a *App) admin(address string, failed chan<- error) (*http.Server, error) {
	server, err := a.Metrics.Server(address)
	if err != nil {
		return nil, fmt.Errorf("--admin-listen: %w", err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	go func() { failed <- server.Serve(listener) }()
	return server, nil
}
