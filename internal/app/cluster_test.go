package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"adili/internal/demo/phone"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/clock"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/pgtest"
)

// Two nodes on one PostgreSQL database take answers behind a proxy; one of
// them is killed meanwhile. Whoever was answered "thank you" is counted, and
// nobody is counted twice. This is what "make demo-cluster" runs.
func TestCluster(t *testing.T) {
	n := 300
	if full() {
		n = 2000
	}
	if given, err := strconv.Atoi(os.Getenv("ADILI_CLUSTER_ANSWERS")); err == nil {
		n = given
	}
	c := newCluster(t)
	round, codes := openNow(t, c.setup, c.database, n, c.config)
	for _, name := range []string{"one", "two"} {
		c.add(name)
	}
	base := c.proxy.start(t)
	forms := walkAll(t, base, round, codes)
	t.Logf("%d people have filled in the questionnaire, on two nodes", n)
	open := c.sendAndKill(t, forms)
	t.Logf("node two was killed; %d forms are acknowledged, %d were sent again by the proxy to node one, %d have to be sent again by their people", n-len(open), c.proxy.over.Load(), len(open))
	for _, i := range open {
		if err := forms[i].Send(t.Context()); err != nil {
			t.Errorf("form %d, sent again: %v", i, err)
		}
	}
	again := rand.Perm(n)[:min(n, 60)]
	for _, i := range again {
		if err := forms[i].Send(t.Context()); err != nil {
			t.Errorf("form %d, sent once more: %v", i, err)
		}
	}
	c.nodes[1].start()
	t.Log("node two is back")
	c.finish(t, round, n)
}

// cluster is two nodes, their database, what they share, and the proxy.
type cluster struct {
	t               *testing.T
	path            string // of the program
	database        string
	bucket          string
	secret          string // file
	setup           string // data folder of a node that takes no answers
	config          func(*Config)
	nodes           []*process
	proxy           *balancer
	acknowledgement atomic.Int64
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	const id, secret = "cluster", "a secret of the cluster"
	c := &cluster{t: t, path: program(t), setup: t.TempDir(), proxy: &balancer{}}
	c.database = pgtest.Create(t, pgtest.New(t, pgtest.Options{Fsync: true}).URL(), "cluster", "", false)
	store := s3mem.New()
	if err := store.CreateBucket("adili"); err != nil { // by itself it fails when two ask at once
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(store).Server())
	t.Cleanup(server.Close)
	c.bucket = "s3://adili/shared?region=us-east-1&endpoint=" + url.QueryEscape(server.URL)
	c.secret = filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(c.secret, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.config = func(config *Config) {
		store, err := blob.Open(c.bucket, blob.Keys{ID: id, Secret: secret})
		if err != nil {
			t.Fatal(err)
		}
		config.Node, config.Shared = "setup", store
	}
	return c
}

// add starts a node.
func (c *cluster) add(name string) {
	c.t.Helper()
	address := acmetest.FreeAddress(c.t)
	p := &process{t: c.t, path: c.path, arguments: []string{
		"serve", "--data", c.t.TempDir(), "--listen", address, "--database", c.database, "--shared", c.bucket, "--node", name,
		"--s3-key-id", "cluster", "--s3-secret-file", c.secret,
	}}
	c.t.Cleanup(p.kill)
	p.start()
	c.nodes = append(c.nodes, p)
	c.proxy.nodes = append(c.proxy.nodes, &url.URL{Scheme: "http", Host: address})
}

// sendAndKill sends all forms through the proxy and kills the second node when
// half of them are acknowledged. It gives those that are not.
func (c *cluster) sendAndKill(t *testing.T, forms []phone.Final) (open []int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	kill := sync.OnceFunc(c.nodes[1].kill)
	next := make(chan int)
	for range killClients {
		wg.Go(func() {
			for i := range next {
				if err := forms[i].Send(t.Context()); err != nil {
					mu.Lock()
					open = append(open, i)
					mu.Unlock()
				} else if c.acknowledgement.Add(1) == int64(len(forms)/2) {
					go kill()
				}
			}
		})
	}
	for i := range forms {
		next <- i
	}
	close(next)
	wg.Wait()
	kill()
	return open
}

// finish closes the round, with both nodes at work, and counts.
func (c *cluster) finish(t *testing.T, round string, n int) {
	t.Helper()
	config := Config{Data: c.setup, Database: c.database, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)}
	c.config(&config)
	a, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	watched, stop := context.WithCancel(t.Context())
	defer stop()
	go a.Survey.Watch(watched)
	began := time.Now()
	numbers := closeAndRead(t, a, round)
	count := map[int]int{}
	for _, number := range numbers {
		count[number]++
	}
	for number := range n {
		if count[number] != 1 {
			t.Errorf("answer %d is there %d times", number, count[number])
		}
	}
	t.Logf("closed in %.1f s: %d answers of %d people, each once", time.Since(began).Seconds(), len(numbers), n)
}

// balancer is the proxy in front of the nodes. A request that a node does not
// answer goes to the other, forms included: sending a form twice does no harm.
type balancer struct {
	nodes []*url.URL
	turn  atomic.Int64
	over  atomic.Int64 // forms that the other node took over
}

// RoundTrip implements http.RoundTripper.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	first := int(b.turn.Add(1))
	for i := range b.nodes {
		again := r.Clone(r.Context())
		again.URL.Host = b.nodes[(first+i)%len(b.nodes)].Host
		again.Body = io.NopCloser(bytes.NewReader(body))
		answer, err := http.DefaultTransport.RoundTrip(again)
		if err == nil || i == len(b.nodes)-1 {
			return answer, err
		}
		if r.Method == http.MethodPost {
			b.over.Add(1)
		}
	}
	panic("a proxy without nodes")
}

// start serves the proxy and gives its address.
func (b *balancer) start(t *testing.T) string {
	t.Helper()
	proxy := &httputil.ReverseProxy{
		Transport: b, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(b.nodes[0])
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}
