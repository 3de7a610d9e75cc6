import { z } from 'zod';
import { UNKNOWN, withChange, type PartialChange, type PartialValue } from '../speculation/forecast/partial-value';
import { OutputFields, type FieldsOptions, type ReplyChunk } from '../speculation/streams/output-fields';
import { withFields } from '../speculation/streams/with-fields';
import { withOutputStream } from '../speculation/streams/output-stream';

/** What is published of a reply, chunk by chunk. */
function published(options: FieldsOptions, chunks: ReplyChunk[]): PartialChange[][] {
  const heard: PartialChange[][] = [];
  const fields = new OutputFields(options, { followed: true, add: (changes) => heard.push([...changes]) });
  for (const chunk of chunks) fields.add(chunk);
  return heard;
}

function outputOf(changes: readonly PartialChange[][]): PartialValue {
  return changes.flat().reduce(withChange, UNKNOWN);
}

const said = (content: string): ReplyChunk => ({ choices: [{ index: 0, delta: { content } }] });
const called = (index: number, call: { id?: string; name?: string; arguments?: string }): ReplyChunk => ({
  choices: [
    { index: 0, delta: { tool_calls: [{ index, ...(call.id !== undefined && { id: call.id }), function: call }] } },
  ],
});
const finished: ReplyChunk = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const asCall: FieldsOptions = {
  as: ({ toolCalls }) => ({ kind: 'call', tool: toolCalls[0].name, args: toolCalls[0].arguments }),
};

describe('a chat completion', () => {
  test('publishes each field of its JSON with the chunk that completes it', () => {
    const heard = published({}, [said('{"route": "ref'), said('und", "urgent'), said('": true}'), finished]);
    expect(heard).toEqual([
      [
        { at: [], opens: 'object' },
        { at: ['route'], begins: 'ref' },
      ],
      [{ at: ['route'], is: 'refund' }],
      [
        { at: ['urgent'], is: true },
        { at: [], closes: true },
      ],
      [],
    ]);
  });

  test('publishes its text as a string that grows', () => {
    const heard = published({ as: 'text' }, [said('Dear'), said(' Ann'), finished]);
    expect(heard).toEqual([
      [{ at: [], begins: 'Dear' }],
      [{ at: [], begins: 'Dear Ann' }],
      [{ at: [], is: 'Dear Ann' }],
    ]);
  });

  test('says nothing of what it is asked for a second time', () => {
    const second: ReplyChunk = { choices: [{ index: 1, delta: { content: 'Other' } }] };
    expect(published({ as: 'text' }, [second, said('One')])).toEqual([[], [{ at: [], begins: 'One' }]]);
  });
});

describe('a tool call', () => {
  test('has its name once the arguments begin, and its arguments one by one', () => {
    const heard = published(asCall, [
      called(0, { id: 'call_1', name: 'search' }),
      called(0, { name: 'Flights' }),
      called(0, { arguments: '{"from": "VIE"' }),
      called(0, { arguments: ', "to": "OS' }),
      called(0, { arguments: 'L"}' }),
    ]);
    expect(heard).toEqual([
      [
        { at: [], opens: 'object' },
        { at: ['kind'], is: 'call' },
        { at: ['tool'], begins: 'search' },
      ],
      [{ at: ['tool'], begins: 'searchFlights' }],
      [
        { at: ['tool'], is: 'searchFlights' },
        { at: ['args'], opens: 'object' },
        { at: ['args', 'from'], is: 'VIE' },
        { at: [], closes: true },
      ],
      [{ at: ['args', 'to'], begins: 'OS' }],
      [
        { at: ['args', 'to'], is: 'OSL' },
        { at: ['args'], closes: true },
      ],
    ]);
    expect(outputOf(heard)).toEqual({
      kind: 'known',
      value: { kind: 'call', tool: 'searchFlights', args: { from: 'VIE', to: 'OSL' } },
    });
  });

  test('without arguments is complete when the reply is', () => {
    const heard = published(asCall, [called(0, { name: 'think' }), finished]);
    expect(outputOf(heard)).toEqual({ kind: 'known', value: { kind: 'call', tool: 'think', args: {} } });
  });

  test('may follow words, and other calls follow it', () => {
    const heard = published({ as: (reply) => ({ say: reply.text, calls: reply.toolCalls }) }, [
      said('One moment.'),
      called(0, { id: 'a', name: 'one', arguments: '{"n": 1}' }),
      called(1, { id: 'b', name: 'two' }),
      called(1, { arguments: '{}' }),
      finished,
    ]);
    expect(heard.at(-1)).toEqual([
      { at: ['say'], is: 'One moment.' },
      { at: ['calls', 1], closes: true },
      { at: ['calls'], closes: true },
    ]);
    expect(outputOf(heard)).toEqual({
      kind: 'known',
      value: {
        say: 'One moment.',
        calls: [
          { id: 'a', name: 'one', arguments: { n: 1 } },
          { id: 'b', name: 'two', arguments: {} },
        ],
      },
    });
  });

  test('that never comes publishes nothing, constants included', () => {
    expect(published(asCall, [said('Hello'), finished]).flat()).toEqual([]);
  });
});

