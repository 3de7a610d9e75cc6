import { z } from 'zod';
import { applyObservations, emptyControlState, type ControlState } from '../speculation/estimate/control-state';
import type { Observation } from '../speculation/estimate/observation';
import type { Briefing } from '../speculation/forecast/briefing';
import { definePolicy, type PolicyInput } from '../speculation/plugin';
import { briefingFor } from '../speculation/plugin/briefing';
import { pipelineSettings } from '../speculation/plugin/pipeline-settings';

const model = { kind: 'model', model: 'gpt-4o-mini', inputTokens: 400, outputTokens: 20 } as const;
const input: PolicyInput = {
  activities: {
    classify: {
      effect: 'none',
      output: z.object({ route: z.enum(['billing', 'other']) }),
      forecast: [{ kind: 'history' }, { kind: 'function', forecast: () => ({ route: 'other' }) }],
      contextKey: (text: string) => text.slice(0, 1),
      cost: model,
    },
    answer: { effect: 'none', cost: model, expectedSeconds: 2 },
    search: { effect: 'none', disclosure: 'private', cost: { kind: 'fixed', usd: 0.01 } },
    price: { effect: 'idempotent', abandonSafe: true, cost: { kind: 'fixed', usd: 0.01 } },
    check: { effect: 'none', forecast: [{ kind: 'verify', pass: 'pass' }], cost: model },
    sendMail: { effect: 'irreversible' },
  },
};

let observed = 0;
const classified = (output: unknown, change: object = {}): Observation => ({
  kind: 'operation',
  id: `run/${(observed += 1)}/1`,
  pipeline: 'support',
  operation: 'classify',
  contextKey: 'm',
  output,
  latencySeconds: 1,
  tokens: { inputTokens: 100, cachedInputTokens: 40, outputTokens: 10 },
  costUsd: '0.001',
  succeeded: true,
  ...change,
});

function stateAfter(...observations: Observation[]): ControlState {
  const state = emptyControlState();
  applyObservations(state, observations);
  return state;
}

const warnings: string[] = [];
beforeEach(() => warnings.splice(0));

function lookUp(
  activityType: string,
  state = emptyControlState(),
  change: Partial<PolicyInput> = {},
  args: unknown[] = ['my'],
): Briefing {
  const policy = definePolicy({ ...input, ...change });
  const seen = new Set<string>();
  return briefingFor({ pipeline: 'support', activityType, args }, policy, state, (key, message) => {
    if (!seen.has(key)) warnings.push(message);
    seen.add(key);
  });
}

