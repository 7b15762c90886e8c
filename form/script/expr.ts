// Expressions of a questionnaire, evaluated on the phone.
//
// Go parses an expression, checks it and writes its syntax tree as JSON; this
// interpreter evaluates the tree. The Go package form/expr is the authority:
// it evaluates every answer again, and a test holds the two together.

import { Node, axes, fits, inOrder, load, rootOf } from "./node";
import { Value, compare, toBool, toNumber, toText } from "./value";
import { calls } from "./calls";
import { matches } from "./pattern";
import { spend, within } from "./budget";

// Tree is a literal, or an operator and its operands.
export type Tree = number | string | TreeNode;
interface TreeNode extends Array<any> {
  0: string;
}

// Context is what an expression is evaluated in.
export interface Context {
  node: Node;
  position?: number;
  size?: number;
  current?: Node; // where the whole expression is, for current()
  now: number; // milliseconds since 1970
  zone: number; // minutes east of Greenwich
  value?: (name: string) => Value | undefined; // of the question a ${name} names
  instance?: (id: string) => Node | undefined;
  label?: (name: string, code: string) => string; // of a choice
  random?: () => number;
}

// evaluate gives the value of an expression; a set or a date as its text.
export function evaluate(tree: Tree, c: Context): number | string | boolean {
  return within(() => {
    const v = run(tree, c);
    return typeof v === "object" ? toText(v, c.zone) : v;
  }, "");
}

// asNumber, asText and asBool give the value as what is asked for.
export const asNumber = (tree: Tree, c: Context): number => within(() => number(tree, c), NaN);
export const asText = (tree: Tree, c: Context): string => within(() => toText(run(tree, c), c.zone), "");
export const asBool = (tree: Tree, c: Context): boolean => within(() => bool(tree, c), false);

// select gives the nodes of an expression; none if it is no path.
export const select = (tree: Tree, c: Context): Node[] => within(() => set(tree, c), []);

export { load };

const arithmetic: { [op: string]: (a: number, b: number) => number } = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
};

const number = (tree: Tree, c: Context): number => toNumber(run(tree, c), c.zone);
const bool = (tree: Tree, c: Context): boolean => toBool(run(tree, c));

function run(tree: Tree, c: Context): Value {
  spend(1);
  if (!Array.isArray(tree)) return tree;
  const [op, a, b] = tree;
  if (arithmetic[op]) return arithmetic[op](number(a, c), number(b, c));
  switch (op) {
    case "neg":
      return -number(a, c);
    case "and":
      return bool(a, c) && bool(b, c);
    case "or":
      return bool(a, c) || bool(b, c);
    case "|":
      return inOrder(set(a, c).concat(set(b, c)));
    case "var": {
      const v = c.value && c.value(a);
      return v === undefined ? "" : v;
    }
    case "call":
      return call(a, tree.slice(2), c);
    case "path":
      return path(a, tree.slice(2), c);
    case "filter":
      return tree.slice(2).reduce((nodes, predicate) => keep(nodes, predicate, c), set(a, c));
  }
  const [left, right] = [run(a, c), run(b, c)];
  if (Array.isArray(left) && Array.isArray(right)) spend(left.length * right.length);
  return compare(op, left, right, c.zone);
}

function set(tree: Tree, c: Context): Node[] {
  const v = run(tree, c);
  return Array.isArray(v) ? v : [];
}

function call(name: string, args: Tree[], c: Context): Value {
  if (name === "if") return run(args[bool(args[0], c) ? 1 : 2], c);
  if (name === "regex") return matches(toText(run(args[0], c), c.zone), (args[1] as TreeNode)[1]);
  const f = calls.hasOwnProperty(name) && calls[name];
  if (!f) return "";
  const values = args.map(arg => run(arg, c));
  for (const v of values) spend(typeof v === "string" || Array.isArray(v) ? v.length / 64 : 0);
  return f(c, ...values);
}

// path takes the steps from where it starts: "/", "." or an expression.
function path(start: Tree, steps: any[], c: Context): Node[] {
  let nodes = start === "/" ? [rootOf(c.node)] : start === "." ? [c.node] : set(start, c);
  for (const [axis, test, ...predicates] of steps) {
    const found: Node[] = [];
    for (const node of nodes) {
      const all = axes[axis](node);
      spend(all.length);
      const near = all.filter(n => fits(n, axis, test));
      for (const n of predicates.reduce((kept: Node[], p: Tree) => keep(kept, p, c), near)) found.push(n);
    }
    nodes = inOrder(found);
  }
  return nodes;
}

// keep leaves the nodes for which a predicate holds; a number is a position.
function keep(nodes: Node[], predicate: Tree, c: Context): Node[] {
  return nodes.filter((node, i) => {
    const v = run(predicate, Object.assign({}, c, { node, position: i + 1, size: nodes.length, current: c.current || c.node }));
    return typeof v === "number" ? v === i + 1 : toBool(v);
  });
}
