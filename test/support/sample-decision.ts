import type { DecisionInputs, HypothesisProbability } from '../../speculation/decision/decision';
import { DEFAULT_KNOB } from '../../speculation/decision/knob';

export function hypothesis(probability: number): HypothesisProbability {
  const upstream = 'classify';
  return { upstream, source: 'history', rank: 0, a: probability, b: 1 - probability, counts: null, probability };
}

/** Certain, worth $1, for 1 cent: whatever holds this holds for a reason other than its value. */
export const OBVIOUS: DecisionInputs = {
  id: 1,
  atMs: 0,
  pipeline: 'autoReply',
  upstream: 'classify',
  downstream: 'draft',
  dependencyType: 'router_k_way',
  k: 4,
  phase: 'launch',
  depth: 1,
  supports: [[hypothesis(1)]],
  forecastDigest: '"billing"',
  declared: { effect: 'none', disclosure: 'public', abandonSafe: false },
  knob: { ...DEFAULT_KNOB, lambdaUsdPerSecond: 1 },
  cost: { kind: 'fixed', usd: 0.01 },
  latencySavedSeconds: 1,
  openLaunches: 0,
  maxOpenLaunches: 8,
  spentUsd: '0',
  reservedUsd: '0',
  policyName: 'cost-aware',
  policyVersion: '1',
  priceVersion: '1',
};
