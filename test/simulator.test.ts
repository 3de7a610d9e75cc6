import fc from 'fast-check';
import { costUsd, type Books } from '../bench/simulator/books';
import { constant, empirical, exponential, gamma, lognormal, mixture } from '../bench/simulator/distribution';
import { LearnedBeliefs } from '../bench/simulator/beliefs';
import type { SimulationOptions } from '../bench/simulator/options';
import { chain, pipeline, READS_ONLY, type OperationSpec } from '../bench/simulator/pipeline';
import { randomStream } from '../bench/simulator/random-stream';
import type { Workload } from '../bench/simulator/run-draw';
import { simulate } from '../bench/simulator/simulate';
import { simulateChain } from '../bench/simulator/simulate-chain';
import type { Decision } from '../speculation/decision/decision';
import { recomputeRow } from '../speculation/decision/recompute';
import { always } from '../speculation/policies/always';
import type { LaunchPolicy, LaunchQuantities } from '../speculation/policies/launch-policy';
import { launchPolicy } from '../speculation/policies/by-name';
import { sequential } from '../speculation/policies/sequential';

const RATES = { inputUsdPerMillion: 3, cachedInputUsdPerMillion: 0.3, outputUsdPerMillion: 15 };
const step: Omit<OperationSpec, 'after'> = {
  name: 'step',
  latency: exponential(2),
  price: { kind: 'tokens', inputTokens: constant(500), outputTokens: exponential(800), rates: RATES },
  draft: {
    latency: exponential(0.4),
    hitProbabilities: [0.4, 0.3],
    refutedAtShare: constant(0.6),
    price: { kind: 'fixed', usd: 0.0002 },
  },
};
const VALUABLE = { alpha: 1, lambdaUsdPerSecond: 1 };

