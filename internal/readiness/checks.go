package readiness

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adili/internal/kernel/errs"
)

// How old things may be.
const (
	oldProgram    = 365 * 24 * time.Hour
	certificateIn = 14 * 24 * time.Hour // ACME renews at 30 days, so something failed for a while
	backupLate    = 26 * time.Hour
	backupOld     = 8 * 24 * time.Hour
)

func version(_ context.Context, p Probes) (Finding, bool) {
	v := p.Version
	switch {
	case v.Program == "":
		return Finding{}, false
	case v.Data > 0:
		return found("version", "data_newer", "Version", v.Program), true
	case v.Data < 0:
		return found("version", "data_older", "Version", v.Program), true
	case !v.Built.IsZero() && p.Now().Sub(v.Built) > oldProgram:
		return found("version", "old", "Version", v.Program, "Date", v.Built), true
	}
	return found("version", "ok", "Version", v.Program), true
}

func address(_ context.Context, p Probes) (Finding, bool) {
	if p.Address == "" {
		return found("address", "none"), true
	}
	return found("address", "ok", "Address", p.Address), true
}

func certificate(ctx context.Context, p Probes) (Finding, bool) {
	if p.HTTPS == nil {
		return Finding{}, false
	}
	h, err := p.HTTPS(ctx)
	names := strings.Join(h.Names, ", ")
	switch {
	case err != nil:
		return found("certificate", "unusable", "Error", err), true
	case h.Mode == ByProxy:
		return found("certificate", "proxy"), true
	case h.Mode == Loopback:
		return found("certificate", "loopback"), true
	case len(h.Missing) > 0:
		why := h.Failing
		if why == "" {
			why = "–"
		}
		return found("certificate", "missing", "Names", strings.Join(h.Missing, ", "), "Error", why), true
	case !h.End.After(p.Now()):
		return found("certificate", "expired", "Names", names, "Date", h.End), true
	case h.Failing != "":
		return found("certificate", "failing", "Date", h.End, "Error", h.Failing), true
	case h.End.Sub(p.Now()) < certificateIn:
		return found("certificate", "soon", "Names", names, "Date", h.End), true
	}
	return found("certificate", "ok", "Names", names, "Date", h.End), true
}

func reach(ctx context.Context, p Probes) (Finding, bool) {
	if p.Reach == nil || p.Address == "" {
		return Finding{}, false
	}
	err := p.Reach(ctx)
	switch {
	case err == nil:
		return found("reach", "ok", "Address", p.Address), true
	case errors.Is(err, ErrOther):
		return found("reach", "other", "Address", p.Address, "Error", err), true
	case untrusted(err):
		return found("reach", "untrusted", "Address", p.Address, "Error", err), true
	}
	// Many networks do not let a machine call itself by its public name.
	return found("reach", "unknown", "Address", p.Address, "Error", err), true
}

func untrusted(err error) bool {
	for _, try := range []func(error) bool{
		func(err error) bool { _, ok := errors.AsType[x509.UnknownAuthorityError](err); return ok },
		func(err error) bool { _, ok := errors.AsType[x509.HostnameError](err); return ok },
		func(err error) bool { _, ok := errors.AsType[x509.CertificateInvalidError](err); return ok },
	} {
		if try(err) {
			return true
		}
	}
	return false
}

// How far the clock may be off. Sign-in by one-time codes bears half a minute, rounds open and close by the day.
const (
	clockOff   = 5 * time.Second
	clockWrong = time.Minute
)

func clock(ctx context.Context, p Probes) (Finding, bool) {
	ahead, err := Skew(ctx, p)
	if err != nil {
		if kept, known := clockKept(); known && kept {
			return found("clock", "kept"), true
		}
		return found("clock", "unknown"), true
	}
	seconds := int(ahead.Abs().Round(time.Second) / time.Second)
	switch {
	case ahead.Abs() >= clockWrong:
		return found("clock", "wrong", "Seconds", seconds), true
	case ahead.Abs() >= clockOff:
		return found("clock", "off", "Seconds", seconds), true
	}
	return found("clock", "ok"), true
}

func database(ctx context.Context, p Probes) (Finding, bool) {
	if p.Database == nil {
		return Finding{}, false
	}
	d, err := p.Database(ctx)
	switch {
	case err != nil:
		return found("database", "down", "Error", err), true
	case d.Locale != "":
		return found("database", "locale", "Locale", d.Locale), true
	case !d.Writable:
		return found("database", "read_only"), true
	case d.Engine == "postgres" && d.Major < leastPostgres:
		return found("database", "ancient", "Version", d.Version, "Least", leastPostgres), true
	}
	return found("database", "ok", "Version", d.Version, "Size", d.Size), true
}

// leastPostgres is the oldest version that its makers still mend.
const leastPostgres = 14

// spareConnections is how many connections there should be beside those in use: two pools of ten for another node or an
// upgrade, and what PostgreSQL keeps for its administrator.
const spareConnections = 25

func connections(ctx context.Context, p Probes) (Finding, bool) {
	if p.Database == nil {
		return Finding{}, false
	}
	d, err := p.Database(ctx)
	if err != nil || d.Limit == 0 {
		return Finding{}, false
	}
	if d.Limit-d.Used < spareConnections {
		return found("connections", "few", "Used", d.Used, "Limit", d.Limit), true
	}
	return found("connections", "ok", "Used", d.Used, "Limit", d.Limit), true
}

