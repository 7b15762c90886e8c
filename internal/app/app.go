package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"

	"filippo.io/age"

	"adili/internal/app/asking"
	"adili/internal/app/folder"
	"adili/internal/backup"
	"adili/internal/kernel/audit"
	auditui "adili/internal/kernel/audit/ui"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/cert"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/job"
	"adili/internal/kernel/mail"
	"adili/internal/kernel/metric"
	"adili/internal/kernel/people"
	"adili/internal/kernel/people/oidc"
	peopleui "adili/internal/kernel/people/ui"
	"adili/internal/kernel/sheet"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire"
	questionnaireui "adili/internal/questionnaire/ui"
	"adili/internal/questionnaire/ui/show"
	"adili/internal/questionnaire/ui/translate"
	"adili/internal/readiness"
	readinessui "adili/internal/readiness/ui"
	"adili/internal/survey"
	reportui "adili/internal/survey/report/ui"
	"adili/internal/survey/respond"
	surveyui "adili/internal/survey/ui"
)

// Config says what an App is made of.
type Config struct {
	Data     string // folder of everything that is kept
	Database string // postgres:// address; empty for SQLite in the data folder
	Existing bool   // none are made where there are none
	Clock    clock.Clock
	Log      *slog.Logger
	Invented bool // every page says that its data are invented

	Site    string         // https://host by which people reach the pages; empty when that is not known
	Hosts   []string       // the only names answered; none for any
	Proxies []netip.Prefix // that are believed besides those on this machine
	Secure  bool           // this program itself serves HTTPS
	Factor  bool           // operators need a second factor

	Node   string     // name of this machine among several
	Shared blob.Store // what those share; nil for one machine

	Cert      *cert.Keeper   // nil: no HTTPS of our own
	Directory string         // of the authority that certificates are obtained from; empty when they lie in files
	Mail      *mail.Sender   // nil: no mail
	Provider  *oidc.Provider // nil: staff sign in here only
	Secrets   []string       // files beside the data folder that only this user may read
	Backups   *Backups       // nil: none are made by themselves

	Recipients []age.Recipient // to whom backups are encrypted
}

// App is the program put together.
type App struct {
	DB      *storage.DB
	People  *people.Service
	Library *questionnaire.Service
	Survey  *survey.Service
	Web     *web.Server
	Metrics *metric.Set
	Jobs    *job.Runner
	Backup  *backup.Backup

	config    Config
	schedule  *backup.Schedule // nil without Config.Backups
	notes     *audit.Notes
	catalogue *i18n.Catalogue
	health    *metric.Health
	serving   atomic.Bool
	lock      *os.File // of the data folder
}

// Names of the small files in the data folder.
const (
	databaseFile = "adili.db"
	appKeyFile   = "people.key" // seals the secrets of authenticator apps
	trailFile    = "trail.heads"
	roundFolder  = "rounds"
	certFolder   = "certs"
)

// catalogues are the texts of all rooms.
func catalogues() []fs.FS {
	return []fs.FS{
		web.Messages(), sheet.Messages(), people.Messages(), oidc.Messages(), mail.Messages(), blob.Messages(), auditui.Messages(),
		backup.Messages(), readiness.Messages(),
		questionnaire.Messages(), questionnaireui.Messages(), show.Messages(), translate.Messages(),
		survey.Messages(), surveyui.Messages(), respond.Messages(), reportui.Messages(),
	}
}

// Open makes the data folder if there is none and starts every room. A database
// of an earlier version is refused: see the upgrade command. No other program
// can open the same folder meanwhile.
func Open(ctx context.Context, c Config) (a *App, err error) {
	defer errs.Wrap(&err, "start")
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.Data); c.Existing && err != nil {
		return nil, fmt.Errorf("%w: %w", errNothing, err)
	}
	held, err := folder.Occupy(c.Data)
	if err != nil {
		return nil, err
	}
	a = &App{config: c, catalogue: catalogue, lock: held}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := backup.Complete(ctx, c.Data, c.Database); err != nil {
		return a, err
	}
	if err := a.openDatabase(ctx); err != nil {
		return a, err
	}
	if err := a.openRooms(ctx); err != nil {
		return a, err
	}
	a.watch()
	a.Web = web.New(web.Options{
		Catalogue: catalogue, People: a.People, Logger: c.Log, Clock: c.Clock, Invented: c.Invented,
		Style: []byte(surveyui.Style() + reportui.Style() + questionnaireui.Style()), Secure: c.Secure, Proxies: c.Proxies, Hosts: c.Hosts,
		Ready: a.health.Ready, Writable: a.DB.Writable,
		Observe: a.observe,
	})
	a.mount()
	return a, nil
}

