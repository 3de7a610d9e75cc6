/** One axis of a chart: where a value lies on it, and what is written beside it. */
export interface Axis {
  low: number;
  high: number;
  logarithmic: boolean;
  ticks: { value: number; text: string }[];
}

/** From this ratio of largest to smallest on, a linear axis would press the small ones together. */
const LOGARITHMIC_FROM = 12;
/** Seconds, dollars and percent below this are none. */
const NOTHING = 1e-9;
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

/** How many ticks an axis should have at most, and how a number is written. */
export interface AxisWish {
  ticks: number;
  text: (value: string) => string;
}

/**
 * An axis of round numbers around the values: logarithmic where they are positive and far apart.
 *
 * @param values finite, in any order; without any the axis goes from 0 to 1
 */
export function axisAround(values: readonly number[], wish: AxisWish): Axis {
  const low = Math.min(...(values.length === 0 ? [0] : values));
  const high = Math.max(...(values.length === 0 ? [1] : values));
  return low > NOTHING && high / low >= LOGARITHMIC_FROM
    ? logarithmicAxis(low, high, wish)
    : linearAxis(low, high, wish);
}

/** An axis from one bound to another, widened to round numbers on both sides. */
export function linearAxis(least: number, most: number, { ticks, text }: AxisWish): Axis {
  // A single value has room on both sides, and so have values that no tick could tell apart.
  const isOne = most - least <= Math.max(NOTHING, 1e-6 * Math.abs(most));
  const room = isOne ? (most > NOTHING ? most * 0.5 : 0.5) : (most - least) * 0.04;
  const from = least >= 0 ? Math.max(0, least - room) : least - room;
  const step = roundStep((most + room - from) / Math.max(1, ticks - 1));
  const first = Math.floor(from / step);
  const last = Math.max(first + 1, Math.ceil((most + room) / step - 1e-9));
  const values = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  const decimals = decimalsOf(step);
  return {
    low: first * step,
    high: last * step,
    logarithmic: false,
    ticks: values.map((value) => ({ value, text: text(plainNumber(value, decimals)) })),
  };
}

/** An axis that ends where the values end, such as one of time from 0. */
export function axisUpTo(most: number, { ticks, text }: AxisWish): Axis {
  const high = most > NOTHING ? most : 1;
  const step = roundStep(high / Math.max(1, ticks - 1));
  const values = Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, index) => index * step);
  const decimals = decimalsOf(step);
  return {
    low: 0,
    high,
    logarithmic: false,
    ticks: values.map((value) => ({ value, text: text(plainNumber(value, decimals)) })),
  };
}

/** Where on the axis a value lies: 0 at its low end, 1 at its high end. */
export function shareOf({ low, high, logarithmic }: Axis, value: number): number {
  if (!logarithmic) return (value - low) / (high - low);
  return Math.log(value / low) / Math.log(high / low);
}

function logarithmicAxis(least: number, most: number, { ticks, text }: AxisWish): Axis {
  const powers = range(Math.floor(Math.log10(least)) - 1, Math.ceil(Math.log10(most)) + 1);
  const all = powers.flatMap((power) => [1, 2, 5].map((digit) => ({ digit, value: digit * 10 ** power, power })));
  const low = Math.max(...all.map(({ value }) => value).filter((value) => value <= least * 0.97));
  const high = Math.min(...all.map(({ value }) => value).filter((value) => value >= most * 1.03));
  const within = all.filter(({ value }) => value >= low * 0.999 && value <= high * 1.001);
  const tens = within.filter(({ digit }) => digit === 1);
  const fewer = tens.length >= 2 ? tens : within.filter((_, index) => index % 2 === 0);
  const chosen =
    within.length <= ticks ? within : fewer.filter((_, index) => index % Math.ceil(fewer.length / ticks) === 0);
  return {
    low,
    high,
    logarithmic: true,
    ticks: chosen.map(({ value, power }) => ({ value, text: text(plainNumber(value, Math.max(0, -power))) })),
  };
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return (ROUND_STEPS.find((step) => step * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function decimalsOf(step: number): number {
  const power = Math.floor(Math.log10(step) + 1e-9);
  const isQuarter = Math.abs(step / 10 ** power - 2.5) < 1e-6;
  return Math.max(0, -power + (isQuarter ? 1 : 0));
}

/** Very large and very small numbers would not fit beside an axis. */
function plainNumber(value: number, decimals: number): string {
  const rounded = Math.abs(value) < 1e-12 ? 0 : value;
  if (Math.abs(rounded) >= 1e6 || decimals > 7) {
    return rounded === 0 ? '0' : Number(rounded.toPrecision(4)).toExponential().replace('+', '');
  }
  return rounded.toFixed(decimals);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
