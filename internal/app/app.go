package app

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/metric"
	"adili/internal/kernel/people"
	peopleui "adili/internal/kernel/people/ui"
	"adili/internal/kernel/sheet"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	reportui "adili/internal/survey/report/ui"
	"adili/internal/survey/respond"
	surveyui "adili/internal/survey/ui"
)

// Config says what an App is made of.
type Config struct {
	Data     string // folder of everything that is kept
	Database string // postgres:// address; empty for SQLite in the data folder
	Clock    clock.Clock
	Log      *slog.Logger
	Invented bool // every page says that its data are invented
}

// App is the program put together.
type App struct {
	DB      *storage.DB
	People  *people.Service
	Survey  *survey.Service
	Web     *web.Server
	Metrics *metric.Set
}

// catalogues are the texts of all rooms.
func catalogues() []fs.FS {
	return []fs.FS{
		web.Messages(), sheet.Messages(), people.Messages(),
		survey.Messages(), surveyui.Messages(), respond.Messages(), reportui.Messages(),
	}
}

// Open makes the data folder if there is none, brings the database up to date
// and starts every room.
func Open(ctx context.Context, c Config) (a *App, err error) {
	defer errs.Wrap(&err, "start")
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, err
	}
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		return nil, err
	}
	url := c.Database
	if url == "" {
		url = "sqlite:" + filepath.Join(c.Data, "adili.db")
	}
	db, err := storage.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	a = &App{DB: db, People: people.New(db, c.Clock), Survey: survey.New(db, c.Clock, filepath.Join(c.Data, "rounds"), c.Log), Metrics: metric.New(version())}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if c.Invented {
		a.Survey.MarkInvented()
	}
	if err := a.People.Migrate(ctx); err != nil {
		return a, err
	}
	if err := survey.Migrate(ctx, db); err != nil {
		return a, err
	}
	if err := a.Survey.Start(ctx); err != nil {
		return a, err
	}
	a.Web = web.New(web.Options{
		Catalogue: catalogue, People: a.People, Logger: c.Log, Clock: c.Clock, Invented: c.Invented, Style: []byte(surveyui.Style() + reportui.Style()),
		Ready: db.Ping,
		Observe: func(method, pattern string, status int, took time.Duration) {
			a.Metrics.Staff(method+" "+pattern, status, took)
		},
	})
	a.mount(c)
	return a, nil
}

// mount gives every room its addresses.
func (a *App) mount(c Config) {
	accounts := peopleui.New(a.People)
	rounds := surveyui.New(a.Survey, c.Clock)
	for _, room := range []web.Room{accounts, rounds, reportui.New(a.Survey), respond.New(a.Survey)} {
		a.Web.Mount(room.Routes()...)
	}
	a.Web.AddNav(rounds.NavItems()...)
	a.Web.AddNav(accounts.Nav()...)
}

// Handler serves all pages.
func (a *App) Handler() http.Handler { return a.Web.Handler() }

// Close ends the rooms and closes the database. Answers under way are finished.
func (a *App) Close() error {
	err := a.Survey.Close()
	if cerr := a.DB.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
