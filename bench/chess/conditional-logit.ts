/** Alternatives of which at most one is right, described by the same features each. */
export interface Choice {
  features: readonly (readonly number[])[];
  /** Which one was right; null for none of them. */
  right: number | null;
}

/** How likely each of some alternatives is right, by their features. */
export type ChoiceModel = (features: readonly (readonly number[])[]) => number[];

const MOST_STEPS = 50;
const CLOSE_ENOUGH = 1e-9;

/**
 * McFadden's conditional logit with one alternative more, "none of them", whose utility is 0: P(i) = exp(u_i) / (1 + sum_j exp(u_j)),
 * u = intercept + weights . features. Fitted by Newton's method to the greatest likelihood less `penalty` / 2 times the squared weights, of
 * features in standard deviations; the intercept is not penalised.
 *
 * @param choices at least one alternative in all
 * @param penalty @default 5
 * @throws RangeError without alternatives
 */
export function fitChoices(choices: readonly Choice[], penalty = 5): ChoiceModel {
  const all = choices.flatMap(({ features }) => features);
  const width = all[0]?.length;
  if (width === undefined) throw new RangeError('a choice model needs at least one alternative to learn from');
  const scales = Array.from({ length: width }, (_, feature) => scaleOf(all.map((each) => each[feature] ?? 0)));
  const scaled = (features: readonly number[]): number[] => [
    1,
    ...features.map((value, feature) => (value - (scales[feature]?.mean ?? 0)) / (scales[feature]?.deviation ?? 1)),
  ];
  const prepared = choices.map(({ features, right }) => ({ rows: features.map(scaled), right }));
  let weights = new Array<number>(width + 1).fill(0);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const { gradient, information } = slopeAt(weights, prepared, penalty);
    const change = solve(information, gradient);
    weights = weights.map((weight, index) => weight + (change[index] ?? 0));
    if (Math.max(...change.map(Math.abs)) < CLOSE_ENOUGH) break;
  }
  return (features) => probabilities(weights, features.map(scaled));
}

function probabilities(weights: readonly number[], rows: readonly (readonly number[])[]): number[] {
  const utilities = rows.map((row) => Math.exp(dot(weights, row)));
  const sum = utilities.reduce((total, each) => total + each, 1);
  return utilities.map((each) => each / sum);
}

/** Gradient of the penalised log likelihood, and the negative of its second derivatives. */
function slopeAt(
  weights: readonly number[],
  choices: readonly { rows: readonly (readonly number[])[]; right: number | null }[],
  penalty: number,
): { gradient: number[]; information: number[][] } {
  const size = weights.length;
  const gradient = weights.map((weight, index) => (index === 0 ? 0 : -penalty * weight));
  const information = weights.map((_, i) => weights.map((__, j) => (i === j && i > 0 ? penalty : 0)));
  for (const { rows, right } of choices) {
    const shares = probabilities(weights, rows);
    const mean = weights.map((_, index) =>
      rows.reduce((sum, row, at) => sum + (shares[at] ?? 0) * (row[index] ?? 0), 0),
    );
    for (let i = 0; i < size; i += 1) {
      gradient[i] = (gradient[i] ?? 0) + (right === null ? 0 : (rows[right]?.[i] ?? 0)) - (mean[i] ?? 0);
      for (let j = 0; j < size; j += 1) {
        const second = rows.reduce((sum, row, at) => sum + (shares[at] ?? 0) * (row[i] ?? 0) * (row[j] ?? 0), 0);
        const line = information[i] as number[];
        line[j] = (line[j] ?? 0) + second - (mean[i] ?? 0) * (mean[j] ?? 0);
      }
    }
  }
  return { gradient, information };
}

/** Solves a x = b by elimination, with the largest pivot first. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const size = b.length;
  const lines = a.map((line, index) => [...line, b[index] ?? 0]);
  for (let at = 0; at < size; at += 1) {
    const pivot = lines.reduce(
      (best, line, index) => (index >= at && Math.abs(line[at] ?? 0) > Math.abs(lines[best]?.[at] ?? 0) ? index : best),
      at,
    );
    [lines[at], lines[pivot]] = [lines[pivot] as number[], lines[at] as number[]];
    const top = lines[at] as number[];
    for (let below = at + 1; below < size; below += 1) {
      const line = lines[below] as number[];
      const factor = (line[at] ?? 0) / (top[at] ?? 1);
      for (let column = at; column <= size; column += 1)
        line[column] = (line[column] ?? 0) - factor * (top[column] ?? 0);
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let at = size - 1; at >= 0; at -= 1) {
    const line = lines[at] as number[];
    const known = x.reduce((sum, value, column) => (column > at ? sum + value * (line[column] ?? 0) : sum), 0);
    x[at] = ((line[size] ?? 0) - known) / (line[at] ?? 1);
  }
  return x;
}

/** A feature that never differs has no scale, and no weight. */
function scaleOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 };
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}
