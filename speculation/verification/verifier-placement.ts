import { placementOrder, type OperationNode } from './placement-order';

/** A verifier that could be put behind an operation. */
export interface VerifierOption {
  operation: string;
  verifier: string;
  /** Expected loss of score that it avoids, in points of the result's score: expected damage times the share of faults it catches. */
  damageAvoided: number;
  /** Price of one verification, US dollars. */
  costUsd: number;
}

export interface PlacementSettings {
  /** Most that the verifiers of one run may cost, US dollars. @default unbounded */
  budgetUsd?: number;
  /** What a dollar is worth in points of the result's score: lambda of U = P - lambda C. @default 0, the budget alone bounds them */
  lambda?: number;
}

export interface Placement {
  chosen: VerifierOption[];
  costUsd: number;
  damageAvoided: number;
  /** Sum of U = P - lambda C. */
  utility: number;
  /** Whether nothing better exists; false where there were too many ways to look at all of them. */
  exact: boolean;
}

/** A verifier, or a budget, that cannot be used. */
export class InvalidPlacementError extends Error {
  readonly code = 'RUNAHEAD_INVALID_PLACEMENT';
  override readonly name = 'InvalidPlacementError';

  constructor(field: string, value: unknown, wayOut: string) {
    super(`verifier placement: ${field} is ${String(value)}; ${wayOut}`);
  }
}

/** Ways to spend the budget that are kept side by side. */
const MOST_WAYS = 20_000;

interface Way {
  costUsd: number;
  utility: number;
  last: { option: VerifierOption; before: Way } | null;
}

const NONE: Way = { costUsd: 0, utility: 0, last: null };

/**
 * Chooses at most one verifier for each operation so that the sum of U = P - lambda C (Sherlock, arXiv:2511.00330) is greatest within a
 * budget. PROPOSED: the publication learns its choice; this one solves the multiple-choice knapsack by dynamic programming over costs
 * (Nemhauser and Ullmann, 1969), exactly unless more than 20,000 ways are worth keeping, and by utility per dollar beyond that. The
 * avoided damages are taken to add up: each verifier checks the work of its own operation.
 *
 * @throws InvalidPlacementError
 */
export function placeVerifiers(options: readonly VerifierOption[], settings: PlacementSettings = {}): Placement {
  const { budgetUsd, lambda } = checked(options, settings);
  const groups = new Map<string, VerifierOption[]>();
  for (const option of options) {
    if (utilityOf(option, lambda) <= 0) continue;
    groups.set(option.operation, [...(groups.get(option.operation) ?? []), option]);
  }
  let ways: Way[] = [NONE];
  for (const group of groups.values()) {
    const extended = ways.flatMap((before) => [
      before,
      ...group.flatMap((option): Way[] => {
        const costUsd = before.costUsd + option.costUsd;
        if (!within(costUsd, budgetUsd)) return [];
        return [{ costUsd, utility: before.utility + utilityOf(option, lambda), last: { option, before } }];
      }),
    ]);
    ways = undominated(extended);
    if (ways.length > MOST_WAYS) return greedily([...groups.values()].flat(), budgetUsd, lambda);
  }
  // The last one costs most and brings most.
  return placement(chosenBy(ways.at(-1) ?? NONE), lambda, true);
}

/**
 * The same the way Sherlock goes: operations in the order of `placementOrder`, each with its verifier of greatest utility while the budget
 * lasts and the utility is above 0.
 *
 * @throws InvalidPlacementError
 * @throws UnknownOperationError
 */
export function placeVerifiersInOrder(
  nodes: readonly OperationNode[],
  options: readonly VerifierOption[],
  settings: PlacementSettings = {},
): Placement {
  const { budgetUsd, lambda } = checked(options, settings);
  const chosen: VerifierOption[] = [];
  let spentUsd = 0;
  for (const operation of placementOrder(nodes)) {
    const best = options
      .filter((option) => option.operation === operation && within(spentUsd + option.costUsd, budgetUsd))
      .filter((option) => utilityOf(option, lambda) > 0)
      .sort((left, right) => utilityOf(right, lambda) - utilityOf(left, lambda))[0];
    if (best === undefined) continue;
    chosen.push(best);
    spentUsd += best.costUsd;
  }
  return placement(chosen, lambda, false);
}

function greedily(options: readonly VerifierOption[], budgetUsd: number, lambda: number): Placement {
  const perDollar = (option: VerifierOption): number => utilityOf(option, lambda) / option.costUsd;
  const chosen: VerifierOption[] = [];
  let spentUsd = 0;
  for (const option of [...options].sort((left, right) => perDollar(right) - perDollar(left))) {
    if (chosen.some(({ operation }) => operation === option.operation)) continue;
    if (!within(spentUsd + option.costUsd, budgetUsd)) continue;
    chosen.push(option);
    spentUsd += option.costUsd;
  }
  // One dear verifier may be better than all that is cheap.
  const single = options
    .filter(({ costUsd }) => within(costUsd, budgetUsd))
    .reduce<VerifierOption[]>((best, option) => {
      const known = best[0];
      return known === undefined || utilityOf(option, lambda) > utilityOf(known, lambda) ? [option] : best;
    }, []);
  const [many, one] = [placement(chosen, lambda, false), placement(single, lambda, false)];
  return one.utility > many.utility ? one : many;
}

/** In ascending order of cost, each with more utility than all that are cheaper. */
function undominated(ways: readonly Way[]): Way[] {
  const sorted = [...ways].sort((left, right) => left.costUsd - right.costUsd || right.utility - left.utility);
  const kept: Way[] = [];
  for (const way of sorted) if (way.utility > (kept.at(-1)?.utility ?? -Infinity)) kept.push(way);
  return kept;
}

function chosenBy(way: Way): VerifierOption[] {
  const chosen: VerifierOption[] = [];
  for (let { last } = way; last !== null; { last } = last.before) chosen.unshift(last.option);
  return chosen;
}

function placement(chosen: VerifierOption[], lambda: number, exact: boolean): Placement {
  const sum = (value: (option: VerifierOption) => number): number =>
    chosen.reduce((total, option) => total + value(option), 0);
  return {
    chosen,
    costUsd: sum(({ costUsd }) => costUsd),
    damageAvoided: sum(({ damageAvoided }) => damageAvoided),
    utility: sum((option) => utilityOf(option, lambda)),
    exact,
  };
}

function utilityOf({ damageAvoided, costUsd }: VerifierOption, lambda: number): number {
  return damageAvoided - lambda * costUsd;
}

/** Sums of dollars are not exact. */
function within(costUsd: number, budgetUsd: number): boolean {
  return costUsd <= budgetUsd + 1e-12;
}

function checked(
  options: readonly VerifierOption[],
  { budgetUsd = Infinity, lambda = 0 }: PlacementSettings,
): Required<PlacementSettings> {
  requireAmount('lambda', lambda, 'use points of score for a dollar, at least 0');
  if (!(budgetUsd >= 0)) throw new InvalidPlacementError('budgetUsd', budgetUsd, 'use US dollars of at least 0');
  for (const { operation, verifier, damageAvoided, costUsd } of options) {
    const field = `${verifier} behind ${operation}`;
    requireAmount(`costUsd of ${field}`, costUsd, 'use US dollars of at least 0');
    requireAmount(`damageAvoided of ${field}`, damageAvoided, 'use points of score of at least 0');
  }
  return { budgetUsd, lambda };
}

function requireAmount(field: string, value: number, wayOut: string): void {
  if (!(Number.isFinite(value) && value >= 0)) throw new InvalidPlacementError(field, value, wayOut);
}