// openDatabase opens the database and makes its tables. Those of an earlier or
// a later program are left alone, but for an earlier demonstration's.
func (a *App) openDatabase(ctx context.Context) (err error) {
	if a.config.Existing {
		if err := there(a.config.Data, a.config.Database); err != nil {
			return err
		}
	}
	if a.DB, err = openDatabase(ctx, a.config); err != nil {
		return err
	}
	st, err := a.DB.Stand(ctx, migrate)
	if err != nil {
		return err
	}
	if st.Empty() && a.config.Existing {
		return fmt.Errorf("%w in the database", errNothing)
	}
	if st.Empty() {
		if err := backup.Alone(a.config.Data, a.config.Database); err != nil {
			return err
		}
	}
	if err := fit(st, a.config.Data); err != nil && (!a.config.Invented || st.Newer()) {
		return err
	}
	return migrate(ctx, a.DB)
}

// fit refuses to work with tables of another version.
func fit(s storage.Standing, data string) error {
	switch {
	case s.Empty():
		return nil
	case s.Newer():
		return fmt.Errorf("the data in %s were made by a newer Adili than this (%s): use that one, or go back to before the upgrade with: adili upgrade --undo --data %s", data, version(), data)
	case s.Older():
		return fmt.Errorf("the data in %s were made by an earlier Adili: bring them up to date, with a backup first, by: adili upgrade --data %s", data, data)
	}
	return nil
}

func openDatabase(ctx context.Context, c Config) (*storage.DB, error) {
	url := c.Database
	if url == "" {
		url = "sqlite:" + filepath.Join(c.Data, databaseFile)
	}
	return storage.Open(ctx, url)
}

// migrate brings the tables of all rooms up to date.
func migrate(ctx context.Context, db *storage.DB) error {
	for _, room := range []func(context.Context, *storage.DB) error{audit.Migrate, job.Migrate, people.Migrate, questionnaire.Migrate, survey.Migrate} {
		if err := room(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// openRooms starts the rooms that have no pages.
func (a *App) openRooms(ctx context.Context) (err error) {
	c := a.config
	if a.People, err = openAccounts(ctx, a.DB, c); err != nil {
		return err
	}
	if c.Factor {
		a.People.RequireSecondFactor()
	}
	screens, err := i18n.Texts(respond.Messages())
	if err != nil {
		return err
	}
	a.Library = questionnaire.New(a.DB, c.Clock, screens)
	a.Survey = survey.New(a.DB, c.Clock, filepath.Join(c.Data, roundFolder), c.Log)
	if c.Invented {
		a.Survey.MarkInvented()
	}
	if c.Shared != nil {
		if err := a.Survey.Join(c.Node, c.Shared); err != nil {
			return err
		}
	}
	if err := a.Survey.Start(ctx); err != nil {
		return err
	}
	a.notes = audit.NewNotes(filepath.Join(c.Data, trailFile))
	a.Backup = backup.New(a.backupOptions())
	return a.plan()
}

// openAccounts gives the accounts over a database that is up to date.
func openAccounts(ctx context.Context, db *storage.DB, c Config) (*people.Service, error) {
	accounts := people.New(db, c.Clock)
	key, err := appKey(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := accounts.UseKey(ctx, key); errs.KindOf(err) == errs.Conflict {
		c.Log.Warn("codes of authenticator apps do not work: the key they were kept under is another than the one in the data folder", "file", appKeyFile)
	} else if err != nil {
		return nil, err
	}
	return accounts, nil
}

// mount gives every room its addresses.
func (a *App) mount() {
	c := a.config
	options := peopleui.Options{Site: c.Site}
	if c.Mail != nil {
		options.Mail = &mailer{c.Mail, a.Metrics}
	}
	if c.Provider != nil {
		options.Provider = c.Provider
	}
	accounts := peopleui.New(a.People, options)
	rounds := surveyui.New(a.Survey, c.Clock)
	trail := auditui.New(a.DB, auditui.Options{Notes: a.notes, Names: a.names})
	ready := readinessui.New(a.ready)
	library := questionnaireui.New(a.Library, asking.Rounds{Survey: a.Survey})
	for _, room := range []web.Room{
		accounts, rounds, reportui.New(a.Survey), respond.New(a.Survey), library, show.New(a.Library), translate.New(a.Library), trail, ready,
	} {
		a.Web.Mount(room.Routes()...)
	}
	a.Web.AddNav(rounds.NavItems()...)
	a.Web.AddNav(library.NavItems()...)
	a.Web.AddNav(accounts.Nav()...)
	a.Web.AddNav(ready.Nav()...)
	a.Web.AddNav(trail.Nav()...)
}

// names are what people call the objects of the trail: rounds and persons.
func (a *App) names(ctx context.Context) (map[string]string, error) {
	names, err := survey.Names(ctx, a.DB.Read())
	if err != nil {
		return nil, err
	}
	accounts, err := a.People.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, account := range accounts {
		names[account.ID] = account.Name
	}
	return names, nil
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