describe('a look-up', () => {
  test('guesses from history first, with counts, and gives each value once', () => {
    const state = stateAfter(...['billing', 'billing', 'other', 'billing'].map((route) => classified({ route })));
    expect(lookUp('classify', state).forecasts).toEqual([
      { value: { route: 'billing' }, source: 'history', rank: 0, counts: { hits: 3, total: 4 }, costUsd: '0' },
      { value: { route: 'other' }, source: 'history', rank: 1, counts: { hits: 1, total: 4 }, costUsd: '0' },
    ]);
    expect(warnings).toEqual([]);
  });

  test('uses the next source where history knows nothing', () => {
    expect(lookUp('classify').forecasts).toEqual([
      { value: { route: 'other' }, source: 'function', rank: 0, costUsd: '0' },
    ]);
    expect(lookUp('check').forecasts).toEqual([{ value: 'pass', source: 'verify', rank: 0, costUsd: '0' }]);
  });

  test('lets a verifier hand on what it is given: the pass may depend on the arguments', () => {
    const revise = definePolicy({
      activities: {
        revise: {
          effect: 'none',
          forecast: [{ kind: 'verify', pass: ({ text }: { text: string }) => ({ text }) }],
          output: z.object({ text: z.string().min(1) }),
          cost: { kind: 'fixed', usd: 0 },
        },
      },
    });
    const forecasts = (text: string) =>
      briefingFor(
        { pipeline: 'p', activityType: 'revise', args: [{ text }] },
        revise,
        emptyControlState(),
        (_key, message) => void warnings.push(message),
      ).forecasts;
    expect(forecasts('a draft')).toEqual([{ value: { text: 'a draft' }, source: 'verify', rank: 0, costUsd: '0' }]);
    expect(forecasts('')).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/revise.*"verify".*at text/)]);
  });

  test('drops a forecast that does not fit the output, naming operation, source and path', () => {
    const state = stateAfter(...[1, 2, 3].map(() => classified({ route: 'gone' })));
    expect(lookUp('classify', state).forecasts).toMatchObject([{ source: 'function' }]);
    expect(warnings).toEqual([expect.stringMatching(/classify.*"history".*at route/)]);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
      /"function" failed.*boom/,
    ],
    ['returns a promise', () => Promise.resolve('x'), /"function" failed.*promise/],
    [
      'returns what contains itself',
      () => {
        const ring: unknown[] = [];
        ring.push(ring);
        return ring;
      },
      /"function" failed/,
    ],
  ])('goes on without a function that %s', (_what, forecast, message) => {
    const activities = {
      ...input.activities,
      classify: { ...input.activities['classify']!, forecast: [{ kind: 'function' as const, forecast }] },
    };
    expect(lookUp('classify', emptyControlState(), { activities }).forecasts).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(message)]);
  });

  test('goes on without history when the context key throws', () => {
    expect(lookUp('classify', stateAfter(classified({ route: 'billing' })), {}, [7]).forecasts).toMatchObject([
      { source: 'function' },
    ]);
    expect(warnings).toEqual([expect.stringMatching(/"history" failed/)]);
  });

  test('of an undeclared activity knows nothing, and does not fail', () => {
    expect(lookUp('unheardOf')).toMatchObject({ forecasts: [], draft: null, latencySeconds: [] });
  });

  test('lists what may follow; what must not run early is named and nothing more', () => {
    const { downstream } = lookUp('classify');
    expect(Object.keys(downstream).sort()).toEqual(['answer', 'check', 'classify', 'price', 'search', 'sendMail']);
    expect(downstream['sendMail']).toMatchObject({ effect: 'irreversible', latencySeconds: [], observed: {} });
  });

  test('expects declared tokens, which fade as calls are measured: they weigh as much as three', () => {
    const expected = (calls: number): unknown => {
      const measured = Array.from({ length: calls }, () => classified({ route: 'other' }));
      return lookUp('check', stateAfter(...measured)).downstream['classify']?.cost;
    };
    const rates = { inputUsdPerMillion: 0.15, cachedInputUsdPerMillion: 0.075, outputUsdPerMillion: 0.6 };
    const declared = { inputTokens: 400, cachedInputTokens: 0, outputTokens: 20 };
    expect(expected(0)).toEqual({ kind: 'tokens', model: 'gpt-4o-mini', expected: declared, rates });
    const between = { inputTokens: 250, cachedInputTokens: 20, outputTokens: 15 };
    expect(expected(3)).toEqual({ kind: 'tokens', model: 'gpt-4o-mini', expected: between, rates });
    const measured = { inputTokens: 101, cachedInputTokens: 40, outputTokens: 10 };
    expect(expected(1_000)).toEqual({ kind: 'tokens', model: 'gpt-4o-mini', expected: measured, rates });
  });

  test('gives 16 equally likely durations once measured, the declared one until then, else none', () => {
    const { downstream, latencySeconds } = lookUp('classify', stateAfter(classified({ route: 'other' })));
    expect(latencySeconds).toHaveLength(16);
    expect(downstream['answer']?.latencySeconds).toEqual([2]);
    expect(downstream['check']?.latencySeconds).toEqual([]);
  });

  test('takes the duration from the speed of the model, as measured on other operations, where none is declared', () => {
    const written = (id: number): Observation =>
      classified('text', {
        ...{
          id: `run/other ${id}/1`,
          operation: 'summarise',
          contextKey: null,
          model: 'gpt-4o-mini',
          latencySeconds: 0.5,
        },
        tokens: { inputTokens: 10, cachedInputTokens: 0, outputTokens: 25 },
      });
    const state = stateAfter(written(1), written(2));
    const { downstream } = lookUp('classify', state);
    // 20 tokens at 50 a second.
    expect(downstream['check']?.latencySeconds).toEqual([expect.closeTo(0.4, 1)]);
    expect(downstream['answer']?.latencySeconds).toEqual([2]);
    expect(downstream['price']?.latencySeconds).toEqual([]);
  });

  test('says what a call can cost at most, where that is more than expected: the ceiling, else the dearest so far', () => {
    const state = stateAfter(
      classified('x', { costUsd: '0.4' }),
      classified('x', { costUsd: '0.1', succeeded: false }),
    );
    const withCeiling = (most: { inputTokens: number; outputTokens: number }, prices = {}): unknown => {
      const classify = { ...input.activities['classify']!, cost: { ...model, most } };
      return lookUp('check', state, { activities: { ...input.activities, classify }, prices }).downstream['classify']
        ?.mostUsd;
    };
    const { downstream } = lookUp('check', state);
    expect(downstream['classify']?.mostUsd).toBe(0.4);
    expect(downstream['answer']).not.toHaveProperty('mostUsd');
    expect(downstream['price']).not.toHaveProperty('mostUsd');
    expect(withCeiling({ inputTokens: 1_000, outputTokens: 2_000 })).toBeCloseTo(0.00135, 12);
    // Each token at the dearest rate it can have.
    const own = { inputUsdPerMillion: 1, outputUsdPerMillion: 2, cacheWriteUsdPerMillion: 1.25 };
    expect(withCeiling({ inputTokens: 1_000, outputTokens: 2_000 }, { 'gpt-4o-mini': own })).toBeCloseTo(0.00525, 12);
  });

  test('reports how forecasts have done on the edge that is asked for', () => {
    const edge: Observation = {
      kind: 'edge',
      id: 'run/classify>answer/1',
      pipeline: 'support',
      upstream: 'classify',
      downstream: 'answer',
      source: 'history',
      rank: 0,
      success: true,
    };
    const { downstream } = lookUp('classify', stateAfter(edge));
    expect(downstream['answer']?.observed).toEqual({ 'history#0': { successes: 1, failures: 0 } });
    expect(downstream['check']?.observed).toEqual({});
  });

  test('names the draft, with its price and duration', () => {
    const activities = {
      ...input.activities,
      check: { ...input.activities['check']!, forecast: [{ kind: 'draft' as const, activity: 'answer' }] },
    };
    expect(lookUp('check', emptyControlState(), { activities }).draft).toEqual({
      activityType: 'answer',
      expectedCostUsd: 0.000072,
      latencySeconds: [2],
    });
  });

  test('fits into two kilobytes for a policy of this size: it is stored in every history', () => {
    const state = stateAfter(...Array.from({ length: 100 }, () => classified({ route: 'billing' })));
    expect(JSON.stringify(lookUp('classify', state)).length).toBeLessThan(2048);
  });
});

