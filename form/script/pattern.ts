// Patterns, matched as RE2 matches: in time linear in the text, whatever the
// pattern. All the places a match may have come to are followed side by side.

import { spend } from "./budget";

// Program is a pattern that Go has compiled: where it begins, its classes of
// characters (from, to, from, to, ...), then its instructions [kind, next,
// operand]. The kinds, as in form/expr/pattern: 0 found, 1 go on at next and at
// the operand, 2 go on, 3 go on if the place fits, 4 take a character of the
// class, 5 give up.
export type Program = [number, number[][], ...number[][]];

const isWord = (ch: number | undefined): boolean => ch !== undefined && /\w/.test(String.fromCodePoint(ch));

// fitting are the conditions that hold between two characters, as the bits of
// Go's syntax.EmptyOp: 1 a line begins, 2 ends, 4 the text begins, 8 ends, 16 a
// word begins or ends, 32 it does not.
function fitting(before: number | undefined, after: number | undefined): number {
  return (before === undefined ? 5 : before === 10 ? 1 : 0) | (after === undefined ? 10 : after === 10 ? 2 : 0) |
    (isWord(before) === isWord(after) ? 32 : 16);
}

function includes(ranges: number[], ch: number): boolean {
  let [low, high] = [0, ranges.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1] < ch) low = middle + 1;
    else high = middle;
  }
  return ranges[2 * low] <= ch;
}

// matches tells whether a pattern is found in a text.
export function matches(text: string, [start, classes, ...program]: Program): boolean {
  spend((text.length * program.length) / 16);
  const chars = Array.from(text, ch => ch.codePointAt(0)!);
  let threads: number[] = [];
  for (let i = 0; i <= chars.length; i++) {
    const fits = fitting(chars[i - 1], chars[i]);
    const seen: boolean[] = [];
    const open = [start, ...threads];
    threads = [];
    while (open.length) {
      const at = open.pop()!;
      if (seen[at]) continue;
      seen[at] = true;
      const [kind, next, operand] = program[at];
      if (kind === 0) return true;
      if (kind === 4) {
        if (includes(classes[operand], chars[i])) threads.push(next);
      } else if (kind < 3 || (kind === 3 && !(operand & ~fits))) {
        open.push(next);
        if (kind === 1) open.push(operand);
      }
    }
  }
  return false;
}
