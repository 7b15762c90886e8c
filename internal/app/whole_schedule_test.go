package app

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"adili/form"
	"adili/internal/app/option"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/job"
	"adili/internal/readiness"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"
)

// run has the program do what is due, until the job has ended at the present
// time, and gives how that went.
func runJob(t *testing.T, a *App, name string) (run job.Run) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.Jobs.Run(ctx)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	for late := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		run, err := a.Jobs.Last(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if run.Ended.Equal(a.config.Clock.Now()) {
			return run
		}
		if time.Now().After(late) {
			t.Fatalf("the job %s is not done: %+v", name, run)
		}
	}
}

// know has the program look once, which makes its jobs known.
func know(t *testing.T, a *App) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	a.Jobs.Run(ctx)
}

// place is somewhere for backups.
type place struct {
	address string                   // option backup-to
	file    func(name string) string // address of a backup there
	more    []string                 // options
	keys    func(*option.Options)
	gone    func() // it cannot be reached any more
}

func places(t *testing.T) map[string]place {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "backups")
	store := s3mem.New()
	if err := store.CreateBucket("backups"); err != nil { // by itself it fails when two ask at once
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(store).Server())
	t.Cleanup(server.Close)
	secret := put(t, filepath.Join(t.TempDir(), "secret"), "a secret\n")
	query := "?region=us-east-1&endpoint=" + url.QueryEscape(server.URL)
	return map[string]place{
		"folder": {folder, func(name string) string { return filepath.Join(folder, name) }, nil, func(*option.Options) {}, nil},
		"bucket": {
			"s3://backups/adili" + query, func(name string) string { return "s3://backups/adili/" + name + query },
			[]string{"--s3-key-id", "id", "--s3-secret-file", secret}, func(o *option.Options) { o.S3KeyID, o.S3Secret = "id", "a secret" }, server.Close,
		},
	}
}

// A week of backups that the program makes by itself, into a folder and into a
// bucket, with a round open from the second day to the fifth.
func TestWholeScheduledBackups(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			h := &home{t: t, data: filepath.Join(t.TempDir(), "data"), key: filepath.Join(t.TempDir(), "key")}
			out, _ := must(t, "backup", "key", h.key)
			h.recipient = strings.TrimSpace(out)
			o := option.Options{Data: h.data, BackupTo: p.address, BackupRecipient: []string{h.recipient}, BackupAt: "02:30", BackupKeep: 2, BackupKeepDays: 90}
			p.keys(&o)
			log := &lockedBuffer{}
			config, err := configure(o, slog.New(slog.NewTextHandler(log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			clk := clock.Fixed(time.Date(2026, 3, 2, 2, 0, 0, 0, time.Local))
			config.Clock, config.Factor = clk, false
			a, err := Open(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Close() })
			know(t, a)
			w := &week{t: t, App: a, home: h, clk: clk, place: p}
			w.pass()
			w.restore()
			if p.gone != nil {
				w.lose()
			}
			if text := log.String(); strings.Contains(text, "level=ERROR") != (p.gone != nil) {
				t.Errorf("the log says\n%s", text)
			}
		})
	}
}

// week is a week of backups.
type week struct {
	t *testing.T
	*App
	home  *home
	clk   *clock.Manual
	place place
}

// listed gives the names that the command lists.
func (w *week) listed() (names []string) {
	w.t.Helper()
	out, _ := must(w.t, append([]string{"backup", "list", "--data", w.home.data, "--backup-recipient", w.home.recipient, "--backup-to", w.place.address}, w.place.more...)...)
	for line := range strings.Lines(out) {
		name, _, _ := strings.Cut(line, "\t")
		names = append(names, name)
	}
	return names
}

// name is what the backup of a day in March is called.
func (w *week) name(day int, end string) string {
	return "adili-" + time.Date(2026, 3, day, 2, 30, 0, 0, time.Local).UTC().Format("20060102T150405Z") + end + ".adili"
}

