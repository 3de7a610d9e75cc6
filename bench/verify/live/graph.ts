import { NODE_USD_PER_SECOND, VERIFIER_USD_PER_SECOND, type VerifiedNode } from '../verified-graph';

/** A second of the server stands for so many seconds of the work. */
export const SECONDS_PER_SECOND = 10;

/** A small graph of the kind that is simulated: two branches, one of them a tool that is hardly ever right. */
export const LIVE_GRAPH: readonly (Omit<VerifiedNode, 'after'> & { name: 'plan' | 'search' | 'recall' | 'write' })[] = [
  { name: 'plan', kind: 'model', seconds: 4, verifierTimes: 6, matchRate: 0.7 },
  { name: 'search', kind: 'tool', seconds: 3, verifierTimes: 3, matchRate: 0.12 },
  { name: 'recall', kind: 'model', seconds: 4, verifierTimes: 7, matchRate: 0.8 },
  { name: 'write', kind: 'model', seconds: 5, verifierTimes: 10, matchRate: 0.75 },
];

/** Price of one call of a step, and of its verifier, US dollars. */
export function pricesOf({ seconds, verifierTimes }: Pick<VerifiedNode, 'seconds' | 'verifierTimes'>): {
  stepUsd: number;
  verifierUsd: number;
} {
  return {
    stepUsd: round(seconds * NODE_USD_PER_SECOND),
    verifierUsd: round(seconds * verifierTimes * VERIFIER_USD_PER_SECOND),
  };
}

/** A price of a tenth of a micro dollar and more, so that sums are short. */
function round(usd: number): number {
  return Number(usd.toFixed(7));
}
