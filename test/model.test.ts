import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { callModel, type ModelReply, type ModelRequest } from '../activities/model';
import { countTokens } from '../activities/count-tokens';
import { configuredModelClient, createModelClient } from '../activities/model-client';
import { priceUsage, sumUsd } from '../speculation/ledger/price-usage';
import type { UsageRecord } from '../speculation/ledger/usage';
import type { LocalModelFault } from '../workers/local-model';
import { freePort } from '../workers/free-port';
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
const outputOnly = (outputTokens: number) => ({ inputTokens: 0, cachedInputTokens: 0, outputTokens });
const FAST = { timeToFirstTokenMs: 0, tokensPerSecond: 5000 };

const failureOf = async (result: Promise<ModelReply>): Promise<ApplicationFailure> => {
  const failure: unknown = await result.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof ApplicationFailure)) throw new Error(`Not an ApplicationFailure: ${String(failure)}`);
  return failure;
};

describe('a reply', () => {
  test('comes with text, finish reason, the provider’s id and the provider’s token counts', async () => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: 'It left on Tuesday.' }) });
    const reply = await runActivity(() => callModel(QUESTION, { client })).result;
    const [line] = meter.invoice();
    expect(reply).toEqual({
      id: line?.requestId,
      text: 'It left on Tuesday.',
      toolCalls: [],
      finishReason: 'stop',
      tokens: {
        inputTokens: line?.inputTokens,
        cachedInputTokens: 0,
        outputTokens: countTokens('It left on Tuesday.'),
      },
      estimated: false,
    });
  });

  test('carries tool calls with their arguments taken apart, and a conversation may contain them', async () => {
    const { client } = await startModel({
      ...FAST,
      script: ({ tools, messages }) =>
        messages.at(-1)?.role === 'tool'
          ? { text: `Answer: ${messages.at(-1)?.content ?? ''}` }
          : { toolCalls: [{ name: tools[0]!.name, arguments: { order: 'A-1', parts: [1, 2] } }] },
    });
    const tools = [{ name: 'track', description: 'Tracks.', parameters: { type: 'object', properties: {} } }];
    const first = await runActivity(() => callModel({ ...QUESTION, tools }, { client })).result;
    expect(first.finishReason).toBe('tool_calls');
    expect(first.toolCalls).toEqual([
      { id: expect.any(String) as string, name: 'track', arguments: { order: 'A-1', parts: [1, 2] } },
    ]);
    const messages: ModelRequest['messages'] = [
      ...QUESTION.messages,
      { role: 'assistant', content: null, toolCalls: first.toolCalls },
      { role: 'tool', toolCallId: first.toolCalls[0]!.id, content: 'left Tuesday' },
    ];
    const second = await runActivity(() => callModel({ ...QUESTION, messages, tools }, { client })).result;
    expect(second.text).toBe('Answer: left Tuesday');
  });

  test('that the provider cut off at maxTokens says so', async () => {
    const { client } = await startModel({ ...FAST, script: () => ({ text: LONG_TEXT }) });
    const reply = await runActivity(() => callModel({ ...QUESTION, maxTokens: 7 }, { client })).result;
    expect(reply).toMatchObject({ finishReason: 'length', tokens: { outputTokens: 7 } });
  });

  test('is the same outside of an activity, where nothing beats and nothing is booked', async () => {
    const { client } = await startModel({ ...FAST, script: () => ({ text: 'Yes.' }) });
    await expect(callModel(QUESTION, { client })).resolves.toMatchObject({ text: 'Yes.' });
  });
});

