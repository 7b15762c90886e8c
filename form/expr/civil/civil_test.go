package civil_test

import (
	"math"
	"testing"
	"time"

	"adili/form/expr/civil"
)

// Every day of the calendar is read, written and counted as package time does.
func TestEveryDay(t *testing.T) {
	days := civil.ParseDate("1895-01-01", 0)
	for date := time.Date(1895, 1, 1, 0, 0, 0, 0, time.UTC); date.Year() < 2106; date = date.AddDate(0, 0, 1) {
		text := date.Format("2006-01-02")
		if got := civil.ParseDate(text, 0); got != days {
			t.Fatalf("%s is day %v, want %v", text, got, days)
		}
		if got := civil.Text(days, 0); got != text {
			t.Fatalf("day %v is %s, want %s", days, got, text)
		}
		days++
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]float64{
		"06:00": 0.25, "06:00Z": 0.375, "23:00:00+03:00": 23.0 / 24, "00:00:00.500": 500.0 / 86_400_000,
		"24:00": math.NaN(), "6:00": math.NaN(), "06:00+24:00": math.NaN(), "": math.NaN(),
	} {
		got := civil.ParseTime(text, 180)
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}

func TestMidnight(t *testing.T) {
	noon := time.Date(2024, 2, 29, 23, 0, 0, 0, time.UTC)
	for zone, want := range map[int]string{0: "2024-02-29", 60: "2024-03-01", -420: "2024-02-29"} {
		if got := civil.Text(civil.Midnight(noon, zone), zone); got != want {
			t.Errorf("in zone %d the day is %s, want %s", zone, got, want)
		}
	}
}
