import type { DialSetting, FrontierPoint } from './evaluate-setting';

/** A setting that no other beats in both time and money. */
export interface FrontPoint extends FrontierPoint {
  /** What the last second gained costs: dollars per second from the point before, or from launching nothing. */
  usdPerSecond: number;
}

/** Relative: sums in another order differ by less. */
const SAME = 1e-12;

/**
 * The settings worth considering, cheapest first. Of settings that do the same the one nearest to `today` stands for all. Expected values
 * only; launching nothing is where the front starts and is not on it.
 */
export function paretoFront(points: readonly FrontierPoint[], today: DialSetting): FrontPoint[] {
  const sorted = points
    .filter(({ expected }) => expected.secondsSaved > 0)
    .sort(
      (left, right) =>
        left.expected.extraUsd - right.expected.extraUsd ||
        right.expected.secondsSaved - left.expected.secondsSaved ||
        distance(left, today) - distance(right, today),
    );
  const front: FrontPoint[] = [];
  let before = { secondsSaved: 0, extraUsd: 0 };
  for (const point of sorted) {
    const { expected } = point;
    if (expected.secondsSaved <= before.secondsSaved * (1 + SAME)) continue;
    const usdPerSecond = (expected.extraUsd - before.extraUsd) / (expected.secondsSaved - before.secondsSaved);
    front.push({ ...point, usdPerSecond });
    before = expected;
  }
  return front;
}

/** Prices of a second at which a point is the best of all. */
export interface PriceBracket {
  lowerUsdPerSecond: number;
  /** Infinity where nothing saves more. */
  upperUsdPerSecond: number;
  /** False: at every price some other point is better, and the two bounds contradict each other. */
  optimal: boolean;
}

/**
 * What a second must be worth for a point to be the best choice: at least what the seconds that it saves more than any cheaper point cost,
 * at most what any further second would cost.
 */
export function priceBracket(chosen: FrontierPoint, points: readonly FrontierPoint[]): PriceBracket {
  const { secondsSaved, extraUsd } = chosen.expected;
  let lower = secondsSaved > 0 ? extraUsd / secondsSaved : 0;
  let upper = Infinity;
  for (const { expected } of points) {
    const seconds = expected.secondsSaved - secondsSaved;
    if (Math.abs(seconds) <= SAME * secondsSaved) continue;
    const usdPerSecond = (expected.extraUsd - extraUsd) / seconds;
    if (seconds < 0) lower = Math.max(lower, usdPerSecond);
    else upper = Math.min(upper, usdPerSecond);
  }
  return { lowerUsdPerSecond: lower, upperUsdPerSecond: upper, optimal: lower <= upper * (1 + SAME) };
}

/** How far a setting is from today's; for choosing among settings that do the same. */
export function distance(setting: DialSetting, today: DialSetting): number {
  const lambdaSteps = Math.abs(Math.log10(setting.lambdaUsdPerSecond / today.lambdaUsdPerSecond));
  return (Number.isFinite(lambdaSteps) ? lambdaSteps : 0) + Math.abs(setting.alpha - today.alpha);
}
