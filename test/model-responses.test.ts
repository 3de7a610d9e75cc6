import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { countTokens, tokenPieces } from '../activities/count-tokens';
import { callModel, type ModelReply, type ModelRequest } from '../activities/model';
import { callModelJson } from '../activities/model-json-call';
import { ReceivedResponse } from '../activities/received-response';
import { callResponse } from '../activities/response-call';
import type { PartialChange } from '../speculation/forecast/partial-value';
import { priceUsage, sumUsd } from '../speculation/ledger/price-usage';
import type { UsageRecord } from '../speculation/ledger/usage';
import { withOutputStream } from '../speculation/streams/output-stream';
import type { LocalModelFault, LocalModelReply } from '../workers/local-model';
import { runActivity, TEST_MODEL, TEST_RATES, useMeteredModel } from './support/model';
import { tapChunks } from './support/tap-chunks';
import { until } from './support/until';

const startModel = useMeteredModel();

const LONG_TEXT = Array.from({ length: 60 }, (_, index) => `Sentence number ${index} says something else.`).join(' ');
const QUESTION: ModelRequest = {
  model: TEST_MODEL,
  messages: [
    { role: 'system', content: `You answer mail. ${'House rules matter. '.repeat(80)}` },
    { role: 'user', content: 'Where is my kiln?' },
  ],
};
const TRACK = { name: 'track', description: 'Tracks.', parameters: { type: 'object', properties: {} } };
const outputOnly = (outputTokens: number) => ({ inputTokens: 0, cachedInputTokens: 0, outputTokens });
const FAST = { timeToFirstTokenMs: 0, tokensPerSecond: 5000 };

const failureOf = async (result: Promise<unknown>): Promise<ApplicationFailure> => {
  const failure: unknown = await result.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof ApplicationFailure)) throw new Error(`Not an ApplicationFailure: ${String(failure)}`);
  return failure;
};

/** Runs the body with somebody who follows its output, and answers what was said. */
async function heardFrom<T>(body: () => Promise<T>): Promise<{ result: unknown; heard: PartialChange[] }> {
  const heard: PartialChange[] = [];
  const stream = { followed: true, add: (changes: readonly PartialChange[]) => heard.push(...changes) };
  const result = await withOutputStream(stream, body).catch((error: unknown) => error);
  return { result, heard };
}

describe('the local model', () => {
  test('sends the events of the Responses API in their order, one delta per token', async () => {
    const { client } = await startModel({
      ...FAST,
      script: () => ({ text: 'Naïve 🦊.', toolCalls: [{ name: 'track', arguments: { order: 'A-1' } }] }),
    });
    const stream = await client.responses.create({ model: TEST_MODEL, input: 'Say it.', stream: true, store: false });
    const events = [];
    for await (const event of stream) events.push(event);
    const argumentPieces = tokenPieces('{"order":"A-1"}');
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      ...tokenPieces('Naïve 🦊.').map(() => 'response.output_text.delta'),
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      ...argumentPieces.map(() => 'response.function_call_arguments.delta'),
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
    const last = events.at(-1);
    expect(last).toMatchObject({
      response: {
        status: 'completed',
        output: [
          { type: 'message', content: [{ type: 'output_text', text: 'Naïve 🦊.' }] },
          { type: 'function_call', name: 'track', arguments: '{"order":"A-1"}', status: 'completed' },
        ],
        usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 0 } },
      },
    });
  });

  test('answers what does not stream in one piece, and the meter reads it', async () => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: 'Tuesday.' }) });
    const response = await client.responses.create({ model: TEST_MODEL, instructions: 'Be brief.', input: 'When?' });
    expect(response.output_text).toBe('Tuesday.');
    await until(() => meter.invoice()[0]?.closedAtMs !== null);
    expect(meter.invoice()).toMatchObject([
      { requestId: response.id, complete: true, outputTokens: countTokens('Tuesday.') },
    ]);
  });
});

