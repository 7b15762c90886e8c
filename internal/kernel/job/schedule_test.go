package job

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestLatest(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		job       Job
		zone      *time.Location
		now, want string // in UTC
	}{
		{Job{Every: time.Hour}, time.UTC, "2026-12-01 12:00:00", "2026-12-01 12:00:00"},
		{Job{Every: time.Hour}, time.UTC, "2026-12-01 12:59:59", "2026-12-01 12:00:00"},
		{Job{Every: 24 * time.Hour}, berlin, "2026-12-01 12:59:59", "2026-12-01 00:00:00"},
		{Job{At: "02:30"}, time.UTC, "2026-12-01 02:30:00", "2026-12-01 02:30:00"},
		{Job{At: "02:30"}, time.UTC, "2026-12-01 02:29:59", "2026-11-30 02:30:00"},
		{Job{At: "02:30"}, berlin, "2026-12-01 01:30:00", "2026-12-01 01:30:00"},
		{Job{At: "02:30"}, berlin, "2026-12-31 23:30:00", "2026-12-31 01:30:00"},
		{Job{At: "00:10"}, berlin, "2026-12-31 23:30:00", "2026-12-31 23:10:00"}, // the next year over there
		// On 29 March 2026 half past two does not exist there; on 25 October it comes twice and counts once.
		{Job{At: "02:30"}, berlin, "2026-03-29 23:00:00", "2026-03-29 01:30:00"},
		{Job{At: "02:30"}, berlin, "2026-10-25 23:00:00", "2026-10-25 01:30:00"},
	}
	for _, test := range tests {
		s, err := newSchedule(test.job, test.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.latest(at(test.now)); !got.Equal(at(test.want)) {
			t.Errorf("%+v at %s: %s, want %s", test.job, test.now, got, test.want)
		}
	}
}

func TestBadSchedules(t *testing.T) {
	for _, j := range []Job{{}, {Every: time.Hour, At: "02:30"}, {At: "25:00"}, {At: "2.30"}, {At: "02:30:00"}, {Every: time.Millisecond}, {Every: -time.Hour}} {
		if _, err := newSchedule(j, time.UTC); err == nil {
			t.Errorf("%+v was taken", j)
		}
	}
}

// In any zone, on any day: the latest due time is not ahead, never goes back, and one a day comes.
func TestLatestHoldsEverywhere(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		s := schedule{hour: rapid.IntRange(0, 23).Draw(t, "hour"), minute: rapid.IntRange(0, 59).Draw(t, "minute"), zone: zone}
		now := time.Unix(rapid.Int64Range(1.2e9, 2.5e9).Draw(t, "now"), 0)
		later := now.Add(time.Duration(rapid.Int64Range(0, 100*3600).Draw(t, "later")) * time.Second)
		first, second := s.latest(now), s.latest(later)
		if first.After(now) || second.Before(first) || now.Sub(first) > 50*time.Hour { // Apia left a day out
			t.Fatalf("%v: %v, then at %v: %v", now, first, later, second)
		}
	})
}

func TestDue(t *testing.T) {
	hourly, daily := schedule{every: time.Hour}, schedule{hour: 2, minute: 30, zone: time.UTC}
	tests := []struct {
		name      string
		s         schedule
		now, last string
		want      string // empty when nothing is due
	}{
		{"a new hour", hourly, "2026-12-01 12:00:00", "2026-12-01 11:00:00", "2026-12-01 12:00:00"},
		{"taken", hourly, "2026-12-01 12:59:59", "2026-12-01 12:00:00", ""},
		{"many missed count as one", hourly, "2027-12-01 12:10:00", "2026-12-01 12:00:00", "2027-12-01 12:00:00"},
		{"put back a little", hourly, "2026-12-01 11:59:00", "2026-12-01 12:00:00", ""},
		{"put back by a year", hourly, "2025-12-01 11:59:00", "2026-12-01 12:00:00", "2025-12-01 11:00:00"},
		{"missed while the machine was off", daily, "2026-12-01 08:00:00", "2026-11-30 02:30:00", "2026-12-01 02:30:00"},
		{"put back by an hour", daily, "2026-12-01 01:40:00", "2026-12-01 02:30:00", ""},
		{"put back to the day before", daily, "2026-11-30 02:30:00", "2026-12-01 02:30:00", ""},
		{"put back by a week", daily, "2026-11-24 02:30:00", "2026-12-01 02:30:00", "2026-11-24 02:30:00"},
	}
	for _, test := range tests {
		slot, due := test.s.due(at(test.now), at(test.last))
		if due != (test.want != "") || due && !slot.Equal(at(test.want)) {
			t.Errorf("%s: %v, %v; want %q", test.name, slot, due, test.want)
		}
	}
}