describe('the simulator', () => {
  test('gives the same result for the same seed, and another one for another', () => {
    const options: SimulationOptions = { seed: 7, runs: 40, knob: VALUABLE, maxDepth: 3 };
    const once = simulate(chain('c', 8, step), options);
    expect(simulate(chain('c', 8, step), options)).toEqual(once);
    expect(simulate(chain('c', 8, step), { ...options, seed: 8 }).total.seconds).not.toBe(once.total.seconds);
    expect(once.total.launched).toBeGreaterThan(40);
  });

  test('compares policies on the same draws: plain calls take and cost the same whatever else was launched', () => {
    const free = chain('c', 6, { ...step, draft: { latency: constant(0), hitProbabilities: [0.5] } });
    const plain = simulate(free, { seed: 3, runs: 30, policy: sequential });
    const ahead = simulate(free, { seed: 3, runs: 30, policy: always });
    expect(plain.total.launched).toBe(0);
    expect(ahead.total.plainUsd + ahead.total.claimedUsd).toBeCloseTo(plain.total.plainUsd, 9);
    expect(ahead.total.seconds).toBeLessThan(plain.total.seconds);
    expect(plain.total.seconds - ahead.total.seconds).toBeCloseTo(ahead.total.savedSeconds, 6);
  });

  test('closes its books: launches are claimed, cancelled or failed, and every dollar is booked once', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(1e6),
          steps: fc.integer({ min: 1, max: 9 }),
          maxDepth: fc.integer({ min: 0, max: 4 }),
          slots: fc.integer({ min: 1, max: 4 }),
          failureProbability: fc.constantFrom(0, 0.2),
          candidates: fc.constantFrom('exclusive' as const, 'independent' as const),
          depth: fc.constantFrom('open' as const, 'block' as const),
          reconsider: fc.constantFrom(
            'end' as const,
            'refuted' as const,
            'full-cost' as const,
            'remaining-cost' as const,
          ),
        }),
        ({ seed, steps, maxDepth, slots, failureProbability, candidates, depth, reconsider }) => {
          let launchUsd = 0;
          let ends = 0;
          const { total, runs } = simulate(
            chain('c', steps, { ...step, draft: { ...step.draft!, candidates }, failureProbability, pool: 'model' }),
            {
              seed,
              runs: 5,
              policy: always,
              drafts: 'always',
              knob: VALUABLE,
              maxDepth,
              depth,
              reconsider,
              pools: { model: { slots } },
              arrivals: (run) => run * 3,
              crashes: [4, 11],
              observer: {
                onLaunchEnd: (_row, _outcome, usd) => {
                  launchUsd += usd;
                  ends += 1;
                },
              },
            },
          );
          expect(runs).toHaveLength(5);
          expect(total.launched).toBe(total.claimed + total.cancelled + total.failed);
          expect(ends).toBe(total.launched);
          expect(total.claimedUsd + total.wasteUsd).toBeCloseTo(launchUsd, 9);
          expect(runs.reduce((sum, books) => sum + costUsd(books), 0)).toBeCloseTo(costUsd(total), 9);
          if (maxDepth === 0) expect(total.launched).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a result costs at least what plain calls cost, and exactly that plus waste, drafts and retries', () => {
    const workload = chain('c', 7, { ...step, failureProbability: 0.1 });
    const plain = simulate(workload, { seed: 5, runs: 50, policy: sequential, drafts: 'worth-it' });
    const { total } = simulate(workload, { seed: 5, runs: 50, policy: always, knob: VALUABLE });
    expect(total.plainUsd + total.claimedUsd).toBeCloseTo(plain.total.plainUsd, 9);
    expect(costUsd(total)).toBeCloseTo(
      total.plainUsd + total.claimedUsd + total.wasteUsd + total.draftUsd + total.retriedUsd,
      12,
    );
    expect(total.failed).toBeGreaterThan(0);
    expect(total.retriedUsd).toBeGreaterThan(0);
  });

  test('cancels a refuted launch in the middle of its output, and bills input and the share that was written', () => {
    const workload = pipeline('p', [
      {
        name: 'u',
        latency: constant(10),
        draft: { latency: constant(2), hitProbabilities: [0], refutedAtShare: constant(0.5) },
      },
      {
        name: 'v',
        latency: constant(6),
        price: { kind: 'tokens', inputTokens: constant(1000), outputTokens: constant(2000), rates: RATES },
      },
    ]);
    const { total } = simulate(workload, { seed: 1, runs: 1, policy: always });
    // Launched at 2 s, refuted at 5 s: half of 6 s. 0.003 dollars of input, 0.03 of output.
    expect(total.wasteUsd).toBeCloseTo(0.003 + 0.5 * 0.03, 12);
    expect(total.seconds).toBeCloseTo(16, 12);
    const late = simulate(workload, { seed: 1, runs: 1, policy: always, reconsider: 'end' });
    expect(late.total.wasteUsd).toBeCloseTo(0.033, 12);
  });

  test('lets real work go first where slots are short, and a claim of what still waits becomes real work', () => {
    const operation = (name: string, seconds: number, extra: Partial<OperationSpec> = {}): OperationSpec => ({
      name,
      latency: constant(seconds),
      ...extra,
    });
    const blocked = pipeline('p', [
      operation('u', 4, { draft: { latency: constant(1), hitProbabilities: [1] } }),
      operation('long', 10, { after: [], pool: 'one' }),
      operation('v', 3, { after: ['u'], pool: 'one' }),
      operation('other', 2, { after: ['u'], pool: 'one', declared: null }),
    ]);
    const { total } = simulate(blocked, { seed: 1, runs: 1, policy: always, pools: { one: { slots: 1 } } });
    // v is launched at 1 s and waits behind `long` until 10 s; it is claimed at 4 s, before `other` is asked for.
    expect(total).toMatchObject({ launched: 1, claimed: 1, savedSeconds: 0 });
    expect(total.seconds).toBeCloseTo(15, 12);
  });

  test('ranks launches that wait for a slot by value per dollar', () => {
    const workload = pipeline('p', [
      { name: 'u', latency: constant(4), draft: { latency: constant(1), hitProbabilities: [0] } },
      { name: 'busy', after: [], latency: constant(2), pool: 'one' },
      { name: 'dear', after: ['u'], latency: constant(3), price: { kind: 'fixed', usd: 1 }, pool: 'one' },
      { name: 'cheap', after: ['u'], latency: constant(3), price: { kind: 'fixed', usd: 0.01 }, pool: 'one' },
    ]);
    const { total } = simulate(workload, {
      seed: 1,
      runs: 1,
      policy: always,
      knob: VALUABLE,
      pools: { one: { slots: 1 } },
    });
    // Both are launched at 1 s and wait until 2 s; what was begun when the guess turns out wrong, at 4 s, has to be paid.
    expect(total).toMatchObject({ launched: 2, cancelled: 2, wasteUsd: 0.01 });
  });

  test('slows calls down that run at the same time, where the pool says so', () => {
    const twins = pipeline('p', [
      { name: 'a', after: [], latency: constant(2), pool: 'gpu' },
      { name: 'b', after: [], latency: constant(4), pool: 'gpu' },
    ]);
    const { total } = simulate(twins, { seed: 1, runs: 1, pools: { gpu: { slowdown: (running) => running } } });
    // Both at half speed until a ends at 4 s; b has 2 s of work left and the pool to itself.
    expect(total.seconds).toBeCloseTo(6, 12);
  });

  test('launches on launches as deep as it may, and no deeper', () => {
    const deep = chain('c', 5, {
      name: 'step',
      latency: constant(1),
      draft: { latency: constant(0), hitProbabilities: [1] },
    });
    const secondsAt = (maxDepth: number, depth: 'open' | 'block'): number =>
      simulate(deep, { seed: 1, runs: 1, policy: always, maxDepth, depth }).total.seconds;
    expect([0, 1, 2, 4, Infinity].map((maxDepth) => secondsAt(maxDepth, 'block'))).toEqual([5, 3, 2, 1, 1]);
    expect(secondsAt(1, 'open')).toBe(3);
  });

  test('joins guesses at several inputs, and waits where only one is guessed', () => {
    const join = (guessed: boolean): number =>
      simulate(
        pipeline('p', [
          { name: 'a', after: [], latency: constant(3), draft: { latency: constant(0), hitProbabilities: [1] } },
          {
            name: 'b',
            after: [],
            latency: constant(4),
            ...(guessed && { draft: { latency: constant(1), hitProbabilities: [1] } }),
          },
          { name: 'v', after: ['a', 'b'], latency: constant(2) },
        ]),
        { seed: 1, runs: 1, policy: always },
      ).total.seconds;
    expect(join(true)).toBe(4);
    expect(join(false)).toBe(6);
  });

  test('never spends more on unclaimed work than the budget', () => {
    const budgetUsd = '0.02';
    const { runs } = simulate(
      chain('c', 10, {
        name: 'step',
        latency: constant(2),
        price: { kind: 'fixed', usd: 0.006 },
        draft: { latency: constant(0), hitProbabilities: [0.3, 0.3] },
      }),
      { seed: 2, runs: 50, policy: always, knob: { ...VALUABLE, budgetUsd } },
    );
    const wastes = runs.map(({ wasteUsd }) => wasteUsd);
    expect(Math.max(...wastes)).toBeLessThanOrEqual(0.02 + 1e-12);
    expect(Math.max(...wastes)).toBeGreaterThan(0.01);
  });

  test('does not pay for drafts that are not worth their price', () => {
    const dear = chain('c', 5, { ...step, draft: { ...step.draft!, price: { kind: 'fixed', usd: 5 } } });
    const priced = simulate(dear, { seed: 1, runs: 20, policy: always, drafts: 'worth-it' });
    expect(priced.total).toMatchObject({ drafts: 0, draftUsd: 0 });
    expect(simulate(dear, { seed: 1, runs: 20, policy: always }).total.draftUsd).toBeGreaterThan(0);
    expect(simulate(dear, { seed: 1, runs: 20, policy: always, drafts: 'never' }).total.drafts).toBe(0);
  });

  test('shows a policy what the runtime shows it: what surrounds the launch, what the source says, whether it is right', () => {
    const seen: LaunchQuantities[] = [];
    const watching: LaunchPolicy = { name: 'watching', wants: (quantities) => seen.push(quantities) > 0 };
    const operation = (name: string, seconds: number): OperationSpec => ({
      name,
      latency: constant(seconds),
      price: { kind: 'fixed', usd: seconds / 100 },
      draft: { latency: constant(1), hitProbabilities: [1], confidence: () => 0.9 },
    });
    const workload = pipeline('p', [operation('u', 10), operation('v', 3), operation('w', 5)]);
    const beliefs = new LearnedBeliefs({ type: 'p', k: null, mean: 0.8, strength: 1e9 });
    simulate(workload, { seed: 1, runs: 1, policy: watching, maxDepth: 2, knob: VALUABLE, beliefs });
    // v is launched at 1 s on a guess at u, and w at 2 s on a guess at v.
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({ statedConfidence: 0.9, right: true, depth: 1 });
    expect(seen[0]?.surroundings).toEqual({
      upstreamSeconds: 10,
      upstreamRemainingSeconds: 9,
      downstreamSeconds: 3,
      chainSeconds: 3,
      chainUsd: 0.03,
      unlockSeconds: 0.8 * 3,
    });
    // It waits for u, 8 s, and no longer for v, 2 s.
    expect(seen[1]?.surroundings).toEqual({
      upstreamSeconds: 3,
      upstreamRemainingSeconds: 8,
      downstreamSeconds: 5,
      // On a guess at v it runs beside it, and not behind it.
      chainSeconds: 5,
      chainUsd: 0.08,
      unlockSeconds: 0,
    });
  });

  test('decides what is offered at the same moment in the order of the policy', () => {
    const launched = (priority?: LaunchPolicy['priority']): string[] => {
      const names: string[] = [];
      const workload = pipeline('p', [
        { name: 'u', latency: constant(4), draft: { latency: constant(1), hitProbabilities: [1] } },
        { name: 'dear', after: ['u'], latency: constant(3), price: { kind: 'fixed', usd: 1 } },
        { name: 'cheap', after: ['u'], latency: constant(3), price: { kind: 'fixed', usd: 0.01 } },
      ]);
      simulate(workload, {
        seed: 1,
        runs: 1,
        policy: { ...always, ...(priority !== undefined && { priority }) },
        knob: VALUABLE,
        maxOpenLaunches: 1,
        observer: { onDecision: ({ downstream, decision }) => decision === 'launch' && names.push(downstream) },
      });
      return names;
    };
    expect(launched()).toEqual(['cheap']);
    expect(launched(({ speculativeCostUsd }) => speculativeCostUsd)).toEqual(['dear']);
  });

  test('races copies of a call: the first answer counts, and the others are paid as far as they have come', () => {
    const free = { inputUsd: 0, outputUsd: 0 };
    const workload: Workload = {
      name: 'race',
      draw: () => ({
        operations: [
          {
            name: 'u',
            after: [],
            call: { latencySeconds: 8, inputUsd: 1, outputUsd: 4, copies: [10, 2] },
            drafts: [{ source: 'draft', latencySeconds: 1, ...free, candidates: [] }],
            candidates: 'exclusive',
            declared: READS_ONLY,
            expected: { latencySeconds: [8], cost: { kind: 'fixed', usd: 5 } },
          },
        ],
      }),
    };
    const racing = (copies: number): Books =>
      simulate(workload, { seed: 1, runs: 1, policy: { ...sequential, copies } }).total;
    expect(racing(1)).toMatchObject({ seconds: 8, plainUsd: 5, wasteUsd: 0, copies: 0 });
    expect(racing(2)).toMatchObject({ seconds: 8, plainUsd: 5, wasteUsd: 1 + 4 * 0.8, copies: 1 });
    // The second copy answers at 2 s: a quarter of the first, and a fifth of the other copy, are written by then.
    expect(racing(3)).toMatchObject({ seconds: 2, plainUsd: 5, wasteUsd: 1 + 1 + (1 + 4 * 0.2), copies: 2 });
  });

  test('decides by the code that ships: every row recomputes, and the posterior of an edge is its own', () => {
    const rows: Decision[] = [];
    const beliefs = new LearnedBeliefs();
    const { total } = simulate(chain('c', 6, step), {
      seed: 4,
      runs: 60,
      knob: { alpha: 0.5, lambdaUsdPerSecond: 0.02 },
      drafts: 'always',
      beliefs,
      observer: { onDecision: (row) => rows.push(row) },
    });
    expect(rows.length).toBe(total.decisions);
    for (const row of rows) expect(recomputeRow(row)).toEqual(row);
    const last = rows.filter(({ forecastDigest }) => forecastDigest === '#0').at(-1);
    const support = last?.supports[0]?.[0];
    expect(support?.a).toBeGreaterThan(50);
    expect(support?.probability).toBeCloseTo(0.4, 0);
  });

  test.each([
    ['seed', { seed: 0.5, runs: 1 }],
    ['runs', { seed: 1, runs: 0 }],
    ['maxDepth', { seed: 1, runs: 1, maxDepth: -1 }],
    ['slots of pool p', { seed: 1, runs: 1, pools: { p: { slots: 0 } } }],
  ])('refuses a %s that cannot be used, by name', (field, options) => {
    expect(() => simulate(chain('c', 1, step), options)).toThrow(new RegExp(`^simulation: ${field} is `));
  });

  test('refuses a pipeline whose operation needs one that does not come before it', () => {
    expect(() => pipeline('p', [{ name: 'v', after: ['u'], latency: constant(1) }])).toThrow(/v needs u/);
  });
});

