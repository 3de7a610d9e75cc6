import { placementOrder } from '../../speculation/verification/placement-order';
import { placeVerifiers, type VerifierOption } from '../../speculation/verification/verifier-placement';
import { rankByDamage, type ErrorCount, type FaultObservation } from '../../speculation/verification/vulnerability';
import { dollars } from '../../client/tables/figures';
import { percentText } from '../measure/comparison-figures';
import type { PolicyComparison } from '../measure/policy-comparison';
import { randomStream } from '../simulator/random-stream';
import { CATCHES, caughtIn, FaultWorld, scoreOf, type ErrorDraw } from './fault-world';
import { verifierUsd, type VerifiedNode } from './verified-graph';

export interface PlacementSizes {
  /** Inputs into which faults are put. */
  injected: number;
  /** Other inputs, on which placements are judged. */
  judged: number;
}

/** Shares of the faults that verifying everything catches, at which prices are compared. */
const SHARES = [0.5, 0.75, 0.9];
const BUDGETS = 100;
const RANDOM_ORDERS = 20;

/** What each way to place verifiers costs to catch a share of what verifying everything catches, US dollars a run, mean over graphs. */
export type PlacementCosts = Record<'everything' | 'damage' | 'published' | 'random', number>;

/** Verification cost at equally many caught faults, on every graph: verifiers where faults do damage, in published order, at random. */
export function placementStudy(
  graphs: readonly (readonly VerifiedNode[])[],
  sizes: PlacementSizes,
  seed: number,
): { costs: Map<number, PlacementCosts>; table: NonNullable<PolicyComparison['tables']>[number] } {
  const studied = graphs.map((nodes, number) => studyGraph(nodes, number, sizes, seed));
  const costs = new Map(SHARES.map((share) => [share, meanCosts(studied.flatMap((each) => each.get(share) ?? []))]));
  return {
    costs,
    table: {
      title: `Verification cost at equally many caught faults, ${graphs.length} graphs; placed by ${sizes.injected} injected inputs, judged on ${sizes.judged} others`,
      columns: [
        'faults caught, of what verifying everything catches',
        'everything',
        'by damage',
        'published order',
        'random',
        'by damage against random',
      ],
      rows: [...costs].map(([share, { everything, damage, published, random }]) => [
        percentText(share),
        ...[everything, damage, published, random].map(dollars),
        percentText(damage / random - 1),
      ]),
    },
  };
}

function studyGraph(
  nodes: readonly VerifiedNode[],
  number: number,
  { injected, judged }: PlacementSizes,
  seed: number,
): Map<number, PlacementCosts> {
  const world = new FaultWorld(nodes, randomStream(seed, 'fault world', number));
  const random = randomStream(seed, 'errors', number);
  const options = optionsFrom(
    nodes,
    Array.from({ length: injected }, () => world.draw(random)),
    seed,
  );
  const fresh = Array.from({ length: judged }, () => world.draw(random));
  const indexOf = (operation: string): number => nodes.findIndex(({ name }) => name === operation);
  const caughtBy = (verified: ReadonlySet<number>): number =>
    fresh.reduce((sum, draw) => sum + caughtIn(draw, verified), 0);
  const allUsd = nodes.reduce((sum, node) => sum + verifierUsd(node), 0);
  const everything = caughtBy(new Set(nodes.keys()));
  // A budget a little above the cheapest verifier and so on, up to all of them.
  const placements = Array.from({ length: BUDGETS }, (_, step) => {
    const { chosen, costUsd } = placeVerifiers(options, { budgetUsd: (allUsd * (step + 1)) / BUDGETS });
    return { costUsd, caught: caughtBy(new Set(chosen.map(({ operation }) => indexOf(operation)))) };
  });
  const published = placementOrder(nodes.map(({ name, after }) => ({ operation: name, after }))).map(indexOf);
  const orders = randomOrders(nodes, randomStream(seed, 'orders', number));
  return new Map(
    SHARES.map((share) => {
      const wanted = share * everything;
      const enough = placements.filter(({ caught }) => caught >= wanted).map(({ costUsd }) => costUsd);
      const costs = {
        everything: allUsd,
        damage: Math.min(allUsd, ...enough),
        published: costUntil(published, nodes, caughtBy, wanted),
        random: meanOf(orders.map((order) => costUntil(order, nodes, caughtBy, wanted))),
      };
      return [share, costs] as const;
    }),
  );
}

/** What fault injection says that verifiers are worth. Runs differ in the faulty node alone. */
function optionsFrom(nodes: readonly VerifiedNode[], draws: readonly ErrorDraw[], seed: number): VerifierOption[] {
  const observations = draws.flatMap((draw, input) =>
    nodes.map(({ name }, node): FaultObservation => ({
      operation: name,
      input: String(input),
      fault: 'wrong',
      cleanScore: scoreOf(draw),
      faultedScore: scoreOf(draw, node),
    })),
  );
  const errors = Object.fromEntries(
    nodes.map(({ name }, node): [string, ErrorCount] => [
      name,
      { wrong: draws.filter(({ wrong }) => wrong[node] === true).length, of: draws.length },
    ]),
  );
  const ranking = rankByDamage(observations, errors, randomStream(seed, 'intervals'));
  return nodes.map((node) => ({
    operation: node.name,
    verifier: 'verifier',
    damageAvoided: CATCHES * (ranking.find(({ operation }) => operation === node.name)?.expectedDamage ?? 0),
    costUsd: verifierUsd(node),
  }));
}

/** One verifier after the other until enough is caught. */
function costUntil(
  order: readonly number[],
  nodes: readonly VerifiedNode[],
  caughtBy: (verified: ReadonlySet<number>) => number,
  wanted: number,
): number {
  const verified = new Set<number>();
  let usd = 0;
  for (const index of order) {
    const node = nodes[index];
    if (node === undefined) continue;
    verified.add(index);
    usd += verifierUsd(node);
    if (caughtBy(verified) >= wanted) break;
  }
  return usd;
}

function randomOrders(nodes: readonly VerifiedNode[], random: () => number): number[][] {
  return Array.from({ length: RANDOM_ORDERS }, () =>
    nodes
      .map((_, index) => ({ index, at: random() }))
      .sort((left, right) => left.at - right.at)
      .map(({ index }) => index),
  );
}

function meanCosts(all: readonly PlacementCosts[]): PlacementCosts {
  const mean = (key: keyof PlacementCosts): number => meanOf(all.map((each) => each[key]));
  return {
    everything: mean('everything'),
    damage: mean('damage'),
    published: mean('published'),
    random: mean('random'),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
