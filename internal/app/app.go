package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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

	lock *os.File // of the data folder
}

// errLocked says that the data folder is in use.
var errLocked = errors.New("another Adili is running on this data folder")

// catalogues are the texts of all rooms.
func catalogues() []fs.FS {
	return []fs.FS{
		web.Messages(), sheet.Messages(), people.Messages(),
		survey.Messages(), surveyui.Messages(), respond.Messages(), reportui.Messages(),
	}
}

// Open makes the data folder if there is none, brings the database up to date
// and starts every room. No other program can open the same folder meanwhile.
func Open(ctx context.Context, c Config) (a *App, err error) {
	defer errs.Wrap(&err, "start")
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, err
	}
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		return nil, err
	}
	held, err := lock(c.Data)
	if err != nil {
		return nil, err
	}
	a = &App{lock: held}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.DB, a.People, err = openAccounts(ctx, c); err != nil {
		return a, err
	}
	if err := survey.Migrate(ctx, a.DB); err != nil {
		return a, err
	}
	a.Survey = survey.New(a.DB, c.Clock, filepath.Join(c.Data, "rounds"), c.Log)
	if c.Invented {
		a.Survey.MarkInvented()
	}
	if err := a.Survey.Start(ctx); err != nil {
		return a, err
	}
	a.Metrics = metric.New(version())
	a.Web = web.New(web.Options{
		Catalogue: catalogue, People: a.People, Logger: c.Log, Clock: c.Clock, Invented: c.Invented, Style: []byte(surveyui.Style() + reportui.Style()),
		Ready: a.DB.Ping,
		Observe: func(method, pattern string, status int, took time.Duration) {
			a.Metrics.Staff(method+" "+pattern, status, took)
		},
	})
	a.mount(c)
	return a, nil
}

// openAccounts opens the database and its accounts only, which another program
// may do beside a running one.
func openAccounts(ctx context.Context, c Config) (*storage.DB, *people.Service, error) {
	url := c.Database
	if url == "" {
		url = "sqlite:" + filepath.Join(c.Data, "adili.db")
	}
	db, err := storage.Open(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	accounts := people.New(db, c.Clock)
	if err := accounts.Migrate(ctx); err != nil {
		return db, nil, err
	}
	return db, accounts, nil
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

// Close ends the rooms, closes the database and lets the data folder go.
// Answers under way are finished.
func (a *App) Close() error {
	if a.Web != nil {
		a.Web.Close()
	}
	var err error
	if a.Survey != nil {
		err = a.Survey.Close()
	}
	if a.DB != nil {
		err = errors.Join(err, a.DB.Close())
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
