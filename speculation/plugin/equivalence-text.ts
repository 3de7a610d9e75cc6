import { canonicalJson } from '../forecast/canonical-json';
import type { Equivalence } from './equivalence-policy';

/** The two texts to compare; null when the outputs differ elsewhere, or one has no such text. */
export function textsToCompare(
  field: (Equivalence & { kind: 'embedding' | 'rouge-l' })['field'],
  forecast: unknown,
  actual: unknown,
): [string, string] | null {
  if (typeof field === 'string') {
    const path = field.split('.');
    const [left, right] = [take(forecast, path), take(actual, path)];
    if (left === null || right === null || canonicalJson(left.rest) !== canonicalJson(right.rest)) return null;
    return [asText(left.value), asText(right.value)];
  }
  const pick = field ?? ((output: unknown): unknown => output);
  const [left, right] = [pick(forecast), pick(actual)];
  return left === undefined || right === undefined ? null : [asText(left), asText(right)];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** The value at a path, and everything that is not at the path. */
function take(output: unknown, [name, ...within]: readonly string[]): { value: unknown; rest: unknown } | null {
  if (name === undefined) return { value: output, rest: null };
  if (typeof output !== 'object' || output === null || !Object.hasOwn(output, name)) return null;
  const { [name]: inner, ...others } = output as Record<string, unknown>;
  const taken = take(inner, within);
  return taken === null ? null : { value: taken.value, rest: [Array.isArray(output), others, taken.rest] };
}