describe('a reply', () => {
  test.each<{ what: string; reply: LocalModelReply; request: Partial<ModelRequest> }>([
    { what: 'text', reply: { text: 'It left on Tuesday.' }, request: {} },
    { what: 'text that is cut off', reply: { text: LONG_TEXT }, request: { maxTokens: 17 } },
    {
      what: 'a conversation with tools',
      reply: { text: 'Let me see.', toolCalls: [{ name: 'track', arguments: { order: 'A-1', parts: [1, 2] } }] },
      request: {
        tools: [TRACK],
        messages: [
          ...QUESTION.messages,
          {
            role: 'assistant',
            content: 'First',
            toolCalls: [{ id: 'call_1', name: 'track', arguments: { order: 'A' } }],
          },
          { role: 'tool', toolCallId: 'call_1', content: 'not found' },
          { role: 'assistant', content: null, toolCalls: [{ id: 'call_2', name: 'track', arguments: { order: 'B' } }] },
          { role: 'tool', toolCallId: 'call_2', content: 'not found either' },
        ],
      },
    },
  ])('is the same as over chat completions: $what', async ({ reply, request }) => {
    const seen: unknown[] = [];
    const { client, meter } = await startModel({
      ...FAST,
      promptCache: false,
      script: (asked) => {
        seen.push(asked);
        return reply;
      },
    });
    const asked = { ...QUESTION, ...request };
    const ids = (answer: ModelReply): ModelReply => ({
      ...answer,
      id: '',
      toolCalls: answer.toolCalls.map((call) => ({ ...call, id: '' })),
    });
    const chat = await runActivity(() => callModel(asked, { client })).result;
    const response = await runActivity(() => callResponse(asked, { client })).result;
    expect(ids(response)).toEqual(ids(chat));
    expect(response.toolCalls.every(({ id }) => id.startsWith('call_'))).toBe(true);
    expect(seen[1]).toEqual(seen[0]);
    expect(meter.invoice()[1]).toMatchObject({ requestId: response.id, costUsd: meter.invoice()[0]?.costUsd });
  });

  test('to a request with a prediction is refused, with the way out', async () => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: 'x' }) });
    const failure = await failureOf(
      runActivity(() => callResponse({ ...QUESTION, prediction: 'It left' }, { client })).result,
    );
    expect(failure).toMatchObject({ type: 'MODEL_REQUEST_INVALID', nonRetryable: true });
    expect(failure.message).toMatch(/no prediction \("It left"\).*callModel/);
    expect(meter.invoice()).toEqual([]);
  });
});

describe('the books', () => {
  test('equal the meter to the last digit, cached tokens and cache writes included', async () => {
    const { client, meter } = await startModel({ ...FAST, cacheWrites: true, script: () => ({ text: LONG_TEXT }) });
    const long = {
      ...QUESTION,
      messages: [{ role: 'system' as const, content: LONG_TEXT.repeat(4) }, ...QUESTION.messages],
    };
    const activity = runActivity(async () => {
      await callResponse(long, { client });
      return callResponse(long, { client });
    });
    await activity.result;
    const lines = meter.invoice();
    expect(lines[0]!.cacheWriteTokens).toBeGreaterThan(1024);
    expect(lines[1]!.cachedInputTokens).toBe(lines[0]!.cacheWriteTokens);
    expect(
      activity.books().map(({ requestId, tokens: { cacheWriteTokens = 0, ...tokens }, costUsd, estimated }) => ({
        ...{ requestId, ...tokens, cacheWriteTokens, costUsd, estimated },
      })),
    ).toEqual(
      lines.map(({ requestId, inputTokens, cachedInputTokens, outputTokens, cacheWriteTokens, costUsd }) => ({
        ...{ requestId, inputTokens, cachedInputTokens, outputTokens, cacheWriteTokens, costUsd },
        estimated: false,
      })),
    );
  });

  describe.each([
    { what: 'text', reply: { text: LONG_TEXT } },
    { what: 'a tool call', reply: { toolCalls: [{ name: 'write', arguments: { text: LONG_TEXT } }] } },
  ])('when $what is cancelled in mid-stream', ({ reply }) => {
    test('lack nothing but what was still on its way: what had been read is booked, to the last digit', async () => {
      const { client, meter } = await startModel({ timeToFirstTokenMs: 0, tokensPerSecond: 200, script: () => reply });
      const read = tapChunks(client);
      const books: UsageRecord[] = [];
      for (const [position, tokens] of [20, 40, 10].entries()) {
        const activity = runActivity(() => callResponse(QUESTION, { client }));
        await until(() => (read()[position] ?? 0) >= tokens);
        activity.cancel();
        await expect(activity.result).rejects.toThrow(CancelledFailure);
        await until(() => meter.invoice()[position]?.closedAtMs !== null);
        books.push(...activity.books());
      }
      const invoice = meter.invoice();
      expect(books.map(({ requestId, estimated }) => ({ requestId, estimated }))).toEqual(
        invoice.map(({ requestId }) => ({ requestId, estimated: true })),
      );
      expect(books.map((bill) => bill.tokens.inputTokens)).toEqual(invoice.map((line) => line.inputTokens));
      expect(books.map((bill) => bill.tokens.outputTokens)).toEqual(read());
      expect(invoice.every((line) => !line.complete && line.outputTokens < countTokens(LONG_TEXT))).toBe(true);
      const onTheWay = invoice.map((line, index) => line.outputTokens - read()[index]!);
      expect(Math.min(...onTheWay)).toBeGreaterThanOrEqual(0);
      const missingUsd = sumUsd(onTheWay.map((tokens) => priceUsage(outputOnly(tokens), TEST_RATES)));
      expect(sumUsd([...books.map((bill) => bill.costUsd), missingUsd])).toBe(meter.totalUsd());
    });

    test('equal the meter to the last digit when nothing is on its way', async () => {
      const { client, meter } = await startModel({
        ...FAST,
        script: () => reply,
        faults: () => ({ kind: 'stall', afterTokens: 20 }),
      });
      const read = tapChunks(client);
      const activity = runActivity(() => callResponse(QUESTION, { client }));
      await until(() => {
        const delivered = meter.invoice()[0]?.outputTokens ?? 0;
        return delivered >= 20 && read()[0] === delivered;
      });
      activity.cancel();
      await expect(activity.result).rejects.toThrow(CancelledFailure);
      await until(() => meter.invoice()[0]?.closedAtMs !== null);
      const [line] = meter.invoice();
      expect(line).toMatchObject({ complete: false });
      expect(activity.books()).toMatchObject([{ requestId: line!.requestId, estimated: true, costUsd: line!.costUsd }]);
    });
  });
});

