// Package civil reads and writes dates and times as expressions of
// questionnaires know them: days since 1970-01-01T00:00Z, in a zone given in
// minutes east of Greenwich.
package civil

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dayMillis is a day in milliseconds.
const dayMillis = 86_400_000

// Dates run from the year 1 to the year 9999; the ends leave room for a zone.
const (
	firstDay = -719161
	lastDay  = 2932895
)

var (
	dateShape  = regexp.MustCompile(`^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:T(.*))?$`)
	clockShape = regexp.MustCompile(`^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(?:(Z)|([-+])([0-9]{2}):([0-9]{2}))?$`)
)

// parseClock reads a time of day in milliseconds of UTC, which may be below 0.
func parseClock(text string, zone int) (int, bool) {
	m := clockShape.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	hour, minute, second, offHour, offMinute := whole(m[1]), whole(m[2]), whole(m[3]), whole(m[7]), whole(m[8])
	if hour > 23 || minute > 59 || second > 59 || offHour > 23 || offMinute > 59 {
		return 0, false
	}
	switch {
	case m[5] == "Z":
		zone = 0
	case m[6] == "-":
		zone = -offHour*60 - offMinute
	case m[6] == "+":
		zone = offHour*60 + offMinute
	}
	return ((hour*60+minute-zone)*60+second)*1000 + whole((m[4] + "000")[:3]), true
}

// whole reads digits; none are 0.
func whole(digits string) int {
	n, _ := strconv.Atoi(digits) // "" is the only text that is no number
	return n
}

// ParseDate reads a date, or a date with a time, in days; NaN if it is none.
func ParseDate(text string, zone int) float64 {
	if len(text) < 8 || text[0] < '0' || text[0] > '9' {
		return math.NaN()
	}
	m := dateShape.FindStringSubmatch(text)
	if m == nil {
		return math.NaN()
	}
	year, month, day := whole(m[1]), whole(m[2]), whole(m[3])
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if date.Year() != year || int(date.Month()) != month || date.Day() != day {
		return math.NaN()
	}
	millis := -zone * 60_000
	if strings.Contains(text, "T") {
		var ok bool
		if millis, ok = parseClock(m[4], zone); !ok {
			return math.NaN()
		}
	}
	days := float64(date.UnixMilli()+int64(millis)) / dayMillis
	if !Valid(days) {
		return math.NaN()
	}
	return days
}

// ParseTime reads a time as the part of the day that has passed in the zone.
func ParseTime(text string, zone int) float64 {
	millis, ok := parseClock(text, zone)
	if !ok {
		return math.NaN()
	}
	millis += zone * 60_000
	return float64((millis%dayMillis+dayMillis)%dayMillis) / dayMillis
}

// Valid reports whether days are a date; NaN is none.
func Valid(days float64) bool { return days >= firstDay && days < lastDay }

// local is the time on the clock of the zone.
func local(days float64, zone int) time.Time {
	millis := int64(math.Floor(float64(days*dayMillis) + 0.5))
	return time.UnixMilli(millis).In(time.FixedZone("", zone*60))
}

// Text is the text of a date: without a time at midnight.
func Text(days float64, zone int) string {
	if !Valid(days) {
		return "Invalid Date"
	}
	t := local(days, zone)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02T15:04:05.000-07:00")
}

// Format writes a date by a pattern of %-letters. English names of months
// and days are what ODK writes in every language.
func Format(days float64, pattern string, zone int) string {
	if !Valid(days) {
		return ""
	}
	t := local(days, zone)
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		part, ok := datePart(t, pattern[i])
		if !ok {
			part = pattern[i-1 : i+1]
		}
		b.WriteString(part)
	}
	return b.String()
}

func datePart(t time.Time, letter byte) (string, bool) {
	layouts := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'n': "1", 'b': "Jan", 'd': "02", 'e': "2", 'a': "Mon",
		'H': "15", 'M': "04", 'S': "05",
	}
	switch letter {
	case '%':
		return "%", true
	case 'h':
		return strconv.Itoa(t.Hour()), true
	case '3':
		return fmt.Sprintf("%03d", t.Nanosecond()/1_000_000), true
	}
	layout, ok := layouts[letter]
	return t.Format(layout), ok
}

// Now is a time in days.
func Now(t time.Time) float64 { return float64(t.UnixMilli()) / dayMillis }

// Midnight is the midnight before a time, in days.
func Midnight(now time.Time, zone int) float64 {
	shift := int64(zone) * 60_000
	millis := now.UnixMilli() + shift
	millis -= (millis%dayMillis + dayMillis) % dayMillis
	return float64(millis-shift) / dayMillis
}
