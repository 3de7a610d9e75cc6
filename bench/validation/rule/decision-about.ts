import { decide, type Decision } from '../../../speculation/decision/decision';
import { DEFAULT_KNOB } from '../../../speculation/decision/knob';
import type { LaunchPolicy } from '../../../speculation/policies/launch-policy';
import { READS_ONLY } from '../../simulator/pipeline';

/** The whole decision that ships, about one launch with the given quantities: US dollars, P and alpha 0 to 1. */
export function decisionAbout(
  { P, L, C, alpha }: { P: number; L: number; C: number; alpha: number },
  policy: LaunchPolicy,
): Decision {
  return decide(
    {
      id: 0,
      atMs: 0,
      pipeline: 'validation',
      upstream: 'u',
      downstream: 'v',
      dependencyType: 'unknown',
      k: null,
      phase: 'launch',
      depth: 1,
      supports: [[{ upstream: 'u', source: 'function', rank: 0, a: P, b: 1 - P, counts: null, probability: P }]],
      forecastDigest: '',
      declared: READS_ONLY,
      // A dollar a second, so that the seconds saved are the dollars of L.
      knob: { ...DEFAULT_KNOB, alpha, lambdaUsdPerSecond: 1 },
      cost: { kind: 'fixed', usd: C },
      latencySavedSeconds: L,
      openLaunches: 0,
      maxOpenLaunches: 1,
      spentUsd: '0',
      reservedUsd: '0',
      policyName: policy.name,
      policyVersion: 'validation',
      priceVersion: 'validation',
    },
    policy,
  );
}
