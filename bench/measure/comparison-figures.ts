import { dollars } from '../../client/tables/figures';
import type { Interval, PolicyRow, Rate } from './policy-comparison';

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

/** The cells that every table of policies begins with: label, saved and its interval, mean and p95 seconds, dollars and what of them is waste. */
export function timeAndMoney({ label, saved, meanSeconds, p95Seconds, usd, wasteUsd }: PolicyRow): string[] {
  const seconds = [meanSeconds.toFixed(2), p95Seconds.toFixed(2)];
  return [label, percentText(saved.value), intervalText(saved), ...seconds, dollars(usd), dollars(wasteUsd)];
}
