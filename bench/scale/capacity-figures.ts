import { bootstrap } from '../measure/bootstrap';
import { percentile } from '../measure/percentile';
import type { Interval, PolicyRow } from '../measure/policy-comparison';
import type { MeasuredSetting, Round } from './rounds';
import { VARIANTS, type Variant } from './variants';

const LABEL: Record<Variant, string> = { plain: 'plain', off: 'speculation off', ahead: 'run ahead' };

const KNEW: Record<Variant, string> = {
  plain: 'nothing: the same workers without the plugin',
  off: 'nothing: the plugin is there and speculation is switched off for these pipelines',
  ahead: 'one forecast for every request, right for three of four, free; launched whenever it may be',
};

/** Pipelines a second of a variant, and as a share of what plain did in the same round. */
export interface Throughput {
  variant: Variant;
  pipelinesPerSecond: number;
  ofPlain: Interval;
}

export function throughputs({ rounds }: MeasuredSetting, seed: number): Throughput[] {
  return VARIANTS.map((variant) => ({
    variant,
    pipelinesPerSecond: totalRate(rounds, variant),
    ofPlain: bootstrap(rounds, (sample) => totalRate(sample, variant) / totalRate(sample, 'plain'), seed),
  }));
}

/** One row for each variant of a setting; the unit is a pipeline, and intervals are over rounds. */
export function settingRows(setting: MeasuredSetting, seed: number): PolicyRow[] {
  const { workers, atOnce, open, rounds } = setting;
  const where = `${workers} worker${workers === 1 ? '' : 's'}, ${atOnce} at once${open === 0 ? '' : `, ${open} open`}`;
  return VARIANTS.map((variant) => {
    const batches = rounds.map((round) => round[variant]);
    const latencies = batches.flatMap(({ latencySeconds }) => latencySeconds);
    const launches = batches.reduce((sum, batch) => sum + batch.launches, 0);
    const claimed = batches.reduce((sum, batch) => sum + batch.claimed, 0);
    return {
      policy: variant === 'plain' ? 'plain' : variant === 'off' ? 'sequential' : 'cost-aware',
      label: `${LABEL[variant]}, ${where}`,
      saved: bootstrap(rounds, (sample) => 1 - meanLatency(sample, variant) / meanLatency(sample, 'plain'), seed),
      meanSeconds: meanLatency(rounds, variant),
      p95Seconds: percentile(latencies, 0.95),
      usd: '0',
      wasteUsd: '0',
      // Each launch rests on one forecast here: it is claimed where that was right.
      hits: { numerator: claimed, denominator: launches },
      claimed: { numerator: claimed, denominator: launches },
      knew: KNEW[variant],
    };
  });
}

export function labelOf(variant: Variant): string {
  return LABEL[variant];
}

function totalRate(rounds: readonly Round[], variant: Variant): number {
  const batches = rounds.map((round) => round[variant]);
  return sum(batches.map(({ pipelines }) => pipelines)) / sum(batches.map(({ seconds }) => seconds));
}

function meanLatency(rounds: readonly Round[], variant: Variant): number {
  const latencies = rounds.flatMap((round) => round[variant].latencySeconds);
  return sum(latencies) / latencies.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
