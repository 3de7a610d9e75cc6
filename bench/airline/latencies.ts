import { randomStream } from '../simulator/random-stream';
import { meanSeconds, quantileSeconds, withinRange, withTail, type LogNormal } from './log-normal';

/** A kind of wait in a conversation. */
export type WaitKind = 'agent step' | 'draft' | 'tool' | 'user';

/** A distribution of waits, and where it was published. Seconds are those of real life. */
export interface Latency {
  distribution: LogNormal;
  source: string;
}

/** Ours: the workflow itself gives its tools 30 seconds, and would time out on what the published tail has beyond. */
const MOST_TOOL_SECONDS = 25;

/** The recordings have no latencies: these are fitted to what others have published. */
export const LATENCIES: Readonly<Record<WaitKind, Latency>> = {
  'agent step': {
    distribution: withinRange(5, 19),
    source:
      'log-normal, 95 % within 5 to 19 s, the steps of the public DSP logs (arXiv:2509.01920, ReAct target); their mean is 10.04 s',
  },
  draft: {
    distribution: withinRange(2, 3),
    source: 'log-normal, 95 % within 2 to 3 s, the speculator of Speculative Actions on tau-bench (arXiv:2510.04371)',
  },
  tool: {
    distribution: withTail({ thresholdSeconds: 60, shareOfCalls: 0.04, shareOfTime: 0.85 }, MOST_TOOL_SECONDS),
    source:
      'log-normal, 4 % of the calls over a minute taking 85 % of the time (TraceLab, arXiv:2606.30560); then cut off at 25 s, because the workflow gives its tools 30 s',
  },
  user: {
    distribution: { medianSeconds: 30, sigma: 0, capSeconds: 30 },
    source: '30 s of typing for each answer (arXiv:2510.04371)',
  },
};

/**
 * How long a wait takes in real life, seconds: the same for the same seed, kind and names, whoever asks, so that all policies meet the same
 * work.
 */
export function drawnSeconds(seed: number, kind: WaitKind, ...names: readonly (string | number)[]): number {
  const { distribution } = LATENCIES[kind];
  if (distribution.sigma === 0) return distribution.medianSeconds;
  return quantileSeconds(distribution, randomStream(seed, kind, ...names)());
}

/** One line for each kind: parameters and source. */
export function latencyNotes(): string[] {
  return Object.entries(LATENCIES).map(([kind, { distribution, source }]) => {
    const { medianSeconds, sigma } = distribution;
    const mean = sigma === 0 ? medianSeconds : meanSeconds(distribution);
    return `${kind}: median ${medianSeconds.toFixed(2)} s, sigma ${sigma.toFixed(2)}, mean ${mean.toFixed(1)} s; ${source}`;
  });
}
