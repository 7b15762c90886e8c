package metric

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sources are asked for their values when Prometheus asks for the metrics. One that is nil, fails, or takes longer than
// five seconds has no series that time; only the database's say that it is down. What a source gives must not depend on
// answers having come in.
type Sources struct {
	Database    func(ctx context.Context) (writable bool, err error) // an error: it is down
	Shared      func(ctx context.Context) error                      // the store that several nodes share; an error: it is down
	Disk        func() (free, size uint64, err error)                // bytes, of the disk with the data folder
	Backup      func(ctx context.Context) (Backup, error)            // nil when none are configured
	Certificate func() (end time.Time, failing bool)                 // the zero time: there is none yet
	Rounds      func(ctx context.Context) ([]Round, error)           // those that are open
	Jobs        func(ctx context.Context) ([]Job, error)
	Skew        func(ctx context.Context) (time.Duration, error) // by how much this clock is ahead of others; an error: unknown
}

// Backup is what is known of backups.
type Backup struct {
	Succeeded time.Time // the zero time: never
	Failed    bool      // the last try
}

// Round is an open round as staff knows it.
type Round struct {
	ID        string
	Closes    time.Time // end of the last day
	Available bool      // its intake can take answers
	Room      bool      // the disk could hold all answers that may still come
}

// Job is what is known of a job's runs.
type Job struct {
	Name      string
	Succeeded time.Time // the zero time: never
	Failures  int64     // ever
	Failing   bool      // the last run failed
}

// askLimit is how long a source may take.
const askLimit = 5 * time.Second

// collector turns sources into series.
type collector struct {
	sources Sources
	limit   time.Duration
	busy    sync.Mutex    // held while the database is asked
	others  [7]sync.Mutex // one for each other source, held while it is asked
}

func newCollector(s Sources) *collector { return &collector{sources: s, limit: askLimit} }

// desc describes a series with the labels.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("adili_"+name, help, labels, nil)
}

var (
	databaseUp       = desc("database_up", "Whether the database answers.")
	databaseWritable = desc("database_writable", "Whether the database takes changes.")
	sharedUp         = desc("shared_store_up", "Whether the store that several nodes share answers.")
	diskFree         = desc("disk_free_bytes", "Free space on the disk with the data folder, rounded down to hundredths of its size.")
	diskSize         = desc("disk_size_bytes", "Size of the disk with the data folder.")
	backupSuccess    = desc("backup_last_success_timestamp_seconds", "When a backup last succeeded; 0 if none ever did.")
	backupError      = desc("backup_last_error", "Whether the last backup failed.")
	certificateEnd   = desc("certificate_expiry_timestamp_seconds", "When the certificate ends; 0 if there is none yet.")
	certificateError = desc("certificate_last_error", "Whether the certificate could not be obtained, renewed or read the last time.")
	roundOpen        = desc("round_open", "Number of open rounds.")
	roundCloses      = desc("round_closes_timestamp_seconds", "When the last day of an open round ends.", "round")
	intakeAvailable  = desc("intake_available", "Whether an open round can take answers.", "round")
	intakeRoom       = desc("intake_room", "Whether the disk could hold all answers that an open round may still get.", "round")
	jobSuccess       = desc("job_last_success_timestamp_seconds", "When a job last went well; 0 if it never did.", "name")
	jobFailures      = desc("job_failures_total", "Runs of a job that failed.", "name")
	jobFailing       = desc("job_failing", "Whether the last run of a job failed.", "name")
	clockSkew        = desc("clock_skew_seconds", "By how much this machine's clock is ahead of others.")
)

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		databaseUp, databaseWritable, sharedUp, diskFree, diskSize, backupSuccess, backupError, certificateEnd, certificateError,
		roundOpen, roundCloses, intakeAvailable, intakeRoom, jobSuccess, jobFailures, jobFailing, clockSkew,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), c.limit)
	defer cancel()
	var wg sync.WaitGroup
	send := func(metrics []prometheus.Metric) {
		for _, m := range metrics {
			out <- m
		}
	}
	wg.Go(func() { send(c.database(ctx)) })
	for i, ask := range [len(c.others)]func(context.Context) []prometheus.Metric{c.shared, c.disk, c.backup, c.certificate, c.rounds, c.jobs, c.skew} {
		wg.Go(func() { send(within(ctx, &c.others[i], ask)) })
	}
	wg.Wait()
}