// pass lets the days pass.
func (w *week) pass() {
	w.t.Helper()
	t := w.t
	base, stop, err := w.answer()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if backup := w.finding("backup"); backup.State != readiness.Warn {
		t.Errorf("before the first: %+v", backup)
	}
	open := []string{w.name(4, "-open"), w.name(5, "-open"), w.name(6, "-open"), w.name(7, "-open")}
	for day, want := range [][]string{
		{w.name(2, "")}, {w.name(3, ""), w.name(2, "")},
		{open[0], w.name(3, ""), w.name(2, "")}, {open[1], open[0], w.name(3, ""), w.name(2, "")},
		{open[2], open[1], open[0], w.name(3, ""), w.name(2, "")}, {open[3], open[2], open[1], w.name(3, ""), w.name(2, "")},
		{w.name(8, ""), w.name(3, "")}, {w.name(9, ""), w.name(8, "")},
	} {
		w.clk.Set(time.Date(2026, 3, 2+day, 2, 30, 0, 0, time.Local))
		switch day {
		case 2:
			var codes map[form.Population][]code.Code
			w.home.round, codes = roundtest.Open(t, w.Survey, code.ByLink, 10)
			w.home.codes = codes[form.Official]
		case 6:
			if err := w.Survey.CloseRound(t.Context(), roundtest.Manager, w.home.round, roundtest.Passphrase); err != nil {
				t.Fatal(err)
			}
		}
		if day > 1 && day < 6 {
			for _, c := range w.home.codes[3*day : 3*day+3] {
				if err := phone.New(phone.NewClient(1), base).Answer(t.Context(), "en", w.home.round, "", c.String(), phone.First); err != nil {
					t.Fatal(err)
				}
			}
		}
		if run := runJob(t, w.App, "backup"); run.Error != "" {
			t.Errorf("day %d: %s", day, run.Error)
		}
		if got := w.listed(); !slices.Equal(got, want) {
			t.Errorf("day %d: the backups are\n%v\nwant\n%v", day, got, want)
		}
		if backup := w.finding("backup"); backup.State != readiness.OK {
			t.Errorf("day %d: %+v", day, backup)
		}
	}
}

// finding looks whether the server is ready, at one thing.
func (w *week) finding(key string) readiness.Finding {
	w.t.Helper()
	for _, f := range w.ready(w.t.Context()) {
		if f.Key == key {
			return f
		}
	}
	w.t.Fatalf("nobody looks at %s", key)
	return readiness.Finding{}
}

// restore puts the newest backup into a new folder, from where it lies.
func (w *week) restore() {
	w.t.Helper()
	fresh := filepath.Join(w.t.TempDir(), "data")
	arguments := append([]string{"restore", "--data", fresh, "--identity", w.home.key, w.place.file(w.name(9, ""))}, w.place.more...)
	if out, _ := must(w.t, arguments...); out != "restored\n" {
		w.t.Errorf("restore prints %q", out)
	}
	restored := *w.home
	restored.data = fresh
	restored.work(w.clk.Now(), func(a *App) error {
		if n := len(readNumbers(w.t, a, w.home.round)); n != 12 {
			w.t.Errorf("%d answers, want 12", n)
		}
		return nil
	})
}

// lose takes the place away, which is said, and loses nothing.
func (w *week) lose() {
	w.t.Helper()
	w.place.gone()
	w.clk.Advance(24 * time.Hour)
	run := runJob(w.t, w.App, "backup")
	if run.Error == "" || run.Failures != 1 {
		w.t.Errorf("with the place gone: %+v", run)
	}
	if backup := w.finding("backup"); backup.State != readiness.Bad {
		w.t.Errorf("with the place gone: %+v", backup)
	}
	if jobs := w.finding("jobs"); jobs.State != readiness.Warn {
		w.t.Errorf("with the place gone: %+v", jobs)
	}
}

// Without a file the server makes the backup that is due at night, at once.
func TestWholeBackupNow(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			h := newHome(t, "", 1)
			fails(t, "no server", h.arguments("backup")...)
			s := h.serve()
			fails(t, "backup-to is not set", h.arguments("backup")...)
			s.stop()
			s = h.serve(append([]string{"--backup-to", p.address}, p.more...)...)
			out, _ := must(t, h.arguments("backup")...)
			name := strings.TrimSuffix(out, "\n")
			listed, _ := must(t, append(h.arguments("backup", "list", "--backup-to", p.address, "--backup-recipient", h.recipient), p.more...)...)
			if !strings.HasSuffix(name, "-open.adili") || !strings.HasPrefix(listed, name+"\t") || strings.Count(listed, "\n") != 1 {
				t.Errorf("backup prints %q and the list is %q", out, listed)
			}
			if p.gone != nil {
				p.gone()
				fails(t, "the server failed", h.arguments("backup")...)
			}
			s.stop()
		})
	}
}
