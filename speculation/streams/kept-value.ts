import { z } from 'zod';
import { clonePlain } from '../forecast/canonical-json';
import { ownEntry } from '../forecast/own-entry';
import { UNKNOWN, type JsonPath, type PartialValue } from '../forecast/partial-value';
import { asFarAsKnown } from './as-far-as-known';
import { keptBy } from './kept-by';
import { knownInBoth } from './known-in-both';
import { schemaView, type SchemaView } from './schema-view';

type Schema = z.core.$ZodType;

/** Why a value cannot fit, whatever follows. */
export interface Misfit {
  path: JsonPath;
  expected: string;
  value: unknown;
  cause?: Error;
}

export interface Kept {
  /** What is certain of the finished value. */
  kept: PartialValue;
  misfit: Misfit | null;
}

const NOTHING: Kept = { kept: UNKNOWN, misfit: null };

/** What a schema keeps of a document that is known in part. Remembers what it found: most of a document is as it was. */
export class KeptValues {
  readonly #views = new WeakMap<Schema, SchemaView>();
  readonly #found = new WeakMap<Schema, WeakMap<PartialValue, Kept>>();

  /** @param read the text as it was read, before the schema */
  of(schema: Schema, read: PartialValue): Kept {
    let found = this.#found.get(schema);
    if (found === undefined) this.#found.set(schema, (found = new WeakMap()));
    let kept = found.get(read);
    if (kept === undefined) found.set(read, (kept = this.#find(schema, read)));
    return kept;
  }

  #find(schema: Schema, read: PartialValue): Kept {
    switch (read.kind) {
      case 'unknown':
        return NOTHING;
      case 'known':
        return afterParsing(schema, read.value);
      case 'text':
      case 'object':
      case 'array':
        return this.#openIn(this.#viewOf(schema), read);
    }
  }

  #viewOf(schema: Schema): SchemaView {
    let view = this.#views.get(schema);
    if (view === undefined) this.#views.set(schema, (view = schemaView(schema)));
    return view;
  }

  #openIn(view: SchemaView, read: PartialValue & { kind: 'text' | 'object' | 'array' }): Kept {
    switch (view.kind) {
      case 'opaque':
        return NOTHING;
      case 'anything':
        return { kept: read, misfit: null };
      case 'options':
        return this.#inOptions(view.options, read);
      case 'both': {
        // A side that refuses a key is overruled by the other if that knows it, so nothing can be said against an open value.
        const [left, right] = [this.of(view.left, read), this.of(view.right, read)];
        if (left.misfit !== null || right.misfit !== null) return NOTHING;
        return { kept: knownInBoth(left.kept, right.kept), misfit: null };
      }
      case 'text':
        if (read.kind !== 'text') return misfitHere('a string', read);
        return openText(view.words, read.begins);
      case 'object':
        if (read.kind !== 'object') return misfitHere('an object', read);
        return this.#inMembers(read.members, (key) => memberSchema(view, key));
      case 'record':
        if (read.kind !== 'object') return misfitHere('an object', read);
        return this.#inMembers(read.members, (key) => (keepsKey(view.key, key) ? view.value : null));
      case 'array':
        if (read.kind !== 'array') return misfitHere('an array', read);
        return this.#inElements(read.elements, () => view.element);
      case 'tuple':
        if (read.kind !== 'array') return misfitHere('an array', read);
        return this.#inElements(read.elements, (index) => view.items[index] ?? view.rest ?? 'refuse');
      case 'atom':
        return misfitHere('a value of another kind', read);
    }
  }

  /** Whichever option it will be: what all that still can fit keep. */
  #inOptions(options: readonly Schema[], read: PartialValue): Kept {
    let kept: PartialValue | null = null;
    const misfits: Misfit[] = [];
    for (const option of options) {
      const found = this.of(option, read);
      if (found.misfit !== null) misfits.push(found.misfit);
      else kept = kept === null ? found.kept : knownInBoth(kept, found.kept);
    }
    if (kept !== null) return { kept, misfit: null };
    const [only] = misfits;
    if (only !== undefined && misfits.length === 1) return { kept: UNKNOWN, misfit: only };
    return misfitHere(`one of ${options.length} options`, read);
  }

  #inMembers(read: ReadonlyMap<string, PartialValue>, schemaOf: (key: string) => Schema | 'refuse' | null): Kept {
    const members = new Map<string, PartialValue>();
    for (const [key, member] of read) {
      if (key === '__proto__') continue;
      const schema = schemaOf(key);
      if (schema === null) continue;
      if (schema === 'refuse') return inside(key, misfitHere('no such key', member));
      const found = this.of(schema, member);
      if (found.misfit !== null) return inside(key, found);
      if (found.kept.kind !== 'unknown') members.set(key, found.kept);
    }
    return { kept: { kind: 'object', closed: false, members }, misfit: null };
  }

  #inElements(read: readonly PartialValue[], schemaOf: (index: number) => Schema | 'refuse'): Kept {
    const elements: PartialValue[] = [];
    for (const [index, element] of read.entries()) {
      const schema = schemaOf(index);
      if (schema === 'refuse') return inside(index, misfitHere('no such element', element));
      const found = this.of(schema, element);
      if (found.misfit !== null) return inside(index, found);
      elements.push(found.kept);
    }
    return { kept: { kind: 'array', closed: false, elements }, misfit: null };
  }
}

