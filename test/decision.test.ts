import fc from 'fast-check';
import { checkAdmissible, type Declared } from '../speculation/decision/admissibility';
import { decide, type DecisionInputs } from '../speculation/decision/decision';
import { recomputeRow } from '../speculation/decision/recompute';
import { launchPolicy, UnknownPolicyError } from '../speculation/policies/by-name';
import { hypothesis, OBVIOUS } from './support/sample-decision';

const SAFE: Declared = { effect: 'none', disclosure: 'public', abandonSafe: false };

describe('a decision', () => {
  it('launches what is admissible, worth its price and within bounds', () => {
    expect(decide(OBVIOUS)).toMatchObject({
      admissible: true,
      admissibilityReason: 'admissible',
      P: 1,
      speculativeCostUsd: 0.01,
      latencyValueUsd: 1,
      expectedValueUsd: 1,
      thresholdUsd: 0.005,
      marginUsd: 0.995,
      decision: 'launch',
      reason: 'worth-it',
    });
  });

  it.each<[reason: string, change: Partial<DecisionInputs>]>([
    ['inadmissible', { declared: null }],
    ['speculation-off', { knob: { ...OBVIOUS.knob, enabled: false } }],
    ['not-worth-it', { supports: [[hypothesis(0.001)]] }],
    ['not-worth-it', { supports: [] }],
    ['budget', { knob: { ...OBVIOUS.knob, budgetUsd: '0.0099' } }],
    ['too-deep', { depth: 4, maxDepth: 3 }],
    ['too-many-launches', { openLaunches: 8 }],
    ['unusable-numbers', { cost: { kind: 'fixed', usd: NaN } }],
    ['unusable-numbers', { cost: { kind: 'fixed', usd: -1 } }],
    ['unusable-numbers', { latencySavedSeconds: Infinity }],
    ['unusable-numbers', { supports: [[hypothesis(NaN)]] }],
    ['unusable-numbers', { knob: { ...OBVIOUS.knob, alpha: NaN } }],
  ])('holds and says %s', (reason, change) => {
    expect(decide({ ...OBVIOUS, ...change })).toMatchObject({ decision: 'hold', reason });
  });

  it('takes hypotheses of one fiber together and fibers as alternatives', () => {
    const supports = [[hypothesis(0.5), hypothesis(0.5)], [hypothesis(0.25)]];
    expect(decide({ ...OBVIOUS, supports }).P).toBe(0.5);
    expect(decide({ ...OBVIOUS, supports: [[hypothesis(1)], ...supports] }).P).toBe(1);
  });

  it.each<[Declared | null | undefined, string]>([
    [undefined, 'undeclared'],
    [null, 'undeclared'],
    [{ ...SAFE, effect: 'unheard-of' as never }, 'undeclared'],
    [{ ...SAFE, effect: 'irreversible' }, 'irreversible'],
    [{ ...SAFE, effect: 'irreversible', disclosure: 'private' }, 'irreversible'],
    [{ ...SAFE, disclosure: 'private' }, 'private'],
    [{ effect: 'idempotent', disclosure: 'private', abandonSafe: true }, 'private'],
    [{ ...SAFE, effect: 'staged', disclosure: 'private' }, 'private'],
    [{ ...SAFE, effect: 'idempotent' }, 'idempotent-not-abandonable'],
    [{ ...SAFE, effect: 'idempotent', abandonSafe: true }, 'admissible'],
    [{ ...SAFE, effect: 'staged' }, 'staged-needs-barrier'],
    [SAFE, 'admissible'],
  ])('admits %j as %s', (declared, reason) => {
    expect(checkAdmissible(declared)).toEqual({ admissible: reason === 'admissible', reason });
  });

  it('never launches what is inadmissible, whatever it is worth and whatever the policy wants', () => {
    fc.assert(
      fc.property(inputs(), (row) => {
        fc.pre(!checkAdmissible(row.declared).admissible);
        expect(decide(row)).toMatchObject({ decision: 'hold', reason: 'inadmissible' });
      }),
      { numRuns: 2_000 },
    );
  });

  it('can be recomputed from its own row, also after the row went through JSON', () => {
    fc.assert(
      fc.property(inputs(), (row) => {
        const decision = decide(row);
        expect(recomputeRow(decision)).toEqual(decision);
        expect(recomputeRow(JSON.parse(JSON.stringify(decision)) as typeof decision)).toEqual(decision);
        expect(recomputeRow({ ...decision, P: 0.123, decision: 'launch', reason: 'worth-it' })).toEqual(decision);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays recomputable when a number was unusable', () => {
    const decision = decide({ ...OBVIOUS, cost: { kind: 'fixed', usd: NaN } });
    const sent = JSON.parse(JSON.stringify(decision)) as typeof decision;
    expect(recomputeRow(sent)).toEqual(sent);
  });

  it('fills a budget to the last digit and not a digit further', () => {
    const knob = { ...OBVIOUS.knob, budgetUsd: '0.3' };
    const at = (spentUsd: string, reservedUsd: string, usd: number): string =>
      decide({ ...OBVIOUS, knob, spentUsd, reservedUsd, cost: { kind: 'fixed', usd } }).reason;
    expect(at('0.1', '0.1', 0.1)).toBe('worth-it');
    expect(at('0.1', '0.2', 0)).toBe('worth-it');
    expect(at('0.1', '0.10000000000000000000001', 0.1)).toBe('budget');
    expect(at('0.1', '0.2', 1e-9)).toBe('budget');
    expect(at('0.1', '0.2', 1e-30)).toBe('budget');
    expect(at('garbage', '0', 0)).toBe('budget');
  });

  it('never spends more than the budget on unclaimed launches, in exact decimals', () => {
    const cents = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const usd = (units: bigint): string => `0.${units.toString().padStart(10, '0')}`;
    fc.assert(
      fc.property(cents, cents, cents, cents, (spent, reserved, cost, budget) => {
        const knob = { ...OBVIOUS.knob, budgetUsd: usd(budget) };
        const decision = decide({
          ...OBVIOUS,
          knob,
          spentUsd: usd(spent),
          reservedUsd: usd(reserved),
          cost: { kind: 'fixed', usd: Number(usd(cost)) },
          policyName: 'always',
        });
        expect(decision.reason).toBe(spent + reserved + cost <= budget ? 'worth-it' : 'budget');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a launch policy', () => {
  it('decides what is worth it: never, by the rule, or always', () => {
    const poor = { ...OBVIOUS, supports: [[hypothesis(0.001)]] };
    const decisions = ['sequential', 'cost-aware', 'always'].map((policyName) =>
      [OBVIOUS, poor].map((row) => decide({ ...row, policyName }).decision),
    );
    expect(decisions).toEqual([
      ['hold', 'hold'],
      ['launch', 'hold'],
      ['launch', 'launch'],
    ]);
  });

  it('of one’s own gives the row its name', () => {
    const policy = { name: 'coin', wants: () => true };
    const decision = decide(OBVIOUS, policy);
    expect(decision).toMatchObject({ policyName: 'coin', decision: 'launch' });
    expect(recomputeRow(decision, policy)).toEqual(decision);
  });

  it('that does not exist is refused with the names of those that do', () => {
    expect(() => launchPolicy('greedy')).toThrow(UnknownPolicyError);
    expect(() => launchPolicy('greedy')).toThrow(/"greedy"\. Known policies: cost-aware, .*sequential, .*always/);
    expect(() => launchPolicy('cost-awere')).toThrow(/did you mean "cost-aware"/);
  });
});

function inputs(): fc.Arbitrary<DecisionInputs> {
  const quantity = fc.double({ min: 0, max: 1e3, noNaN: true });
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  const dollars = fc.integer({ min: 0, max: 10_000 }).map((units) => (units / 1e4).toFixed(4));
  return fc.record({
    id: fc.nat(),
    atMs: fc.nat(),
    pipeline: fc.string(),
    upstream: fc.string(),
    downstream: fc.string(),
    dependencyType: fc.constantFrom('router_k_way', 'verifier'),
    k: fc.option(fc.integer({ min: 1, max: 12 })),
    phase: fc.constant('launch' as const),
    depth: fc.integer({ min: 1, max: 5 }),
    maxDepth: fc.integer({ min: 1, max: 5 }),
    supports: fc.array(fc.array(probability.map(hypothesis), { maxLength: 3 }), { maxLength: 3 }),
    forecastDigest: fc.string(),
    declared: fc.option(
      fc.record({
        effect: fc.constantFrom('none', 'idempotent', 'staged', 'irreversible'),
        disclosure: fc.constantFrom('public', 'private'),
        abandonSafe: fc.boolean(),
      }),
    ),
    knob: fc.record({
      alpha: probability,
      lambdaUsdPerSecond: quantity,
      budgetUsd: fc.option(dollars),
      enabled: fc.boolean(),
    }),
    cost: fc.oneof(
      fc.record({ kind: fc.constant('fixed' as const), usd: quantity }),
      fc.record({
        kind: fc.constant('tokens' as const),
        model: fc.constant('small'),
        expected: fc.constant({ inputTokens: 500, cachedInputTokens: 100, outputTokens: 800 }),
        rates: fc.record({
          inputUsdPerMillion: quantity,
          cachedInputUsdPerMillion: quantity,
          outputUsdPerMillion: quantity,
        }),
      }),
    ),
    latencySavedSeconds: quantity,
    openLaunches: fc.nat(10),
    maxOpenLaunches: fc.nat(10),
    spentUsd: dollars,
    reservedUsd: dollars,
    policyName: fc.constantFrom('cost-aware', 'sequential', 'always'),
    policyVersion: fc.string(),
    priceVersion: fc.string(),
  });
}
