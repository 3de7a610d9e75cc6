import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countPromptTokens, countTokens } from '../activities/count-tokens';
import { createModelClient } from '../activities/model-client';
import { reportedTokens } from '../activities/reported-usage';
import { priceUsage } from '../speculation/ledger/price-usage';
import { consistentTokens } from '../speculation/plugin/consistent-usage';
import { freePort } from '../workers/free-port';
import { startMeter, type Meter } from '../workers/meter';
import { TEST_MODEL, TEST_RATES, useMeteredModel } from './support/model';
import { until } from './support/until';

const startModel = useMeteredModel();

const running: { stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const { stop } of running.splice(0).reverse()) await stop();
});

/** A meter in front of a server of the test's own. */
async function meterBefore(answer: RequestListener): Promise<Meter> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  running.push({
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  });
  await until(() => server.listening);
  const upstreamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const meter = await startMeter({ upstreamUrl, rates: { [TEST_MODEL]: TEST_RATES } });
  running.push(meter);
  return meter;
}

const PROMPT = { model: TEST_MODEL, messages: [{ role: 'user' as const, content: 'Count to three.' }] };

function frame(delta: unknown, more: object = {}): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`;
}

/** Sends the prompt and leaves the reply to the caller. */
function post(meter: Meter, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-client-request-id': 'mine', connection: 'close' };
    const request = httpRequest(`${meter.baseUrl}/chat/completions`, { method: 'POST', headers }, resolve);
    request.once('error', reject);
    request.end(body);
  });
}

test('an invoice line says who asked for what, when, and what it cost at the three rates', async () => {
  const meter = await meterBefore((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame({ role: 'assistant', content: '' }) + frame({ content: 'One' }) + frame({ content: ' two' }));
    const usage = { prompt_tokens: 3000, completion_tokens: 70, prompt_tokens_details: { cached_tokens: 1024 } };
    response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\n`,
    );
    response.end(`data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [], usage })}\n\ndata: [DONE]\n\n`);
  });
  const startedAtMs = Date.now();
  const reply = await post(meter, JSON.stringify(PROMPT));
  const passed = (await reply.toArray()).join('');
  await until(() => meter.invoice()[0]?.complete === true);
  const [line] = meter.invoice();
  expect(passed.endsWith('data: [DONE]\n\n')).toBe(true);
  expect(line).toMatchObject({
    requestId: 'chatcmpl-1',
    clientRequestId: 'mine',
    model: TEST_MODEL,
    status: 200,
    inputTokens: 3000,
    cachedInputTokens: 1024,
    outputTokens: 70,
    // 1,976 at 0.37, 1,024 at 0.11, 70 at 1.3 dollars a million.
    costUsd: '0.00093476',
    complete: true,
    bytes: Buffer.byteLength(passed),
  });
  const times = [startedAtMs - 5, line!.startedAtMs, line!.firstTokenAtMs!, line!.lastTokenAtMs!, line!.closedAtMs!];
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(meter.totalUsd()).toBe('0.00093476');
});

test.each([
  [
    'cache writes as OpenAI says them',
    { prompt_tokens_details: { cached_tokens: 1000, cache_write_tokens: 500 } },
    { cachedInputTokens: 1000, cacheWriteTokens: 500 },
    // 1,500 at 0.37, 1,000 at 0.11, 500 at 0.53, 70 at 1.3 dollars a million.
    '0.001021',
  ],
  [
    'cache writes as LiteLLM says them',
    { prompt_tokens_details: { cached_tokens: 0, cache_creation_tokens: 500 }, cache_creation_input_tokens: 500 },
    { cachedInputTokens: 0, cacheWriteTokens: 500 },
    '0.001281',
  ],
  [
    'cache writes beside the totals',
    { cache_creation_input_tokens: 500 },
    { cachedInputTokens: 0, cacheWriteTokens: 500 },
    '0.001281',
  ],
  [
    'rejected predictions',
    { completion_tokens_details: { rejected_prediction_tokens: 30 } },
    { rejectedPredictionTokens: 30 },
    // 3,000 at 0.37, 40 at 1.3, 30 at 0.71 dollars a million.
    '0.0011833',
  ],
  [
    'more cached tokens than there is input: the parts are what is charged',
    { prompt_tokens_details: { cached_tokens: 3000, cache_write_tokens: 500 } },
    { inputTokens: 3500 },
    // 3,000 at 0.11, 500 at 0.53, 70 at 1.3 dollars a million.
    '0.000686',
  ],
])('the invoice and the books read and price %s alike', async (_what, details, counted, costUsd) => {
  const usage = { prompt_tokens: 3000, completion_tokens: 70, ...details };
  const meter = await meterBefore((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame({ content: 'One' }, {}).replace('"finish_reason":null', '"finish_reason":"stop"'));
    response.end(`data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [], usage })}\n\ndata: [DONE]\n\n`);
  });
  const reply = await post(meter, JSON.stringify(PROMPT));
  await reply.toArray();
  await until(() => meter.invoice()[0]?.complete === true);
  expect(meter.invoice()).toMatchObject([{ inputTokens: 3000, outputTokens: 70, ...counted, costUsd }]);

  const { tokens } = consistentTokens(reportedTokens(usage)!);
  expect(priceUsage(tokens, TEST_RATES)).toBe(costUsd);
});