/** A value that is complete: the schema itself says what becomes of it. */
function afterParsing(schema: Schema, value: unknown): Kept {
  try {
    // A copy: a schema may run code that changes what it is given.
    const parsed = z.safeParse(schema, clonePlain(value));
    if (parsed.success) return { kept: keptBy(value, parsed.data), misfit: null };
    const issue = parsed.error.issues[0];
    const path = (issue?.path ?? []).map((step) => (typeof step === 'number' ? step : String(step)));
    return {
      kept: UNKNOWN,
      misfit: { path, expected: issue?.message ?? 'another value', value: at(value, path), cause: parsed.error },
    };
  } catch (cause) {
    // A schema that has to wait cannot be asked here; the activity itself will.
    if (cause instanceof z.core.$ZodAsyncError) return NOTHING;
    const expected = `the schema failed: ${String(cause)}`;
    return { kept: UNKNOWN, misfit: { path: [], expected, value, ...(cause instanceof Error && { cause }) } };
  }
}

function at(value: unknown, path: JsonPath): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = ownEntry(here as Record<string, unknown>, String(step));
  }
  return here;
}

function openText(words: readonly string[] | null, begins: string): Kept {
  const read: PartialValue = { kind: 'text', begins };
  if (words?.length === 0) return misfitHere('a value of another kind', read);
  if (words === null || words.some((word) => word.startsWith(begins))) return { kept: read, misfit: null };
  return misfitHere(`one of ${words.map((word) => JSON.stringify(word)).join(', ')}`, read);
}

function memberSchema(view: SchemaView & { kind: 'object' }, key: string): Schema | 'refuse' | null {
  const declared = ownEntry(view.shape, key);
  if (declared !== undefined) return declared;
  return view.others === 'strip' ? null : view.others;
}

/** Whether a record files a value under the key that was read. */
function keepsKey(schema: Schema, key: string): boolean {
  try {
    const parsed = z.safeParse(schema, key);
    return parsed.success && parsed.data === key;
  } catch {
    return false;
  }
}

function misfitHere(expected: string, read: PartialValue): Kept {
  return { kept: UNKNOWN, misfit: { path: [], expected, value: asFarAsKnown(read) } };
}

function inside(step: string | number, { misfit }: Kept): Kept {
  return misfit === null ? NOTHING : { kept: UNKNOWN, misfit: { ...misfit, path: [step, ...misfit.path] } };
}
