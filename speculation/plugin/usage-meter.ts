import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenCounts } from '../decision/tokens';
import { priceUsage } from '../ledger/price-usage';
import type { UsageRecord } from '../ledger/usage';
import { consistentTokens } from './consistent-usage';
import { UnknownPriceError, type PriceTable } from './price-table';
import type { WarnOnce } from './warn-once';

/** What one request to a model consumed. */
export interface Usage {
  /** The provider's own id of the request; the client's while the provider's is not known. */
  requestId: string;
  /** The id that was sent as `x-client-request-id`, see `nextRequestId`. One request is never two bills. @default none was sent */
  clientRequestId?: string;
  model: string;
  tokens: TokenCounts;
  /** True when the provider did not report usage and the tokens were counted locally. @default false */
  estimated?: boolean;
}

/** The bills of one activity attempt, and those that earlier attempts handed over. */
export class UsageMeter {
  readonly #recorded: UsageRecord[] = [];
  readonly #running = new Map<string, UsageRecord>();

  constructor(
    private readonly options: {
      attempt: number;
      prices: PriceTable;
      /** Model whose price stands in when the model of a bill has none; null when the policy names none. */
      declaredModel: string | null;
      earlier: readonly UsageRecord[];
      warnOnce: WarnOnce;
    },
  ) {}

  record(usage: Usage): UsageRecord {
    const record = this.#price({ ...usage, ...this.#takeRunning(usage) });
    this.#recorded.push(record);
    return record;
  }

  recordFixed(requestId: string, costUsd: string): void {
    const tokens: TokenCounts = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
    const { attempt } = this.options;
    this.#recorded.push({ requestId, model: 'fixed', tokens, rates: null, costUsd, estimated: false, attempt });
  }

  reportRunning(usage: Usage): void {
    const record = this.#price({ ...usage, ...this.#takeRunning(usage), estimated: true });
    this.#running.set(usage.requestId, record);
  }

  /** The request turned out to cost nothing. */
  dropRunning(usage: Pick<Usage, 'requestId' | 'clientRequestId'>): void {
    this.#takeRunning(usage);
  }

  /** Bills of this attempt; a request that still runs counts with its latest estimate. */
  ofThisAttempt(): UsageRecord[] {
    return [...this.#recorded, ...this.#running.values()];
  }

  ofAllAttempts(): UsageRecord[] {
    return [...this.options.earlier, ...this.ofThisAttempt()];
  }

  /** Forgets what was said of a request while it ran, under either of its ids; returns the client's id, if one is known. */
  #takeRunning({ requestId, clientRequestId }: Pick<Usage, 'requestId' | 'clientRequestId'>): {
    clientRequestId?: string;
  } {
    let known = clientRequestId;
    for (const [id, running] of this.#running) {
      const isSame = id === requestId || id === clientRequestId || running.clientRequestId === requestId;
      if (!isSame) continue;
      known ??= running.clientRequestId;
      this.#running.delete(id);
    }
    return known === undefined ? {} : { clientRequestId: known };
  }

  #price({ requestId, clientRequestId, model, tokens: given, estimated = false }: Usage): UsageRecord {
    const { attempt, prices, declaredModel, warnOnce } = this.options;
    const { tokens, problem } = consistentTokens(given);
    const ids =
      clientRequestId === undefined || clientRequestId === requestId ? { requestId } : { requestId, clientRequestId };
    const bill = { ...ids, model, tokens, attempt };
    if (problem !== null) {
      warnOnce(
        `usage:${model}`,
        `recordUsage for ${model}, request ${requestId}: ${problem}. It is booked as an estimate.`,
      );
    }
    try {
      const rates = prices.ratesFor(model);
      return { ...bill, rates, costUsd: priceUsage(tokens, rates), estimated: estimated || problem !== null };
    } catch (error) {
      if (!(error instanceof UnknownPriceError)) throw error;
      // The call is already paid for: failing it now would only make it be paid twice.
      const standIn = declaredModel !== null && declaredModel !== model ? prices.ratesFor(declaredModel) : null;
      const booked = standIn === null ? 'as 0 dollars' : `at the price of "${declaredModel ?? ''}"`;
      warnOnce(`price:${model}`, `${error.message} Until then its usage is booked ${booked}, as an estimate.`);
      const costUsd = standIn === null ? '0' : priceUsage(tokens, standIn);
      return { ...bill, rates: standIn, costUsd, estimated: true };
    }
  }
}

const meterOfThisAttempt = new AsyncLocalStorage<UsageMeter>();

export function withUsageMeter<T>(meter: UsageMeter, body: () => T): T {
  return meterOfThisAttempt.run(meter, body);
}

/**
 * Books what a request to a model consumed, as part of the running activity. May be called anywhere below an activity; outside
 * of one, or on a worker without the plugin, it does nothing. Never throws for token counts that cannot be right: the call is paid for.
 * They are made consistent, booked as an estimate, and the worker's log says once what is wrong.
 */
export function recordUsage(usage: Usage): void {
  meterOfThisAttempt.getStore()?.record(usage);
}

/**
 * Says what a request that still streams has consumed by now; replaces what was said before about the same request, and is
 * itself replaced by `recordUsage`. So nothing is lost when the activity is cut off.
 */
export function reportRunningUsage(usage: Usage): void {
  meterOfThisAttempt.getStore()?.reportRunning(usage);
}

/**
 * Takes back what `reportRunningUsage` said about a request that turned out to cost nothing: the provider answered with an error status.
 */
export function dropRunningUsage(request: Pick<Usage, 'requestId' | 'clientRequestId'>): void {
  meterOfThisAttempt.getStore()?.dropRunning(request);
}

/** The bills of the running activity attempt so far; empty outside of one. */
export function usageSoFar(): UsageRecord[] {
  return meterOfThisAttempt.getStore()?.ofThisAttempt() ?? [];
}