describe('a chain as a recurrence', () => {
  const latency = gamma({ mean: 2, shape: 3 });
  const draftLatency = exponential(0.4);
  const price = { kind: 'tokens', inputTokens: exponential(300), outputTokens: exponential(80), rates: RATES } as const;

  test('has the same books as with events, to the last digit, under every kind of policy', () => {
    const priced = { none: undefined, fixed: { kind: 'fixed', usd: 0.0002 }, tokens: price } as const;
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(1e6),
          steps: fc.integer({ min: 1, max: 9 }),
          name: fc.constantFrom('sequential', 'always', 'cost-aware', 'isp:k=2', 'dsp:beta=1', 'b-paste', 'oracle'),
          source: fc.constantFrom('draft' as const, 'mined' as const),
          draftPrice: fc.constantFrom('none' as const, 'fixed' as const, 'tokens' as const),
          refutes: fc.boolean(),
          candidates: fc.constantFrom('exclusive' as const, 'independent' as const),
          lambdaUsdPerSecond: fc.constantFrom(0.002, 0.02, 0.2),
        }),
        ({ seed, steps, name, source, draftPrice, refutes, candidates, lambdaUsdPerSecond }) => {
          const operation: Omit<OperationSpec, 'after'> = {
            name: 'step',
            latency,
            price,
            draft: {
              source,
              latency: draftLatency,
              hitProbabilities: [0.45],
              candidates,
              ...(priced[draftPrice] !== undefined && { price: priced[draftPrice] }),
              ...(refutes && { refutedAtShare: exponential(0.4) }),
            },
          };
          const options = { seed, runs: 12, policy: launchPolicy(name), knob: { alpha: 0.7, lambdaUsdPerSecond } };
          expect(simulateChain(steps, operation, options)).toEqual(
            simulate(chain('c', steps, operation), options).total,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each([
    ['two guesses', { draft: { latency: constant(1), hitProbabilities: [0.4, 0.3] } }],
    ['a pool', { pool: 'model' }],
    ['failures', { failureProbability: 0.1 }],
    ['copies', { copies: 1 }],
  ])('refuses %s, and names the way out', (_what, extra) => {
    const operation = { name: 'step', latency: constant(1), ...extra };
    expect(() => simulateChain(3, operation, { seed: 1, runs: 1 })).toThrow(/use the general simulator/);
  });

  test('refuses a budget and a chain without steps', () => {
    const operation = { name: 'step', latency: constant(1) };
    expect(() => simulateChain(3, operation, { seed: 1, runs: 1, knob: { budgetUsd: '1' } })).toThrow(/budgetUsd is 1/);
    expect(() => simulateChain(0, operation, { seed: 1, runs: 1 })).toThrow(/steps is 0/);
  });
});

describe('distributions', () => {
  const distributions = {
    constant: constant(3),
    exponential: exponential(3),
    lognormal: lognormal({ mean: 3, sigma: 0.8 }),
    gamma: gamma({ mean: 3, shape: 0.7 }),
    empirical: empirical([1, 2, 2.5, 3, 8]),
    mixture: mixture([
      { weight: 9, of: exponential(2) },
      { weight: 1, of: constant(12) },
    ]),
  };

  test.each(Object.entries(distributions))('%s: samples and points agree with the mean', (_name, distribution) => {
    const random = randomStream(11, _name);
    const n = 60_000;
    let sum = 0;
    for (let index = 0; index < n; index++) sum += distribution.sample(random);
    const points = distribution.points(16);
    expect(Math.abs(sum / n / distribution.mean - 1)).toBeLessThan(0.02);
    expect(
      Math.abs(points.reduce((total, point) => total + point, 0) / points.length / distribution.mean - 1),
    ).toBeLessThan(0.06);
    expect([...points].sort((left, right) => left - right)).toEqual(points);
  });

  test.each([
    () => exponential(-1),
    () => gamma({ mean: 1, shape: 0 }),
    () => empirical([]),
    () => mixture([]),
    () => constant(NaN),
  ])('a parameter that no distribution has is refused (%#)', (make) => {
    expect(make).toThrow(/^distribution: .* is .*; (use|give)/);
  });
});
