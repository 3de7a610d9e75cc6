import type { Frontier } from './frontier';
import type { FrontierPoint } from './evaluate-setting';
import { distance } from './pareto-front';

/** What an operator can afford, or needs. */
export type FrontierGoal =
  | { kind: 'budget'; /** Expected extra dollars of a thousand pipelines. */ usdPerThousandPipelines: number }
  | { kind: 'deadline'; /** Expected seconds saved per pipeline. */ secondsPerPipeline: number };

export interface Recommendation {
  goal: FrontierGoal;
  /** False: no setting does it, and `point` is what comes nearest. */
  reached: boolean;
  point: FrontierPoint;
}

/** The setting that saves most within a budget, or the cheapest one that saves enough. Null for a log without settings. */
export function recommend(
  { points, today }: Pick<Frontier, 'points' | 'today'>,
  goal: FrontierGoal,
): Recommendation | null {
  const bySavings = (left: FrontierPoint, right: FrontierPoint): number =>
    right.expected.secondsSaved - left.expected.secondsSaved ||
    left.expected.extraUsd - right.expected.extraUsd ||
    distance(left, today) - distance(right, today);
  const byCost = (left: FrontierPoint, right: FrontierPoint): number =>
    left.expected.extraUsd - right.expected.extraUsd || bySavings(left, right);
  const [ifReached, ifNot] = goal.kind === 'budget' ? [bySavings, byCost] : [byCost, bySavings];
  const good = points.filter(({ expected }) =>
    goal.kind === 'budget'
      ? 1000 * expected.extraUsd <= goal.usdPerThousandPipelines
      : expected.secondsSaved >= goal.secondsPerPipeline,
  );
  const [point] = good.length > 0 ? good.sort(ifReached) : [...points].sort(ifNot);
  return point === undefined ? null : { goal, reached: good.length > 0, point };
}
