package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"adili/internal/backup"
	"adili/internal/kernel/mail"
	"adili/internal/kernel/metric"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/readiness"
	"adili/internal/survey"
)

// watch puts the sources of metrics and health together.
func (a *App) watch() {
	a.Metrics = metric.New(version())
	a.health = metric.NewHealth(
		metric.Probe{Name: "database", Check: a.writable},
		metric.Probe{Name: "rounds", Check: a.taking},
		metric.Probe{Name: "disk", Check: a.room},
	)
	sources := metric.Sources{
		Database: func(ctx context.Context) (bool, error) { return a.DB.Writable(), a.DB.Ping(ctx) },
		Disk:     func() (free, size uint64, err error) { return readiness.Disk(a.config.Data) },
		Rounds:   a.openRounds,
		Jobs:     a.jobs,
		Skew: func(ctx context.Context) (time.Duration, error) {
			return readiness.Skew(ctx, readiness.Probes{Now: a.config.Clock.Now, Database: a.database}) // nobody outside is asked at each scrape
		},
	}
	if a.config.Shared != nil {
		sources.Shared = a.sharedThere
	}
	if a.config.Backups != nil {
		sources.Backup = func(ctx context.Context) (metric.Backup, error) {
			b, err := a.lastBackup(ctx)
			return metric.Backup{Succeeded: b.Succeeded, Failed: b.Failed != nil}, err
		}
	}
	if k := a.config.Cert; k != nil {
		sources.Certificate = func() (time.Time, bool) {
			status := k.Status()
			return status.NotAfter, status.LastError != ""
		}
	}
	a.Metrics.Watch(sources, a.health)
}

// observe counts a request of staff, and one to sign in that was refused.
func (a *App) observe(method, pattern string, status int, took time.Duration) {
	a.Metrics.Staff(method+" "+pattern, status, took)
	if method == http.MethodPost && strings.HasPrefix(pattern, web.SignInPath) && status >= http.StatusBadRequest {
		a.Metrics.SignInFailed()
	}
}

// mailer counts mail that was not sent.
type mailer struct {
	*mail.Sender
	metrics *metric.Set
}

// Send implements the mailer of the pages.
func (m *mailer) Send(ctx context.Context, message mail.Message) error {
	err := m.Sender.Send(ctx, message)
	if err != nil {
		m.metrics.MailFailed()
	}
	return err
}

// writable finds out whether the database answers and takes changes.
func (a *App) writable(ctx context.Context) error {
	if err := a.DB.Ping(ctx); err != nil {
		return err
	}
	if !a.DB.Writable() {
		return errors.New("the database takes no changes")
	}
	return nil
}

// taking finds out whether every open round takes answers.
func (a *App) taking(ctx context.Context) error {
	rounds, err := a.Survey.Conditions(ctx)
	for _, r := range rounds {
		if r.Fault != nil {
			err = errors.Join(err, fmt.Errorf("round %s: %w", r.ID, r.Fault))
		}
	}
	return err
}

// least is the free space below which answers are not sure to be taken.
const least = 32 << 20

func (a *App) room(context.Context) error {
	free, _, err := readiness.Disk(a.config.Data)
	if err == nil && free < least {
		err = errors.New("the disk with the data folder is full")
	}
	return err
}

func (a *App) sharedThere(ctx context.Context) error {
	_, err := a.config.Shared.List(ctx, appKeyFile)
	return err
}

func (a *App) openRounds(ctx context.Context) ([]metric.Round, error) {
	rounds, err := a.Survey.Conditions(ctx)
	if err != nil {
		return nil, err
	}
	free, _, err := readiness.Disk(a.config.Data)
	if err != nil {
		return nil, err
	}
	var open []metric.Round
	for _, r := range rounds {
		if r.State == survey.OpenState {
			end := r.Time(r.Closes).AddDate(0, 0, 1)
			open = append(open, metric.Round{ID: r.ID, Closes: end, Available: r.Fault == nil, Room: free > r.Needed})
		}
	}
	return open, nil
}

func (a *App) jobs(ctx context.Context) ([]metric.Job, error) {
	runs, err := a.Jobs.All(ctx)
	jobs := make([]metric.Job, len(runs))
	for i, r := range runs {
		jobs[i] = metric.Job{Name: r.Name, Succeeded: r.Succeeded, Failures: r.Failures, Failing: r.Error != ""}
	}
	return jobs, err
}

// lastBackup tells how backups stand, by what lies in their place, wherever
// they were made.
func (a *App) lastBackup(ctx context.Context) (readiness.Backup, error) {
	c := a.config.Backups
	if c == nil {
		return readiness.Backup{}, nil
	}
	b := readiness.Backup{Place: c.Place, Folder: filepath.IsAbs(c.Place), Encrypted: len(a.config.Recipients) > 0}
	run, err := a.Jobs.Last(ctx, "backup")
	if err != nil {
		return b, err
	}
	if run.Error != "" {
		b.Failed = errors.New(run.Error)
	}
	all, err := backup.List(ctx, c.Store)
	if err != nil {
		return b, err
	}
	if len(all) > 0 {
		b.Succeeded = all[0].Made
	}
	return b, nil
}