// within gives what ask gives before the context ends, and nothing when it takes longer: a disk that hangs must not take
// the metrics with it. While it hangs it is not asked again.
func within(ctx context.Context, busy *sync.Mutex, ask func(context.Context) []prometheus.Metric) []prometheus.Metric {
	if !busy.TryLock() {
		return nil
	}
	answer := make(chan []prometheus.Metric, 1)
	go func() {
		metrics := ask(ctx)
		busy.Unlock()
		answer <- metrics
	}()
	select {
	case metrics := <-answer:
		return metrics
	case <-ctx.Done():
		return nil
	}
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// stamp gives a time in seconds, without a fraction.
func stamp(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}

// database always has an answer: one that hangs is down.
func (c *collector) database(ctx context.Context) []prometheus.Metric {
	if c.sources.Database == nil {
		return nil
	}
	answer := within(ctx, &c.busy, func(ctx context.Context) []prometheus.Metric {
		writable, err := c.sources.Database(ctx)
		return []prometheus.Metric{gauge(databaseUp, yes(err == nil)), gauge(databaseWritable, yes(err == nil && writable))}
	})
	if answer == nil {
		return []prometheus.Metric{gauge(databaseUp, 0), gauge(databaseWritable, 0)}
	}
	return answer
}

func (c *collector) shared(ctx context.Context) []prometheus.Metric {
	if c.sources.Shared == nil {
		return nil
	}
	return []prometheus.Metric{gauge(sharedUp, yes(c.sources.Shared(ctx) == nil))}
}

func (c *collector) disk(context.Context) []prometheus.Metric {
	if c.sources.Disk == nil {
		return nil
	}
	free, size, err := c.sources.Disk()
	if err != nil {
		return nil
	}
	return []prometheus.Metric{gauge(diskFree, float64(coarse(free, size))), gauge(diskSize, float64(size))}
}

// coarse rounds free space down to hundredths of the disk. To the byte it would tell of single answers: each makes the
// database's journal longer by some pages.
func coarse(free, size uint64) uint64 {
	step := max(size/100, 1)
	return free / step * step
}

func (c *collector) backup(ctx context.Context) []prometheus.Metric {
	if c.sources.Backup == nil {
		return nil
	}
	b, err := c.sources.Backup(ctx)
	if err != nil {
		return nil
	}
	return []prometheus.Metric{gauge(backupSuccess, stamp(b.Succeeded)), gauge(backupError, yes(b.Failed))}
}

func (c *collector) certificate(context.Context) []prometheus.Metric {
	if c.sources.Certificate == nil {
		return nil
	}
	end, failing := c.sources.Certificate()
	return []prometheus.Metric{gauge(certificateEnd, stamp(end)), gauge(certificateError, yes(failing))}
}

func (c *collector) rounds(ctx context.Context) []prometheus.Metric {
	if c.sources.Rounds == nil {
		return nil
	}
	rounds, err := c.sources.Rounds(ctx)
	if err != nil {
		return nil
	}
	metrics := []prometheus.Metric{gauge(roundOpen, float64(len(rounds)))}
	for _, r := range rounds {
		metrics = append(metrics, gauge(roundCloses, stamp(r.Closes), r.ID), gauge(intakeAvailable, yes(r.Available), r.ID), gauge(intakeRoom, yes(r.Room), r.ID))
	}
	return metrics
}

func (c *collector) jobs(ctx context.Context) []prometheus.Metric {
	if c.sources.Jobs == nil {
		return nil
	}
	jobs, err := c.sources.Jobs(ctx)
	if err != nil {
		return nil
	}
	var metrics []prometheus.Metric
	for _, j := range jobs {
		metrics = append(metrics, gauge(jobSuccess, stamp(j.Succeeded), j.Name), gauge(jobFailing, yes(j.Failing), j.Name),
			prometheus.MustNewConstMetric(jobFailures, prometheus.CounterValue, float64(j.Failures), j.Name))
	}
	return metrics
}

func (c *collector) skew(ctx context.Context) []prometheus.Metric {
	if c.sources.Skew == nil {
		return nil
	}
	ahead, err := c.sources.Skew(ctx)
	if err != nil {
		return nil
	}
	return []prometheus.Metric{gauge(clockSkew, ahead.Seconds())}
}
