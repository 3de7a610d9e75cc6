import { ApplicationFailure } from '@temporalio/common';
import { callModel, type ModelRequest } from '../activities/model';
import { ReceivedResponse } from '../activities/received-response';
import type { LocalModelFault, LocalModelRequest } from '../workers/local-model';
import { faultPlan, InvalidFaultPlanError, PLANNED_FAULTS, type FaultPlanOptions } from '../workers/fault-plan';
import { exportUsage, linesByClientRequestId } from '../workers/usage-export';
import { runActivity, TEST_MODEL, useMeteredModel } from './support/model';
import { until } from './support/until';

const startModel = useMeteredModel();
const QUESTION: ModelRequest = { model: TEST_MODEL, messages: [{ role: 'user', content: 'Where is my kiln?' }] };
const TEXT = 'It left on Tuesday, and it comes on Friday, "in a crate".';
const FAST = { timeToFirstTokenMs: 5, tokensPerSecond: 200, script: () => ({ text: TEXT }) };

/** What became of one call whose first request meets a fault. */
async function callUnder(fault: LocalModelFault) {
  const { client, meter } = await startModel({ ...FAST, faults: () => fault });
  const activity = runActivity(() => callModel(QUESTION, { client }));
  const outcome = await activity.result.then(
    ({ text }) => text,
    (error: unknown) => error,
  );
  await until(() => meter.invoice().every(({ closedAtMs }) => closedAtMs !== null));
  return { outcome, bills: activity.books(), lines: meter.invoice() };
}

describe('a request that is charged for has exactly one bill, with the tokens that were delivered', () => {
  test.each<[what: string, fault: LocalModelFault, outcome: string]>([
    ['nothing is said at all', { kind: 'disconnect-early', after: 'request' }, 'MODEL_UNREACHABLE'],
    ['only the head arrives', { kind: 'disconnect-early', after: 'head' }, 'MODEL_STREAM_BROKEN'],
    ['the connection breaks in mid-stream', { kind: 'disconnect', afterTokens: 3 }, 'MODEL_STREAM_BROKEN'],
    ['the stream carries an error', { kind: 'error-frame', afterTokens: 3 }, 'MODEL_STREAM_BROKEN'],
    ['a chunk is malformed', { kind: 'malformed', afterTokens: 3 }, 'MODEL_CHUNK_MALFORMED'],
    ['usage is left out', { kind: 'no-usage' }, TEXT],
    ['the end is delivered twice', { kind: 'duplicate-end' }, TEXT],
    ['the chunks drip', { kind: 'slow-drip', intervalMs: 10 }, TEXT],
  ])('when %s', async (_what, fault, expected) => {
    const { outcome, bills, lines } = await callUnder(fault);
    expect(outcome instanceof ApplicationFailure ? outcome.type : outcome).toBe(expected);
    expect([bills.length, lines.length]).toEqual([1, 1]);
    const [bill] = bills;
    const [line] = lines;
    expect(linesByClientRequestId(lines).get(bill!.clientRequestId ?? bill!.requestId)).toEqual([line]);
    expect(bill).toMatchObject({
      requestId: line!.requestId ?? line!.clientRequestId,
      estimated: outcome !== TEXT || fault.kind === 'no-usage',
      tokens: { inputTokens: line!.inputTokens },
    });
    expect(bill!.tokens.outputTokens).toBeLessThanOrEqual(line!.outputTokens);
    if (!bill!.estimated) expect(bill!.costUsd).toBe(line!.costUsd);
    if (outcome === TEXT) expect(bill!.tokens.outputTokens).toBe(line!.outputTokens);
  });

  test('and one that is refused has none', async () => {
    const { bills, lines } = await callUnder({ kind: 'error', status: 500 });
    expect([bills, lines.map(({ costUsd }) => costUsd)]).toEqual([[], ['0']]);
  });
});

test('a rate limit may name the time at which to ask again by its date', async () => {
  const { outcome } = await callUnder({ kind: 'error', status: 429, retryAfterSeconds: 30, retryAfterAs: 'date' });
  expect(outcome).toMatchObject({ type: 'MODEL_RATE_LIMITED', nonRetryable: false });
  const { nextRetryDelay } = outcome as ApplicationFailure;
  expect(nextRetryDelay).toBeGreaterThan(25_000);
  expect(nextRetryDelay).toBeLessThanOrEqual(30_000);
});

