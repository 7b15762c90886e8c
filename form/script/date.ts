// Dates and times as days since 1970-01-01T00:00Z, in the zone of the context.

const DAY = 86400000; // milliseconds

// Dates run from the year 1 to the year 9999; the ends leave room for a zone.
const dated = (days: number): boolean => days >= -719161 && days < 2932895;

const shape = /^(\d{4})-(\d\d?)-(\d\d?)(?:T(.*))?$/;
const clock = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|([-+])(\d\d):(\d\d))?$/;

// fromCivil is the number of days from 1970-01-01 to a day of the Gregorian
// calendar, and civil the way back. A year begins in March here, so that the
// leap day is its last.
function fromCivil(year: number, month: number, day: number): number {
  if (month < 3) year--;
  const era = Math.floor(year / 400);
  const y = year - era * 400;
  const d = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146097 + y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + d - 719468;
}

function civil(days: number): [number, number, number] {
  days += 719468;
  const era = Math.floor(days / 146097);
  const d = days - era * 146097;
  const y = Math.floor((d - Math.floor(d / 1460) + Math.floor(d / 36524) - Math.floor(d / 146096)) / 365);
  const rest = d - (365 * y + Math.floor(y / 4) - Math.floor(y / 100));
  const m = Math.floor((5 * rest + 2) / 153);
  const month = m < 10 ? m + 3 : m - 9;
  return [y + era * 400 + (month < 3 ? 1 : 0), month, rest - Math.floor((153 * m + 2) / 5) + 1];
}

// parseClock reads a time of day in milliseconds, in UTC; NaN if it is none.
function parseClock(text: string, zone: number): number {
  const m = clock.exec(text);
  if (!m) return NaN;
  const [hour, minute, second, offHour, offMinute] = [m[1], m[2], m[3] || 0, m[7] || 0, m[8] || 0].map(Number);
  if (hour > 23 || minute > 59 || second > 59 || offHour > 23 || offMinute > 59) return NaN;
  const offset = m[5] ? (m[6] === "-" ? -1 : 1) * (offHour * 60 + offMinute) : zone;
  return ((hour * 60 + minute - offset) * 60 + second) * 1000 + Number(((m[4] || "") + "000").slice(0, 3));
}

// parseDate reads a date or a date with a time; NaN if it is none.
export function parseDate(text: string, zone: number): number {
  const m = shape.exec(text);
  if (!m) return NaN;
  const [year, month, day] = [+m[1], +m[2], +m[3]];
  const days = fromCivil(year, month, day);
  const [y, mo, d] = civil(days);
  if (y !== year || mo !== month || d !== day) return NaN;
  const moment = (days * DAY + (m[4] === undefined ? -zone * 60000 : parseClock(m[4], zone))) / DAY;
  return dated(moment) ? moment : NaN;
}

// parseTime reads a time as the part of the day that has passed in the zone.
export function parseTime(text: string, zone: number): number {
  const ms = parseClock(text, zone) + zone * 60000;
  return (((ms % DAY) + DAY) % DAY) / DAY;
}

// startOfDay is the midnight before a time in milliseconds.
export function startOfDay(now: number, zone: number): number {
  const ms = now + zone * 60000;
  return (now - (((ms % DAY) + DAY) % DAY)) / DAY;
}

const pad = (n: number, width: number): string => ("000" + n).slice(-width);

interface Parts {
  year: number;
  month: number;
  day: number;
  weekday: number; // 0 is Sunday
  clock: number[]; // hour, minute, second, millisecond
}

function split(days: number, zone: number): Parts {
  const ms = Math.floor(days * DAY + 0.5) + zone * 60000;
  const whole = Math.floor(ms / DAY);
  const rest = ms - whole * DAY;
  const [year, month, day] = civil(whole);
  return {
    year, month, day,
    weekday: (((whole + 4) % 7) + 7) % 7,
    clock: [Math.floor(rest / 3600000), Math.floor(rest / 60000) % 60, Math.floor(rest / 1000) % 60, rest % 1000],
  };
}

// writeDate is the text of a date: without a time at midnight.
export function writeDate(days: number, zone: number): string {
  if (!dated(days)) return "Invalid Date";
  const p = split(days, zone);
  const date = pad(p.year, 4) + "-" + pad(p.month, 2) + "-" + pad(p.day, 2);
  const [hour, minute, second, ms] = p.clock;
  if (!(hour || minute || second || ms)) return date;
  const off = Math.abs(zone);
  return date + "T" + pad(hour, 2) + ":" + pad(minute, 2) + ":" + pad(second, 2) + "." + pad(ms, 3) +
    (zone < 0 ? "-" : "+") + pad(Math.floor(off / 60), 2) + ":" + pad(off % 60, 2);
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";
const weekdays = "SunMonTueWedThuFriSat";

// formatDate writes a date by a pattern of %-letters.
export function formatDate(days: number, pattern: string, zone: number): string {
  if (!dated(days)) return "";
  const p = split(days, zone);
  const [hour, minute, second, ms] = p.clock;
  const letters: { [letter: string]: string } = {
    "%": "%", Y: pad(p.year, 4), y: pad(p.year % 100, 2), m: pad(p.month, 2), n: "" + p.month,
    b: months.substr(p.month * 3 - 3, 3), d: pad(p.day, 2), e: "" + p.day, a: weekdays.substr(p.weekday * 3, 3),
    H: pad(hour, 2), h: "" + hour, M: pad(minute, 2), S: pad(second, 2), 3: pad(ms, 3),
  };
  return pattern.replace(/%([^])/g, (all, letter) => (letters[letter] === undefined ? all : letters[letter]));
}
