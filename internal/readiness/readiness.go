// Package readiness answers the question "Is my server ready?": each thing that a round needs is looked at, and what is
// found is said with its remedy, in the language of whoever runs the server. Nothing is asked of anybody outside but what
// the configuration names: the server's own address, the mail server, the certificate authority.
package readiness

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of findings and remedies.
func Messages() fs.FS { return messages }

// State is how good a finding is.
type State string

// The states.
const (
	OK      State = "ok"
	Warn    State = "warn"    // a round can be held, but something is not as it should be
	Bad     State = "bad"     // no round should be opened before this is mended
	Unknown State = "unknown" // it could not be found out
)

// Finding is one thing that was looked at.
type Finding struct {
	Key    string // of the check, such as "certificate"; its title is the message "readiness.title.<key>"
	State  State
	Text   string // message key of what was found
	Args   []any  // name, value pairs for the texts: times, Bytes, texts, numbers, errors
	Remedy string // message key of what to do; empty when nothing is to be done
}

// outcomes is everything that can be found, by check and outcome. Each has the message "readiness.<check>.<outcome>", and
// each that is not OK the remedy "readiness.<check>.<outcome>_do".
var outcomes = map[string]State{
	"version.ok": OK, "version.old": Warn, "version.data_newer": Bad, "version.data_older": Warn,
	"address.ok": OK, "address.none": Warn,
	"certificate.ok": OK, "certificate.proxy": OK, "certificate.loopback": Warn, "certificate.missing": Bad, "certificate.expired": Bad,
	"certificate.soon": Warn, "certificate.failing": Warn, "certificate.unusable": Bad,
	"reach.ok": OK, "reach.unknown": Unknown, "reach.other": Bad, "reach.untrusted": Bad,
	"clock.ok": OK, "clock.kept": OK, "clock.off": Warn, "clock.wrong": Bad, "clock.unknown": Unknown,
	"database.ok": OK, "database.down": Bad, "database.read_only": Bad, "database.locale": Bad, "database.ancient": Warn,
	"connections.ok": OK, "connections.few": Warn,
	"shared.ok": OK, "shared.down": Bad,
	"disk.ok": OK, "disk.low": Warn, "disk.full": Bad, "disk.unknown": Unknown,
	"writing.ok": OK, "writing.slow": Warn, "writing.failed": Bad,
	"files.ok": OK, "files.open": Bad, "files.owner": Warn, "files.unknown": Unknown,
	"backup.ok": OK, "backup.none": Bad, "backup.never": Warn, "backup.failed": Bad, "backup.late": Warn, "backup.old": Bad,
	"backup_place.ok": OK, "backup_place.same_disk": Warn, "backup_place.plain": Warn,
	"mail.ok": OK, "mail.none": Warn, "mail.failed": Bad,
	"accounts.ok": OK, "accounts.none": Warn, "accounts.factor": Bad, "accounts.single": Warn,
	"rounds.ok": OK, "rounds.broken": Bad,
	"languages.ok": OK, "languages.missing": Warn,
	"retention.ok": OK, "retention.missing": Warn,
	"trail.ok": OK, "trail.broken": Bad,
	"jobs.ok": OK, "jobs.failing": Warn,
	"zones.ok": OK, "zones.none": Bad,
	"memory.ok": OK, "memory.low": Warn, "memory.unknown": Unknown,
	"handles.ok": OK, "handles.low": Warn, "handles.unknown": Unknown,
	"dumps.ok": OK, "dumps.on": Warn, "dumps.unknown": Unknown,
	"swap.ok": OK, "swap.on": Warn, "swap.unknown": Unknown,
}

// Outcomes that any check may have.
const (
	lateText   = "readiness.late"
	failedText = "readiness.failed"
)

// found makes a finding of the check with the outcome, which must be one of outcomes.
func found(check, outcome string, args ...any) Finding {
	state, ok := outcomes[check+"."+outcome]
	if !ok {
		panic("readiness: no outcome " + check + "." + outcome)
	}
	f := Finding{Key: check, State: state, Text: "readiness." + check + "." + outcome, Args: args}
	if state != OK {
		f.Remedy = f.Text + "_do"
	}
	return f
}

// failed says that the check itself failed, which leaves what it looked for unknown.
func failed(check string, err error) Finding {
	return Finding{Key: check, State: Unknown, Text: failedText, Args: []any{"Error", err}, Remedy: failedText + "_do"}
}

// check looks at one thing. Without what it needs to ask it gives false, and the thing is left out.
type check struct {
	key  string
	look func(ctx context.Context, p Probes) (Finding, bool)
}

// checks lists everything, in the order in which it is told.
var checks = []check{
	{"version", version}, {"address", address}, {"certificate", certificate}, {"reach", reach}, {"clock", clock},
	{"database", database}, {"connections", connections}, {"shared", shared},
	{"disk", disk}, {"writing", writing}, {"files", secrecy}, {"backup", backup}, {"backup_place", backupPlace}, {"mail", mail},
	{"accounts", accounts}, {"rounds", broken}, {"languages", languages}, {"retention", retention}, {"trail", trail}, {"jobs", jobs},
	{"zones", zones}, {"memory", memory}, {"handles", handles}, {"dumps", dumps}, {"swap", swap},
}

// lookLimit is how long each check may take. All run side by side.
const lookLimit = 10 * time.Second

// Check looks at everything that p can ask about. It takes ten seconds at most.
func Check(ctx context.Context, p Probes) []Finding { return run(ctx, p, checks, lookLimit) }

func run(ctx context.Context, p Probes, checks []check, limit time.Duration) []Finding {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	findings := make([]*Finding, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() {
			if f, ok := c.within(ctx, p); ok {
				findings[i] = &f
			}
		})
	}
	wg.Wait()
	var all []Finding
	for _, f := range findings {
		if f != nil {
			all = append(all, *f)
		}
	}
	return all
}

// within gives a finding also when the check hangs or panics.
func (c check) within(ctx context.Context, p Probes) (Finding, bool) {
	type answer struct {
		finding Finding
		ok      bool
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				answers <- answer{failed(c.key, fmt.Errorf("panic: %v", v)), true}
			}
		}()
		f, ok := c.look(ctx, p)
		answers <- answer{f, ok}
	}()
	select {
	case a := <-answers:
		return a.finding, a.ok
	case <-ctx.Done():
		return Finding{Key: c.key, State: Unknown, Text: lateText, Remedy: lateText + "_do"}, true
	}
}

// Worst gives the worst state among the findings. Bad is worse than Warn, Warn than Unknown.
func Worst(findings []Finding) State {
	rank := map[State]int{OK: 0, Unknown: 1, Warn: 2, Bad: 3}
	worst := OK
	for _, f := range findings {
		if rank[f.State] > rank[worst] {
			worst = f.State
		}
	}
	return worst
}
