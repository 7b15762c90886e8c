package app

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/internal/kernel/people"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"
)

// staff makes a manager's session and a round that is being planned.
func (s *intake) staff(t *testing.T) (cookie, round string) {
	t.Helper()
	const email, password = "manager@customs.example", "long enough for anybody"
	if _, _, err := s.People.Create(t.Context(), people.NewPerson{Email: email, Name: "Manager", Role: people.Manager, Password: password}); err != nil {
		t.Fatal(err)
	}
	entry, err := s.People.SignIn(t.Context(), email, password, people.Client{Key: "test"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Survey.CreateRound(t.Context(), roundtest.Manager, roundtest.Basics())
	if err != nil {
		t.Fatal(err)
	}
	return "__Host-adili=" + entry.Token, r.ID
}

// upload is a request with a frame of so many rows.
func (s *intake) upload(cookie, path string, rows int) []byte {
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\nregion,people\n" +
		strings.Repeat("North,300\n", rows) + "\r\n--x--\r\n"
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n%s",
		path, s.host(), cookie, len(body), body)
}

// reply is a request with a body like that of an answer.
func (s *intake) reply(size int) []byte {
	body := "STATE=" + strings.Repeat("a", size)
	return fmt.Appendf(nil, "POST /fr/s/%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		s.round, s.host(), len(body), body)
}

func (s *intake) host() string { return strings.TrimPrefix(s.base, "http://") }

// dial opens a connection.
func (s *intake) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", s.host())
	if err != nil {
		t.Error(err)
		return nil
	}
	return c.(*net.TCPConn)
}

// cut sends the first part of each request, n times, and goes away: with and
// without saying so.
func (s *intake) cut(t *testing.T, n int, requests ...[]byte) {
	t.Helper()
	var wg sync.WaitGroup
	for worker := range 32 {
		wg.Go(func() {
			for i := worker; i < n; i += 32 {
				request := requests[i%len(requests)]
				c := s.dial(t)
				if c == nil {
					return
				}
				at := []int{len(request) / 2, len(request) - 1, bytes.Index(request, []byte("\r\n\r\n")) + 4, rand.IntN(len(request))}[i/2%4]
				_, err := c.Write(request[:at])
				if i/8%2 == 0 {
					err = errors.Join(err, c.SetLinger(0)) // reset instead of end
				}
				if err = errors.Join(err, c.Close()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// holdings are what a request must give back.
type holdings struct{ goroutines, files, memory, temporary int }

// pooled is how many files a database's connections, opened as they are
// needed, may add.
const pooled = 32

// hold counts them.
func hold(t *testing.T) holdings {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd") // where there is no such folder, zero before is zero after
	if err != nil {
		files = nil
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "adili-upload-*"))
	if err != nil {
		t.Fatal(err)
	}
	return holdings{runtime.NumGoroutine(), len(files), int(m.HeapAlloc), len(left)}
}

// Thousands of uploads are cut off half-way, on the way of answers and on that
// of frames. Nothing is left of them, and what comes after is served as
// before.
func TestUploadsCutOff(t *testing.T) {
	databases(t, func(t *testing.T, url string) {
		uploads := 1000
		if full() {
			uploads = 10_000
		}
		s := newIntake(t, t.TempDir(), url, code.ByLink, 5)
		t.Setenv("TMPDIR", t.TempDir())
		forms := s.walked(t)
		cookie, round := s.staff(t)
		frame := "/staff/rounds/" + round + "/official/frame/upload"
		answer, upload := s.reply(30_000), s.upload(cookie, frame, 10_000)
		s.cut(t, 200, answer, upload) // pools and caches are at their size after that
		s.take(t, forms[:1])
		http.DefaultClient.CloseIdleConnections()
		before := s.settle(t, holdings{goroutines: 1 << 30, files: 1 << 30})
		s.cut(t, uploads, answer, upload)
		after := s.settle(t, before)
		if after.goroutines > before.goroutines+3 || after.files > before.files+pooled || after.memory > before.memory+8<<20 || after.temporary > 0 {
			t.Errorf("before %+v, after %d uploads %+v", before, uploads, after)
		}
		t.Logf("%d uploads cut off: before %+v, after %+v", uploads, before, after)
		began := time.Now()
		s.take(t, forms[1:])
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%d answers took %v afterwards", len(forms)-1, took)
		}
		if n := s.framed(t, round); n != 0 {
			t.Errorf("%d cells were imported from halves", n)
		}
		s.whole(t, s.upload(cookie, frame, 1))
		if n := s.framed(t, round); n != 1 {
			t.Errorf("%d cells after a whole upload, want 1", n)
		}
		s.exactlyOnce(t, len(forms))
	})
}

// settle waits until no more is held than before, or long enough.
func (s *intake) settle(t *testing.T, before holdings) holdings {
	t.Helper()
	var last holdings
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		now := hold(t)
		if now.goroutines <= before.goroutines && now.files <= before.files+pooled && now.goroutines == last.goroutines {
			return now
		}
		last = now
	}
	return last
}

// framed is how many cells the official frame of a round has.
func (s *intake) framed(t *testing.T, round string) int {
	t.Helper()
	_, populations, err := s.Survey.Round(t.Context(), roundtest.Manager, round)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range populations {
		n += len(p.Plan.Frame.Cells)
	}
	return n
}

// whole sends a whole upload, which is taken.
func (s *intake) whole(t *testing.T, request []byte) {
	t.Helper()
	c := s.dial(t)
	defer c.Close()
	if _, err := c.Write(request); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("a whole upload: %v, %v", answer, err)
	}
}

// A file of 200 MB is refused while it is being sent, on little memory,
// whether its size is told before or not.
func TestHugeUpload(t *testing.T) {
	s := newIntake(t, t.TempDir(), "", code.ByLink, 1)
	t.Setenv("TMPDIR", t.TempDir())
	cookie, round := s.staff(t)
	const size = 200 << 20
	for _, page := range []string{"frame/upload", "offices/upload", "questionnaire"} {
		for _, length := range []string{fmt.Sprint("Content-Length: ", size), "Transfer-Encoding: chunked"} {
			head := fmt.Sprintf("POST /staff/rounds/%s/official/%s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: multipart/form-data; boundary=x\r\n%s\r\n\r\n",
				round, page, s.host(), cookie, length)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			status, sent := s.pour(t, head, strings.Contains(head, "chunked"), size)
			runtime.ReadMemStats(&after)
			if status != http.StatusRequestEntityTooLarge || sent > 30<<20 {
				t.Errorf("%s, %s: status %d after %d bytes", page, length, status, sent)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
				t.Errorf("%s, %s: %d bytes of memory", page, length, used)
			}
		}
	}
	if left := hold(t).temporary; left > 0 {
		t.Errorf("%d temporary files are left", left)
	}
}

// pour sends a file of zeros until an answer comes, and gives its status and
// how much was sent by then.
func (s *intake) pour(t *testing.T, head string, chunked bool, size int) (status, sent int) {
	t.Helper()
	c := s.dial(t)
	defer c.Close()
	var mu sync.Mutex
	go func() {
		part := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n"
		zeros := make([]byte, 64<<10)
		if chunked {
			part = fmt.Sprintf("%x\r\n%s\r\n", len(part), part)
			zeros = fmt.Appendf(nil, "%x\r\n%s\r\n", len(zeros), zeros)
		}
		_, err := io.WriteString(c, head+part)
		for n := 0; n < size && err == nil; n += len(zeros) { // ends by an error once the answer is there
			_, err = c.Write(zeros)
			mu.Lock()
			sent += len(zeros)
			mu.Unlock()
		}
	}()
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Error(err)
		return 0, 0
	}
	answer.Body.Close()
	mu.Lock()
	defer mu.Unlock()
	return answer.StatusCode, sent
}

// Requests no form of ours sends get a clear page in the reader's language.
func TestBadRequests(t *testing.T) {
	s := newIntake(t, t.TempDir(), "", code.ByLink, 1)
	const urlencoded = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, kind, body string
		chunked          bool
		status           int
	}{
		{"body over the limit", urlencoded, "code=" + strings.Repeat("a", 70<<10), false, 413},
		{"body over the limit, size not told", urlencoded, "code=" + strings.Repeat("a", 70<<10), true, 413},
		{"too many fields", urlencoded, strings.Repeat("a=1&", 600), false, 413},
		{"too many parts", "multipart/form-data; boundary=x", strings.Repeat("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", 600) + "--x--", false, 413},
		{"unknown kind", "text/plain", "code=1", false, 400},
		{"JSON", "application/json", `{"code":1}`, false, 400},
		{"no kind", "", "code=1", false, 400},
		{"broken kind", "multipart/form-data; boundary", "code=1", false, 400},
		{"no boundary", "multipart/form-data", "--x\r\n", false, 400},
		{"broken escape", urlencoded, "code=%zz", false, 400},
		{"semicolons", urlencoded, "code=1;2", false, 400},
		{"nothing", urlencoded, "", false, 400},
		{"altered form", urlencoded, "STATE=AAAA&NAV=next", false, 400},
		{"control characters", urlencoded, "code=%00%ff%fe", false, 400},
		{"unknown population", urlencoded, "OPEN=everybody", false, 404},
	} {
		var body io.Reader = strings.NewReader(c.body)
		if c.chunked {
			body = io.NopCloser(body)
		}
		s.bad(t, c.name, c.kind, body, c.status)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/fr/s/"+s.round, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Long", strings.Repeat("a", 32<<10))
	if answer, err := http.DefaultClient.Do(request); err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("header over the limit: %v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
}

func (s *intake) bad(t *testing.T, name, kind string, body io.Reader, status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/fr/s/"+s.round, body)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Errorf("%s: status %d, want %d (%v)", name, answer.StatusCode, status, err)
	}
	if !strings.Contains(string(page), `<html lang="fr" dir="ltr">`) || strings.Count(string(page), "<h1") != 1 || strings.Contains(string(page), "«web.") {
		t.Errorf("%s: no clear page:\n%s", name, page)
	}
}
