import { createHash } from 'node:crypto';
import { Decimal } from 'decimal.js';
import type { TokenCounts } from '../decision/tokens';
import type { DependencyTaxonomy } from '../estimate/dependency-taxonomy';
import { canonicalJson } from '../forecast/canonical-json';
import { declaredDependency } from './declared-dependencies';
import { resolveEquivalence } from './equivalence-policy';
import { resolveEffect } from './mcp-hints';
import { outputMisfit } from './operation-policy';
import type {
  CostInput,
  Forecaster,
  ForecasterInput,
  OperationCost,
  OperationInput,
  OperationPolicy,
} from './operation-policy';
import { nearestNames } from '../decision/nearest-names';
import { PolicyError } from './policy-error';
import { UnknownPriceError, type PriceTable } from './price-table';

const DEFAULT_TOP = 2;
const DEFAULT_MINED_TOP = 3;
/** Longer keys are replaced by their digest: the control plane keeps every key that is in use. */
const MAX_CONTEXT_KEY_LENGTH = 200;

/** Completes the declaration of one operation. */
export function resolveOperation(
  activityType: string,
  input: OperationInput,
  prices: PriceTable,
  taxonomy: DependencyTaxonomy,
): OperationPolicy {
  const field = `activities.${activityType}`;
  const { effect, disclosure, hinted } = resolveEffect(field, input);
  const forecasters = (input.forecast ?? []).map(resolveForecaster);
  const operation: OperationPolicy = {
    activityType,
    effect,
    disclosure,
    abandonSafe: input.abandonSafe ?? false,
    hinted,
    prior: declaredDependency(`${field}.dependency`, input.dependency, taxonomy),
    forecasters,
    contextKey: forecasters.some(({ kind }) => kind === 'history') ? boundedKey(input.contextKey) : null,
    output: input.output ?? null,
    cost: resolveCost(field, input.cost, prices, effect === 'irreversible' || disclosure === 'private' || hinted),
    expectedSeconds: input.expectedSeconds ?? null,
    remote: input.remote ?? false,
    equivalence: resolveEquivalence(`${field}.equivalence`, input.equivalence, prices),
    acceptsEquivalent: input.acceptsEquivalent ?? null,
    stage: input.stage ?? null,
    barrier: effect === 'staged' && input.stage !== undefined,
    reads: (input.reads as OperationPolicy['reads'] | undefined) ?? null,
    writes: (input.writes as OperationPolicy['writes'] | undefined) ?? null,
  };
  for (const [index, forecaster] of forecasters.entries()) {
    if (forecaster.kind !== 'verify' || typeof forecaster.pass === 'function') continue;
    checkPass(`${field}.forecast.${index}.pass`, operation, forecaster.pass);
  }
  return operation;
}

/** A draft costs money and leaves the building like any launch, and its answer is thrown away if it comes too late. */
export function checkDrafts(operations: ReadonlyMap<string, OperationPolicy>): void {
  for (const { activityType, forecasters } of operations.values()) {
    for (const [index, forecaster] of forecasters.entries()) {
      if (forecaster.kind !== 'draft') continue;
      const field = `activities.${activityType}.forecast.${index}.activity`;
      const draft = operations.get(forecaster.activity);
      if (draft === undefined) {
        const nearest = nearestNames(forecaster.activity, [...operations.keys()]);
        const remedy = `Declare it under activities too${nearest === '' ? '' : `, or did you mean ${nearest}?`}`;
        throw new PolicyError('POLICY_UNKNOWN_DRAFT', field, forecaster.activity, remedy, 'is not declared');
      }
      if (draft.effect === 'none' && draft.disclosure === 'public' && !draft.hinted) continue;
      const remedy = `A draft must have effect "none" and disclosure "public"${draft.hinted ? ', said by its owner' : ''}.`;
      const problem =
        draft.effect !== 'none' ? `is ${draft.effect}` : draft.hinted ? 'has hints only' : `is ${draft.disclosure}`;
      throw new PolicyError('POLICY_DRAFT_NOT_ADMISSIBLE', field, forecaster.activity, remedy, problem);
    }
  }
}

function resolveForecaster(input: ForecasterInput): Forecaster {
  switch (input.kind) {
    case 'history':
      return { kind: 'history', top: input.top ?? DEFAULT_TOP };
    case 'function':
      return { kind: 'function', forecast: input.forecast as (...args: unknown[]) => unknown };
    case 'draft':
      return { ...input, several: input.several ?? false };
    case 'mined':
      return { kind: 'mined', patterns: choiceOf(input.patterns), top: input.top ?? DEFAULT_MINED_TOP };
    case 'verify':
    case 'stream':
      return input;
  }
}