func shared(ctx context.Context, p Probes) (Finding, bool) {
	if p.Shared == nil {
		return Finding{}, false
	}
	if err := p.Shared(ctx); err != nil {
		return found("shared", "down", "Error", err), true
	}
	return found("shared", "ok"), true
}

func backup(ctx context.Context, p Probes) (Finding, bool) {
	if p.Backup == nil {
		return Finding{}, false
	}
	b, err := p.Backup(ctx)
	if err != nil {
		return failed("backup", err), true
	}
	age := p.Now().Sub(b.Succeeded)
	switch {
	case b.Place == "":
		return found("backup", "none"), true
	case b.Failed != nil:
		return found("backup", "failed", "Error", b.Failed), true
	case b.Succeeded.IsZero():
		return found("backup", "never"), true
	case age > backupOld:
		return found("backup", "old", "Date", b.Succeeded), true
	case age > backupLate:
		return found("backup", "late", "Date", b.Succeeded), true
	}
	return found("backup", "ok", "Date", b.Succeeded), true
}

func backupPlace(ctx context.Context, p Probes) (Finding, bool) {
	if p.Backup == nil {
		return Finding{}, false
	}
	b, err := p.Backup(ctx)
	if err != nil || b.Place == "" {
		return Finding{}, false // said by the check before
	}
	if !b.Encrypted {
		return found("backup_place", "plain"), true
	}
	if b.Folder && p.Data != "" {
		if same, err := sameDisk(p.Data, existing(b.Place)); err == nil && same {
			return found("backup_place", "same_disk", "Place", b.Place), true
		}
	}
	return found("backup_place", "ok"), true
}

// existing gives the nearest folder above a place that is not there yet, on whose disk it will be made.
func existing(place string) string {
	for {
		above := filepath.Dir(place)
		if _, err := os.Stat(place); !errors.Is(err, fs.ErrNotExist) || above == place {
			return place
		}
		place = above
	}
}

func mail(ctx context.Context, p Probes) (Finding, bool) {
	if p.Mail == nil {
		return found("mail", "none"), true
	}
	if err := p.Mail(ctx); err != nil {
		return found("mail", "failed", "Error", err), true
	}
	return found("mail", "ok"), true
}

func accounts(ctx context.Context, p Probes) (Finding, bool) {
	if p.Accounts == nil {
		return Finding{}, false
	}
	a, err := p.Accounts(ctx)
	switch {
	case err != nil:
		return failed("accounts", err), true
	case a.Operators == 0:
		return found("accounts", "none"), true
	case len(a.Unprotected) > 0:
		return found("accounts", "factor", "Names", strings.Join(a.Unprotected, ", ")), true
	case a.Operators == 1:
		return found("accounts", "single"), true
	}
	return found("accounts", "ok", "N", a.Operators), true
}

// names lists the rounds that f picks.
func names(rounds []Round, f func(Round) bool) string {
	var picked []string
	for _, r := range rounds {
		if f(r) {
			picked = append(picked, r.Name)
		}
	}
	return strings.Join(picked, ", ")
}

// ofRounds makes a check that says ok unless some rounds fail it.
func ofRounds(ctx context.Context, p Probes, key, outcome string, f func(Round) bool) (Finding, bool) {
	if p.Rounds == nil {
		return Finding{}, false
	}
	rounds, err := p.Rounds(ctx)
	if err != nil {
		return failed(key, err), true
	}
	if picked := names(rounds, f); picked != "" {
		return found(key, outcome, "Names", picked), true
	}
	return found(key, "ok"), true
}

func broken(ctx context.Context, p Probes) (Finding, bool) {
	return ofRounds(ctx, p, "rounds", "broken", func(r Round) bool { return r.Open && r.Fault != nil })
}

func languages(ctx context.Context, p Probes) (Finding, bool) {
	return ofRounds(ctx, p, "languages", "missing", func(r Round) bool { return len(r.Untold) > 0 })
}

func retention(ctx context.Context, p Probes) (Finding, bool) {
	return ofRounds(ctx, p, "retention", "missing", func(r Round) bool { return !r.Retention })
}

func trail(ctx context.Context, p Probes) (Finding, bool) {
	if p.Trail == nil {
		return Finding{}, false
	}
	err := p.Trail(ctx)
	if errs.KindOf(err) == errs.Unavailable {
		return failed("trail", err), true
	}
	if err != nil {
		return found("trail", "broken", "Error", err), true
	}
	return found("trail", "ok"), true
}

func jobs(ctx context.Context, p Probes) (Finding, bool) {
	if p.Jobs == nil {
		return Finding{}, false
	}
	failing, err := p.Jobs(ctx)
	if err != nil {
		return failed("jobs", err), true
	}
	if len(failing) > 0 {
		return found("jobs", "failing", "Names", strings.Join(failing, ", ")), true
	}
	return found("jobs", "ok"), true
}

func zones(context.Context, Probes) (Finding, bool) {
	if _, err := time.LoadLocation("Africa/Maputo"); err != nil {
		return found("zones", "none"), true
	}
	return found("zones", "ok"), true
}
