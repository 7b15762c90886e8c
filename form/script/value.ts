// Values and how one kind becomes another.

import { Node, textOf } from "./node";
import { parseDate, writeDate } from "./date";

// Moment is a date or time: days since 1970-01-01T00:00Z, NaN if it is none.
export interface Moment {
  days: number;
}

export type Value = number | string | boolean | Moment | Node[];

export const isMoment = (v: Value): v is Moment => typeof v === "object" && !Array.isArray(v);

// trim removes white space at the ends, in one pass however long it is.
export function trim(text: string): string {
  const blank = (i: number): boolean => " \t\r\n".indexOf(text[i]) >= 0;
  let [from, to] = [0, text.length];
  while (from < to && blank(from)) from++;
  while (from < to && blank(to - 1)) to--;
  return text.slice(from, to);
}

// words are the codes of a list with spaces between.
export function words(text: string): string[] {
  return trim(text).split(/[ \t\r\n]+/);
}

// parseNumber reads a number as XPath does, and an exponent.
export function parseNumber(text: string): number {
  return /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
}

export function toNumber(v: Value, zone: number): number {
  if (typeof v === "number") return v;
  if (typeof v === "boolean") return v ? 1 : 0;
  if (isMoment(v)) return v.days;
  const text = trim(toText(v, zone));
  const n = parseNumber(text);
  return n === n ? n : parseDate(text, zone);
}

export function toText(v: Value, zone: number): string {
  if (typeof v === "number") return plain(v);
  if (Array.isArray(v)) return v.length ? textOf(v[0]) : "";
  if (isMoment(v)) return writeDate(v.days, zone);
  return String(v);
}

export function toBool(v: Value): boolean {
  if (Array.isArray(v)) return v.length > 0;
  if (isMoment(v)) return v.days === v.days;
  return !!v; // false for 0, NaN and ''
}

// plain writes a number without an exponent.
function plain(n: number): string {
  const m = /^(-?)(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(String(n));
  if (!m) return String(n);
  const digits = m[2] + (m[3] || "");
  const point = Number(m[4]) + 1;
  return m[1] + (point > 0 ? digits + "0".repeat(point - digits.length) : "0." + "0".repeat(-point) + digits);
}

const ordered: { [op: string]: (a: number, b: number) => boolean } = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

// compare compares two values. A set compares if one of its nodes does; but a
// set that is or is not equal to a boolean is a boolean itself.
export function compare(op: string, a: Value, b: Value, zone: number): boolean {
  const spread = op in ordered || (typeof a !== "boolean" && typeof b !== "boolean");
  if (Array.isArray(a) && spread) return a.some(n => compare(op, textOf(n), b, zone));
  if (Array.isArray(b) && spread) return b.some(n => compare(op, a, textOf(n), zone));
  if (op in ordered) return ordered[op](toNumber(a, zone), toNumber(b, zone));
  const kind = (k: string): boolean => typeof a === k || typeof b === k;
  const same = kind("boolean")
    ? toBool(a) === toBool(b)
    : kind("number") || kind("object")
      ? toNumber(a, zone) === toNumber(b, zone)
      : a === b;
  return same === (op === "=");
}