// askTime is how long another machine may take: less than a whole look, so that
// it is said which one is silent.
const askTime = 8 * time.Second

// inTime gives up asking another machine.
func inTime(ask func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		return ask(ctx)
	}
}

// backups tells how backups stand. A place that cannot be looked into takes none
// either.
func (a *App) backups(ctx context.Context) (b readiness.Backup, err error) {
	err = inTime(func(ctx context.Context) (err error) {
		b, err = a.lastBackup(ctx)
		return err
	})(ctx)
	if err != nil && b.Place != "" {
		b.Failed = errors.Join(b.Failed, err)
		err = nil
	}
	return b, err
}

// ready looks at everything a round needs.
func (a *App) ready(ctx context.Context) []readiness.Finding {
	return readiness.Check(ctx, a.probes())
}

// probes are what readiness asks of this program.
func (a *App) probes() readiness.Probes {
	c := a.config
	p := readiness.Probes{
		Now: c.Clock.Now, Serving: a.serving.Load(), Address: c.Site, Data: c.Data, Secrets: c.Secrets,
		Version: readiness.Version{Program: version(), Built: commitTime()},
		HTTPS:   a.https, Database: a.database, Backup: a.backups, Accounts: a.accounts, Rounds: a.rounds,
		Trail:  func(ctx context.Context) error { _, err := a.notes.Verify(ctx, a.DB.Read()); return err },
		Jobs:   a.failing,
		Needed: a.needed,
	}
	if c.Shared != nil {
		p.Shared = inTime(a.sharedThere)
	}
	if c.Mail != nil {
		p.Mail = inTime(c.Mail.Test)
	}
	if c.Site != "" {
		p.Reach = func(ctx context.Context) error { return readiness.Answers(ctx, nil, c.Site) }
	}
	if c.Directory != "" && c.Cert != nil {
		p.Others = func(ctx context.Context) (time.Time, error) { return readiness.NetworkTime(ctx, nil, c.Directory) }
	}
	return p
}

func (a *App) https(context.Context) (readiness.HTTPS, error) {
	c := a.config
	if c.Cert == nil {
		mode := readiness.Loopback
		if len(c.Proxies) > 0 {
			mode = readiness.ByProxy
		}
		return readiness.HTTPS{Mode: mode}, nil
	}
	status, mode := c.Cert.Status(), readiness.ByFiles
	if c.Directory != "" {
		mode = readiness.ByACME
	}
	for _, host := range c.Hosts {
		if mode == readiness.ByFiles && !c.Cert.Known(host) {
			return readiness.HTTPS{}, fmt.Errorf("it is for %s and not for %s", strings.Join(status.Names, ", "), host)
		}
	}
	return readiness.HTTPS{Mode: mode, Names: status.Names, Missing: status.Missing, End: status.NotAfter, Failing: status.LastError}, nil
}

func (a *App) database(ctx context.Context) (readiness.Database, error) {
	f, err := a.DB.Facts(ctx)
	name := "PostgreSQL "
	if f.Engine == storage.SQLite {
		name = "SQLite "
	}
	return readiness.Database{
		Engine: f.Engine, Version: name + f.Version, Major: f.Major, Size: readiness.Bytes(f.Size), Writable: a.DB.Writable(),
		Used: f.Used, Limit: f.Limit, Now: f.Now, // a wrong collation is refused at the start
	}, err
}

func (a *App) accounts(ctx context.Context) (all readiness.Accounts, err error) {
	accounts, err := a.People.List(ctx)
	for _, account := range accounts {
		if account.Role != people.Operator || account.Disabled {
			continue
		}
		all.Operators++
		if !account.HasFactor {
			all.Unprotected = append(all.Unprotected, account.Name)
		}
	}
	return all, err
}

func (a *App) rounds(ctx context.Context) ([]readiness.Round, error) {
	conditions, err := a.Survey.Conditions(ctx)
	rounds := make([]readiness.Round, len(conditions))
	for i, r := range conditions {
		rounds[i] = readiness.Round{Name: r.Name, Open: r.State == survey.OpenState, Fault: r.Fault, Untold: r.Untold, Retention: r.Keep != ""}
	}
	return rounds, err
}

func (a *App) needed(ctx context.Context) (n readiness.Bytes, err error) {
	conditions, err := a.Survey.Conditions(ctx)
	for _, r := range conditions {
		n += readiness.Bytes(r.Needed)
	}
	if a.DB.Engine() == storage.SQLite {
		f, ferr := a.DB.Facts(ctx)
		n, err = n+readiness.Bytes(f.Size), errors.Join(err, ferr) // closing rewrites the database
	}
	return n, err
}

func (a *App) failing(ctx context.Context) (names []string, err error) {
	runs, err := a.Jobs.All(ctx)
	for _, r := range runs {
		if r.Error != "" {
			names = append(names, r.Name)
		}
	}
	return names, err
}
