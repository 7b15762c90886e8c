// The instance: elements, their attributes and their text, in document order.

// Source is an element as JSON: its name, its attributes, its children, which
// are elements or text.
export interface Source {
  n: string;
  a?: { [name: string]: string };
  k?: (Source | string)[];
}

export const enum Kind {
  Root,
  Element,
  Attribute,
  Text,
}

export interface Node {
  kind: Kind;
  name: string;
  text: string; // of an attribute or a text
  parent: Node | null;
  kids: Node[];
  attributes: Node[];
  order: number; // place in the document
}

// load links the elements of a document and returns its root, which is above
// the outermost element.
export function load(source: Source): Node {
  let order = 0;
  const make = (kind: Kind, name: string, text: string, parent: Node | null): Node => ({
    kind, name, text, parent, kids: [], attributes: [], order: order++,
  });
  const element = (s: Source | string, parent: Node): Node => {
    if (typeof s === "string") return make(Kind.Text, "", s, parent);
    const node = make(Kind.Element, s.n, "", parent);
    for (const name of Object.keys(s.a || {})) node.attributes.push(make(Kind.Attribute, name, s.a![name], node));
    for (const kid of s.k || []) node.kids.push(element(kid, node));
    return node;
  };
  const root = make(Kind.Root, "", "", null);
  root.kids.push(element(source, root));
  return root;
}

// textOf is the string-value of XPath: all the text below a node.
export function textOf(node: Node): string {
  return node.kids.length ? node.kids.map(textOf).join("") : node.text;
}

export function rootOf(node: Node): Node {
  while (node.parent) node = node.parent;
  return node;
}

function below(node: Node, found: Node[] = []): Node[] {
  for (const kid of node.kids) {
    found.push(kid);
    below(kid, found);
  }
  return found;
}

function above(node: Node): Node[] {
  const found: Node[] = [];
  for (let n = node.parent; n; n = n.parent) found.push(n);
  return found;
}

// beside lists the siblings after a node, or before it from near to far.
function beside(node: Node, after: boolean): Node[] {
  if (!node.parent || node.kind === Kind.Attribute) return [];
  const all = node.parent.kids;
  const i = all.indexOf(node);
  return after ? all.slice(i + 1) : all.slice(0, i).reverse();
}

// outside lists what begins after a node ends, or ends before it begins.
function outside(node: Node, after: boolean): Node[] {
  const found: Node[] = [];
  for (const n of [node, ...above(node)]) {
    for (const sibling of beside(n, after)) {
      const all = [sibling, ...below(sibling)];
      for (const one of after ? all : all.reverse()) found.push(one);
    }
  }
  return found;
}

// axes gives the nodes on an axis, nearest first.
export const axes: { [axis: string]: (n: Node) => Node[] } = {
  self: n => [n],
  child: n => n.kids,
  parent: n => (n.parent ? [n.parent] : []),
  attribute: n => n.attributes,
  descendant: n => below(n),
  "descendant-or-self": n => [n, ...below(n)],
  ancestor: above,
  "ancestor-or-self": n => [n, ...above(n)],
  "following-sibling": n => beside(n, true),
  "preceding-sibling": n => beside(n, false),
  following: n => outside(n, true),
  preceding: n => outside(n, false),
};

// fits reports whether a node passes the node test of a step.
export function fits(node: Node, axis: string, test: string): boolean {
  if (test === "node()") return true;
  if (test === "text()") return node.kind === Kind.Text;
  if (node.kind !== (axis === "attribute" ? Kind.Attribute : Kind.Element)) return false;
  if (test.slice(-2) === ":*") return node.name.indexOf(test.slice(0, -1)) === 0;
  return test === "*" || test === node.name;
}

// inOrder sorts nodes by their place in the document, each once.
export function inOrder(nodes: Node[]): Node[] {
  if (nodes.length < 2) return nodes;
  return Array.from(new Set(nodes)).sort((a, b) => a.order - b.order);
}
