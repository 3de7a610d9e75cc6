import { countTokens, tokenPieces } from '../activities/count-tokens';
import { createModelClient } from '../activities/model-client';
import { startLocalModel, type LocalModel, type LocalModelOptions } from '../workers/local-model';
import { dueTimesMs } from '../workers/local-model-pace';
import type { LocalModelRequest } from '../workers/local-model-request';

const FAST = { timeToFirstTokenMs: 0, tokensPerSecond: 5000 };
const TEXT = 'Naïve café 日本語 🦊 — {"route": "refund"} <|endoftext|> and on.';

const running: LocalModel[] = [];
const start = async (options: LocalModelOptions): Promise<LocalModel> => {
  const model = await startLocalModel(options);
  running.push(model);
  return model;
};
afterEach(() => Promise.all(running.splice(0).map((model) => model.stop())));

const ask = { model: 'any', messages: [{ role: 'user' as const, content: 'Say it.' }] };
const streamed = { ...ask, stream: true as const, stream_options: { include_usage: true } };

test('streams one chunk per token of the tokenizer, and reports the tokens it counted', async () => {
  const model = await start({ ...FAST, script: () => ({ text: TEXT }) });
  const chunks = [];
  for await (const chunk of await createModelClient(model.baseUrl).chat.completions.create(streamed))
    chunks.push(chunk);
  const pieces = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').filter((piece) => piece !== '');
  expect(pieces).toEqual(tokenPieces(TEXT));
  expect(pieces.join('')).toBe(TEXT);
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
  // 3 for the message, 1 for its role, 3 for "Say it.", 3 to prime the reply.
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: countTokens(TEXT), total_tokens: 10 + countTokens(TEXT) },
  });
});

test('answers a request that does not stream in one piece', async () => {
  const model = await start({
    ...FAST,
    script: () => ({ text: 'Look:', toolCalls: [{ name: 'find', arguments: { id: 7 } }] }),
  });
  const reply = await createModelClient(model.baseUrl).chat.completions.create(ask);
  expect(reply.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      content: 'Look:',
      tool_calls: [{ type: 'function', function: { name: 'find', arguments: '{"id":7}' } }],
    },
  });
});

test('shows the script model, conversation, tools and limits', async () => {
  const seen: LocalModelRequest[] = [];
  const model = await start({
    ...FAST,
    script: (request) => {
      seen.push(request);
      return { text: 'ok' };
    },
  });
  await createModelClient(model.baseUrl).chat.completions.create({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Part one, ' },
          { type: 'text', text: 'part two' },
        ],
      },
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"id":7}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'found' },
    ],
    tools: [{ type: 'function', function: { name: 'find', parameters: { type: 'object' } } }],
    response_format: { type: 'json_object' },
    max_completion_tokens: 50,
  });
  expect(seen).toEqual([
    {
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Part one, part two' },
        { role: 'assistant', content: null, toolCalls: [{ id: 'call_1', name: 'find', arguments: { id: 7 } }] },
        { role: 'tool', content: 'found', toolCallId: 'call_1' },
      ],
      tools: [{ name: 'find', description: '', parameters: { type: 'object' } }],
      json: true,
      maxTokens: 50,
    },
  ]);
});

test('counts a long prompt that begins like an earlier one as cached, in steps of 128 tokens from 1,024 on', async () => {
  const model = await start({ ...FAST, script: () => ({ text: 'ok' }) });
  const uncached = await start({ ...FAST, script: () => ({ text: 'ok' }), promptCache: false });
  const cachedTokens = async (baseUrl: string, content: string): Promise<number | undefined> => {
    const messages = [{ role: 'user' as const, content }];
    const reply = await createModelClient(baseUrl).chat.completions.create({ model: 'any', messages });
    return reply.usage?.prompt_tokens_details?.cached_tokens;
  };
  const long = 'A rule of the house. '.repeat(300);
  expect(await cachedTokens(model.baseUrl, `${long} One.`)).toBe(0);
  const cached = await cachedTokens(model.baseUrl, `${long} Two.`);
  expect(cached).toBe(Math.floor(countTokens(long) / 128) * 128);
  expect(await cachedTokens(model.baseUrl, `Another. ${long}`)).toBe(0);
  const short = 'A short rule. '.repeat(100);
  expect(await cachedTokens(model.baseUrl, short)).toBe(0);
  expect(await cachedTokens(model.baseUrl, short)).toBe(0);
  expect(await cachedTokens(uncached.baseUrl, long)).toBe(0);
  expect(await cachedTokens(uncached.baseUrl, long)).toBe(0);
});

test('misbehaves by request and attempt, so that a retry can succeed', async () => {
  const model = await start({
    ...FAST,
    script: () => ({ text: 'ok' }),
    faults: (_request, attempt) => (attempt === 0 ? { kind: 'error', status: 503 } : null),
  });
  const client = createModelClient(model.baseUrl);
  await expect(client.chat.completions.create(ask)).rejects.toMatchObject({ status: 503 });
  await expect(client.chat.completions.create(ask)).resolves.toMatchObject({ object: 'chat.completion' });
  expect(model.requests()).toBe(2);
});

test.each([
  ['a script that fails', ask, 'no line for this'],
  ['a request without messages', { ...ask, messages: [] }, 'messages'],
])('refuses %s for good, naming the reason', async (_what, request, reason) => {
  const model = await start({
    ...FAST,
    script: () => {
      throw new Error('no line for this');
    },
  });
  const refused = createModelClient(model.baseUrl).chat.completions.create(request);
  await expect(refused).rejects.toMatchObject({ status: 400, message: expect.stringContaining(reason) as string });
});

describe('the pace', () => {
  const pace = { timeToFirstTokenMs: 200, tokensPerSecond: 50, jitter: 0 };

  test('is the time to the first token, then one token after the other', () => {
    expect(dueTimesMs(5, pace, 'seed')).toEqual([200, 200, 220, 240, 260]);
  });

  test('varies within the jitter, never backwards, and the same for the same seed', () => {
    const varied = { ...pace, jitter: 0.25 };
    const times = dueTimesMs(400, varied, 'seed');
    expect(times).toEqual(dueTimesMs(400, varied, 'seed'));
    expect(times).not.toEqual(dueTimesMs(400, varied, 'another'));
    expect(Math.abs(times[0]! / 200 - 1)).toBeLessThanOrEqual(0.25);
    const gaps = times.slice(2).map((time, index) => time - times[index + 1]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(25);
    expect(gaps.reduce((total, gap) => total + gap, 0) / gaps.length).toBeCloseTo(20, 0);
  });
});
