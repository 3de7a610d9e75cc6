import type { TokenCounts } from '../decision/tokens';
import type { ForecastSource } from '../forecast/forecast';
import type { UsageRecord } from '../ledger/usage';
import type { EdgePrediction, Observation } from './observation';

type Unchecked<T> = { [Field in keyof T]?: unknown };

const SOURCES: ReadonlySet<unknown> = new Set<ForecastSource>([
  'history',
  'function',
  'verify',
  'draft',
  'stream',
  'mined',
  'user',
]);
const DOLLARS = /^\d+(\.\d+)?$/;

/**
 * Whether something that came by signal is an observation that can be used. Written by hand because this runs in the workflow sandbox;
 * checks every field that is read.
 */
export function isUsableObservation(input: unknown): input is Observation {
  if (!isRecord(input) || !isName(input['id'])) return false;
  switch (input['kind']) {
    case 'operation':
      return isUsableOperation(input);
    case 'edge':
      return isUsableEdge(input);
    case 'launch':
      return isUsableLaunch(input);
    case 'bill':
      return isUsableBill(input);
    case 'unresolved':
      return isUsableReport(input);
    default:
      return false;
  }
}

function isUsableOperation(input: Unchecked<Observation & { kind: 'operation' }>): boolean {
  return (
    isName(input.operation) &&
    (input.contextKey === null || typeof input.contextKey === 'string') &&
    isQuantity(input.latencySeconds) &&
    (input.tokens === null || isTokens(input.tokens)) &&
    isDollars(input.costUsd) &&
    typeof input.succeeded === 'boolean' &&
    (input.model === undefined || isName(input.model))
  );
}

function isUsableEdge(input: Unchecked<Observation & { kind: 'edge' }>): boolean {
  return (
    isName(input.upstream) &&
    isName(input.downstream) &&
    SOURCES.has(input.source) &&
    isQuantity(input.rank) &&
    Number.isInteger(input.rank) &&
    typeof input.success === 'boolean' &&
    (input.bucket === undefined || isName(input.bucket)) &&
    (input.halfLife === undefined || (isQuantity(input.halfLife) && Number(input.halfLife) >= 1)) &&
    (input.predicted === undefined || isUsablePrediction(input.predicted))
  );
}

function isUsablePrediction(input: unknown): boolean {
  if (!isRecord(input)) return false;
  const { probability, latencyValueUsd, speculativeCostUsd, wanted, launched }: Unchecked<EdgePrediction> = input;
  return (
    isProbability(probability) &&
    isQuantity(latencyValueUsd) &&
    isQuantity(speculativeCostUsd) &&
    typeof wanted === 'boolean' &&
    typeof launched === 'boolean'
  );
}

function isUsableLaunch(input: Unchecked<Observation & { kind: 'launch' }>): boolean {
  return (
    isName(input.upstream) &&
    isName(input.downstream) &&
    isProbability(input.probability) &&
    Number.isFinite(input.expectedValueUsd) &&
    typeof input.claimed === 'boolean' &&
    isDollars(input.costUsd) &&
    Number.isFinite(input.realisedValueUsd)
  );
}

function isUsableBill(input: Unchecked<Observation & { kind: 'bill' }>): boolean {
  return (
    isName(input.workflowId) &&
    isName(input.runId) &&
    isName(input.activityId) &&
    isName(input.operation) &&
    Array.isArray(input.usage) &&
    input.usage.every(isBillRecord) &&
    typeof input.workflowGone === 'boolean'
  );
}

function isUsableReport(input: Unchecked<Observation & { kind: 'unresolved' }>): boolean {
  return isName(input.runId) && Array.isArray(input.activityIds) && input.activityIds.every(isName);
}

function isBillRecord(input: unknown): boolean {
  if (!isRecord(input)) return false;
  const record: Unchecked<UsageRecord> = input;
  return isDollars(record.costUsd) && typeof record.estimated === 'boolean';
}

function isTokens(input: unknown): boolean {
  if (!isRecord(input)) return false;
  const { inputTokens, cachedInputTokens, outputTokens, ...optional }: Unchecked<TokenCounts> = input;
  const { cacheWriteTokens = 0, rejectedPredictionTokens = 0 } = optional;
  return [inputTokens, cachedInputTokens, outputTokens, cacheWriteTokens, rejectedPredictionTokens].every(isQuantity);
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null;
}

function isName(input: unknown): input is string {
  return typeof input === 'string' && input !== '';
}

function isDollars(input: unknown): boolean {
  return typeof input === 'string' && DOLLARS.test(input);
}

function isProbability(input: unknown): boolean {
  return isQuantity(input) && Number(input) <= 1;
}

function isQuantity(input: unknown): boolean {
  return typeof input === 'number' && Number.isFinite(input) && input >= 0;
}
