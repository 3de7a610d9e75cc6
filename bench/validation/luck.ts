import type { OperationDraw, Workload } from '../simulator/run-draw';

/*
 * Fewer runs for the same accuracy. Every guess keeps its own probability to be right; only the luck of many guesses together is evened out,
 * which changes no expectation that is linear in them.
 */

/** Square roots of primes: fractional parts of their multiples fill the unit cube evenly (Kronecker). */
const IRRATIONALS = [Math.SQRT2, Math.sqrt(3), Math.sqrt(5), Math.sqrt(7), Math.sqrt(11)];

/** Evens out from run to run which guesses at the first operation are right. For independent guesses, or a single one. */
export function evenOverRuns(workload: Workload): Workload {
  return {
    name: workload.name,
    draw: (run, random) => {
      const [first, ...rest] = workload.draw(run, random).operations;
      if (first === undefined) return { operations: [] };
      const right = (rank: number, probability: number): boolean =>
        ((run + 0.5) * (IRRATIONALS[rank] ?? Math.PI)) % 1 < probability;
      return { operations: [withRights(first, right), ...rest] };
    },
  };
}

/** Evens out within each run how many guesses are right; which ones is left to chance. For single guesses with one probability. */
export function dealtWithinRun(workload: Workload): Workload {
  return {
    name: workload.name,
    draw: (run, random) => {
      const { operations } = workload.draw(run, random);
      const probability = operations[0]?.drafts[0]?.candidates[0]?.trueProbability ?? 0;
      let rights = Math.floor(probability * operations.length + random());
      let left = operations.length;
      return {
        operations: operations.map((operation) => {
          const right = random() < rights / left;
          left -= 1;
          if (right) rights -= 1;
          return withRights(operation, () => right);
        }),
      };
    },
  };
}

function withRights(
  operation: OperationDraw,
  right: (rank: number, trueProbability: number) => boolean,
): OperationDraw {
  return {
    ...operation,
    drafts: operation.drafts.map((draft) => ({
      ...draft,
      candidates: draft.candidates.map((candidate) => ({
        ...candidate,
        right: right(candidate.rank, candidate.trueProbability),
      })),
    })),
  };
}
