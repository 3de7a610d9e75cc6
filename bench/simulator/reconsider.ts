import { shouldSpeculate } from '../../speculation/decision/expected-value';
import { latencyValueUsd } from '../../speculation/decision/latency-value';
import { expectedOverlapSeconds, remainingSeconds } from '../../speculation/estimate/overlap';
import { operationOf, probabilityOf, remainingOf, type Circumstances } from './question';
import type { Launch } from './world';

/**
 * Whether a launch under way is still worth it by what is known now. PROPOSED (method.md, section 6): the rule is the paper's, what it is
 * asked about a running call is not known, so both readings are here.
 *
 * `full-cost`: the rule as at launch, with the whole price and what can be saved from now on. `remaining-cost`: what is paid is paid. At
 * stake is the output that is still to come; to be gained is the time that starting anew would take longer.
 */
export function isStillWorthIt(
  circumstances: Circumstances,
  launch: Launch,
  reading: 'full-cost' | 'remaining-cost',
): boolean {
  const { options, operations, nowSeconds } = circumstances;
  const { alpha, lambdaUsdPerSecond } = options.knob;
  const { name, expected } = operationOf(operations, launch.operation);
  let P = 1;
  let upstream: readonly number[] = [0];
  for (const hypothesis of launch.assumes) {
    P *= probabilityOf(circumstances, hypothesis, name).probability;
    const remaining = remainingOf(circumstances, hypothesis.subject);
    if (mean(remaining) > mean(upstream)) upstream = remaining;
  }
  const { speculativeCostUsd } = launch.decision;
  if (reading === 'full-cost') {
    const saved = expectedOverlapSeconds(upstream, expected.latencySeconds);
    return shouldSpeculate(P, latencyValueUsd(lambdaUsdPerSecond, saved), speculativeCostUsd, alpha);
  }
  const { startedSeconds, share, draw } = launch.call;
  const elapsed = startedSeconds === null ? 0 : nowSeconds - startedSeconds;
  const left = remainingSeconds(expected.latencySeconds, elapsed);
  const saved = elapsed + expectedOverlapSeconds(upstream, left);
  return shouldSpeculate(P, latencyValueUsd(lambdaUsdPerSecond, saved), (1 - share) * draw.outputUsd, alpha);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