describe('a response', () => {
  const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'search', arguments: '' };
  const events = (...given: object[]): ReplyChunk[] => given as ReplyChunk[];

  test('publishes text and tool calls like a chat completion, reasoning before them notwithstanding', () => {
    const heard = published(
      asCall,
      events(
        { type: 'response.created', response: {} },
        { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_1' } },
        { type: 'response.output_item.done', output_index: 0, item: { type: 'reasoning', id: 'rs_1' } },
        { type: 'response.output_item.added', output_index: 1, item },
        { type: 'response.function_call_arguments.delta', output_index: 1, item_id: 'fc_1', delta: '{"q":' },
        { type: 'response.function_call_arguments.delta', output_index: 1, item_id: 'fc_1', delta: '1}' },
        { type: 'response.function_call_arguments.done', output_index: 1, item_id: 'fc_1', arguments: '{"q":1}' },
        { type: 'response.output_item.done', output_index: 1, item: { ...item, arguments: '{"q":1}' } },
        { type: 'response.completed', response: {} },
      ),
    );
    expect(heard[4]).toEqual([
      { at: ['tool'], is: 'search' },
      { at: ['args'], opens: 'object' },
      { at: [], closes: true },
    ]);
    expect(outputOf(heard)).toEqual({ kind: 'known', value: { kind: 'call', tool: 'search', args: { q: 1 } } });
  });

  test('may come without deltas, or with its items alone', () => {
    const whole = { type: 'response.function_call_arguments.done', output_index: 0, arguments: '{"q":2}' };
    const done = { type: 'response.output_item.done', output_index: 0, item: { ...item, arguments: '{"q":2}' } };
    for (const given of [[{ type: 'response.output_item.added', output_index: 0, item }, whole, done], [done]]) {
      const heard = published(asCall, events(...given));
      expect(outputOf(heard)).toEqual({ kind: 'known', value: { kind: 'call', tool: 'search', args: { q: 2 } } });
    }
  });

  test('reads the text of several parts as one', () => {
    const heard = published(
      {},
      events(
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: '{"a": [1,' },
        { type: 'response.output_text.delta', output_index: 0, content_index: 1, delta: ' 2]}' },
        { type: 'response.completed', response: {} },
      ),
    );
    expect(outputOf(heard)).toEqual({ kind: 'known', value: { a: [1, 2] } });
  });
});

describe('a mapping', () => {
  test('reaches into the JSON and builds objects of its own', () => {
    const heard = published(
      { as: ({ json }) => ({ by: { model: 'small' }, verdict: { route: (json as { route: string }).route } }) },
      [said('{"reason": "x", "route": "refund"'), said('}'), finished],
    );
    expect(outputOf(heard)).toEqual({
      kind: 'known',
      value: { by: { model: 'small' }, verdict: { route: 'refund' } },
    });
    expect(heard[0]?.at(-1)).toEqual({ at: [], closes: true });
  });

  test.each<[string, FieldsOptions['as'], RegExp]>([
    ['computes with a part', (reply) => ({ loud: `${reply.text}!` }), /computes with text/],
    ['spreads a part', (reply) => ({ ...(reply.json as object) }), /spreads or lists json/],
    ['puts a part into an array', (reply) => [reply.text], /into an array/],
    ['takes no part', () => ({ kind: 'call' }), /no part of the reply/],
  ])('that %s is refused before the stream begins', (_what, as, message) => {
    expect(() => published({ ...(as !== undefined && { as }) }, [])).toThrow(TypeError);
    expect(() => published({ ...(as !== undefined && { as }) }, [])).toThrow(message);
  });
});

