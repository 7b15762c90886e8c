// What one evaluation may cost: operators, nodes and parts of texts visited.

const maxSteps = 2000000;

let left = 0;
const tooLong = {};

// spend takes steps from the evaluation that runs, and ends it at the last.
export function spend(steps: number): void {
  left -= steps;
  if (left < 0) throw tooLong;
}

// within runs an evaluation; one that takes too long gives the other value.
export function within<T>(evaluation: () => T, other: T): T {
  left = maxSteps;
  try {
    return evaluation();
  } catch (problem) {
    if (problem !== tooLong) throw problem;
    return other;
  }
}
