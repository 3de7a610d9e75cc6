import { Decimal } from 'decimal.js';
import { percentile } from '../measure/percentile';
import type { StreamedPair } from './run-pair';
import type { StreamingShape } from './shape';

/** What was measured of one shape. Seconds are medians; dollars are exact decimal strings of one pipeline on average. */
export interface ShapeReport {
  name: string;
  summary: string;
  fields: StreamingShape['fields'];
  runs: number;
  plainSeconds: number;
  runaheadSeconds: number;
  idealSeconds: number;
  /** Median over the runs of (plain - run ahead) / (plain - ideal); null where there is nothing to gain. */
  shareOfIdeal: number | null;
  plainUsd: string;
  runaheadUsd: string;
  wasteUsd: string;
  /** Part of the waste that rested on final fields alone. */
  finalFieldWasteUsd: string;
  /** Launches that the pipelines asked for after all, of all launches. */
  hits: { numerator: number; denominator: number };
  identicalResults: boolean;
  pairs: StreamedPair[];
}

/** Share of the plain latency below which a saving is none. */
const NOTHING_TO_GAIN = 0.05;
/** Least share of the ideal saving where fields are final early. */
export const LEAST_SHARE = 0.9;

export function shapeReport({ name, summary, fields }: StreamingShape, pairs: readonly StreamedPair[]): ShapeReport {
  const median = (value: (pair: StreamedPair) => number): number => percentile(pairs.map(value), 0.5);
  const gains = pairs.filter((pair) => pair.plainSeconds - pair.idealSeconds > NOTHING_TO_GAIN * pair.plainSeconds);
  const total = (value: (pair: StreamedPair) => number): number => pairs.reduce((sum, pair) => sum + value(pair), 0);
  const meanUsd = (value: (pair: StreamedPair) => string): string =>
    pairs
      .reduce((sum, pair) => sum.plus(value(pair)), new Decimal(0))
      .div(pairs.length)
      .toFixed();
  return {
    name,
    summary,
    fields,
    runs: pairs.length,
    plainSeconds: median(({ plainSeconds }) => plainSeconds),
    runaheadSeconds: median(({ runaheadSeconds }) => runaheadSeconds),
    idealSeconds: median(({ idealSeconds }) => idealSeconds),
    shareOfIdeal: fields === 'late' || gains.length === 0 ? null : percentile(gains.map(shareOfIdeal), 0.5),
    plainUsd: meanUsd((pair) => pair.plainUsd),
    runaheadUsd: meanUsd((pair) => pair.runaheadUsd),
    wasteUsd: meanUsd((pair) => pair.wasteUsd),
    finalFieldWasteUsd: meanUsd((pair) => pair.finalFieldWasteUsd),
    hits: { numerator: total(({ claimed }) => claimed), denominator: total(({ launched }) => launched) },
    identicalResults: pairs.every(({ identical }) => identical),
    pairs: [...pairs],
  };
}

function shareOfIdeal({ plainSeconds, runaheadSeconds, idealSeconds }: StreamedPair): number {
  return (plainSeconds - runaheadSeconds) / (plainSeconds - idealSeconds);
}

/** What of a shape should not be so, one line each. */
export function shapeProblems(report: ShapeReport): string[] {
  const { name, pairs, fields, shareOfIdeal: share } = report;
  const different = pairs.filter(({ identical }) => !identical).length;
  const stray = new Set(pairs.flatMap(({ strayCalls }) => strayCalls));
  return [
    ...(different > 0 ? [`${name}: ${different} of ${pairs.length} results differ from the plain run`] : []),
    ...(stray.size > 0
      ? [`${name}: the pipeline does not make the calls of its description: ${[...stray].join(', ')}`]
      : []),
    ...(Number(report.finalFieldWasteUsd) > 0
      ? [`${name}: final fields led to waste, ${report.finalFieldWasteUsd} dollars a pipeline`]
      : []),
    ...(fields === 'early' && share !== null && share < LEAST_SHARE
      ? [`${name}: ${(100 * share).toFixed(1)} % of the ideal saving, less than ${100 * LEAST_SHARE} %`]
      : []),
  ];
}