describe('faults', () => {
  test.each<{ fault: LocalModelFault; type: string; nonRetryable: boolean; bills: number }>([
    { fault: { kind: 'error', status: 401 }, type: 'MODEL_UNAUTHORIZED', nonRetryable: true, bills: 0 },
    { fault: { kind: 'error', status: 429 }, type: 'MODEL_RATE_LIMITED', nonRetryable: false, bills: 0 },
    { fault: { kind: 'error', status: 503 }, type: 'MODEL_SERVER_ERROR', nonRetryable: false, bills: 0 },
    { fault: { kind: 'malformed', afterTokens: 5 }, type: 'MODEL_CHUNK_MALFORMED', nonRetryable: false, bills: 1 },
    { fault: { kind: 'disconnect', afterTokens: 5 }, type: 'MODEL_STREAM_BROKEN', nonRetryable: false, bills: 1 },
    { fault: { kind: 'error-frame', afterTokens: 5 }, type: 'MODEL_STREAM_BROKEN', nonRetryable: false, bills: 1 },
  ])('$fault is $type (final: $nonRetryable), with $bills bills', async ({ fault, type, nonRetryable, bills }) => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: LONG_TEXT }), faults: () => fault });
    const activity = runActivity(() => callResponse(QUESTION, { client }));
    expect(await failureOf(activity.result)).toMatchObject({ type, nonRetryable });
    await until(() => meter.invoice().every((line) => line.closedAtMs !== null));
    expect(activity.books()).toHaveLength(bills);
    expect(activity.books().every(({ estimated }) => estimated)).toBe(true);
    expect(Number(meter.totalUsd()) > 0).toBe(bills > 0);
  });

  test('a missing usage is counted here, and says so; an end that comes twice is one end', async () => {
    for (const fault of ['no-usage', 'duplicate-end'] as const) {
      const { client, meter } = await startModel({
        ...FAST,
        script: () => ({ text: LONG_TEXT }),
        faults: () => ({ kind: fault }),
      });
      const activity = runActivity(() => callResponse(QUESTION, { client }));
      await expect(activity.result).resolves.toMatchObject({ text: LONG_TEXT, estimated: fault === 'no-usage' });
      expect(activity.books()).toMatchObject([{ costUsd: meter.totalUsd() }]);
    }
  });

  test.each([
    [
      { type: 'response.failed', response: { error: { code: 'server_error', message: 'so it is' } } },
      'MODEL_SERVER_ERROR',
    ],
    [{ type: 'error', code: 'rate_limit_exceeded', message: 'so it is' }, 'MODEL_RATE_LIMITED'],
    [{ type: 'error', code: 'invalid_prompt', message: 'so it is' }, 'MODEL_REQUEST_INVALID'],
    [{ type: 'error', code: null, message: 'so it is' }, 'MODEL_STREAM_BROKEN'],
    [{ type: 'response.output_text.delta', delta: 7 }, 'MODEL_CHUNK_MALFORMED'],
    [{ no: 'type' }, 'MODEL_CHUNK_MALFORMED'],
  ])('%j in the stream is %s', (event, code) => {
    const received = new ReceivedResponse({ messages: [] });
    received.add({ type: 'response.some_day.new', anything: true });
    expect(() => received.add(event)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe.each([
  ['chat completions', callModel],
  ['the Responses API', callResponse],
])('over %s', (_name, ask) => {
  const answer = z.object({ route: z.enum(['refund', 'other']), reason: z.string() });
  const pace = { timeToFirstTokenMs: 0, tokensPerSecond: 200 };

  test('the arguments of a tool call are published while they stream', async () => {
    const { client } = await startModel({
      ...FAST,
      script: () => ({ toolCalls: [{ name: 'track', arguments: { order: 'A-1', parts: [1, 2] } }] }),
    });
    const { heard } = await heardFrom(() =>
      ask(
        { ...QUESTION, tools: [TRACK] },
        {
          client,
          fields: { as: ({ toolCalls }) => ({ kind: 'call', tool: toolCalls[0].name, args: toolCalls[0].arguments }) },
        },
      ),
    );
    const final = heard.flatMap((change) => ('is' in change ? [[change.at.join('.'), change.is]] : []));
    expect(final).toEqual([
      ['kind', 'call'],
      ['tool', 'track'],
      ['args.order', 'A-1'],
      ['args.parts.0', 1],
      ['args.parts.1', 2],
    ]);
  });

  test('a JSON answer comes back parsed, each field published once', async () => {
    const text = '{"route": "refund", "reason": "They paid twice."}';
    const { client } = await startModel({ ...FAST, script: ({ json }) => ({ text: json ? text : 'not asked for' }) });
    const { result, heard } = await heardFrom(() => callModelJson('classify', answer, QUESTION, { client, ask }));
    expect(result).toEqual(JSON.parse(text));
    expect(heard.filter((change) => 'is' in change)).toEqual([
      { at: ['route'], is: 'refund' },
      { at: ['reason'], is: 'They paid twice.' },
    ]);
  });

  test('an answer that cannot fit any more is stopped at once, named and booked', async () => {
    const { client, meter } = await startModel({
      ...pace,
      script: () => ({ text: `{"route": "sales", "reason": ${JSON.stringify(LONG_TEXT)}}` }),
    });
    const read = tapChunks(client);
    const activity = runActivity(() => callModelJson('classify', answer, QUESTION, { client, ask }));
    const failure = await failureOf(activity.result);
    expect(failure).toMatchObject({ type: 'MODEL_ANSWER_INVALID', nonRetryable: false });
    expect(failure.message).toMatch(/^classify: .*route is "sales".*Ask again/);
    await until(() => meter.invoice()[0]?.closedAtMs !== null);
    const [line] = meter.invoice();
    expect(line).toMatchObject({ complete: false });
    expect(read()).toEqual([countTokens('{"route": "sales')]);
    expect(activity.books()).toMatchObject([
      { requestId: line!.requestId, estimated: true, tokens: { outputTokens: read()[0] } },
    ]);
  });

  test('an answer that says a key twice is stopped there, named as its reader would, and booked', async () => {
    const route = '"route": "refund"';
    const { client, meter } = await startModel({
      ...pace,
      script: () => ({ text: `{${route}, "reason": "x", ${route}, "more": ${JSON.stringify(LONG_TEXT)}}` }),
    });
    const read = tapChunks(client);
    const activity = runActivity(() => callModelJson('classify', answer, QUESTION, { client, ask }));
    const failure = await failureOf(activity.result);
    expect(failure).toMatchObject({ type: 'MODEL_ANSWER_INVALID', nonRetryable: false });
    expect(failure.message).toMatch(/^classify: .*the key "route" again.*Ask again/);
    expect(failure.cause).toMatchObject({ problem: 'duplicate-key' });
    await until(() => meter.invoice()[0]?.closedAtMs !== null);
    const [line] = meter.invoice();
    expect(line).toMatchObject({ complete: false });
    expect(read()).toEqual([countTokens(`{${route}, "reason": "x", "route":`)]);
    expect(activity.books()).toMatchObject([
      { requestId: line!.requestId, estimated: true, tokens: { outputTokens: read()[0] } },
    ]);
  });

  test('an answer that is no JSON is stopped at its first word', async () => {
    const { client, meter } = await startModel({ ...pace, script: () => ({ text: `Sure! ${LONG_TEXT}` }) });
    const read = tapChunks(client);
    const failure = await failureOf(
      runActivity(() => callModelJson('classify', answer, QUESTION, { client, ask })).result,
    );
    expect(failure.type).toBe('MODEL_ANSWER_INVALID');
    expect(failure.message).toMatch(/^classify: .*unexpected "S" at position 0/);
    await until(() => meter.invoice()[0]?.closedAtMs !== null);
    expect(meter.invoice()).toMatchObject([{ complete: false }]);
    expect(read()).toEqual([1]);
  });
});
