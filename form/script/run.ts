// Fills in a questionnaire that Go has compiled, with the results of the Go
// package form/run: see there for what everything means.

import { Context, Tree, asBool, evaluate, select } from "./expr";
import { Kind, Node, Source, load, textOf } from "./node";
import { toText } from "./value";
import { answer, read, seen, shown, within } from "./answer";

// Field is an item, a group or a page; the first stands for the questionnaire.
export interface Field {
  id: string;
  name: string;
  kind: string; // as in form/run
  parent: number;
  relevant?: Tree;
  filter?: Tree;
  calculation?: Tree;
  required?: Tree;
  constraint?: Tree;
  readOnly?: Tree;
  initial?: Tree;
  start?: string;
  low?: number;
  high?: number;
  pad?: string;
  maxLength?: number;
  list?: string;
  missing?: string[];
  exclusive?: string[];
  readers?: number[]; // a field and its cells, and so on
}

export interface Form {
  fields: Field[];
  order: number[];
  lists: { [name: string]: Source };
  labels?: { [list: string]: { [language: string]: string[] } };
  source: string; // language
}

export interface Settings {
  now: number; // milliseconds since 1970
  zone: number; // minutes east of Greenwich
  random?: () => number;
  language?: string;
}

export interface State {
  id: string;
  value: string;
  relevant: boolean;
  required: boolean;
  valid: boolean;
  calculated: boolean;
  readOnly: boolean;
  offered: string[]; // codes of choices
}

export interface Run {
  set(id: string, value: string): boolean; // false if it cannot be answered
  state(id: string): State | undefined;
  states(): State[];
}

// Cell is a part of a field that may have to be worked out again.
const enum Cell {
  Relevance = 1, Filter = 2, Calculation = 4, Inherited = 8, Base = 16, Steps = 31,
  Required = 32, Constraint = 64, ReadOnly = 128, Checks = 224,
}

interface Now {
  node: Node;
  base: string;
  result: string;
  value: string;
  seen: string;
  offered: string[];
  self: boolean;
  relevant: boolean;
  required: boolean;
  readOnly: boolean;
  holds: boolean;
  dirty: number;
}

