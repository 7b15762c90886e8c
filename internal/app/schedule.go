package app

import (
	"context"
	"time"

	"adili/internal/backup"
	"adili/internal/kernel/job"
	"adili/internal/survey"
)

// passing are the tables whose rows mean nothing after a restore.
var passing = []string{"person_session", "person_link", "person_used", "job", "answer_box", "copy_request"}

// keptFiles are the small files of the data folder that belong into a backup.
// The heads that were noted go with the trail they are of: noted later, they
// would call a restored trail broken for ever.
var keptFiles = []string{appKeyFile, trailFile}

func (a *App) backupOptions() backup.Options {
	return backup.Options{
		DB: a.DB, Source: a.Survey, Data: a.config.Data, Files: keptFiles, Passing: passing, Version: version(), Clock: a.config.Clock, Log: a.config.Log,
		Name: func(ctx context.Context, round string) (string, error) {
			names, err := survey.Names(ctx, a.DB.Read())
			return names[round], err
		},
	}
}

// plan lists what is to be done from time to time.
func (a *App) plan() error {
	a.Jobs = job.New(a.DB, a.config.Clock, a.config.Log, a.config.Node)
	jobs := []job.Job{
		{Name: "trail", Every: 24 * time.Hour, Run: func(ctx context.Context) error {
			return a.notes.Check(ctx, a.DB.Read(), a.config.Clock.Now(), a.config.Log)
		}},
		{Name: "retention", Every: 24 * time.Hour, Run: a.Survey.Expire},
	}
	if b := a.config.Backups; b != nil {
		a.schedule = a.Backup.NewSchedule(b.Store, a.config.Recipients, b.Keep, b.Days)
		jobs = append(jobs, job.Job{Name: backup.Job, At: b.At, Run: a.schedule.Run})
	}
	for _, j := range jobs {
		j.Run = inWordsOf(j.Run)
		if err := a.Jobs.Add(j); err != nil {
			return err
		}
	}
	return nil
}
