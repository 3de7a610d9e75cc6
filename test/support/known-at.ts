import { clonePlain } from '../../speculation/forecast/canonical-json';
import type { JsonPath, PartialValue } from '../../speculation/forecast/partial-value';

/** A copy of the value at a place; undefined where nothing final is there. */
export function knownAt(document: PartialValue, path: JsonPath): { value: unknown } | undefined {
  let node: PartialValue | undefined = document;
  for (const [depth, step] of path.entries()) {
    if (node?.kind === 'known') return inside(node.value, path.slice(depth));
    if (node?.kind === 'object' && typeof step === 'string') node = node.members.get(step);
    else if (node?.kind === 'array' && typeof step === 'number') node = node.elements[step];
    else return undefined;
  }
  return node?.kind === 'known' ? { value: clonePlain(node.value) } : undefined;
}

function inside(value: unknown, path: JsonPath): { value: unknown } | undefined {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    // An array has a length too, and index "0" is not a place in it.
    if (Array.isArray(here) !== (typeof step === 'number')) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return { value: clonePlain(here) };
}
