/** A non-negative decimal number, exactly: `units` * 10^-`scale`. */
interface ExactDecimal {
  units: bigint;
  scale: number;
}

const DECIMAL = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads a non-negative decimal, with or without an exponent; null for anything else. */
function parseExact(value: string | number): ExactDecimal | null {
  const match = DECIMAL.exec(typeof value === 'number' ? String(value) : value.trim());
  if (!match) return null;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  const units = BigInt(whole + fraction);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

/** `0.0000001` instead of `1e-7`, without superfluous zeros. Null for what is no non-negative decimal. */
export function plainDecimal(value: string | number): string | null {
  const exact = parseExact(value);
  if (!exact) return null;
  const digits = exact.units.toString().padStart(exact.scale + 1, '0');
  const whole = digits.slice(0, digits.length - exact.scale);
  const fraction = digits.slice(digits.length - exact.scale).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** Whether the summands add up to at most the limit, without a rounding error. False if one of them is no decimal. */
export function sumIsAtMost(summands: readonly (string | number)[], limit: string | number): boolean {
  const exact = [...summands, limit].map(parseExact);
  const scale = Math.max(0, ...exact.map((decimal) => decimal?.scale ?? 0));
  let slack = 0n;
  for (const [index, decimal] of exact.entries()) {
    if (!decimal) return false;
    const units = decimal.units * 10n ** BigInt(scale - decimal.scale);
    slack += index === summands.length ? units : -units;
  }
  return slack >= 0n;
}
