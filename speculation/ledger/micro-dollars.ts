import { Usd } from './usd';

/** An amount of US dollars that cannot be shown as whole micro-dollars. */
export class InvalidAmountError extends Error {
  readonly code = 'RUNAHEAD_INVALID_AMOUNT';
  override readonly name = 'InvalidAmountError';
}

/**
 * Whole millionths of a dollar, half up: the search attributes are integers, because SQL visibility cuts doubles to five decimals.
 *
 * @throws InvalidAmountError for what is no finite decimal, or too large for an exact integer
 */
export function toMicroUsd(decimalUsd: string): number {
  let microUsd = NaN;
  try {
    microUsd = new Usd(decimalUsd).times(1e6).toDecimalPlaces(0).toNumber();
  } catch {
    // decimal.js throws a nameless Error for what it cannot read.
  }
  if (Number.isSafeInteger(microUsd)) return microUsd === 0 ? 0 : microUsd;
  throw new InvalidAmountError(
    `ledger: ${JSON.stringify(decimalUsd)} is no usable amount; use US dollars as a decimal such as "0.0135"`,
  );
}
