package job

import (
	"errors"
	"fmt"
	"time"
)

// schedule says when a job is due.
type schedule struct {
	every        time.Duration // 0 for once a day
	hour, minute int
	zone         *time.Location
}

func newSchedule(j Job, zone *time.Location) (schedule, error) {
	if (j.Every > 0) == (j.At != "") {
		return schedule{}, errors.New("it needs either a period or a time of day")
	}
	if j.At == "" {
		if j.Every < time.Second {
			return schedule{}, fmt.Errorf("a period of %s is too short", j.Every)
		}
		return schedule{every: j.Every}, nil
	}
	at, err := time.Parse("15:04", j.At)
	if err != nil {
		return schedule{}, fmt.Errorf("%q is no time of day such as 02:30", j.At)
	}
	return schedule{hour: at.Hour(), minute: at.Minute(), zone: zone}, nil
}

// latest gives the last due time that is not after now. It depends on nothing else, so that all nodes speak of the same
// due times.
func (s schedule) latest(now time.Time) time.Time {
	if s.every > 0 {
		return now.UTC().Truncate(s.every) // counted from a midnight, that of year 1
	}
	// On a day when the clocks are put on or back there is one such time nevertheless, off by an hour at most.
	day := now.In(s.zone)
	for back := 0; ; back++ {
		due := time.Date(day.Year(), day.Month(), day.Day()-back, s.hour, s.minute, 0, 0, s.zone)
		if !due.After(now) {
			return due.UTC()
		}
	}
}

// period gives the time between two due times, more or less.
func (s schedule) period() time.Duration {
	if s.every > 0 {
		return s.every
	}
	return 24 * time.Hour
}

// clockSlack is by how much the clocks of two nodes may differ at least before they disturb each other.
const clockSlack = 10 * time.Minute

// due gives the due time to be taken now, and false when there is none, last being the latest that was taken.
func (s schedule) due(now, last time.Time) (time.Time, bool) {
	slot := s.latest(now)
	if slot.After(last) {
		return slot, true
	}
	// A time that lies ahead was taken before the clock was put back, or by a node whose clock is ahead. A little is waited
	// out, so that nothing is done twice. Where it is more the clock was wrong before: to wait for that time to come again
	// could take years.
	return slot, last.Sub(now) > max(s.period(), clockSlack)
}
