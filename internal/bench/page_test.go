package bench

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"adili/internal/demo"
	"adili/internal/demo/phone"
)

// walks is how often each page is opened; its time is the median.
const walks = 15

// BenchmarkPages measures the pages of the demonstration, whose making is
// timed on the way.
func BenchmarkPages(b *testing.B) {
	program := build(b)
	for b.Loop() {
		data := b.TempDir()
		server := run(b, program, "demo", "--data", data, "--listen", "127.0.0.1:0")
		f, err := demo.Load(data)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(server.ready.Seconds(), "s-to-ready")
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "page\tlanguage\tbytes on the wire\tbytes\tms\t")
		for _, lang := range []string{"en", "ar"} {
			answering(b, table, f, lang)
		}
		reports(b, table, f)
		fmt.Printf("\nThe demonstration was ready after %.1f s.\n\n", server.ready.Seconds())
		table.Flush()
		fmt.Println()
	}
}

// answering measures the answering pages in one language.
func answering(b *testing.B, table io.Writer, f *demo.File, lang string) {
	b.Helper()
	p := phone.New(phone.NewClient(1), f.BaseURL)
	code := f.OpenRound.Codes["official"][0]
	if lang == "ar" {
		code = f.OpenRound.Codes["official"][1]
	}
	var pages [][]phone.Size // by page
	var files []string
	for i := range walks {
		v, err := p.Open(b.Context(), lang, f.OpenRound.ID)
		if err == nil {
			err = v.Enter(b.Context(), code)
		}
		if err == nil {
			err = v.WalkToSummary(b.Context(), phone.First)
		}
		if err == nil && i == walks-1 {
			err = v.Send(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		files = v.Files
		for n, size := range v.Sizes {
			if n == len(pages) {
				pages = append(pages, nil)
			}
			pages[n] = append(pages[n], size)
		}
	}
	first := pages[0][0].Wire
	for _, file := range files {
		size, err := p.Get(b.Context(), file)
		if err != nil {
			b.Fatal(err)
		}
		first += size.Wire
	}
	fmt.Fprintf(table, "first load with everything\t%s\t%d\t\t\t\n", lang, first)
	for _, sizes := range pages {
		row(table, sizes[0].Page, lang, sizes)
	}
}

// row prints one page, with the median of its times and its largest size.
func row(table io.Writer, page, lang string, sizes []phone.Size) {
	var took []time.Duration
	wire, body := 0, 0
	for _, s := range sizes {
		took = append(took, s.Took)
		wire, body = max(wire, s.Wire), max(body, s.Body)
	}
	slices.Sort(took)
	fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%.1f\t\n", page, lang, wire, body, milliseconds(Quantile(took, 0.5)))
}

// reports measures the report of the second round, as the manager sees it.
func reports(b *testing.B, table io.Writer, f *demo.File) {
	b.Helper()
	session, err := signIn(b.Context(), f)
	if err != nil {
		b.Fatal(err)
	}
	for _, lang := range []string{"en", "ar"} {
		var sizes []phone.Size
		for range walks {
			size, err := open(b.Context(), f.Reports["2"]+"?lang="+lang, session)
			if err != nil {
				b.Fatal(err)
			}
			sizes = append(sizes, size)
		}
		row(table, "report, first time", lang, sizes[:1])
		row(table, "report", lang, sizes[1:])
	}
}

// signIn signs the manager in and returns the session's cookie.
func signIn(ctx context.Context, f *demo.File) (*http.Cookie, error) {
	values := url.Values{f.SignIn.EmailField: {f.Staff.Email}, f.SignIn.PasswordField: {f.Staff.Password}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.BaseURL+f.SignIn.Address, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := phone.NewClient(1).Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if strings.HasPrefix(c.Name, "__Host-") {
			return c, nil
		}
	}
	return nil, fmt.Errorf("signing in: status %d and no session", answer.StatusCode)
}

// open opens a staff page.
func open(ctx context.Context, address string, session *http.Cookie) (phone.Size, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return phone.Size{}, err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	request.AddCookie(session)
	began := time.Now()
	answer, err := phone.NewClient(1).Do(request)
	if err != nil {
		return phone.Size{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return phone.Size{}, fmt.Errorf("%s: status %d", address, answer.StatusCode)
	}
	sent, err := io.ReadAll(answer.Body)
	size := phone.Size{Wire: len(sent), Body: len(sent), Took: time.Since(began)}
	if answer.Header.Get("Content-Encoding") == "gzip" {
		unpacked, gerr := gzip.NewReader(strings.NewReader(string(sent)))
		if gerr != nil {
			return size, gerr
		}
		n, cerr := io.Copy(io.Discard, unpacked)
		size.Body, err = int(n), errors.Join(err, cerr)
	}
	return size, err
}
