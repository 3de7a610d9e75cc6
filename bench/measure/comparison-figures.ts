import type { Interval, Rate } from './policy-comparison';

/** A share as a signed percentage with one digit: 0.148 is `14.8 %`. */
export function percentText(share: number): string {
  const text = (100 * share).toFixed(1);
  return `${text === '-0.0' ? '0.0' : text} %`;
}

/** The bounds of an interval of shares, in percent. */
export function intervalText({ low, high }: Interval): string {
  return `${percentText(low).replace(' %', '')} to ${percentText(high)}`;
}

/** Numerator and denominator, and the rate where there is one: `12/40 (30 %)`. */
export function rateText({ numerator, denominator }: Rate): string {
  if (denominator === 0) return `${numerator}/0`;
  return `${numerator}/${denominator} (${((100 * numerator) / denominator).toFixed(0)} %)`;
}