test.each([
  ['negative', { prompt_tokens: 3000, completion_tokens: 70, prompt_tokens_details: { cached_tokens: -1 } }],
  ['in halves', { prompt_tokens: 3000.5, completion_tokens: 70 }],
  ['text', { prompt_tokens: 3000, completion_tokens: 'many' }],
])('a usage frame whose counts are %s is none: the tokens are counted here', async (_what, usage) => {
  const meter = await meterBefore((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame({ content: 'One two' }, {}).replace('"finish_reason":null', '"finish_reason":"stop"'));
    response.end(`data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [], usage })}\n\ndata: [DONE]\n\n`);
  });
  const reply = await post(meter, JSON.stringify(PROMPT));
  await reply.toArray();
  await until(() => meter.invoice()[0]?.closedAtMs != null);
  expect(meter.invoice()).toMatchObject([
    { complete: false, inputTokens: countPromptTokens(PROMPT), outputTokens: countTokens('One two') },
  ]);
  expect(reportedTokens(usage)).toBeNull();
});

test('a client that goes away ends the request to the model at once, and is billed what left towards it', async () => {
  let abandoned = false;
  const meter = await meterBefore((_request, response) => {
    response.on('close', () => (abandoned = true));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // The last frame has not arrived whole, so it does not count.
    response.write(frame({ content: 'One two three' }) + frame({ content: ' four' }).slice(0, -4));
  });
  const reply = await post(meter, JSON.stringify(PROMPT));
  await until(() => meter.invoice()[0]?.outputTokens === countTokens('One two three'));
  reply.destroy();
  await until(() => abandoned && meter.invoice()[0]?.closedAtMs !== null);
  expect(meter.invoice()).toMatchObject([
    {
      complete: false,
      inputTokens: countPromptTokens(PROMPT),
      cachedInputTokens: 0,
      outputTokens: countTokens('One two three'),
    },
  ]);
});

test('a client that does not read makes the model wait', async () => {
  const part = frame({ content: 'word '.repeat(2000) });
  let written = 0;
  let blocked = false;
  const meter = await meterBefore((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = (): void => {
      while (written < 3000) {
        written += 1;
        if (response.write(part)) continue;
        blocked = true;
        response.once('drain', () => {
          blocked = false;
          write();
        });
        return;
      }
      response.end('data: [DONE]\n\n');
    };
    write();
  });
  const reply = await post(meter, JSON.stringify(PROMPT));
  // Nothing moves any more: the buffers between the model and the client are full, 30 MB are not in the meter's memory.
  let last = { bytes: -1, sameFor: 0 };
  await until(() => {
    const bytes = meter.invoice()[0]?.bytes ?? 0;
    last = { bytes, sameFor: blocked && bytes === last.bytes ? last.sameFor + 1 : 0 };
    return last.sameFor > 20;
  });
  expect(written).toBeLessThan(3000);
  let received = 0;
  for await (const bytes of reply as AsyncIterable<Buffer>) received += bytes.length;
  expect(received).toBe(3000 * Buffer.byteLength(part) + Buffer.byteLength('data: [DONE]\n\n'));
});

test('a reply that does not stream is billed by the usage in it', async () => {
  const { client, meter } = await startModel({
    timeToFirstTokenMs: 0,
    tokensPerSecond: 5000,
    script: () => ({ text: 'Three.' }),
  });
  const reply = await client.chat.completions.create(PROMPT);
  await until(() => meter.invoice()[0]?.complete === true);
  expect(meter.invoice()).toMatchObject([
    { requestId: reply.id, inputTokens: reply.usage?.prompt_tokens, outputTokens: countTokens('Three.') },
  ]);
});

test('other calls pass through and are not on the invoice', async () => {
  const { client, meter } = await startModel({ script: () => ({}) });
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  expect(models).toContain('gpt-4o');
  expect(meter.invoice()).toEqual([]);
});

test('a model without a rate passes through, and the invoice says which rate is missing', async () => {
  const { client, meter } = await startModel({
    timeToFirstTokenMs: 0,
    tokensPerSecond: 5000,
    script: () => ({ text: 'Hm.' }),
  });
  await client.chat.completions.create({ ...PROMPT, model: 'gpt-unheard' });
  expect(() => meter.totalUsd()).toThrow(/no rate for the model "gpt-unheard"; it knows test-model/);
});

test('a model that cannot be reached is a 502 with the reason, and costs nothing', async () => {
  const upstreamUrl = `http://127.0.0.1:${await freePort('127.0.0.1')}/v1`;
  const meter = await startMeter({ upstreamUrl, rates: {} });
  running.push(meter);
  await expect(createModelClient(meter.baseUrl).chat.completions.create(PROMPT)).rejects.toMatchObject({
    status: 502,
    message: expect.stringContaining('ECONNREFUSED') as string,
  });
  expect(meter.totalUsd()).toBe('0');
});
