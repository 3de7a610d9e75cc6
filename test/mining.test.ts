import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readConversations, toSession } from '../bench/mined/read-conversations';
import { MissingDataError, recordedFile } from '../bench/measure/recorded-data';
import { canonicalJson } from '../speculation/forecast/canonical-json';
import type { Trail, TrailCall } from '../speculation/forecast/trail';
import { mine } from '../speculation/mining/mine';
import { minedForecasts } from '../speculation/mining/mined-forecasts';
import { isMinedPatterns, minedPatternsFault, type MinedPatterns } from '../speculation/mining/mined-patterns';

/** A repair shop: orders are found by the customer's number, and the parts of an order are checked one after the other. */
interface Order {
  customer: string;
  order: string;
  parts: string[];
  depot: string;
}

const asks = (session: Trail, tool: string, args: object): TrailCall => ({
  operation: 'decide',
  args: [{ said: session.length }],
  output: { kind: 'call', tool, args },
});

function session({ customer, order, parts, depot }: Order): TrailCall[] {
  const calls: TrailCall[] = [];
  const text = `Good morning, this is about my bike. My customer number is ${customer}, thank you.`;
  calls.push({ operation: 'listen', args: [], output: { text } });
  calls.push(asks(calls, 'findOrder', { customer }));
  calls.push({ operation: 'findOrder', args: [{ customer }], output: JSON.stringify({ order, depot, parts }) });
  for (const part of parts) {
    calls.push(asks(calls, 'checkPart', { part, depot }));
    calls.push({ operation: 'checkPart', args: [{ part, depot }], output: { stock: part.length } });
  }
  calls.push({ operation: 'decide', args: [{}], output: { kind: 'done', order } });
  return calls;
}

const letters = (length: number) => fc.stringMatching(new RegExp(`^[A-Z]{${length}}$`));
const orders: fc.Arbitrary<Order> = fc.record({
  customer: fc.stringMatching(/^c-[0-9]{5}$/),
  order: letters(7),
  parts: fc.uniqueArray(fc.stringMatching(/^p[0-9]{4}$/), { minLength: 2, maxLength: 4 }),
  depot: letters(4),
});

const [, ...lessons] = fc.sample(orders, { numRuns: 25, seed: 1 });
const shop = mine(lessons.map(session));

function forecastsAt(patterns: MinedPatterns, trail: Trail, index: number, top = 3) {
  const call = trail[index] as TrailCall;
  return minedForecasts(patterns, call.operation, call.args, trail.slice(0, index), top);
}

const stepsOf = (trail: Trail): number[] =>
  trail.flatMap(({ operation }, index) => (operation === 'decide' ? [index] : []));

describe('argument flow', () => {
  test('a flow that always holds is forecast exactly, on values that were never seen', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const trail = session(order);
        for (const index of stepsOf(trail).slice(0, -1))
          expect(forecastsAt(shop, trail, index, 1)[0]?.value).toEqual(trail[index]?.output);
      }),
      { numRuns: 50 },
    );
  });

  test('the end of it is among the first guesses, and counts say how often guesses came true', () => {
    const trail = session({ customer: 'c-77777', order: 'UNSEENX', parts: ['p0001', 'p0002'], depot: 'NEWD' });
    const last = forecastsAt(shop, trail, trail.length - 1);
    expect(last.map(({ value }) => value)).toContainEqual({ kind: 'done', order: 'UNSEENX' });
    for (const { hits, total } of last) {
      expect(total).toBeGreaterThan(0);
      expect(hits).toBeLessThanOrEqual(total);
    }
  });

  test('of a list the first element comes that was not asked for yet, also where they were asked for out of order', () => {
    const parts = ['p1111', 'p2222', 'p3333'];
    const trail = session({ customer: 'c-00001', order: 'ABCDEFG', parts, depot: 'WEST' });
    // Someone has asked for the second first.
    const outOfOrder = [...trail.slice(0, 3), ...trail.slice(5, 7)];
    const [best] = minedForecasts(shop, 'decide', [{}], outOfOrder, 1);
    expect(best?.value).toEqual({ kind: 'call', tool: 'checkPart', args: { part: 'p1111', depot: 'WEST' } });
    const third = [...outOfOrder, ...trail.slice(3, 5)];
    expect(minedForecasts(shop, 'decide', [{}], third, 1)[0]?.value).toMatchObject({ args: { part: 'p3333' } });
  });

  test('a value in a text is found by its shape, whatever else the text says', () => {
    const trail: Trail = [
      { operation: 'listen', args: [], output: { text: 'Order 12 of 2026? I am "c-90210"; call 0815.' } },
    ];
    const [best] = minedForecasts(shop, 'decide', [{ said: 1 }], trail, 1);
    expect(best?.value).toEqual({ kind: 'call', tool: 'findOrder', args: { customer: 'c-90210' } });
  });

  test('a day that a text names in words is a date', () => {
    const day = (index: number): Trail => {
      const date = `2031-03-${String(index + 10)}`;
      return [
        { operation: 'listen', args: [], output: { text: `Please come on March ${index + 10}th, not later.` } },
        { operation: 'book', args: [{}], output: { date } },
      ];
    };
    const patterns = mine(Array.from({ length: 8 }, (_, index) => day(index)));
    const trail: Trail = [{ operation: 'listen', args: [], output: { text: 'Could you come on 2 November?' } }];
    expect(minedForecasts(patterns, 'book', [{}], trail, 1)[0]?.value).toEqual({ date: '2031-11-02' });
  });

  test('a date one day later than that of an earlier call is forecast as such', () => {
    const visit = (date: string, next: string): Trail => [
      { operation: 'find', args: [], output: { date } },
      { operation: 'move', args: [{}], output: { date: next } },
    ];
    const patterns = mine([
      visit('2030-01-31', '2030-02-01'),
      visit('2030-05-05', '2030-05-06'),
      visit('2032-02-28', '2032-02-29'),
    ]);
    const trail: Trail = [{ operation: 'find', args: [], output: { date: '2035-12-31' } }];
    expect(minedForecasts(patterns, 'move', [{}], trail, 1)[0]?.value).toEqual({ date: '2036-01-01' });
  });

  test('forecasts of even odds say so', () => {
    // Whether the part or the depot comes next is a coin that nothing before it tells.
    const random = fc.sample(fc.boolean(), { numRuns: 200, seed: 3 });
    const coins = random.map((heads, index): Trail => [
      { operation: 'look', args: [], output: { left: `l${index}`, right: `r${index}` } },
      { operation: 'pick', args: [], output: { picked: heads ? `l${index}` : `r${index}` } },
    ]);
    const patterns = mine(coins);
    const [first, second] = minedForecasts(
      patterns,
      'pick',
      [],
      [{ operation: 'look', args: [], output: { left: 'x', right: 'y' } }],
      2,
    );
    expect([first?.value, second?.value].map((value) => (value as { picked: string }).picked).sort()).toEqual([
      'x',
      'y',
    ]);
    for (const { hits, total } of [first, second] as { hits: number; total: number }[])
      expect(Math.abs(hits / total - 0.5)).toBeLessThan(0.12);
  });
});

