package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"adili/internal/app/option"
)

// healthTime is how long the server may take to say that it is ready.
const healthTime = 5 * time.Second

type healthCommand struct {
	option.Flags `options:"storage network"`
}

// Help says what the command does beyond its one line.
func (healthCommand) Help() string {
	return "Asks /readyz at the address of the option listen, for the health check of a container or a monitor. Exit code 0 says that pages can be opened and the database answers."
}

// Run asks the server.
func (c healthCommand) Run(ctx context.Context, s streams) error {
	o, err := c.Options()
	if err != nil {
		return err
	}
	if err := askReady(ctx, &o); err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	_, err = fmt.Fprintln(s.out, "ready")
	return err
}

// askReady asks the server of these options, on this machine.
func askReady(ctx context.Context, o *option.Options) error {
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme, name := "http", ""
	if o.HTTPS() {
		scheme = "https"
	}
	if len(o.Domain) > 0 {
		name = o.Domain[0]
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	request.Host = name
	client := http.Client{
		// Nothing secret is sent, and the certificate is for another name than
		// the one asked here: whether it is right, "adili check" says.
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{ServerName: name, InsecureSkipVerify: true}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it leads elsewhere") },
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz answers %s", answer.Status)
	}
	return nil
}