describe('a schema', () => {
  const schema = z.object({ route: z.enum(['refund', 'other']), note: z.string().trim() });

  test('ends the stream at the first value that cannot fit, naming it', () => {
    expect(() => published({ schema }, [said('{"note": " hi ", "route": "sal')])).toThrow(
      expect.objectContaining({ code: 'RUNAHEAD_SCHEMA_MISFIT', path: ['route'] }) as Error,
    );
  });

  test('ends the stream at the first character that is no JSON', () => {
    expect(() => published({ schema }, [said('Sure! Here')])).toThrow(
      expect.objectContaining({ code: 'RUNAHEAD_UNREADABLE_JSON', position: 0 }) as Error,
    );
    expect(published({}, [said('Sure! Here')]).flat()).toEqual([]);
  });

  test('keeps back what it will change', () => {
    const heard = published({ schema }, [said('{"note": " hi ", "route": "refund"')]);
    expect(heard.flat()).not.toContainEqual({ at: ['note'], is: ' hi ' });
    expect(heard.flat()).toContainEqual({ at: ['route'], is: 'refund' });
  });

  test('lets a key that comes twice pass, since the last one counts in the end', () => {
    const twice = said('{"route": "other", "route": "refund", "note": "x"}');
    expect(published({ schema }, [twice, finished]).flat()).not.toContainEqual({ at: ['route'], is: 'refund' });
  });

  test.each<[string, FieldsOptions]>([
    ['with a schema', { schema, eachKeyOnce: true }],
    ['without one', { eachKeyOnce: true }],
  ])('ends at a key that comes twice, where whoever reads the answer refuses that: %s', (_, options) => {
    const heard: PartialChange[] = [];
    const fields = new OutputFields(options, { followed: false, add: (changes) => heard.push(...changes) });
    fields.add(said('{"route": "other", "note": "x", '));
    expect(() => fields.add(said('"route": "refund"'))).toThrow(
      expect.objectContaining({ problem: 'duplicate-key' }) as Error,
    );
    expect(heard).not.toContainEqual({ at: ['route'], is: 'refund' });
  });
});

describe('withFields', () => {
  async function* reply(chunks: ReplyChunk[], closed: () => void): AsyncGenerator<ReplyChunk> {
    try {
      yield* chunks;
    } finally {
      closed();
    }
  }

  test('passes every chunk on after its fields were published', async () => {
    const order: string[] = [];
    const stream = {
      followed: true,
      add: (changes: readonly PartialChange[]) => order.push(`${changes.length} changes`),
    };
    const chunks = [said('{"a":'), said(' 1}'), finished];
    await withOutputStream(stream, async () => {
      for await (const chunk of withFields(reply(chunks, () => order.push('closed')))) {
        order.push(`chunk ${chunks.indexOf(chunk)}`);
      }
    });
    expect(order).toEqual(['1 changes', 'chunk 0', '2 changes', 'chunk 1', '0 changes', 'chunk 2', 'closed']);
  });

  test('closes the stream on a misfit, also where nobody follows', async () => {
    let closed = false;
    const stream = withFields(
      reply([said('[1'), said(', 2]')], () => (closed = true)),
      { schema: z.object({ a: z.number() }) },
    );
    await expect(stream.next()).rejects.toThrow(/does not fit the schema/);
    expect(closed).toBe(true);
  });

  test('passes on what follows a key that comes twice, and publishes nothing more', async () => {
    const heard: PartialChange[] = [];
    const chunks = [said('{"a": 1, '), said('"a": 2, '), said('"b": 3}'), finished];
    const passed: ReplyChunk[] = [];
    await withOutputStream({ followed: true, add: (changes) => heard.push(...changes) }, async () => {
      const options = { schema: z.object({ a: z.number(), b: z.number() }) };
      for await (const chunk of withFields(
        reply(chunks, () => undefined),
        options,
      ))
        passed.push(chunk);
    });
    expect(passed).toEqual(chunks);
    expect(heard.filter((change) => 'is' in change)).toEqual([{ at: ['a'], is: 1 }]);
  });
});
