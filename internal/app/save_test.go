package app

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"adili/form"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/people"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"
)

// With ADILI_SAVE=NAME this writes the data folders of this program, one for
// each engine, to testdata/saved/NAME-ENGINE.tar.gz, for the tests of all later
// ones: "make saved NAME=issue-4". See savedFolder.
func TestSaveFolder(t *testing.T) {
	name := os.Getenv("ADILI_SAVE")
	if name == "" {
		return // nothing to test: it makes what other tests need
	}
	databases(t, func(t *testing.T, url string) {
		data, engine := t.TempDir(), "sqlite"
		known := fillFolder(t, data, url)
		if url != "" {
			engine = "postgres"
			dump, err := exec.CommandContext(t.Context(), filepath.Join(pgtest.Binaries(), "pg_dump"), "--inserts", "--no-owner", "--no-privileges", url).Output()
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(data, "dump.sql"), dump)
		}
		text, err := json.MarshalIndent(known, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(data, "known.json"), text)
		pack(t, data, filepath.Join("testdata", "saved", name+"-"+engine+".tar.gz"))
	})
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fillFolder makes accounts, a closed round and an open one, and says what
// later tests have to know of them.
func fillFolder(t *testing.T, data, url string) *savedFolder {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: data, Database: url, Clock: clock.Fixed(roundtest.Now), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	known := &savedFolder{Password: "saved folder password", Passphrase: roundtest.Passphrase}
	for email, role := range map[string]people.Role{"operator@customs.example": people.Operator, "manager@customs.example": people.Manager} {
		if _, _, err := a.People.Create(t.Context(), people.NewPerson{Email: email, Name: string(role), Role: role, Password: known.Password}); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(a.Web.Handler())
	defer server.Close()
	known.Closed = fillRound(t, a, server, "Round closed", 1, 50)
	if err := a.Survey.CloseRound(t.Context(), roundtest.Manager, known.Closed.Round, known.Passphrase); err != nil {
		t.Fatal(err)
	}
	known.Open = fillRound(t, a, server, "Round open", 2, 30)
	return known
}

// fillRound makes and opens a round of officials with 80 codes and has n of
// them answered.
func fillRound(t *testing.T, a *App, server *httptest.Server, name string, iteration, n int) savedRound {
	t.Helper()
	ctx, by := t.Context(), roundtest.Manager
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b := roundtest.Basics()
	b.Name, b.Iteration, b.Populations = name, iteration, []form.Population{form.Official}
	r, err := a.Survey.CreateRound(ctx, by, b)
	fatal(err)
	frame := survey.Frame{Dimensions: []string{"region"}, Cells: []survey.Cell{{Values: []string{"North"}, People: 700}, {Values: []string{"South"}, People: 600}}}
	fatal(a.Survey.SaveFrame(ctx, by, r.ID, form.Official, frame))
	fatal(a.Survey.SaveChoices(ctx, by, r.ID, form.Official, survey.Choices{
		Selection: survey.Everyone, Stratify: "region", Margin: 0.05, Response: 0.6, DesignEffect: 1, Breakdown: survey.BreakdownStratum,
	}))
	fatal(a.Survey.SaveOffices(ctx, by, r.ID, form.Official, []survey.Office{{Label: "Port", People: 300}, {Label: "Airport", People: 200}}))
	batches, err := a.Survey.MakeCodes(ctx, by, r.ID, form.Official, code.ByLink, map[int]int{1: 40, 2: 40})
	fatal(err)
	fatal(a.Survey.OpenRound(ctx, by, r.ID, roundtest.Passphrase))
	var codes []code.Code
	for _, batch := range batches {
		codes = append(codes, batch.Codes...)
	}
	for i, c := range codes[:n] {
		send(t, server, r.ID, c, i)
	}
	return savedRound{Round: r.ID, Answers: n, Used: codes[0].String(), Unused: codes[n].String()}
}

// pack writes a folder as .tar.gz.
func pack(t *testing.T, folder, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	packed := tar.NewWriter(zipped)
	err = packed.AddFS(os.DirFS(folder))
	for _, c := range []interface{ Close() error }{packed, zipped, file} {
		if cerr := c.Close(); err == nil {
			err = cerr
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("written: %s", strings.TrimPrefix(path, "testdata/"))
}