describe('the books', () => {
  test('equal the meter to the last digit where the provider reported usage, cached tokens included', async () => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: LONG_TEXT }) });
    const long = {
      ...QUESTION,
      messages: [{ role: 'system' as const, content: LONG_TEXT.repeat(4) }, ...QUESTION.messages],
    };
    const activity = runActivity(async () => {
      for (const text of ['one', 'two', 'three']) {
        await callModel({ ...long, messages: [...long.messages, { role: 'user', content: text }] }, { client });
      }
    });
    await activity.result;
    const lines = meter.invoice();
    expect(lines.map((line) => line.cachedInputTokens > 1024)).toEqual([false, true, true]);
    expect(
      activity
        .books()
        .map(({ requestId, tokens, costUsd, estimated }) => ({ requestId, ...tokens, costUsd, estimated })),
    ).toEqual(
      lines.map(({ requestId, inputTokens, cachedInputTokens, outputTokens, costUsd }) => ({
        ...{ requestId, inputTokens, cachedInputTokens, outputTokens, costUsd },
        estimated: false,
      })),
    );
  });

  test('equal the meter where cache writes and a rejected prediction are billed too', async () => {
    const { client, meter } = await startModel({ ...FAST, cacheWrites: true, script: () => ({ text: LONG_TEXT }) });
    const long = {
      ...QUESTION,
      messages: [{ role: 'system' as const, content: LONG_TEXT.repeat(4) }, ...QUESTION.messages],
    };
    const predicted = LONG_TEXT.replace('number 7 says', 'number seven, however, says');
    const activity = runActivity(async () => {
      await callModel(long, { client });
      return callModel({ ...long, prediction: predicted }, { client });
    });
    const { tokens } = await activity.result;
    const rejected = countTokens(' seven, however,');
    expect(tokens.rejectedPredictionTokens).toBe(rejected);
    expect(tokens.outputTokens).toBe(countTokens(LONG_TEXT) + rejected);
    const books = activity.books();
    expect(books[0]!.tokens.cacheWriteTokens).toBeGreaterThan(1024);
    expect(books[1]!.tokens).not.toHaveProperty('cacheWriteTokens');
    expect(books[1]!.tokens.cachedInputTokens).toBe(books[0]!.tokens.cacheWriteTokens);
    expect(
      books.map(({ tokens: { cacheWriteTokens = 0, rejectedPredictionTokens = 0 }, costUsd, estimated }) => ({
        ...{ cacheWriteTokens, rejectedPredictionTokens, costUsd, estimated },
      })),
    ).toEqual(
      meter.invoice().map(({ cacheWriteTokens, rejectedPredictionTokens, costUsd }) => ({
        ...{ cacheWriteTokens, rejectedPredictionTokens, costUsd, estimated: false },
      })),
    );
    expect(sumUsd(books.map(({ costUsd }) => costUsd))).toBe(meter.totalUsd());
  });

  describe.each([
    { what: 'text', reply: { text: LONG_TEXT } },
    { what: 'a tool call', reply: { toolCalls: [{ name: 'write', arguments: { text: LONG_TEXT } }] } },
  ])('when $what is cancelled in mid-stream', ({ reply }) => {
    test('lack nothing but what was still on its way: what had been read is booked, to the last digit', async () => {
      const { client, meter } = await startModel({ timeToFirstTokenMs: 0, tokensPerSecond: 200, script: () => reply });
      const read = tapChunks(client);
      const books: UsageRecord[] = [];
      for (const [position, tokens] of [20, 40, 10, 60, 30].entries()) {
        const activity = runActivity(() => callModel(QUESTION, { client }));
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
      expect(invoice.every((line) => !line.complete)).toBe(true);
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
      const activity = runActivity(() => callModel(QUESTION, { client }));
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

  test('hold the prompt when the cancel comes before the first token, under the client’s own request id', async () => {
    const { client, meter } = await startModel({ timeToFirstTokenMs: 60_000, script: () => ({ text: LONG_TEXT }) });
    const activity = runActivity(() => callModel(QUESTION, { client }));
    await until(() => meter.invoice().length === 1);
    activity.cancel();
    await expect(activity.result).rejects.toThrow(CancelledFailure);
    await until(() => meter.invoice()[0]?.closedAtMs !== null);
    const [line] = meter.invoice();
    expect(activity.books()).toMatchObject([
      { requestId: line?.clientRequestId, estimated: true, costUsd: line?.costUsd, tokens: { outputTokens: 0 } },
    ]);
    expect(line?.inputTokens).toBeGreaterThan(300);
  });

  test('stay empty when the cancel came before the request was sent', async () => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: LONG_TEXT }) });
    const activity = runActivity(async (cancel) => {
      cancel();
      return callModel(QUESTION, { client });
    });
    await expect(activity.result).rejects.toThrow(CancelledFailure);
    expect(activity.books()).toEqual([]);
    expect(meter.invoice()).toEqual([]);
  });

  test('count locally, and say so, when the provider left out the usage frame', async () => {
    const { client, meter } = await startModel({
      ...FAST,
      script: () => ({ text: LONG_TEXT }),
      faults: () => ({ kind: 'no-usage' }),
    });
    const activity = runActivity(() => callModel(QUESTION, { client }));
    await expect(activity.result).resolves.toMatchObject({ text: LONG_TEXT, estimated: true });
    expect(activity.books()).toMatchObject([{ estimated: true, costUsd: meter.totalUsd() }]);
  });

  test('show what a request that still streams has consumed by now, and nothing twice afterwards', async () => {
    const { client } = await startModel({
      timeToFirstTokenMs: 0,
      tokensPerSecond: 400,
      script: () => ({ text: LONG_TEXT }),
    });
    const activity = runActivity(() => callModel(QUESTION, { client }));
    await until(() => (activity.books()[0]?.tokens.outputTokens ?? 0) > 20);
    expect(activity.books()).toMatchObject([{ estimated: true }]);
    await activity.result;
    expect(activity.books()).toMatchObject([{ estimated: false, tokens: { outputTokens: countTokens(LONG_TEXT) } }]);
  });
});