describe('a fault plan', () => {
  const request = (content: string): LocalModelRequest => ({
    model: TEST_MODEL,
    messages: [{ role: 'user', content }],
    tools: [],
    json: false,
    maxTokens: null,
  });
  const rates = Object.fromEntries(PLANNED_FAULTS.map((fault) => [fault, 1 / PLANNED_FAULTS.length]));
  const drawnBy = (options: FaultPlanOptions, questions: string[]): (LocalModelFault | null)[] => {
    const plan = faultPlan(options);
    return questions.flatMap((content) => [0, 1, 2].map((attempt) => plan(request(content), attempt)));
  };
  const questions = Array.from({ length: 400 }, (_, index) => `question ${index}`);

  test('is the same for the same seed, in any order, and another for another seed', () => {
    const forwards = drawnBy({ seed: 1, rates }, questions);
    const backwards = drawnBy({ seed: 1, rates }, [...questions].reverse());
    expect(
      questions
        .map((_, index) => backwards.slice(index * 3, index * 3 + 3))
        .reverse()
        .flat(),
    ).toEqual(forwards);
    expect(drawnBy({ seed: 2, rates }, questions)).not.toEqual(forwards);
  });

  test('has every fault about as often as its rate says, and none after the faulty attempts', () => {
    const planned = new Map<string, number>();
    const drawn = drawnBy(
      { seed: 7, rates, faultyAttempts: 2, onFault: (fault) => planned.set(fault, (planned.get(fault) ?? 0) + 1) },
      questions,
    );
    expect(drawn.filter((_, index) => index % 3 === 2)).toEqual(questions.map(() => null));
    expect([...planned.keys()].sort()).toEqual([...PLANNED_FAULTS].sort());
    const expected = 800 / PLANNED_FAULTS.length;
    for (const count of planned.values()) expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });

  test.each<[Record<string, number>, RegExp]>([
    [{ 'server-error': 1.5 }, /server-error is 1\.5; use a probability from 0 to 1/],
    [{ 'server-error': Number.NaN }, /server-error is NaN/],
    [{ stall: 0.7, 'no-usage': 0.4 }, /together they are 1\.1/],
    [{ 'earth-quake': 0.1 }, /there is no fault "earth-quake"; there are disconnect-after-request/],
  ])('refuses the rates %j', (wrong, message) => {
    const make = (): unknown => faultPlan({ seed: 1, rates: wrong });
    expect(make).toThrow(InvalidFaultPlanError);
    expect(make).toThrow(message);
  });
});

describe('a usage export', () => {
  test('has a row for each request that is charged for, as CSV and as JSON, with the same figures', async () => {
    const { client, meter } = await startModel({
      ...FAST,
      faults: (_request, attempt) => (attempt === 0 ? { kind: 'error', status: 500 } : null),
    });
    await runActivity(() => callModel(QUESTION, { client })).result.catch(() => undefined);
    await runActivity(() => callModel(QUESTION, { client })).result;
    await until(() => meter.invoice().every(({ closedAtMs }) => closedAtMs !== null));
    const line = meter.invoice()[1]!;
    const { data } = JSON.parse(exportUsage(meter.invoice(), 'json')) as { data: Record<string, unknown>[] };
    expect(data).toEqual([
      {
        request_id: line.requestId,
        client_request_id: line.clientRequestId,
        model: TEST_MODEL,
        input_tokens: line.inputTokens,
        cached_input_tokens: 0,
        cache_write_tokens: 0,
        output_tokens: line.outputTokens,
        cost_usd: line.costUsd,
        started_at: new Date(line.startedAtMs).toISOString(),
      },
    ]);
    const [header, row, end] = exportUsage(meter.invoice(), 'csv').split('\n');
    expect(header).toBe(Object.keys(data[0]!).join(','));
    expect(row).toBe(Object.values(data[0]!).join(','));
    expect(end).toBe('');
  });

  test('quotes what would break a CSV', () => {
    const line = { requestId: 'a,"b"\nc', clientRequestId: null, model: 'm', inputTokens: 1, cachedInputTokens: 0 };
    const rest = { cacheWriteTokens: 0, outputTokens: 0, costUsd: '0.1', startedAtMs: 0 };
    expect(exportUsage([{ ...line, ...rest } as never], 'csv')).toContain('\n"a,""b""\nc",,m,1,0,0,0,0.1,1970-01-01T');
  });
});

describe('events of the Responses API that are delivered twice', () => {
  const delta = (text: string, number?: number) => ({
    type: 'response.output_text.delta',
    delta: text,
    ...(number === undefined ? {} : { sequence_number: number }),
  });
  const textOf = (...events: unknown[]): string => {
    const received = new ReceivedResponse({ messages: [] });
    for (const event of events) received.add(event);
    return received.text;
  };

  test('are read once, by their number', () => {
    expect(textOf(delta('It ', 1), delta('It ', 1), delta('left', 2), delta('It ', 1), delta('.', 3))).toBe('It left.');
  });

  test.each([undefined, 0])('are read as they come where every number is %s', (number) => {
    expect(textOf(delta('ha', number), delta('ha', number))).toBe('haha');
  });
});
