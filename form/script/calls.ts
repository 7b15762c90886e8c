// The functions, by name. Each takes values and is total.

import { Node, axes, textOf } from "./node";
import { Value, isMoment, toBool, toNumber, toText, trim, words } from "./value";
import { formatDate, parseDate, parseTime, startOfDay } from "./date";
import { spend } from "./budget";
import type { Context } from "./expr";

type Call = (c: Context, ...args: Value[]) => Value;

const num = (c: Context, v: Value): number => toNumber(v, c.zone);
const str = (c: Context, v: Value): string => toText(v, c.zone);
const nodes = (v: Value): Node[] => (Array.isArray(v) ? v : []);
const own = (c: Context, v?: Value): Value => (v === undefined ? [c.node] : v);

// each spreads sets into the texts of their nodes.
function each(args: Value[]): Value[] {
  const all: Value[] = [];
  for (const v of args) {
    for (const one of Array.isArray(v) ? v.map(textOf) : [v]) {
      spend(1 + (typeof one === "string" ? one.length / 64 : 0));
      all.push(one);
    }
  }
  return all;
}

function join(c: Context, between: string, args: Value[]): string {
  const all = each(args);
  spend((all.length * between.length) / 64);
  return all.map(v => str(c, v)).join(between);
}

// extreme is the least or greatest; NaN if one is not a number, or none is there.
function extreme(c: Context, args: Value[], sign: number): number {
  const all = each(args).map(v => sign * num(c, v));
  return all.length && all.every(n => n === n) ? sign * all.reduce((a, b) => (b > a ? b : a)) : NaN;
}

// half rounds to whole numbers, halves away from zero.
const half = (n: number): number => (n < 0 ? -Math.floor(0.5 - n) : Math.floor(n + 0.5));

// round moves the point in the text of the number, so that 2.15 gives 2.2.
function round(n: number, places: number): number {
  places = Math.max(-400, Math.min(400, Math.trunc(places)));
  if (!places || !isFinite(n)) return half(n);
  const moved = move(n, places);
  return isFinite(moved) ? move(half(moved), -places) : n; // or it has no digit so far to the right
}

function move(n: number, by: number): number {
  const [digits, e] = String(n).split("e");
  return n ? Number(digits + "e" + (Number(e || 0) + by)) : n; // keeps the sign of -0
}

// power needs no exponential: whole exponents are products, and binary
// fractions are square roots. So it gives the same bits on every device.
function power(base: number, exponent: number): number {
  if (!isFinite(exponent)) return NaN;
  let result = 1;
  let whole = Math.floor(Math.abs(exponent));
  for (let square = base; whole > 0; square *= square) {
    if (whole % 2) result *= square;
    whole = Math.floor(whole / 2);
  }
  let rest = Math.abs(exponent) % 1;
  for (let root = base; rest > 0; rest = (rest * 2) % 1) {
    root = Math.sqrt(root);
    if (rest >= 0.5) result *= root;
  }
  return exponent < 0 ? 1 / result : result;
}

// substring counts from 1 and rounds, as XPath says.
function substring(text: string, start: number, length: number): string {
  const from = Math.floor(start + 0.5);
  const to = from + Math.floor(length + 0.5);
  return Array.from(text).filter((_, i) => i + 1 >= from && i + 1 < to).join("");
}

// slice counts from 0, or from the end if below 0.
function slice(text: string, start: number, end?: number): string {
  return Array.from(text).slice(start, end).join("");
}

function translate(text: string, from: string, to: string): string {
  const [a, b] = [Array.from(from), Array.from(to)];
  return Array.from(text).map(ch => {
    const i = a.indexOf(ch);
    return i < 0 ? ch : b[i] || "";
  }).join("");
}

// checked adds the weights of the conditions that hold. One that holds but has
// no weight makes the answer false.
function checked(c: Context, low: Value, high: Value, conditions: Value[], weights: Value[]): boolean {
  let sum = 0;
  for (let i = 0; i < conditions.length; i++) {
    if (!toBool(conditions[i])) continue;
    if (i >= weights.length) return false;
    sum += num(c, weights[i]);
  }
  const [least, most] = [num(c, low), num(c, high)];
  return (least < 0 || sum >= least) && (most < 0 || sum <= most);
}

function moment(c: Context, v: Value): Value {
  if (isMoment(v)) return v;
  if (typeof v === "number") return { days: v };
  const text = trim(str(c, v));
  return text === "" && typeof v !== "boolean" ? "" : { days: parseDate(text, c.zone) };
}

// days is a date as a number; a boolean is none.
function days(c: Context, v: Value): number {
  const m = moment(c, v);
  return isMoment(m) ? m.days : NaN;
}

const format: Call = (c, date, pattern) => formatDate(days(c, date), str(c, pattern), c.zone);

// around is the text before or after a mark in it.
function around(text: string, mark: string, after: boolean): string {
  const i = text.indexOf(mark);
  if (i < 0) return "";
  return after ? text.slice(i + mark.length) : text.slice(0, i);
}

// place counts the siblings of the same name up to a node.
function place(node: Node): number {
  return axes["preceding-sibling"](node).filter(n => n.name === node.name).length + 1;
}

