package phone

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxPage bounds what is read of a page, in bytes.
const maxPage = 4 << 20

// Phone opens pages and fills in forms. One phone may be used by several
// goroutines, each on a Visit of its own.
type Phone struct {
	// Plain asks for pages uncompressed, which spares both sides work.
	Plain bool

	client *http.Client
	base   string
}

// New returns a phone for the server at base, for example
// http://127.0.0.1:8080. Give client a transport that keeps as many idle
// connections as there are goroutines.
func New(client *http.Client, base string) *Phone {
	return &Phone{client: client, base: strings.TrimSuffix(base, "/")}
}

// NewClient returns a client that keeps a connection open for each of n
// goroutines.
func NewClient(n int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{MaxIdleConns: n, MaxIdleConnsPerHost: n, IdleConnTimeout: time.Minute, DisableCompression: true},
		Timeout:   time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // answering pages never redirect
		},
	}
}

// Size is what one page took.
type Size struct {
	Page string // "start", "welcome", "page 1" …, "summary", "thanks", or the address of a file
	Wire int    // bytes of the answer as they were sent: status line, headers, compressed body
	Body int    // bytes of the body, uncompressed
	Took time.Duration
}

// ErrRefused means that the server did not take the code: it was mistyped, is
// unknown, or has served.
var ErrRefused = errors.New("the code was refused")

// StatusError is an answer other than the page that was asked for.
type StatusError struct {
	Address string
	Status  int
	Heading string // the page's own words
}

// Error implements error.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: status %d: %s", e.Address, e.Status, e.Heading)
}

// Get opens a page or file and says what it took.
func (p *Phone) Get(ctx context.Context, address string) (Size, error) {
	_, size, err := p.fetch(ctx, address, nil)
	size.Page = address
	return size, err
}

// fetch opens address, or sends values to it, and reads the page.
func (p *Phone) fetch(ctx context.Context, address string, values url.Values) (*page, Size, error) {
	request, err := p.request(ctx, address, values)
	if err != nil {
		return nil, Size{}, err
	}
	began := time.Now()
	answer, err := p.client.Do(request)
	if err != nil {
		return nil, Size{}, fmt.Errorf("open %s: %w", address, err)
	}
	body, size, err := read(answer)
	size.Took = time.Since(began)
	if err != nil {
		return nil, size, fmt.Errorf("read %s: %w", address, err)
	}
	shown := parse(body)
	if answer.StatusCode != http.StatusOK {
		failure := error(&StatusError{address, answer.StatusCode, shown.heading})
		if answer.StatusCode == http.StatusConflict || answer.StatusCode == http.StatusBadRequest && shown.asksCode() {
			failure = errors.Join(ErrRefused, failure)
		}
		return shown, size, failure
	}
	return shown, size, nil
}

func (p *Phone) request(ctx context.Context, address string, values url.Values) (*http.Request, error) {
	if strings.HasPrefix(address, "/") {
		address = p.base + address
	}
	method, body := http.MethodGet, io.Reader(nil)
	if values != nil {
		method, body = http.MethodPost, strings.NewReader(values.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if values != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set("Accept-Encoding", "gzip")
	if p.Plain {
		request.Header.Set("Accept-Encoding", "identity")
	}
	return request, nil
}

// counter counts the bytes read through it.
type counter struct {
	from io.Reader
	n    int
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += n
	return n, err
}

// read takes the whole body, and closes it so that the connection serves again.
func read(answer *http.Response) ([]byte, Size, error) {
	defer answer.Body.Close()
	sent := &counter{from: io.LimitReader(answer.Body, maxPage)}
	var from io.Reader = sent
	if answer.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(sent)
		if err != nil {
			return nil, Size{}, err
		}
		from = io.LimitReader(unpacked, maxPage)
	}
	body, err := io.ReadAll(from)
	return body, Size{Wire: headerSize(answer) + sent.n, Body: len(body)}, err
}

// headerSize is the bytes of the status line and the headers, as HTTP/1.1
// sends them.
func headerSize(answer *http.Response) int {
	n := len(answer.Proto) + 1 + len(answer.Status) + 4
	for name, values := range answer.Header {
		for _, value := range values {
			n += len(name) + 2 + len(value) + 2
		}
	}
	return n
}