describe('mined patterns', () => {
  test('are the same for the same sessions, and plain JSON', () => {
    expect(JSON.stringify(mine(lessons.map(session)))).toBe(JSON.stringify(shop));
    expect(JSON.parse(JSON.stringify(shop))).toEqual(shop);
    expect(minedPatternsFault(JSON.parse(JSON.stringify(shop)))).toBeNull();
  });

  test('keep nothing that was said in one session only, and no long texts', () => {
    const speech = 'The front wheel makes a noise whenever I turn left. '.repeat(3);
    const talk = lessons.map((order, index): Trail => [
      ...session(order),
      { operation: 'note', args: [], output: { text: speech, secret: `code-${index % 25}-${order.order}` } },
    ]);
    const text = JSON.stringify(mine(talk));
    expect(text).not.toContain('front wheel');
    for (const { customer, order, depot } of lessons)
      for (const own of [customer, order, depot]) expect(text).not.toContain(own);
  });

  test('say nothing of an operation that is not in them, and nothing without sessions', () => {
    expect(minedForecasts(shop, 'unknown', [], [], 3)).toEqual([]);
    expect(mine([])).toEqual({ version: 1, sessions: 0, operations: {} });
    expect(mine([session(lessons[0] as Order)]).operations).toEqual({});
  });

  test('give a forecast, or none, but no error for whatever has happened', () => {
    const junk = fc.array(
      fc.record({
        operation: fc.constantFrom('decide', 'listen', 'findOrder', 'x'),
        args: fc.array(fc.anything()),
        output: fc.anything(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(junk, fc.array(fc.anything()), (trail, args) => {
        expect(Array.isArray(minedForecasts(shop, 'decide', args, trail, 3))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('are mined from whatever was recorded without an error', () => {
    const calls = fc.record({
      operation: fc.constantFrom('a', 'b'),
      args: fc.array(fc.jsonValue()),
      output: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.array(fc.array(calls, { maxLength: 6 }), { maxLength: 6 }), (sessions) => {
        expect(minedPatternsFault(JSON.parse(JSON.stringify(mine(sessions))))).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  const broken: [string, (patterns: never) => void, string][] = [
    ['a newer version', (patterns: { version: number }) => (patterns.version = 2), 'patterns.version is 2'],
    ['no operations', (patterns: { operations?: object }) => delete patterns.operations, 'patterns.operations is'],
    [
      'a source of an unknown kind',
      (patterns: MinedPatterns) => ((firstRule(patterns).sources[0] as { from: string }).from = 'dream'),
      'patterns.operations.decide.templates[0].rules[0].sources[0]',
    ],
    [
      'a rule without a source for each place',
      (patterns: MinedPatterns) => firstRule(patterns).sources.pop(),
      'patterns.operations.decide.templates[0].rules[0].sources is',
    ],
    [
      'more hits than there were',
      (patterns: MinedPatterns) => (firstRule(patterns).given = [3, 2]),
      'patterns.operations.decide.templates[0].rules[0].given is [3,2]',
    ],
  ];
  test.each(broken)('with %s are refused, and the field is named', (_name, breaks, fault) => {
    const copy = JSON.parse(JSON.stringify(shop)) as never;
    breaks(copy);
    expect(isMinedPatterns(copy)).toBe(false);
    expect(minedPatternsFault(copy)).toContain(fault);
  });

  test.each([null, 1, 'x', [], {}])('%p is none', (value) => {
    expect(isMinedPatterns(value)).toBe(false);
  });
});

function firstRule(patterns: MinedPatterns) {
  const rule = patterns.operations['decide']?.templates[0]?.rules[0];
  if (rule === undefined) throw new Error('there is no rule');
  return rule;
}

describe('recorded conversations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mined-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const said = (role: string, content: string) => ({ role, content });
  const line = { task_id: 1, trial: 0, reward: 1, steps: [said('user', 'Hello'), said('assistant', 'Hello')] };
  const read = (...lines: unknown[]) => {
    const file = join(folder, 'trace.jsonl');
    writeFileSync(file, lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n'));
    return readConversations(file);
  };

  test.each<[string, unknown, string]>([
    ['a missing column', { ...line, task_id: undefined }, 'line 2, field task_id'],
    ['an unknown role', { ...line, steps: [said('user', 'a'), said('robot', 'b')] }, 'line 2, field steps[1].role'],
    [
      'a call without arguments',
      { ...line, steps: [said('user', 'a'), { role: 'assistant', call: 'get_x' }] },
      'line 2, field steps[1].args',
    ],
    [
      'a call without a result',
      { ...line, steps: [said('user', 'a'), { role: 'assistant', call: 'get_x', args: {} }] },
      'line 2, field steps[2].role',
    ],
    ['a line that is no JSON', '{"task_id": 1', 'line 2: '],
  ])('with %s are refused, naming line and field', (_name, bad, where) => {
    expect(() => read(line, bad)).toThrow(where);
  });

  test('become the calls of the tool agent', () => {
    const steps = [
      said('user', 'Hello'),
      { role: 'assistant', call: 'get_order', args: { id: 'a' } },
      { role: 'tool', name: 'get_order', content: '{"id": "a"}' },
      { role: 'assistant', call: 'cancel_order', args: { id: 'a' } },
      { role: 'tool', name: 'cancel_order', content: 'done' },
      said('assistant', 'It is cancelled.'),
      said('user', 'Thanks ###STOP###'),
    ];
    const session = toSession(read({ ...line, steps })[0] as never);
    expect(session.map(({ operation, output }) => [operation, output])).toEqual([
      ['agentStep', { kind: 'call', tool: 'getOrder', args: { id: 'a' } }],
      ['getOrder', '{"id": "a"}'],
      ['agentStep', { kind: 'call', tool: 'cancelOrder', args: { id: 'a' } }],
      ['cancelOrder', 'done'],
      ['agentStep', { kind: 'reply', text: 'It is cancelled.' }],
      ['replyToUser', { next: null }],
    ]);
    expect(session[3]?.args).toEqual([{ scenarioId: 'airline/1/0', args: { id: 'a' }, round: 1 }]);
    expect(session[2]?.args).toEqual([
      {
        scenarioId: 'airline/1/0',
        transcript: [
          { role: 'user', text: 'Hello' },
          { role: 'tool', tool: 'getOrder', args: { id: 'a' }, result: '{"id": "a"}' },
        ],
      },
    ]);
  });
});

/** The recording, where it is: it is no part of the project. */
function recording(): string | null {
  try {
    return recordedFile('taubench-airline/tasks-00-24.jsonl');
  } catch (error) {
    if (error instanceof MissingDataError) return null;
    throw error;
  }
}

const file = recording();
const whereRecorded = file === null ? test.skip : test;
describe('recorded airline conversations', () => {
  whereRecorded(
    `look-ups of a task that was left out are forecast${file === null ? ' (skipped: the recording is not there)' : ''}`,
    () => {
      const trials = readConversations(file as string).filter(({ trial, task }) => trial === 0 && task < 12);
      const [left, learned] = [trials.filter(({ task }) => task === 3), trials.filter(({ task }) => task !== 3)];
      const patterns = mine(learned.map(toSession), { operations: ['agentStep'] });
      const lookUps = left
        .map(toSession)
        .flatMap((trail) =>
          trail.flatMap(({ output }, index) =>
            (output as { tool?: string }).tool === 'getReservationDetails' ? [{ trail, index, output }] : [],
          ),
        );
      const hits = lookUps.filter(({ trail, index, output }) => {
        const guesses = minedForecasts(patterns, 'agentStep', trail[index]?.args ?? [], trail.slice(0, index), 3);
        return guesses.some(({ value }) => canonicalJson(value) === canonicalJson(output));
      });
      expect(lookUps).toHaveLength(7);
      expect(hits.length).toBeGreaterThanOrEqual(5);
    },
  );
});
