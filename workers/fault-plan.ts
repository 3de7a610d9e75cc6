import { canonicalJson } from '../speculation/forecast/canonical-json';
import type { LocalModelOptions } from './local-model';
import type { LocalModelFault } from './local-model-faults';
import { seededRandom } from './local-model-pace';

/** What can go wrong with a request, by name. */
export const PLANNED_FAULTS = [
  'disconnect-after-request',
  'disconnect-after-head',
  'disconnect-mid-stream',
  'no-usage',
  'rate-limit-seconds',
  'rate-limit-date',
  'server-error',
  'malformed-chunk',
  'error-frame',
  'stall',
  'slow-drip',
  'duplicate-end',
] as const;

export type PlannedFault = (typeof PLANNED_FAULTS)[number];

export interface FaultPlanOptions {
  /** Another seed, another plan. */
  seed: number;
  /** Probability of each fault for one request, 0 to 1; together at most 1. @default 0 each */
  rates: Partial<Record<PlannedFault, number>>;
  /** How many requests with the same content may meet a fault before one is answered. @default 2 */
  faultyAttempts?: number;
  /** What a rate limit asks for, seconds. @default 1 */
  retryAfterSeconds?: number;
  /** Between the chunks of a slow drip, milliseconds. @default 100 */
  dripIntervalMs?: number;
  /** Faults in the middle of a stream come after 1 to this many tokens; a shorter reply does not meet them. @default 8 */
  atMostTokens?: number;
  /** Told of every fault, as it is planned. @default nobody */
  onFault?: (fault: PlannedFault, request: Parameters<Faults>[0], attempt: number) => void;
}

/** A plan of faults that cannot be followed. */
export class InvalidFaultPlanError extends Error {
  override readonly name = 'InvalidFaultPlanError';
  readonly code = 'INVALID_FAULT_PLAN';
}

type Faults = NonNullable<LocalModelOptions['faults']>;

/**
 * Faults for the local model, drawn by seed, content of the request and attempt alone: the same run again meets the same faults, in
 * whatever order its requests come.
 *
 * @throws InvalidFaultPlanError when the rates are no probabilities or no such fault exists
 */
export function faultPlan(options: FaultPlanOptions): Faults {
  const rates = checkedRates(options.rates);
  const { seed, faultyAttempts = 2, onFault } = options;
  return (request, attempt) => {
    if (attempt >= faultyAttempts) return null;
    const random = seededRandom(`${seed} ${attempt} ${canonicalJson(request)}`);
    const fault = drawn(rates, random());
    if (fault === null) return null;
    onFault?.(fault, request, attempt);
    return faultOf(fault, options, random());
  };
}

function checkedRates(rates: FaultPlanOptions['rates']): [PlannedFault, number][] {
  const entries = Object.entries(rates) as [PlannedFault, number][];
  for (const [fault, rate] of entries) {
    if (!PLANNED_FAULTS.includes(fault)) {
      throw new InvalidFaultPlanError(`rates: there is no fault "${fault}"; there are ${PLANNED_FAULTS.join(', ')}`);
    }
    if (!(rate >= 0 && rate <= 1)) {
      throw new InvalidFaultPlanError(`rates: ${fault} is ${String(rate)}; use a probability from 0 to 1`);
    }
  }
  const sum = entries.reduce((total, [, rate]) => total + rate, 0);
  // Ten times 0.1 is a little more than 1.
  if (sum <= 1 + 1e-9) return entries;
  throw new InvalidFaultPlanError(
    `rates: together they are ${sum}; a request meets at most one fault, so use at most 1`,
  );
}

function drawn(rates: readonly [PlannedFault, number][], at: number): PlannedFault | null {
  let upTo = 0;
  for (const [fault, rate] of rates) {
    upTo += rate;
    if (at < upTo) return fault;
  }
  return null;
}

function faultOf(fault: PlannedFault, options: FaultPlanOptions, share: number): LocalModelFault {
  const { retryAfterSeconds = 1, dripIntervalMs: intervalMs = 100, atMostTokens = 8 } = options;
  const afterTokens = 1 + Math.floor(share * atMostTokens);
  switch (fault) {
    case 'disconnect-after-request':
      return { kind: 'disconnect-early', after: 'request' };
    case 'disconnect-after-head':
      return { kind: 'disconnect-early', after: 'head' };
    case 'disconnect-mid-stream':
      return { kind: 'disconnect', afterTokens };
    case 'no-usage':
      return { kind: 'no-usage' };
    case 'rate-limit-seconds':
      return { kind: 'error', status: 429, retryAfterSeconds };
    case 'rate-limit-date':
      return { kind: 'error', status: 429, retryAfterSeconds, retryAfterAs: 'date' };
    case 'server-error':
      return { kind: 'error', status: 500 };
    case 'malformed-chunk':
      return { kind: 'malformed', afterTokens };
    case 'error-frame':
      return { kind: 'error-frame', afterTokens };
    case 'stall':
      return { kind: 'stall', afterTokens };
    case 'slow-drip':
      return { kind: 'slow-drip', intervalMs };
    case 'duplicate-end':
      return { kind: 'duplicate-end' };
  }
}