describe('faults', () => {
  const callWith = async (
    fault: LocalModelFault,
  ): Promise<{ failure: ApplicationFailure; books: number; invoiceUsd: string }> => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: LONG_TEXT }), faults: () => fault });
    const activity = runActivity(() => callModel(QUESTION, { client }));
    const failure = await failureOf(activity.result);
    await until(() => meter.invoice().every((line) => line.closedAtMs !== null));
    const booked = activity.books();
    expect(booked.every((bill) => bill.estimated)).toBe(true);
    return { failure, books: booked.length, invoiceUsd: meter.totalUsd() };
  };

  test.each([
    [400, 'MODEL_REQUEST_INVALID', true],
    [401, 'MODEL_UNAUTHORIZED', true],
    [403, 'MODEL_FORBIDDEN', true],
    [404, 'MODEL_NOT_FOUND', true],
    [422, 'MODEL_REQUEST_REFUSED', true],
    [429, 'MODEL_RATE_LIMITED', false],
    [500, 'MODEL_SERVER_ERROR', false],
    [503, 'MODEL_SERVER_ERROR', false],
  ])('status %d is %s (final: %s) and costs nothing', async (status, type, nonRetryable) => {
    const { failure, books, invoiceUsd } = await callWith({ kind: 'error', status, message: 'so it is' });
    expect(failure).toMatchObject({ type, nonRetryable, message: expect.stringContaining('so it is') as string });
    expect({ books, invoiceUsd }).toEqual({ books: 0, invoiceUsd: '0' });
  });

  test('a rate limit is retried when the provider says', async () => {
    const { failure } = await callWith({ kind: 'error', status: 429, retryAfterSeconds: 7 });
    expect(failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 7000 });
  });

  test('a malformed chunk is retried, named, and what came before it is booked', async () => {
    const { failure, books } = await callWith({ kind: 'malformed', afterTokens: 5 });
    expect(failure).toMatchObject({ type: 'MODEL_CHUNK_MALFORMED', nonRetryable: false });
    expect(failure.message).toMatch(/Chunk 7 of the reply chatcmpl-.* is not JSON/);
    expect(books).toBe(1);
  });

  test('a stream that breaks off is retried, and what came before it is booked', async () => {
    const { failure, books } = await callWith({ kind: 'disconnect', afterTokens: 5 });
    expect(failure).toMatchObject({ type: 'MODEL_STREAM_BROKEN', nonRetryable: false });
    expect(books).toBe(1);
  });

  test('a provider that is not there is retried, named, and costs nothing', async () => {
    const client = createModelClient(`http://127.0.0.1:${await freePort('127.0.0.1')}/v1`);
    const activity = runActivity(() => callModel(QUESTION, { client }));
    const failure = await failureOf(activity.result);
    expect(failure).toMatchObject({ type: 'MODEL_UNREACHABLE', nonRetryable: false });
    expect(failure.message).toContain(client.baseURL);
    expect(failure.message).toContain('ECONNREFUSED');
    expect(activity.books()).toEqual([]);
  });

  test('a stalled stream goes on beating, so that a cancel can arrive', async () => {
    const { client, meter } = await startModel({
      ...FAST,
      script: () => ({ text: LONG_TEXT }),
      faults: () => ({ kind: 'stall', afterTokens: 3 }),
    });
    const activity = runActivity(() => callModel(QUESTION, { client, beatIntervalMs: 5 }));
    await until(() => meter.invoice()[0]?.outputTokens === 3);
    const before = activity.beats();
    await until(() => activity.beats() > before + 3);
    activity.cancel();
    await expect(activity.result).rejects.toThrow(CancelledFailure);
    expect(activity.books()).toMatchObject([{ tokens: { outputTokens: 3 }, estimated: true }]);
  });
});

test('without a provider the message says which variables are missing and how to get a local model', () => {
  expect(() => configuredModelClient({})).toThrow(/OPENAI_API_KEY.*OPENAI_BASE_URL.*npx runahead dev/s);
  expect(configuredModelClient({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }).baseURL).toBe('http://127.0.0.1:9/v1');
});
