import { Decimal } from 'decimal.js';
import { countOutputTokens, countPromptTokens } from '../activities/count-tokens';
import type { TokenRates } from '../speculation/decision/tokens';
import type { MeteredExchange } from './metered-exchange';

/** What one request to a model cost, as seen on the wire. Times are milliseconds since 1970, with fractions. */
export interface InvoiceLine {
  /** The provider's id of the reply; null when the reply broke off before it was known. */
  requestId: string | null;
  /** The client's own id (`x-client-request-id`). */
  clientRequestId: string | null;
  model: string;
  /** HTTP status; null while there is no answer. */
  status: number | null;
  /** All prompt tokens, cached ones and ones written to the cache included. */
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  /** All output tokens, rejected predictions included. */
  outputTokens: number;
  rejectedPredictionTokens: number;
  /** US dollars, an exact decimal string. */
  costUsd: string;
  /** True when the whole reply was delivered, with the provider's usage. Otherwise the tokens were counted here. */
  complete: boolean;
  startedAtMs: number;
  firstTokenAtMs: number | null;
  /** When the last token was written towards the client. */
  lastTokenAtMs: number | null;
  /** When the client's connection or the reply ended; null while it is open. */
  closedAtMs: number | null;
  bytes: number;
}

/** The meter was given no price for a model that was asked. */
export class MeterRateMissingError extends Error {
  override readonly name = 'MeterRateMissingError';
  readonly code = 'METER_RATE_MISSING';

  constructor(model: string, known: readonly string[]) {
    super(`The meter has no rate for the model "${model}"; it knows ${known.join(', ')}. Add it to the meter's rates.`);
  }
}

/** Digits enough for any product of a token count and a rate to be exact. */
const Exact = Decimal.clone({ precision: 60 });

export function hasRate(exchange: MeteredExchange, rates: Readonly<Record<string, TokenRates>>): boolean {
  return exchange.prompt !== null && exchange.prompt.model in rates;
}

/** @throws MeterRateMissingError when a billed model has no rate */
export function invoiceLine(exchange: MeteredExchange, rates: Readonly<Record<string, TokenRates>>): InvoiceLine {
  const { prompt, reply, status } = exchange;
  if (prompt === null) throw new Error('This exchange asked no model');
  const complete = exchange.delivered && reply.usage !== null && status !== null && status < 400;
  const tokens = tokensOf(exchange, prompt);
  const line = {
    requestId: reply.id,
    clientRequestId: exchange.clientRequestId,
    model: prompt.model,
    status,
    ...tokens,
    complete,
    startedAtMs: exchange.startedAtMs,
    firstTokenAtMs: reply.firstTokenAtMs,
    lastTokenAtMs: reply.lastTokenAtMs,
    closedAtMs: exchange.closedAtMs,
    bytes: exchange.bytes,
  };
  if (tokens.inputTokens + tokens.outputTokens === 0) return { ...line, costUsd: '0' };
  const rate = rates[prompt.model];
  if (rate === undefined) throw new MeterRateMissingError(prompt.model, Object.keys(rates));
  return { ...line, costUsd: cost(tokens, rate) };
}

type Tokens = Pick<
  InvoiceLine,
  'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'rejectedPredictionTokens'
>;

const NO_TOKENS: Tokens = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  rejectedPredictionTokens: 0,
};

function tokensOf(exchange: MeteredExchange, prompt: NonNullable<MeteredExchange['prompt']>): Tokens {
  const { reply, status } = exchange;
  // An error is not billed.
  if (status !== null && status >= 400) return NO_TOKENS;
  if (reply.usage !== null && reply.finished) {
    const { usage } = reply;
    // Some report the whole without its parts; what is charged is at least the parts.
    return {
      ...usage,
      inputTokens: Math.max(usage.inputTokens, usage.cachedInputTokens + usage.cacheWriteTokens),
      outputTokens: Math.max(usage.outputTokens, usage.rejectedPredictionTokens),
    };
  }
  if (exchange.embeddedTokens !== null) return { ...NO_TOKENS, inputTokens: exchange.embeddedTokens };
  return {
    ...NO_TOKENS,
    inputTokens: countPromptTokens(prompt),
    outputTokens: countOutputTokens({ text: reply.text, toolCalls: reply.toolCalls.filter(Boolean) }),
  };
}

function cost(tokens: Tokens, rate: TokenRates): string {
  return new Exact(tokens.inputTokens - tokens.cachedInputTokens - tokens.cacheWriteTokens)
    .times(rate.inputUsdPerMillion)
    .plus(new Exact(tokens.cachedInputTokens).times(rate.cachedInputUsdPerMillion))
    .plus(new Exact(tokens.cacheWriteTokens).times(rate.cacheWriteUsdPerMillion ?? rate.inputUsdPerMillion))
    .plus(new Exact(tokens.outputTokens - tokens.rejectedPredictionTokens).times(rate.outputUsdPerMillion))
    .plus(
      new Exact(tokens.rejectedPredictionTokens).times(
        rate.rejectedPredictionUsdPerMillion ?? rate.outputUsdPerMillion,
      ),
    )
    .div(1_000_000)
    .toFixed();
}
