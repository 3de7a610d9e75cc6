import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { calcPrice, TieredPrices, type ModelPrice } from '@pydantic/genai-prices';
import { Decimal } from 'decimal.js';
import type { TokenRates } from '../decision/tokens';

/** A price of one's own for a model, US dollars per million tokens. */
export interface PriceOverride {
  inputUsdPerMillion: number;
  outputUsdPerMillion: number;
  /** Input read from the provider's cache. @default the price of other input */
  cachedInputUsdPerMillion?: number;
  /** Input written to the provider's cache. @default the price of other input */
  cacheWriteUsdPerMillion?: number;
  /** Rejected tokens of a predicted output. @default the price of other output */
  rejectedPredictionUsdPerMillion?: number;
}

/** Nobody knows what this model costs, so nothing can be decided or booked about it. */
export class UnknownPriceError extends Error {
  override readonly name = 'UnknownPriceError';
  readonly code = 'UNKNOWN_PRICE';

  constructor(readonly model: string) {
    super(
      `No price is known for the model "${model}". Add it to the policy: ` +
        `prices: { ${JSON.stringify(model)}: { inputUsdPerMillion: ..., outputUsdPerMillion: ... } }.`,
    );
  }
}

/**
 * The one place where a price is looked up: the public price list, with the policy's own prices on top. A price is looked up
 * once and then stays, so that all bills of a worker agree.
 */
export class PriceTable {
  /** Names the list and the overrides; part of every recorded decision. */
  readonly version: string;
  readonly #overrides: ReadonlyMap<string, PriceOverride>;
  readonly #rates = new Map<string, TokenRates>();

  constructor(overrides: Readonly<Record<string, PriceOverride>> = {}) {
    this.#overrides = new Map(Object.entries(overrides));
    const own = this.#overrides.size === 0 ? '' : `+${digest(overrides)}`;
    this.version = `genai-prices-${listVersion()}${own}`;
  }

  /**
   * US dollars per million tokens of a model.
   *
   * @param model a provider's model name, or `provider/model`
   * @throws UnknownPriceError
   */
  ratesFor(model: string): TokenRates {
    const known = this.#rates.get(model);
    if (known !== undefined) return known;
    const rates = this.#overriddenRates(model) ?? listedRates(model);
    if (rates === null) throw new UnknownPriceError(model);
    this.#rates.set(model, rates);
    return rates;
  }

  #overriddenRates(model: string): TokenRates | null {
    const price = this.#overrides.get(model);
    if (price === undefined) return null;
    const { inputUsdPerMillion, outputUsdPerMillion, cachedInputUsdPerMillion = inputUsdPerMillion } = price;
    const { cacheWriteUsdPerMillion: write, rejectedPredictionUsdPerMillion: rejected } = price;
    return {
      inputUsdPerMillion: decimalClean(inputUsdPerMillion),
      cachedInputUsdPerMillion: decimalClean(cachedInputUsdPerMillion),
      outputUsdPerMillion: decimalClean(outputUsdPerMillion),
      ...(write === undefined ? {} : { cacheWriteUsdPerMillion: decimalClean(write) }),
      ...(rejected === undefined ? {} : { rejectedPredictionUsdPerMillion: decimalClean(rejected) }),
    };
  }
}

function listedRates(model: string): TokenRates | null {
  const slash = model.indexOf('/');
  const price =
    unitPrices(model) ??
    // The list knows whose they are only when it is told.
    (model.startsWith('text-embedding-') ? unitPrices(model, 'openai') : null) ??
    (slash > 0 ? unitPrices(model.slice(slash + 1), model.slice(0, slash)) : null) ??
    (slash > 0 ? unitPrices(model, model.slice(0, slash)) : null);
  const input = price === null ? null : perMillion(price['input_mtok']);
  if (price === null || input === null) return null;
  // Where a cache can be kept for longer at a higher price, this is the one of the shortest time.
  const cacheWrite = perMillion(price['cache_write_mtok']);
  return {
    inputUsdPerMillion: input,
    cachedInputUsdPerMillion: perMillion(price['cache_read_mtok']) ?? input,
    // Embedding models have no output and no price for it.
    outputUsdPerMillion: perMillion(price['output_mtok']) ?? 0,
    ...(cacheWrite === null ? {} : { cacheWriteUsdPerMillion: cacheWrite }),
  };
}

/** Only the unit prices of the list are used; its products are floating point sums. */
function unitPrices(model: string, providerId?: string): ModelPrice | null {
  const usage = { input_tokens: 0, output_tokens: 0 };
  return calcPrice(usage, model, providerId === undefined ? {} : { providerId })?.model_price ?? null;
}

function perMillion(price: ModelPrice[string]): number | null {
  if (price === undefined) return null;
  return decimalClean(typeof price === 'number' ? price : tierBase(price));
}

function tierBase(price: TieredPrices): number {
  return price.base;
}

/** 0.15000000000000002 was meant to be 0.15. */
function decimalClean(price: number): number {
  return new Decimal(price).toSignificantDigits(12).toNumber();
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
}

function listVersion(): string {
  const manifest = join(dirname(require.resolve('@pydantic/genai-prices')), '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
