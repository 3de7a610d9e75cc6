import type { JsonPath, PartialChange } from '../forecast/partial-value';
import type { StreamedReply } from './reply-parts';

/** A part of the reply, and where it stands in the output. */
interface Placed {
  from: JsonPath;
  to: JsonPath;
  begun: boolean;
}

/** An object of the output that the mapping itself makes. */
interface Made {
  at: JsonPath;
  places: Placed[];
  closed: boolean;
}

/**
 * Says where the parts of a streamed reply stand in an activity's own output. The function that says so is called once, before anything
 * has arrived, with a stand-in for the reply; what it returns is the output with stand-ins at the places that are still to come. Constants
 * in it become known with the first of these.
 */
export class OutputMapping {
  readonly #places: Placed[] = [];
  readonly #made: Made[] = [];
  readonly #constants: PartialChange[] = [];
  #begun = false;

  /** @throws TypeError when the function does more than put parts of the reply into objects */
  constructor(outputOf: (reply: StreamedReply) => unknown) {
    this.#take(outputOf(standIn([]) as StreamedReply), []);
    if (this.#places.length === 0) throw new TypeError(`${NOT_ALLOWED} It takes no part of the reply at all.`);
  }

  /** Whether the output has something of this part. */
  uses(part: keyof StreamedReply): boolean {
    return this.#places.some(({ from }) => from.length === 0 || from[0] === part);
  }

  /** Changes of the output that changes of the reply amount to. */
  map(changes: readonly PartialChange[]): PartialChange[] {
    const mapped = changes.flatMap((change) => this.#places.flatMap((place) => placed(change, place)));
    if (mapped.length === 0) return [];
    const constants = this.#begun ? [] : this.#constants;
    this.#begun = true;
    return [...constants, ...mapped, ...this.#closes()];
  }

  #take(value: unknown, at: JsonPath): Placed | null {
    const from = typeof value === 'object' && value !== null ? placeOfStandIn.get(value) : undefined;
    if (from !== undefined) {
      const place = { from, to: at, begun: false };
      this.#places.push(place);
      return place;
    }
    if (!hasStandIn(value)) {
      this.#constants.push({ at, is: value });
      return null;
    }
    // Elements become known in order, and the parts of a reply may come in any.
    if (Array.isArray(value))
      throw new TypeError(`${NOT_ALLOWED} It puts a part into an array; put it into an object.`);
    const made: Made = { at, places: [], closed: false };
    this.#constants.push({ at, opens: 'object' });
    this.#made.push(made);
    for (const [key, member] of Object.entries(value as object)) {
      const place = this.#take(member, [...at, key]);
      if (place !== null) made.places.push(place);
    }
    return null;
  }

  /** An object that has all of its members gets no more. */
  #closes(): PartialChange[] {
    const complete = this.#made.filter(({ closed, places }) => !closed && places.every(({ begun }) => begun));
    for (const made of complete) made.closed = true;
    return complete.map(({ at }) => ({ at, closes: true as const })).reverse();
  }
}

const NOT_ALLOWED =
  'A mapping from a reply to an output may only say where parts of the reply go, such as ' +
  '(reply) => ({ kind: "call", tool: reply.toolCalls[0].name }).';

const placeOfStandIn = new WeakMap<object, JsonPath>();

function standIn(path: JsonPath): object {
  const refuse = (what: string) => (): never => {
    throw new TypeError(`${NOT_ALLOWED} It ${what} ${path.length === 0 ? 'the reply' : path.join('.')}.`);
  };
  const proxy: object = new Proxy(Object.freeze({}), {
    get: (_target, key) => {
      if (typeof key === 'symbol') return refuse('computes with')();
      return standIn([...path, /^\d+$/.test(key) ? Number(key) : key]);
    },
    ownKeys: refuse('spreads or lists'),
    has: refuse('asks what is in'),
    set: refuse('changes'),
  });
  placeOfStandIn.set(proxy, path);
  return proxy;
}

function hasStandIn(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return placeOfStandIn.has(value) || Object.values(value).some(hasStandIn);
}

function placed(change: PartialChange, place: Placed): PartialChange[] {
  const { from, to } = place;
  const shared = Math.min(from.length, change.at.length);
  for (let depth = 0; depth < shared; depth += 1) {
    if (String(from[depth]) !== String(change.at[depth])) return [];
  }
  if (change.at.length >= from.length) {
    place.begun = true;
    return [{ ...change, at: [...to, ...change.at.slice(from.length)] }];
  }
  const found = 'is' in change ? inside(change.is, from.slice(change.at.length)) : null;
  if (found === null) return [];
  place.begun = true;
  return [{ at: to, is: found.value }];
}

function inside(value: unknown, path: JsonPath): { value: unknown } | null {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return null;
    here = (here as Record<string | number, unknown>)[step];
  }
  return { value: here };
}
