// Runs forms in ODK's own engine, so that another program's idea of a form can
// be compared with ours. It reads one JSON request per line from standard
// input and answers each with one line:
//
//   {"load": "<h:html…"}                     a form, in place of the one before
//   {"set": "/data/g/q", "value": "a b"}     an answer as text; "" clears it
//
// The answer is {"states": [...]}, every node in document order, or
// {"error": "…"}. A state is {path, kind, type, value, relevant, required,
// readonly, violation, options}: violation is "constraint", "required" or null;
// options are the codes offered now.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";

// The engine expects a browser.
const { window } = new JSDOM("");
globalThis.require = createRequire(import.meta.url);
globalThis.__dirname = dirname(fileURLToPath(import.meta.url));
for (const name of [
  "DOMParser", "XMLSerializer", "Node", "Element", "Document", "Attr", "Text", "Comment", "CDATASection",
  "ProcessingInstruction", "XPathResult", "XMLDocument", "HTMLElement", "NodeList", "NamedNodeMap", "File", "Blob", "FormData",
]) {
  globalThis[name] = window[name];
}
globalThis.window ??= window;
globalThis.document ??= window.document;
const { loadForm } = await import("@getodk/xforms-engine");

// Files of a form are not there; an empty one stands for each.
const fetchFormAttachment = async () => new Response("<root/>", { status: 200, headers: { "content-type": "text/xml" } });

let root;

async function load(xml) {
  root = undefined;
  const form = await loadForm(xml, { fetchFormAttachment });
  if (form.status === "failure") throw form.error;
  root = form.createInstance().root;
  return states();
}

function* leaves(node) {
  for (const kid of node.currentState.children ?? []) {
    yield kid;
    yield* leaves(kid);
  }
}

const isGroup = (node) => node.currentState.children != null;

function state(node) {
  const now = node.currentState;
  return {
    path: now.reference,
    kind: node.nodeType,
    type: node.valueType ?? "",
    value: isGroup(node) ? "" : now.instanceValue,
    relevant: now.relevant,
    required: now.required,
    readonly: now.readonly,
    violation: node.validationState.violation?.condition ?? null,
    options: Array.isArray(now.valueOptions) ? now.valueOptions.map((o) => o.value) : [],
  };
}

const states = () => [...leaves(root)].map(state);

const codes = (value) => value.split(" ").filter((code) => code !== "");

function set(path, value) {
  if (!root) throw new Error("no form is loaded");
  const node = [...leaves(root)].find((n) => n.currentState.reference === path);
  if (!node) throw new Error(`no node ${path}`);
  switch (node.nodeType) {
    case "select":
      node.selectValues(codes(value));
      break;
    case "rank":
      node.setValues(codes(value));
      break;
    case "trigger":
      node.setValue(value === "OK");
      break;
    case "input":
    case "range":
      node.setValue(value === "" ? (node.valueType === "string" ? "" : null) : value);
      break;
    default:
      throw new Error(`${path} is a ${node.nodeType} and takes no answer`);
  }
  return states();
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = { states: request.load !== undefined ? await load(request.load) : set(request.set, request.value) };
  } catch (e) {
    const why = [e?.message ?? String(e)];
    for (let c = e?.cause; c && why.length < 5; c = c.cause) why.push(c.message ?? String(c));
    answer = { error: why.join(": ") };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
