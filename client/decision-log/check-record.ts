import { z } from 'zod';
import { DECISION_SCHEMA, type DecisionRecord } from './decision-record';

const quantity = z.number('must be a finite number').nonnegative('must not be negative');
const share = z.number('must be a number').min(0, 'must be 0 to 1').max(1, 'must be 0 to 1');
const dollars = z.string().regex(/^\d+(\.\d+)?$/, 'must be US dollars of at least 0 as a decimal text');
const tokens = z.int('must be a whole number').nonnegative('must not be negative');

const knob = z.looseObject({
  alpha: share,
  lambdaUsdPerSecond: quantity,
  budgetUsd: dollars.nullable(),
  enabled: z.boolean(),
});

const cost = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('fixed'), usd: quantity }),
  z.looseObject({
    kind: z.literal('tokens'),
    model: z.string(),
    expected: z.looseObject({ inputTokens: tokens, cachedInputTokens: tokens, outputTokens: tokens }),
    rates: z.looseObject({
      inputUsdPerMillion: quantity,
      cachedInputUsdPerMillion: quantity,
      outputUsdPerMillion: quantity,
    }),
  }),
]);

const origin = {
  schema: z.literal(DECISION_SCHEMA, `must be ${DECISION_SCHEMA}: this version reads no other`),
  workflowId: z.string().min(1),
  runId: z.string().min(1),
  workflowType: z.string().min(1),
};

const shared = {
  ...origin,
  id: z.int().nonnegative(),
  atMs: quantity,
  pipeline: z.string(),
  upstream: z.string(),
  knob,
  spentUsd: dollars,
  reservedUsd: dollars,
  thresholdUsd: z.number(),
  reason: z.string(),
};

const hypothesis = z.looseObject({ upstream: z.string(), source: z.string(), rank: quantity, probability: share });

const launchRow = z.looseObject({
  ...shared,
  phase: z.enum(['plan', 'launch', 'stream']),
  downstream: z.string(),
  dependencyType: z.string(),
  k: z.number().nullable(),
  depth: quantity,
  supports: z.array(z.array(hypothesis)),
  declared: z.looseObject({ effect: z.string(), disclosure: z.string(), abandonSafe: z.boolean() }).nullable(),
  cost,
  latencySavedSeconds: quantity,
  openLaunches: quantity,
  maxOpenLaunches: quantity,
  policyName: z.string(),
  P: share,
  speculativeCostUsd: quantity,
  latencyValueUsd: quantity,
  expectedValueUsd: z.number(),
  decision: z.enum(['launch', 'hold']),
});

const askRow = z.looseObject({
  ...shared,
  phase: z.literal('ask'),
  draft: z.string(),
  draftCostUsd: quantity,
  candidates: z.array(
    z.looseObject({
      downstream: z.string(),
      P: share,
      speculativeCostUsd: quantity,
      latencySavedSeconds: quantity,
    }),
  ),
  valueUsd: z.number(),
  decision: z.enum(['ask', 'skip']),
});

const record = z.discriminatedUnion('phase', [launchRow, askRow]);
/** A row that says that its numbers were unusable may hold what JSON makes of them; that is no fault of the file. */
const unusable = z.looseObject({
  ...origin,
  phase: z.enum(['plan', 'launch', 'stream']),
  decision: z.literal('hold'),
  reason: z.literal('unusable-numbers'),
});

/** What is wrong with something that was read as a row; null if it is one. */
export function faultOf(row: unknown): string | null {
  if (unusable.safeParse(row).success) return null;
  const { error } = record.safeParse(row);
  const issue = error?.issues[0];
  if (issue === undefined) return null;
  const value = issue.path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    row,
  );
  const field = issue.path.map(String).join('.');
  return field === '' ? issue.message : `${field} is ${shown(value)}: ${issue.message}`;
}

/** After `faultOf` has found nothing. */
export function asRecord(row: unknown): DecisionRecord {
  return row as DecisionRecord;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