export function start(form: Form, settings: Settings): Run {
  const { fields } = form;
  const byID: { [id: string]: number } = Object.create(null);
  const lists: { [name: string]: Node } = Object.create(null);
  const codesOf = (items: Node[]): string[] => items.map(item => textOf(item.kids[0]));
  for (const name of Object.keys(form.lists)) lists[name] = load(form.lists[name]);

  const sources = fields.map((f): Source => ({ n: f.name, k: [] }));
  fields.forEach((f, i) => i && sources[f.parent].k!.push(sources[i]));
  const root = load(sources[0]);
  const taken = fields.map(() => 0);
  const now: Now[] = [];
  fields.forEach((f, i) => {
    if (i && !(f.id in byID)) byID[f.id] = i;
    now.push({
      node: i ? now[f.parent].node.kids[taken[f.parent]++] : root.kids[0],
      base: f.start || "", result: "", value: "", seen: "", offered: f.list ? codesOf(lists[f.list].kids[0].kids) : [],
      self: false, relevant: false, required: false, readOnly: false, holds: false, dirty: Cell.Steps | Cell.Checks,
    });
  });

  const path = (i: number): string => (i < 0 ? "" : path(fields[i].parent) + "/" + fields[i].name);
  const question = (name: string): number => {
    name = name.trim();
    return name in byID ? byID[name] : name[0] === "/" ? fields.findIndex((_, i) => path(i) === name) : -1;
  };
  const label = (name: string, code: string): string => {
    const i = question(name);
    const list = (i > 0 && fields[i].list) || "";
    if (!list || !form.labels || now[i].offered.indexOf(code) < 0) return "";
    const labels = form.labels[list];
    return (labels[settings.language || ""] || labels[form.source])[codesOf(lists[list].kids[0].kids).indexOf(code)];
  };
  const context: Context = {
    node: root, now: settings.now, zone: settings.zone, random: settings.random, label, instance: id => lists[id],
    value: name => {
      const i = byID[name];
      return i === undefined ? undefined : fields[i].kind === "g" ? textOf(now[i].node) : now[i].seen;
    },
  };
  const at = (i: number): Context => {
    context.node = now[i].node;
    return context;
  };
  const holds = (tree: Tree | undefined, other: boolean, i: number): boolean => (tree === undefined ? other : asBool(tree, at(i)));

  // work is what an expression gives as a value. A number that is none is "".
  function work(tree: Tree, i: number): string {
    const v = evaluate(tree, at(i));
    return v === v ? toText(v, settings.zone) : "";
  }

  function step(i: number): void {
    const [f, n] = [fields[i], now[i]];
    const cells = n.dirty;
    n.dirty &= ~Cell.Steps;
    if (cells & Cell.Relevance) n.self = holds(f.relevant, true, i);
    const relevant = n.self && (!i || now[f.parent].relevant);
    if (cells & Cell.Filter && f.filter !== undefined) n.offered = codesOf(select(f.filter, at(i)));
    if (f.calculation !== undefined) {
      const before = n.result;
      if (cells & Cell.Calculation) n.result = work(f.calculation, i);
      if (relevant && (!n.relevant || n.result !== before)) n.base = read(f, n.result);
    }
    show(i, relevant);
  }

  // show gives the value to those who look at it.
  function show(i: number, relevant: boolean): void {
    const [f, n] = [fields[i], now[i]];
    const value = relevant && f.kind !== "g" ? shown(f, n.base, n.offered) : "";
    if (f.kind === "g" && relevant !== n.relevant) fields.forEach((kid, j) => kid.parent === i && (now[j].dirty |= Cell.Inherited));
    if (relevant !== n.relevant || value !== n.value) n.dirty |= Cell.Constraint;
    n.relevant = relevant;
    n.value = value;
    const text = seen(f, value);
    if (text === n.seen) return;
    n.seen = text;
    n.node.kids = text ? [{ kind: Kind.Text, name: "", text, parent: n.node, kids: [], attributes: [], order: n.node.order + 0.5 }] : [];
    const readers = f.readers || [];
    for (let r = 0; r < readers.length; r += 2) now[readers[r]].dirty |= readers[r + 1];
  }

  // check works out what nothing else depends on.
  function check(i: number): void {
    const [f, n] = [fields[i], now[i]];
    const cells = n.dirty;
    n.dirty &= ~Cell.Checks;
    if (cells & Cell.Required) n.required = holds(f.required, false, i);
    if (cells & Cell.ReadOnly) n.readOnly = holds(f.readOnly, false, i);
    if (cells & Cell.Constraint) n.holds = !n.relevant || !n.seen || (within(f, n.seen) && holds(f.constraint, true, i));
  }

  function settle(): void {
    for (const i of form.order) if (now[i].dirty & Cell.Steps) step(i);
    now.forEach((n, i) => n.dirty & Cell.Checks && check(i));
  }

  const readOnly = (i: number): boolean => i > 0 && (now[i].readOnly || readOnly(fields[i].parent));
  const field = (id: string): number => (id in byID && fields[byID[id]].kind !== "g" ? byID[id] : 0);

  function state(i: number): State {
    const [f, n] = [fields[i], now[i]];
    return {
      id: f.id, value: n.value, relevant: n.relevant, required: n.relevant && n.required,
      valid: !n.relevant || (n.holds && !(n.required && !n.value)), calculated: f.calculation !== undefined,
      readOnly: readOnly(i), offered: n.offered,
    };
  }

  function put(i: number, value: string): void {
    now[i].base = read(fields[i], value);
    now[i].dirty |= Cell.Base;
    settle();
  }

  settle();
  fields.forEach((f, i) => f.initial !== undefined && now[i].relevant && put(i, work(f.initial, i)));
  return {
    set(id, value) {
      const i = field(id);
      if (!i || readOnly(i)) return false;
      put(i, fields[i].list ? answer(fields[i], value, now[i].offered) : value);
      return true;
    },
    state: id => (field(id) ? state(field(id)) : undefined),
    states: () => fields.map((_, i) => i).filter(i => fields[i].kind !== "g").map(state),
  };
}
