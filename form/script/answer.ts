// Answers as values of their kind, as package run has them.

import { parseNumber, toText, trim, words } from "./value";
import { parseDate } from "./date";
import type { Field } from "./run";

export const codes = (text: string): string[] => words(text).filter(code => code);

const has = (all: string[] | undefined, one: string): boolean => !!all && all.indexOf(one) >= 0;

// plainDigits writes Arabic-Indic, Persian and wide digits, and the signs that
// go with them, with ASCII ones.
function plainDigits(text: string): string {
  return trim(text.replace(/[\u200e\u200f\u061c]/g, "").replace(/[٠-٩۰-۹０-９]/g, ch => String(ch.charCodeAt(0) & 15))
    .replace(/٫/g, ".").replace(/[−－]/g, "-"));
}

function readNumber(f: Field, text: string): string {
  const whole = "ir".indexOf(f.kind) >= 0;
  let n = parseNumber(text.replace(/^([^.,]*),(\d{0,2}|\d{4,})$/, "$1.$2"));
  if (whole) n = Math.trunc(n);
  const fits = "rf".indexOf(f.kind) >= 0 ? n >= (f.low || 0) && n <= (f.high || 0) : f.kind === "n" || Math.abs(n) <= 2 ** 53;
  return fits && isFinite(n) ? toText(n, 0) : "";
}

function readDate(f: Field, text: string): string {
  if (f.pad && text.length + f.pad.length === 10) text += f.pad;
  const m = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?)?$/.exec(text);
  return m && parseDate(m[1], 0) === parseDate(m[1], 0) ? m[1] : "";
}

// read is a text as the value of a field; "" if it is none.
export function read(f: Field, text: string): string {
  switch (f.kind) {
    case "i": case "n": case "r": case "f":
      return readNumber(f, plainDigits(text));
    case "d":
      return readDate(f, plainDigits(text));
    case "t":
      return text.toLowerCase() === "ok" ? "OK" : "";
    case "m":
      return codes(text).join(" ");
  }
  return text;
}

// answer is what a person's choices are: those offered, in their order. Missing
// codes go with nothing else.
export function answer(f: Field, text: string, offered: string[]): string {
  const said = f.kind === "1" ? [text] : codes(text);
  const chosen = offered.filter(code => has(said, code));
  if (!chosen.length) return (f.missing || []).filter(code => has(said, code))[0] || "";
  return f.kind === "1" ? chosen[0] : chosen.join(" ");
}

// shown is the part of a value that is offered.
export function shown(f: Field, value: string, offered: string[]): string {
  if (!f.list || !value) return value;
  const said = f.kind === "m" ? codes(value) : [value];
  return said.filter(code => has(offered, code) || has(f.missing, code)).join(" ");
}

// seen is a value as expressions see it.
export const seen = (f: Field, value: string): string => (has(f.missing, value) ? "" : value);

// within tells whether a value keeps to the limits that need no expression.
export function within(f: Field, value: string): boolean {
  if (f.maxLength && f.kind === "s" && Array.from(value).length > f.maxLength) return false;
  const said = codes(value);
  return !f.exclusive || said.length < 2 || !said.some(code => has(f.exclusive, code));
}