test('settings name what is forecast, what is free, and which pipelines are off', () => {
  const activities = {
    ...input.activities,
    gift: { effect: 'none', cost: { kind: 'fixed', usd: 0 } },
  } satisfies PolicyInput['activities'];
  const policy = definePolicy({
    ...input,
    activities,
    pipelines: { quiet: { enabled: false } },
    limits: { maxDepth: 1 },
  });
  const options = { searchAttributes: true, strict: 'fail' as const };
  expect(pipelineSettings(policy, 'support', options)).toEqual({
    version: 1,
    admission: 'ranked',
    joint: true,
    drafting: 'by-policy',
    closing: 'always',
    mined: [],
    tenantFrom: { kind: 'fairnessKey' },
    enabled: true,
    disabledPipelines: ['quiet'],
    forecastable: ['classify', 'check'],
    searchAttributes: true,
    strict: 'fail',
    limits: { maxDepth: 1, maxBreadth: 2, maxOpenLaunches: 8, maxFibers: 16, scheduleToStartMs: 1000 },
    policyName: 'cost-aware',
    streamed: [],
    named: ['price'],
    writing: [],
    free: ['sendMail', 'gift'],
    midStreamCancel: 'remaining-cost',
  });
  expect(pipelineSettings(policy, 'quiet', options).enabled).toBe(false);
});
