import fc from 'fast-check';
import { canonicalJson, clonePlain, firstDifference } from '../speculation/forecast/canonical-json';

const json = fc.jsonValue({ maxDepth: 4 });
const hostileKey = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'a b', '1'));
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined), fc.bigInt()),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(hostileKey, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

describe('canonical JSON', () => {
  it('of plain JSON is what JSON.stringify sends, up to the order of keys', () => {
    fc.assert(fc.property(json, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(sent(value))));
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(canonicalJson(sent(value)));
        expect(canonicalJson(value).length).toBe(JSON.stringify(value).length);
      }),
    );
  });

  it('is the same for two values exactly if their JSON is deeply equal', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        expect(canonicalJson(left) === canonicalJson(right)).toBe(deepEqual(sent(left), sent(right)));
      }),
    );
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversedKeys(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it.each<[value: unknown, text: string]>([
    [undefined, 'undefined'],
    [() => 1, 'undefined'],
    [NaN, 'null'],
    [-0, '0'],
    [[undefined, () => 1, Symbol('x')], '[null,null,null]'],
    [{ b: 1, a: undefined, c: () => 1, [Symbol('s')]: 1 }, '{"b":1}'],
    [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [{ x: { toJSON: (key: string) => `at ${key}` } }, '{"x":"at x"}'],
    [[new Number(1), new String('s'), new Boolean(false)], '[1,"s",false]'],
    [new Map([[1, 2]]), '{}'],
    [JSON.parse('{"__proto__":{"z":1,"a":2},"b":1}'), '{"__proto__":{"a":2,"z":1},"b":1}'],
    [{ 10: 'ten', 9: 'nine' }, '{"10":"ten","9":"nine"}'],
    [new Uint8Array([1, 2, 255]), '{"$type":"bytes","$base64":"AQL/"}'],
    [123n, '{"$type":"bigint","$digits":"123"}'],
  ])('of case %# is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('writes bytes as base64, and no plain object reads the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = canonicalJson(bytes);
        expect(text).toBe(canonicalJson(Buffer.from(bytes)));
        const lookalike = JSON.parse(text) as { $base64: string };
        expect(lookalike.$base64).toBe(Buffer.from(bytes).toString('base64'));
        expect(canonicalJson(lookalike)).not.toBe(text);
      }),
    );
  });

  it('refuses a value that contains itself and says where, but not one that occurs twice', () => {
    const twice = { a: 1 };
    expect(canonicalJson([twice, twice])).toBe('[{"a":1},{"a":1}]');
    const loop: Record<string, unknown> = { list: [1] };
    (loop['list'] as unknown[]).push({ back: loop['list'] });
    expect(() => canonicalJson(loop)).toThrow(TypeError);
    expect(() => canonicalJson(loop)).toThrow('$.list[1].back is the same object as $.list');
  });
});

describe('a plain clone', () => {
  it('equals its original and shares nothing with it', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const before = canonicalJson(value);
        const clone = clonePlain(value);
        expect(canonicalJson(clone)).toBe(before);
        destroy(clone);
        expect(canonicalJson(value)).toBe(before);
      }),
    );
  });

  it('keeps a key named __proto__ a key', () => {
    const clone = clonePlain(JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>);
    expect(Object.keys(clone)).toEqual(['__proto__']);
    expect(clone['polluted']).toBeUndefined();
  });

  it('copies bytes, dates, bare objects and cycles; leaves instances of classes alone', () => {
    class Session {
      readonly open = true;
    }
    const bare = Object.assign(Object.create(null) as object, { x: 1 });
    const original = { bytes: Buffer.from([1]), at: new Date(5), session: new Session(), bare, self: null as unknown };
    original.self = original;
    const clone = clonePlain(original);
    original.bytes[0] = 9;
    original.at.setTime(9);
    expect([...clone.bytes]).toEqual([1]);
    expect(clone.at.getTime()).toBe(5);
    expect(clone.session).toBe(original.session);
    expect(clone.bare).toEqual(bare);
    expect(Object.getPrototypeOf(clone.bare)).toBeNull();
    expect(clone.self).toBe(clone);
  });
});

describe('the first difference', () => {
  it('is null exactly if the canonical texts are equal', () => {
    fc.assert(
      fc.property(tree, tree, (left, right) => {
        expect(firstDifference(left, right) === null).toBe(canonicalJson(left) === canonicalJson(right));
        expect(firstDifference(left, clonePlain(left))).toBeNull();
      }),
    );
  });

  it.each<[left: unknown, right: unknown, path: string | null]>([
    [1, 2, '$'],
    [{ args: [{ id: 1 }] }, { args: [{ id: 2 }] }, '$.args[0].id'],
    [{ args: [1] }, { args: [1, 2] }, '$.args[1]'],
    [{ a: 1, b: 1 }, { a: 1, b: 2, aa: 3 }, '$.aa'],
    [{ 'two words': 1 }, { 'two words': 2 }, '$["two words"]'],
    [{ a: undefined }, {}, null],
    [[undefined], [null], null],
    [{ a: {} }, { a: [] }, '$.a'],
    [{ at: new Date(0) }, { at: new Date(1) }, '$.at'],
    [new Uint8Array([1]), new Uint8Array([2]), '$'],
    [{}, JSON.parse('{"__proto__":1}'), '$.__proto__'],
  ])('of case %# is at %s %s %s', (left, right, path) => {
    expect(firstDifference(left, right)).toBe(path);
  });
});

function sent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Independent of the code under test: keys as sets, `__proto__` included. */
function deepEqual(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [leftEntries, rightEntries] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
  return (
    leftEntries.size === rightEntries.size &&
    [...leftEntries].every(([key, value]) => rightEntries.has(key) && deepEqual(value, rightEntries.get(key)))
  );
}

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversedKeys(member)]),
  );
}

/** Empties everything that can be reached. */
function destroy(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(77);
  else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      destroy((value as Record<string, unknown>)[key]);
      Object.defineProperty(value, key, { value: 'destroyed' });
    }
  }
}
