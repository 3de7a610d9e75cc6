import type { Gain } from '../../speculation/frontier/evaluate-setting';
import type { Frontier } from '../../speculation/frontier/frontier';
import type { Recommendation } from '../../speculation/frontier/recommend';
import { dollars, seconds } from './figures';

/** Dollars are shown for this many pipelines. */
export const PIPELINES_SHOWN = 1000;

export function heldLines({ heldBack }: Frontier): string[] {
  const reasons = Object.entries(heldBack).map(([reason, count]) => `${count} ${reason}`);
  return reasons.length === 0 ? [] : [`Held back at every setting: ${reasons.join(', ')}.`];
}

export function loggedLines({ asLogged, today }: Frontier): string[] {
  return [
    `Today, alpha ${rounded(today.alpha)} and lambda ${dollars(today.lambdaUsdPerSecond)}: ${gain(today.expected)}.`,
    `As it was done, with what was set then: ${gain(asLogged.expected)}.`,
  ];
}

export function pastLines({ pastSettings, choices }: Frontier): string[] {
  const lines = pastSettings.map(({ alpha, lambdaUsdPerSecond, fromMs, toMs, decisions, implies }) => {
    const when = `${moment(fromMs)} to ${moment(toMs)}`;
    const worth = implies.optimal
      ? `the best where a second is worth ${range(implies.lowerUsdPerSecond, implies.upperUsdPerSecond)}`
      : `no price of a second makes it the best, nearest are ${dollars(implies.upperUsdPerSecond)} to ${dollars(implies.lowerUsdPerSecond)}`;
    return `Alpha ${rounded(alpha)}, lambda ${dollars(lambdaUsdPerSecond)}, ${when}, ${decisions} bets: ${worth}.`;
  });
  if (choices.lambdaUsdPerSecond !== null) {
    lines.push(
      `All choices together: a second is worth ${dollars(choices.lambdaUsdPerSecond)} (${range(choices.lower, choices.upper)}).`,
    );
  }
  return lines;
}

/** A recommendation in words, also for the page. */
export function recommendationText({ goal, reached, point }: Recommendation): string {
  const setting = `alpha ${rounded(point.alpha)} and lambda ${dollars(point.lambdaUsdPerSecond)}`;
  if (goal.kind === 'budget') {
    const budget = `${dollars(goal.usdPerThousandPipelines)} per ${PIPELINES_SHOWN} pipelines`;
    return reached
      ? `Within ${budget}, ${setting} saves most: ${gain(point.expected)}.`
      : `No setting stays within ${budget}; the least is ${setting}: ${gain(point.expected)}. Off costs nothing.`;
  }
  const deadline = `${seconds(goal.secondsPerPipeline)} per pipeline`;
  return reached
    ? `To save ${deadline}, ${setting} is the cheapest: ${gain(point.expected)}.`
    : `No setting saves ${deadline}; the most is ${setting}: ${gain(point.expected)}.`;
}

function gain({ secondsSaved, extraUsd }: Gain): string {
  return `saves ${seconds(secondsSaved)} for ${dollars(PIPELINES_SHOWN * extraUsd)}`;
}

function range(low: number, high: number): string {
  return high === Infinity ? `at least ${dollars(low)}` : `${dollars(low)} to ${dollars(high)}`;
}

function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

/** Without digits that nobody turned to. */
export function rounded(value: number): string {
  return String(Number(value.toFixed(4)));
}
