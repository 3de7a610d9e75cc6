import { Decimal } from 'decimal.js';
import { percentile } from '../measure/percentile';
import type { RefutedLaunch } from './refuted-launch';
import { CANCEL_TARGETS_MS, type CancelSetting, type Refuted } from './setting';

/** One line of the table. Milliseconds are from the refuting event to the last token, at the meter. */
export interface CancelReport extends CancelSetting {
  refuted: Refuted;
  n: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
  /** Median of the part until the pipeline has asked for the cancel. */
  toRequestP50Ms: number;
  /** Tokens of a launch that the meter passed on after the refuting event, on average. */
  tokensAfter: number;
  /** What these tokens cost, US dollars for a launch. */
  usdAfter: string;
  /** What a refuted launch cost in all, US dollars on average, as booked. */
  wasteUsd: string;
  /** Heartbeats of a running launch or call that reached the server, a second; null where they could not be counted. */
  beatsPerSecond: number | null;
}

export interface CancelCosts {
  outputUsdPerMillion: number;
  beatsPerSecond: number | null;
}

export function cancelReport(
  { push, throttleMs }: CancelSetting,
  refuted: Refuted,
  launches: readonly RefutedLaunch[],
  { outputUsdPerMillion, beatsPerSecond }: CancelCosts,
): CancelReport {
  const latencies = launches.map(({ toLastTokenMs }) => toLastTokenMs);
  const mean = (value: (launch: RefutedLaunch) => Decimal.Value): Decimal =>
    launches.reduce((sum, launch) => sum.plus(value(launch)), new Decimal(0)).div(launches.length);
  const tokensAfter = mean((launch) => launch.tokensAfter);
  return {
    push,
    throttleMs,
    refuted,
    n: launches.length,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    maxMs: Math.max(...latencies),
    toRequestP50Ms: percentile(
      launches.map(({ toRequestMs }) => toRequestMs),
      0.5,
    ),
    tokensAfter: tokensAfter.toNumber(),
    usdAfter: tokensAfter.times(outputUsdPerMillion).div(1_000_000).toFixed(),
    wasteUsd: mean((launch) => launch.wasteUsd).toFixed(),
    beatsPerSecond,
  };
}

/** Targets are for what the plugin does by itself: `throttleMs` is its own. */
export function missedTargets(reports: readonly CancelReport[], throttleMs: number): string[] {
  return reports
    .filter((report) => report.throttleMs === throttleMs)
    .flatMap((report) => {
      const target = report.push ? CANCEL_TARGETS_MS.pushed : CANCEL_TARGETS_MS.heartbeats;
      return (['p50', 'p95'] as const).flatMap((quantile) => {
        const measured = quantile === 'p50' ? report.p50Ms : report.p95Ms;
        if (measured <= target[quantile]) return [];
        const how = report.push ? 'pushed' : 'by heartbeats';
        return [`${quantile} ${report.refuted}, ${how}: ${measured.toFixed(1)} ms, more than ${target[quantile]} ms`];
      });
    });
}
