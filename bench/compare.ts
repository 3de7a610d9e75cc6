import type { Meter } from '../workers/meter';
import type { RunaheadClient } from '../client/runahead-client';
import { billsInInvoice, bookedBy, booksMatch, minusUsd, plusUsd, untilSettled } from './books';
import { forecastHits, type ForecastHits } from './forecast-hits';
import { percentile } from './measure/percentile';
import type { Progress } from './progress';
import type { PipelineReport } from './report';
import { runPairs, type Lane, type PairRun } from './run-pairs';
import type { Workload } from './workload';

export interface Comparison {
  plain: Lane & { meter: Meter };
  runahead: Lane & { meter: Meter };
  books: RunaheadClient;
  /** Pairs that run at the same time. */
  pairs: number;
  /** Makes workflow ids of one run its own. */
  tag: string;
  progress: Progress;
}

/** What was measured of one workload. */
export interface Row {
  report: PipelineReport;
  identical: number;
  forecasts: ForecastHits;
  /** What the run-ahead side booked, warm-up included. */
  bookedUsd: string;
  estimatedUsd: string;
  /** Requests whose usage the provider reported, and how many of them are booked to the last digit of their invoice line. */
  reported: { exact: number; total: number };
}

const SETTLE_MS = 15_000;
const QUIET_MS = 1_500;

/** Warms up, measures, and closes the books of one workload, before the next one starts. */
export async function compareWorkload(comparison: Comparison, workload: Workload): Promise<Row> {
  const { name } = workload;
  const before = await standing(comparison);
  const warm = await run(comparison, workload, 'warm-up', workload.warmUp);
  const warmed = await closeBooks(comparison, before, warm);
  const pairs = await run(comparison, workload, 'measured', workload.measured);
  const closed = await closeBooks(comparison, warmed, pairs);
  const identical = pairs.filter(({ plain, runahead }) => plain.result === runahead.result).length;
  return {
    report: {
      name,
      requests: pairs.length,
      plain: { ...latencies(pairs, 'plain'), costUsd: minusUsd(closed.plainUsd, warmed.plainUsd) },
      runahead: {
        ...latencies(pairs, 'runahead'),
        costUsd: minusUsd(closed.invoiceUsd, warmed.invoiceUsd),
        wasteUsd: plusUsd(closed.booked.wasteUsd, minusUsd(closed.lateUsd, warmed.lateUsd)),
        launched: closed.booked.launched,
        claimed: closed.booked.claimed,
        cancelled: closed.booked.cancelled,
        failed: closed.booked.failed,
      },
      identicalResults: identical === pairs.length,
    },
    identical,
    forecasts: {
      hits: closed.forecasts.hits - warmed.forecasts.hits,
      total: closed.forecasts.total - warmed.forecasts.total,
    },
    bookedUsd: plusUsd(plusUsd(warmed.booked.costUsd, closed.booked.costUsd), minusUsd(closed.lateUsd, before.lateUsd)),
    estimatedUsd: plusUsd(
      plusUsd(warmed.booked.estimatedUsd, closed.booked.estimatedUsd),
      minusUsd(closed.lateEstimatedUsd, before.lateEstimatedUsd),
    ),
    reported: {
      exact: billsInInvoice(
        [...warmed.booked.reported, ...closed.booked.reported],
        comparison.runahead.meter.invoice(),
      ),
      total: warmed.booked.reported.length + closed.booked.reported.length,
    },
  };
}

function run(
  comparison: Comparison,
  { name, pipeline }: Workload,
  phase: string,
  inputs: readonly unknown[],
): Promise<PairRun[]> {
  const { plain, runahead, pairs, tag, progress } = comparison;
  let done = 0;
  const seen: PairRun[] = [];
  const show = (): void => {
    const medians =
      seen.length === 0 ? '' : `, median ${medianText(seen, 'plain')} plain, ${medianText(seen, 'runahead')} run ahead`;
    progress.update(`${name}: ${phase} ${done}/${inputs.length}${medians}`);
  };
  show();
  return runPairs({
    pipeline,
    inputs,
    plain,
    runahead,
    pairs: phase === 'warm-up' ? pairs * 2 : pairs,
    together: phase === 'warm-up',
    tag: `${tag}-${name.replace(/\W+/g, '-')}-${phase}`,
    onPair: (pair) => {
      seen.push(pair);
      done += 1;
      show();
    },
  });
}

interface Standing {
  plainUsd: string;
  invoiceUsd: string;
  lateUsd: string;
  lateEstimatedUsd: string;
  forecasts: ForecastHits;
}

async function standing({ plain, runahead, books }: Comparison): Promise<Standing> {
  const late = await books.lateBills();
  return {
    plainUsd: plain.meter.totalUsd(),
    invoiceUsd: runahead.meter.totalUsd(),
    lateUsd: late.totalUsd,
    lateEstimatedUsd: late.recent
      .filter(({ estimated }) => estimated)
      .reduce((sum, bill) => plusUsd(sum, bill.costUsd), '0'),
    forecasts: forecastHits(await books.controlEstimator()),
  };
}

/** Waits until what a phase left behind has been billed, and adds it up. */
async function closeBooks(
  comparison: Comparison,
  before: Standing,
  pairs: readonly PairRun[],
): Promise<Standing & { booked: Awaited<ReturnType<typeof bookedBy>> }> {
  const ids = pairs.map(({ runahead }) => runahead.workflowId);
  const booked = await bookedBy(comparison.books, ids);
  let now = before;
  let hits = '';
  let quietSinceMs = performance.now();
  await untilSettled(
    comparison.runahead.meter,
    async () => {
      now = await standing(comparison);
      // Observations travel in batches, one a second: wait until no more come.
      if (hits !== JSON.stringify(now.forecasts)) quietSinceMs = performance.now();
      hits = JSON.stringify(now.forecasts);
      const quiet = performance.now() - quietSinceMs > QUIET_MS;
      const total = plusUsd(booked.costUsd, minusUsd(now.lateUsd, before.lateUsd));
      return quiet && booksMatch(total, booked.costUsd, minusUsd(now.invoiceUsd, before.invoiceUsd));
    },
    SETTLE_MS,
  );
  return { ...now, booked };
}

function latencies(pairs: readonly PairRun[], side: keyof PairRun): { p50Ms: number; p95Ms: number } {
  const values = pairs.map((pair) => pair[side].latencyMs);
  return { p50Ms: Math.round(percentile(values, 0.5)), p95Ms: Math.round(percentile(values, 0.95)) };
}

function medianText(pairs: readonly PairRun[], side: keyof PairRun): string {
  return `${(latencies(pairs, side).p50Ms / 1000).toFixed(2)} s`;
}
