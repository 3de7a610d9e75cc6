import { z } from 'zod';
import { definePolicy, type PolicyInput } from '../speculation/plugin/policy-file';
import { PolicyError } from '../speculation/plugin/policy-error';
import { checkPolicyAgainstWorker } from '../speculation/plugin/policy-worker-check';
import { PriceTable, UnknownPriceError } from '../speculation/plugin/price-table';

const model = () => ({ kind: 'model' as const, model: 'gpt-4o-mini', inputTokens: 100, outputTokens: 20 });
const valid = (): PolicyInput => ({
  activities: {
    classify: {
      effect: 'none',
      dependency: { type: 'router_k_way', k: 3 },
      forecast: [{ kind: 'history' }, { kind: 'draft', activity: 'guess' }],
      cost: model(),
    },
    guess: { effect: 'none', cost: model() },
    check: {
      effect: 'none',
      output: z.object({ verdict: z.enum(['pass', 'revise']) }),
      forecast: [{ kind: 'verify', pass: { verdict: 'pass' } }],
      cost: { kind: 'fixed', usd: 0.0001 },
    },
    send: { effect: 'irreversible' },
  },
});

/** Changes one field of the valid policy, and returns what `definePolicy` says about it. */
function refusal(path: string, value: unknown): PolicyError {
  const policy = valid();
  const keys = path.split('.');
  const last = keys.pop()!;
  let place = policy as unknown as Record<string, unknown>;
  for (const key of keys) place = (place[key] ??= {}) as Record<string, unknown>;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  try {
    definePolicy(policy);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('the policy was accepted');
}

describe('a policy', () => {
  test('is completed once: every option has a value afterwards', () => {
    const policy = definePolicy(valid());
    expect(policy).toMatchObject({
      launchPolicy: 'cost-aware',
      knob: { alpha: 0.5, lambdaUsdPerSecond: 0.01, budgetUsd: null, enabled: true },
      limits: { maxDepth: 3, maxBreadth: 2, maxOpenLaunches: 8, maxFibers: 16, scheduleToStartMs: 1000 },
    });
    expect(policy.operations.get('classify')).toMatchObject({
      disclosure: 'public',
      abandonSafe: false,
      remote: false,
      prior: { type: 'router_k_way', k: 3, mean: 1 / 3 },
      forecasters: [{ kind: 'history', top: 2 }, { kind: 'draft' }],
      cost: { kind: 'model', expected: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 20 } },
    });
    expect(policy.operations.get('check')?.cost).toEqual({ kind: 'fixed', usd: 0.0001, costUsd: '0.0001' });
  });

  test('has a version that changes with its content and not with the order of its keys', () => {
    const { activities } = valid();
    const reordered = Object.fromEntries(Object.entries(activities).reverse());
    const { version } = definePolicy(valid());
    expect(definePolicy({ activities: reordered }).version).toBe(version);
    expect(definePolicy({ activities, limits: { maxDepth: 1 } }).version).not.toBe(version);
    expect(definePolicy({ activities, version: 'v7' }).version).toBe('v7');
  });

  test('files outputs under the canonical arguments by default, and under a digest where those are long', () => {
    const key = definePolicy(valid()).operations.get('classify')!.contextKey!;
    expect(key({ b: 1, a: 2 })).toBe(key({ a: 2, b: 1 }));
    expect(key('x'.repeat(1000))).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(definePolicy(valid()).operations.get('send')!.contextKey).toBeNull();
  });

  test.each<[what: string, path: string, value: unknown, code: string, message: RegExp]>([
    ['an unknown effect', 'activities.send.effect', 'maybe', 'POLICY_INVALID', /"maybe"/],
    ['no price', 'activities.guess.cost', undefined, 'POLICY_INVALID', /missing.*kind: 'model'/],
    ['a model without a price', 'activities.guess.cost.model', 'nope', 'POLICY_UNKNOWN_PRICE', /prices: \{ "nope"/],
    ['a draft nobody declared', 'activities.classify.forecast.1.activity', 'gues', 'POLICY_UNKNOWN_DRAFT', /"guess"/],
    [
      'a draft with an effect',
      'activities.classify.forecast.1.activity',
      'send',
      'POLICY_DRAFT_NOT_ADMISSIBLE',
      /irreversible/,
    ],
    ['a negative price', 'activities.check.cost.usd', -1, 'POLICY_INVALID', /-1/],
    ['an infinite price', 'activities.check.cost.usd', Infinity, 'POLICY_INVALID', /Infinity/],
    ['alpha above 1', 'knob.alpha', 1.5, 'POLICY_INVALID', /1\.5.*0.*1/],
    ['alpha below 0', 'knob.alpha', -0.1, 'POLICY_INVALID', /-0\.1/],
    ['a negative lambda', 'knob.lambdaUsdPerSecond', -1, 'POLICY_INVALID', /-1/],
    ['a lambda without bound', 'knob.lambdaUsdPerSecond', Infinity, 'POLICY_INVALID', /Infinity/],
    ['a router with no branch', 'activities.classify.dependency.k', 0, 'POLICY_INVALID', /0/],
    ['an unknown dependency type', 'activities.classify.dependency.type', 'psychic', 'POLICY_INVALID', /psychic/],
    ['a pass that does not fit', 'activities.check.forecast.0.pass', { verdict: 'no' }, 'POLICY_INVALID', /at verdict/],
    ['an unknown rule', 'launchPolicy', 'wishful', 'POLICY_UNKNOWN_LAUNCH_POLICY', /cost-aware/],
  ])('with %s is refused with field, value and way out', (_what, path, value, code, message) => {
    const error = refusal(path, value);
    expect({ code: error.code, field: error.field }).toEqual({ code, field: path });
    expect(error.message).toMatch(message);
  });

  test.each<[what: string, cost: object, field: string, message: RegExp]>([
    ['more cached than there is input', { cachedInputTokens: 101 }, 'cachedInputTokens', /101.*inputTokens \(100\)/],
    ['more cached and written', { cachedInputTokens: 60, cacheWriteTokens: 41 }, 'cacheWriteTokens', /41.*\(100\)/],
    ['more rejected than there is output', { rejectedPredictionTokens: 21 }, 'rejectedPredictionTokens', /21.*\(20\)/],
    ['negative cache writes', { cacheWriteTokens: -1 }, 'cacheWriteTokens', /-1/],
    [
      'a ceiling below the expected input',
      { most: { inputTokens: 99, outputTokens: 20 } },
      'most.inputTokens',
      /99.*100/,
    ],
    [
      'a ceiling below the expected output',
      { most: { inputTokens: 100, outputTokens: 9 } },
      'most.outputTokens',
      /9.*20/,
    ],
    ['half a token as the ceiling', { most: { inputTokens: 100.5, outputTokens: 20 } }, 'most.inputTokens', /100\.5/],
  ])('with %s is refused with field, value and way out', (_what, cost, field, message) => {
    const error = refusal('activities.guess.cost', { ...model(), ...cost });
    expect(error).toMatchObject({ code: 'POLICY_INVALID', field: `activities.guess.cost.${field}` });
    expect(error.message).toMatch(message);
  });

  test('keeps expected cache writes, rejected predictions and the ceiling', () => {
    const most = { inputTokens: 2_000, outputTokens: 500 };
    const cost = { ...model(), cachedInputTokens: 50, cacheWriteTokens: 30, rejectedPredictionTokens: 5, most };
    const { operations } = definePolicy({ activities: { guess: { effect: 'none', cost } } });
    expect(operations.get('guess')?.cost).toEqual({
      kind: 'model',
      model: 'gpt-4o-mini',
      most,
      expected: {
        ...{ inputTokens: 100, cachedInputTokens: 50, cacheWriteTokens: 30 },
        ...{ outputTokens: 20, rejectedPredictionTokens: 5 },
      },
    });
  });

  test('with a private draft is refused at the forecast that asks for it', () => {
    const error = refusal('activities.guess.disclosure', 'private');
    expect(error).toMatchObject({
      code: 'POLICY_DRAFT_NOT_ADMISSIBLE',
      field: 'activities.classify.forecast.1.activity',
    });
  });

  test('with a mistyped field is refused by that name', () => {
    expect(refusal('activities.send.efect', 'none').message).toMatch(/activities\.send has no field efect/);
  });

  test.each(['cacheWriteUsdPerMillion', 'rejectedPredictionUsdPerMillion'])('with a negative %s is refused', (rate) => {
    const error = refusal('prices', { own: { inputUsdPerMillion: 1, outputUsdPerMillion: 1, [rate]: -2 } });
    expect(error).toMatchObject({ code: 'POLICY_INVALID', field: `prices.own.${rate}` });
  });

  test.each([-1, NaN])('with an own price of %p is refused by the name of the rate', (inputUsdPerMillion) => {
    const error = refusal('prices', { own: { inputUsdPerMillion, outputUsdPerMillion: 1 } });
    expect(error).toMatchObject({ code: 'POLICY_INVALID', field: 'prices.own.inputUsdPerMillion' });
    expect(error.message).toContain(String(inputUsdPerMillion));
  });
});

describe('a policy and the worker it is given to', () => {
  const policy = definePolicy(valid());

  test('must agree on the names of activities', () => {
    expect(() => checkPolicyAgainstWorker(policy, ['classifi', 'guess', 'check', 'send'])).toThrow(
      /activities\.classify.*Did you mean "classifi"/,
    );
    expect(() => checkPolicyAgainstWorker(policy, ['classify', 'guess', 'check', 'send', 'more'])).not.toThrow();
  });

  test('need not agree when the worker runs no activities, or the activity runs elsewhere', () => {
    expect(() => checkPolicyAgainstWorker(policy, [])).not.toThrow();
    const remote = valid();
    remote.activities['send'] = { effect: 'irreversible', remote: true };
    expect(() => checkPolicyAgainstWorker(definePolicy(remote), ['classify', 'guess', 'check'])).not.toThrow();
  });
});

describe('a price', () => {
  test('comes from the public list, per million tokens of each kind', () => {
    expect(new PriceTable().ratesFor('gpt-4o-mini')).toEqual({
      inputUsdPerMillion: 0.15,
      cachedInputUsdPerMillion: 0.075,
      outputUsdPerMillion: 0.6,
    });
  });

  test('is found under provider/model too', () => {
    expect(new PriceTable().ratesFor('openai/gpt-4o-mini')).toEqual(new PriceTable().ratesFor('gpt-4o-mini'));
  });

  test('is the base price where the list has steps', () => {
    expect(new PriceTable().ratesFor('claude-sonnet-4-5')).toEqual({
      inputUsdPerMillion: 3,
      cachedInputUsdPerMillion: 0.3,
      outputUsdPerMillion: 15,
      cacheWriteUsdPerMillion: 3.75,
    });
  });

  test('of the policy goes first, is clean decimal, and changes the version', () => {
    const table = new PriceTable({ 'gpt-4o-mini': { inputUsdPerMillion: 0.1 + 0.05, outputUsdPerMillion: 1 } });
    expect(table.ratesFor('gpt-4o-mini')).toEqual({
      inputUsdPerMillion: 0.15,
      cachedInputUsdPerMillion: 0.15,
      outputUsdPerMillion: 1,
    });
    expect(table.version).not.toBe(new PriceTable().version);
  });

  test('of the policy may name cache writes and rejected predictions, which cost what other input and output cost otherwise', () => {
    const own = { inputUsdPerMillion: 3, outputUsdPerMillion: 15 };
    const rates = { cacheWriteUsdPerMillion: 0.1 + 0.2, rejectedPredictionUsdPerMillion: 7.5 };
    expect(new PriceTable({ own: { ...own, ...rates } }).ratesFor('own')).toEqual({
      ...own,
      cachedInputUsdPerMillion: 3,
      cacheWriteUsdPerMillion: 0.3,
      rejectedPredictionUsdPerMillion: 7.5,
    });
    expect(new PriceTable({ own }).ratesFor('own')).toEqual({ ...own, cachedInputUsdPerMillion: 3 });
  });

  test('that nobody knows is an error that names the model and the way out', () => {
    expect(() => new PriceTable().ratesFor('no-such-model')).toThrow(UnknownPriceError);
    expect(() => new PriceTable().ratesFor('no-such-model')).toThrow(/"no-such-model".*prices: \{/);
  });
});
