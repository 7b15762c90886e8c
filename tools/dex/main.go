// Command dex runs the server of dex, an OpenID Connect provider, for the tests of internal/kernel/people/oidc. It is the
// real server with a memory for its storage, and leaves out what dex's own command brings along: databases that need a C
// compiler, and clients of Kubernetes and etcd. It is a module of its own, so that nothing of it can reach the program.
//
// One JSON object on standard input says what to serve; the issuer's address is printed as one line once it answers. The
// server ends when standard input does, and so never outlives the test that started it.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"golang.org/x/crypto/bcrypt"
)

// settings is what a test asks for; see internal/testkit/oidctest, which writes it.
type settings struct {
	Listen  string // "127.0.0.1:0" when empty
	Life    int    // seconds that an identity token is valid for; an hour when 0
	Clients []struct{ ID, Secret, Redirect string }
	People  []struct{ ID, Email, Name, Password string }
}

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dex:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	input := bufio.NewReader(in)
	line, err := input.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("reading the settings: %w", err)
	}
	var want settings
	if err := json.Unmarshal(line, &want); err != nil {
		return fmt.Errorf("reading the settings: %w", err)
	}
	listener, err := net.Listen("tcp", cmp.Or(want.Listen, "127.0.0.1:0"))
	if err != nil {
		return err
	}
	issuer := "http://" + listener.Addr().String() + "/dex"
	handler, err := provider(ctx, issuer, want)
	if err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, input) // any end of the input is the end
		os.Exit(0)
	}()
	fmt.Fprintln(out, issuer)
	return (&http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}).Serve(listener)
}

// provider makes dex's server, with new keys each time.
func provider(ctx context.Context, issuer string, want settings) (http.Handler, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	var clients []storage.Client
	for _, c := range want.Clients {
		clients = append(clients, storage.Client{ID: c.ID, Secret: c.Secret, Name: c.ID, RedirectURIs: []string{c.Redirect}})
	}
	var people []storage.Password
	for _, p := range want.People {
		hash, err := bcrypt.GenerateFromPassword([]byte(p.Password), bcrypt.DefaultCost)
		if err != nil {
			return nil, fmt.Errorf("the password of %s: %w", p.Email, err)
		}
		people = append(people, storage.Password{UserID: p.ID, Email: p.Email, Username: p.Name, Hash: hash})
	}
	store := storage.WithStaticPasswords(memory.New(log), people, log)
	store = storage.WithStaticClients(store, clients)
	store = storage.WithStaticConnectors(store, []storage.Connector{{ID: server.LocalConnector, Type: server.LocalConnector, Name: "Password"}})
	refresh, err := server.NewRefreshTokenPolicy(log, false, "", "", "")
	if err != nil {
		return nil, err
	}
	return server.NewServer(ctx, server.Config{
		Issuer: issuer, Storage: store, Logger: log, SkipApprovalScreen: true, RefreshTokenPolicy: refresh,
		IDTokensValidFor: time.Duration(cmp.Or(want.Life, 3600)) * time.Second,
	})
}
