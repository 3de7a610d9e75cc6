import type { Path } from './json-leaves';
import type { TokenShape } from './token-shape';

/** Where a value of an output comes from. */
export type ValueSource =
  /** It is always the same. */
  | { from: 'constant'; value: unknown }
  /**
   * A field of an earlier call, or of the operation's own arguments. `record` names the call (see situation.ts), `back` counts from the latest.
   * `days` moves a date.
   */
  | { from: 'path'; record: string; back: number; path: Path; days?: number }
  /** The first element of a list (`null` in the path) with which this output has not been made before. */
  | { from: 'element'; record: string; back: number; path: Path }
  /**
   * A word of a text with the shape of values at this place: the one at `index` (-1 is the last), or, where that is null, the first with which
   * this output has not been made before. Without `back`: of all texts at this path, latest first.
   */
  | { from: 'token'; record: string; back: number | null; path: Path; index: number | null; shape: TokenShape };

const keys = new WeakMap<ValueSource, string>();

/** The same for the same source. */
export function sourceKey(source: ValueSource): string {
  let key = keys.get(source);
  if (key === undefined) {
    key = JSON.stringify(source);
    keys.set(source, key);
  }
  return key;
}

/** The list of which a source takes the next element; null if it takes none. */
export function listKey(source: ValueSource): string | null {
  switch (source.from) {
    case 'element':
      return `${source.record}|${source.back}|${JSON.stringify(source.path.slice(0, source.path.indexOf(null)))}`;
    case 'token':
      return source.index === null ? sourceKey(source) : null;
    case 'constant':
    case 'path':
      return null;
  }
}
