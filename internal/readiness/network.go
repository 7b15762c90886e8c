package readiness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// ErrOther says that something answers at the public address, but not Adili.
var ErrOther = errors.New("something else answers there")

// Answers asks the public address for a sign of life, as a respondent's phone would reach it. A nil client is one that
// trusts what the system trusts.
func Answers(ctx context.Context, client *http.Client, address string) error {
	answer, err := ask(ctx, client, http.MethodGet, strings.TrimSuffix(address, "/")+"/healthz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 100))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK || string(text) != "ok\n" {
		return fmt.Errorf("%w (%s)", ErrOther, answer.Status)
	}
	return nil
}

// NetworkTime gives the time by the clock of the server at the address, as its answer's Date says, to the second.
func NetworkTime(ctx context.Context, client *http.Client, address string) (time.Time, error) {
	answer, err := ask(ctx, client, http.MethodHead, address)
	if err != nil {
		return time.Time{}, err
	}
	answer.Body.Close()
	return http.ParseTime(answer.Header.Get("Date"))
}

func ask(ctx context.Context, client *http.Client, method, address string) (*http.Response, error) {
	if client == nil {
		client = new(http.Client)
	}
	once := *client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	return once.Do(request)
}

// Skew gives by how much this machine's clock is ahead of another machine's: that of Others or, failing that, of the
// database. Without either it is an error.
func Skew(ctx context.Context, p Probes) (time.Duration, error) {
	if p.Others != nil {
		before := p.Now()
		other, err := p.Others(ctx)
		if err == nil {
			// Cut to the second as it is, the time lies half a second further on average.
			return middle(before, p.Now()).Sub(other.Add(500 * time.Millisecond)), nil
		}
	}
	if p.Database == nil {
		return 0, errors.New("no other clock to compare with")
	}
	before := p.Now()
	d, err := p.Database(ctx)
	if err == nil && d.Now.IsZero() {
		err = errors.New("the database has no clock of its own")
	}
	if err != nil {
		return 0, err
	}
	return middle(before, p.Now()).Sub(d.Now), nil
}

func middle(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2) }
