/*
 * The Beta distribution: what is needed to bound a probability from below. Formulas: Lanczos (1964) with the coefficients of Godfrey for
 * the gamma function; the continued fraction of the incomplete beta function, DLMF 8.17.22, evaluated by the method of Lentz.
 */

const LANCZOS_G = 7;
const LANCZOS: readonly [number, ...number[]] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** From here on the series of Stirling is exact to the last digit and cancels less than the sum of Lanczos. */
const STIRLING_FROM = 10;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** ln Gamma(x) for x > 0. */
export function logGamma(x: number): number {
  return x >= STIRLING_FROM ? (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingCorrection(x) : lanczos(x);
}

/**
 * I_x(a, b): the probability that a variable with the distribution Beta(a, b) is at most x. Beta(a, 0) is all at 1, Beta(0, b) all at 0.
 *
 * @param x 0 to 1
 */
export function betaDistribution(x: number, a: number, b: number): number {
  if (x >= 1) return 1;
  if (x < 0) return 0;
  if (b <= 0) return 0;
  if (a <= 0) return 1;
  if (x === 0) return 0;
  // The fraction converges quickly on this side of the mean only.
  return x <= (a + 1) / (a + b + 2) ? lowerTail(x, a, b) : 1 - lowerTail(1 - x, b, a);
}

/**
 * The x at which I_x(a, b) reaches a probability: the bound that a Beta(a, b) variable stays below so often.
 *
 * @param probability 0 to 1
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  if (b <= 0) return 1;
  if (a <= 0 || probability <= 0) return 0;
  if (probability >= 1) return 1;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let step = 0; step < MOST_QUANTILE_STEPS; step++) {
    const excess = betaDistribution(x, a, b) - probability;
    if (excess > 0) high = x;
    else low = x;
    const density = Math.exp(logPowers(x, a, b)) / (x * (1 - x));
    const newton = x - excess / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 4e-16 * x || next === low || next === high) return next;
    x = next;
  }
  return x;
}

const MOST_QUANTILE_STEPS = 200;
const MOST_TERMS = 100_000;
const TINY = 1e-300;

function lowerTail(x: number, a: number, b: number): number {
  return (Math.exp(logPowers(x, a, b)) / a) * continuedFraction(x, a, b);
}

/** ln of x^a (1 - x)^b / B(a, b). */
function logPowers(x: number, a: number, b: number): number {
  const sum = a + b;
  if (a < STIRLING_FROM || b < STIRLING_FROM) {
    return logGamma(sum) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  }
  // For many observations the large terms of Stirling are taken away by hand: what is left of them by subtraction is rounding.
  const mean = a / sum;
  const correction = stirlingCorrection(sum) - stirlingCorrection(a) - stirlingCorrection(b);
  const distance = (x - mean) / mean;
  const otherDistance = (mean - x) / (b / sum);
  return (
    a * Math.log1p(distance) +
    b * Math.log1p(otherDistance) +
    0.5 * Math.log((a * b) / sum) -
    HALF_LOG_TWO_PI +
    correction
  );
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

function lanczos(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lanczos(1 - x);
  const shifted = x - 1;
  const [first, ...rest] = LANCZOS;
  const sum = rest.reduce((total, coefficient, index) => total + coefficient / (shifted + index + 1), first);
  const base = shifted + LANCZOS_G + 0.5;
  return HALF_LOG_TWO_PI + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** What ln Gamma(x) is above (x - 1/2) ln x - x + ln(2 pi)/2: the series of Stirling, Bernoulli number by Bernoulli number. */
function stirlingCorrection(x: number): number {
  const inverse = 1 / x;
  const square = inverse * inverse;
  const terms = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
  return inverse * terms.reduceRight((sum, term) => sum * square + term, 0);
}