const chance = (c: Context): number => (c.random || Math.random)();

function shuffle(c: Context, set: Node[], seed?: number): Node[] {
  const next = seed === undefined ? () => chance(c) : generator(seed);
  const all = set.slice();
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

// uuid writes 32 digits by chance in the form of version 4.
function uuid(c: Context): string {
  const digit = (x: string): string => (x === "x" ? Math.floor(chance(c) * 16) : 8 + Math.floor(chance(c) * 4)).toString(16);
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, digit);
}

// generator is Park and Miller's, as the ODK specification asks.
function generator(seed: number): () => number {
  let state = Math.trunc(seed) % 2147483647;
  if (!(state > 0)) state = state <= 0 ? state + 2147483646 : 1;
  return () => ((state = (state * 16807) % 2147483647) - 1) / 2147483646;
}

export const calls: { [name: string]: Call } = {
  true: () => true,
  false: () => false,
  boolean: (_, v) => toBool(v),
  not: (_, v) => !toBool(v),
  "boolean-from-string": (c, v) => ["1", "true"].indexOf(str(c, v)) >= 0,
  number: (c, v) => num(c, own(c, v)),
  int: (c, v) => Math.trunc(num(c, v)),
  floor: (c, v) => Math.floor(num(c, v)),
  ceiling: (c, v) => Math.ceil(num(c, v)),
  abs: (c, v) => Math.abs(num(c, v)),
  sqrt: (c, v) => Math.sqrt(num(c, v)),
  round: (c, v, places) => round(num(c, v), places === undefined ? 0 : num(c, places)),
  pow: (c, a, b) => power(num(c, a), num(c, b)),
  exp10: (c, v) => power(10, num(c, v)),
  pi: () => Math.PI,
  min: (c, ...args) => extreme(c, args, -1),
  max: (c, ...args) => extreme(c, args, 1),
  sum: (c, v) => each([v]).reduce((total: number, n) => total + num(c, n), 0),
  count: (_, v) => nodes(v).length,
  "count-non-empty": (_, v) => nodes(v).filter(textOf).length,
  position: (c, v) => (v === undefined ? c.position || 1 : nodes(v).length ? place(nodes(v)[0]) : NaN),
  last: c => c.size || 1,

  string: (c, v) => str(c, own(c, v)),
  concat: (c, ...args) => join(c, "", args),
  join: (c, mark, ...args) => join(c, str(c, mark), args),
  "string-length": (c, v) => Array.from(str(c, own(c, v))).length,
  "normalize-space": (c, v) => words(str(c, own(c, v))).join(" "),
  contains: (c, a, b) => str(c, a).indexOf(str(c, b)) >= 0,
  "starts-with": (c, a, b) => str(c, a).slice(0, str(c, b).length) === str(c, b),
  "ends-with": (c, a, b) => str(c, b) === "" || str(c, a).slice(-str(c, b).length) === str(c, b),
  substring: (c, v, from, length) => substring(str(c, v), num(c, from), length === undefined ? Infinity : num(c, length)),
  substr: (c, v, from, to) => slice(str(c, v), num(c, from), to === undefined ? undefined : num(c, to)),
  "substring-before": (c, a, b) => around(str(c, a), str(c, b), false),
  "substring-after": (c, a, b) => around(str(c, a), str(c, b), true),
  translate: (c, v, from, to) => translate(str(c, v), str(c, from), str(c, to)),

  coalesce: (c, a, b) => (str(c, a) === "" ? b : a),
  once: (c, v) => (textOf(c.node) === "" ? v : textOf(c.node)),
  selected: (c, list, code) => words(str(c, list)).indexOf(trim(str(c, code))) >= 0,
  "selected-at": (c, list, i) => words(str(c, list))[num(c, i)] || "",
  "count-selected": (c, list) => words(str(c, list)).filter(w => w).length,
  checklist: (c, low, high, ...args) => checked(c, low, high, each(args), each(args).map(() => 1)),
  "weighted-checklist": (c, low, high, ...args) => {
    const odd = (i: number): Value[] => each(args.filter((_, j) => j % 2 === i));
    return checked(c, low, high, odd(0), odd(1));
  },

  date: moment,
  "date-time": moment,
  today: c => ({ days: startOfDay(c.now, c.zone) }),
  now: c => ({ days: c.now / 86400000 }),
  "decimal-date-time": days,
  "decimal-time": (c, v) => parseTime(str(c, v), c.zone),
  "format-date": format,
  "format-date-time": format,

  name: (c, v) => (nodes(own(c, v)).length ? nodes(own(c, v))[0].name : ""),
  "local-name": (c, v) => (nodes(own(c, v)).length ? nodes(own(c, v))[0].name.replace(/^.*:/, "") : ""),
  current: c => [c.current || c.node],
  instance: (c, id) => {
    const list = c.instance && c.instance(str(c, id));
    return list ? [list] : [];
  },
  randomize: (c, set, seed) => shuffle(c, nodes(set), seed === undefined ? undefined : num(c, seed)),
  random: chance,
  uuid,
  "jr:choice-name": (c, code, name) => (c.label ? c.label(str(c, name), str(c, code)) : ""),
};
