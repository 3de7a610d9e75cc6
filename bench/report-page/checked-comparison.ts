import { z } from 'zod';
import { shownValue } from '../../speculation/decision/shown-value';
import type { PolicyComparison } from '../measure/policy-comparison';

/** A benchmark has returned a comparison that cannot be shown as it is. */
export class InvalidComparisonError extends Error {
  readonly code = 'RUNAHEAD_INVALID_COMPARISON';
  override readonly name = 'InvalidComparisonError';

  constructor(benchmark: string, field: string, value: unknown, wayOut: string) {
    super(`benchmark ${benchmark}: ${field} is ${shownValue(value)}; ${wayOut}`);
  }
}

// Numbers are finite in zod.
const positive = z.number().min(0);
const money = z.union([
  z.number(),
  z.string().regex(/^-?\d+(\.\d+)?$/, { error: 'use a finite number or an exact decimal such as "0.0123"' }),
]);
const interval = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .refine(({ low, high }) => low <= high, {
    path: ['low'],
    error: 'use a lower bound that is not above the upper one',
  });
const rate = z
  .object({ numerator: positive, denominator: positive })
  .refine(({ numerator, denominator }) => numerator <= denominator, {
    path: ['numerator'],
    error: 'use one that is not above its denominator',
  });
const point = z.object({ label: z.string().min(1), seconds: positive, usd: positive });
const bar = z
  .object({
    lane: z.string(),
    label: z.string(),
    startSeconds: positive,
    endSeconds: positive,
    kind: z.enum(['plain', 'claimed', 'wasted', 'draft']),
  })
  .refine(({ startSeconds, endSeconds }) => startSeconds <= endSeconds, {
    path: ['endSeconds'],
    error: 'use an end that is not before the start',
  });
const row = z.object({
  policy: z.string().min(1),
  label: z.string().min(1),
  saved: interval,
  meanSeconds: positive,
  p95Seconds: positive,
  usd: money,
  wasteUsd: money,
  extraTokens: interval.optional(),
  hits: rate,
  claimed: rate,
  knew: z.string(),
});
const table = z
  .object({ title: z.string(), columns: z.array(z.string()).min(1), rows: z.array(z.array(z.string())) })
  .refine(({ columns, rows }) => rows.every((cells) => cells.length === columns.length), {
    path: ['rows'],
    error: 'use as many cells in each row as there are columns',
  });
const comparison = z.object({
  benchmark: z.string().min(1),
  title: z.string().min(1),
  setting: z.string(),
  measuredOn: z.enum(['simulator', 'real server']),
  rows: z.array(row),
  frontier: z.object({ points: z.array(point), dial: z.array(point) }).optional(),
  reliability: z
    .array(
      z.object({
        label: z.string(),
        bins: z.array(z.object({ predicted: z.number().min(0).max(1), observed: rate })),
      }),
    )
    .optional(),
  timelines: z.array(z.object({ policy: z.string(), bars: z.array(bar) })).optional(),
  tables: z.array(table).optional(),
  notes: z.array(z.string()),
});

/**
 * A comparison that can be drawn: numbers are finite, rates are not above 1, bars end after they start.
 *
 * @param benchmark for the message
 * @throws InvalidComparisonError naming the first field that is off
 */
export function checkedComparison(value: PolicyComparison, benchmark: string): PolicyComparison {
  const { error } = comparison.safeParse(value, { reportInput: true });
  const issue = error?.issues[0];
  if (issue === undefined) return value;
  const field = issue.path.map(String).join('.') || 'the comparison';
  throw new InvalidComparisonError(benchmark, field, valueAt(value, issue.path), issue.message);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : inner,
    value,
  );
}