function choiceOf(
  patterns: Extract<ForecasterInput, { kind: 'mined' }>['patterns'],
): Extract<Forecaster, { kind: 'mined' }>['patterns'] {
  return typeof patterns === 'function'
    ? (patterns as Extract<Forecaster, { kind: 'mined' }>['patterns'])
    : () => patterns;
}

function resolveCost(
  field: string,
  cost: CostInput | undefined,
  prices: PriceTable,
  neverEarly: boolean,
): OperationCost {
  if (cost === undefined) {
    if (neverEarly) return { kind: 'fixed', usd: 0, costUsd: '0' };
    // A forgotten price must not read as "free": everything would be launched.
    const remedy =
      "Say what a call costs: { kind: 'model', model, inputTokens, outputTokens } or { kind: 'fixed', usd }.";
    throw new PolicyError('POLICY_INVALID', `${field}.cost`, cost, remedy, 'is missing');
  }
  if (cost.kind === 'fixed') return { kind: 'fixed', usd: cost.usd, costUsd: new Decimal(cost.usd).toFixed() };
  const { model } = cost;
  checkTokens(`${field}.cost`, cost);
  try {
    prices.ratesFor(model);
  } catch (cause) {
    if (!(cause instanceof UnknownPriceError)) throw cause;
    throw new PolicyError('POLICY_UNKNOWN_PRICE', `${field}.cost.model`, model, cause.message, 'has no price', {
      cause,
    });
  }
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0, rejectedPredictionTokens = 0 } = cost;
  const expected: TokenCounts = {
    inputTokens,
    cachedInputTokens,
    outputTokens,
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
    ...(rejectedPredictionTokens === 0 ? {} : { rejectedPredictionTokens }),
  };
  return { kind: 'model', model, expected, most: cost.most ?? null };
}

/** Parts must fit into their wholes, and what is expected into what is possible. */
function checkTokens(field: string, cost: CostInput & { kind: 'model' }): void {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0, rejectedPredictionTokens = 0 } = cost;
  const tooLarge = (name: string, value: number, remedy: string): PolicyError =>
    new PolicyError('POLICY_INVALID', `${field}.${name}`, value, remedy, 'is too large');
  const input = `inputTokens (${inputTokens}) counts cached tokens and ones written to the cache too, so it cannot be less.`;
  if (cachedInputTokens > inputTokens) throw tooLarge('cachedInputTokens', cachedInputTokens, input);
  if (cachedInputTokens + cacheWriteTokens > inputTokens) throw tooLarge('cacheWriteTokens', cacheWriteTokens, input);
  if (rejectedPredictionTokens > outputTokens) {
    const output = `outputTokens (${outputTokens}) counts rejected predictions too, so it cannot be less.`;
    throw tooLarge('rejectedPredictionTokens', rejectedPredictionTokens, output);
  }
  for (const kind of ['inputTokens', 'outputTokens'] as const) {
    const most = cost.most?.[kind];
    if (most === undefined || most >= cost[kind]) continue;
    const remedy = `It is the most that a call can consume, so it cannot be less than the expected ${cost[kind]}.`;
    throw new PolicyError('POLICY_INVALID', `${field}.most.${kind}`, most, remedy, 'is too small');
  }
}

function checkPass(field: string, operation: OperationPolicy, pass: unknown): void {
  const misfit =
    pass === undefined ? { path: '(the whole value)', reason: 'is missing' } : outputMisfit(operation, pass);
  if (misfit === null) return;
  const remedy = `Correct the value, or activities.${operation.activityType}.output.`;
  const problem = `does not fit the declared output at ${misfit.path}: ${misfit.reason}`;
  throw new PolicyError('POLICY_INVALID', field, pass, remedy, problem);
}

function boundedKey(contextKey: OperationInput['contextKey']): (...args: unknown[]) => string {
  const key = contextKey === undefined ? canonicalKey : (contextKey as (...args: unknown[]) => string);
  return (...args) => {
    const text = key(...args);
    if (text.length <= MAX_CONTEXT_KEY_LENGTH) return text;
    return `sha256:${createHash('sha256').update(text).digest('hex')}`;
  };
}

function canonicalKey(...args: unknown[]): string {
  return canonicalJson(args);
}
