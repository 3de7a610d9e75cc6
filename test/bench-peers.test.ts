import { compare, type Compared } from '../bench/peers/compare';
import { comparedPolicies, leftOut, type ComparedPolicy } from '../bench/peers/compared-policy';
import { benchOf as chainBench, problemsOf as chainProblems, secondsPerDollar } from '../bench/peers/chain/experiment';
import { noGoBench, problemsOf as noGoProblems, waits } from '../bench/peers/no-go/experiment';
import { outcomeOf } from '../bench/peers/simulated-units';
import { problemsOf as streamProblems, shapeOutcome } from '../bench/peers/stream-waste/experiment';
import { SHAPES } from '../bench/peers/stream-waste/shapes';
import { streamWorkload } from '../bench/peers/stream-waste/workload';
import { curveOf, problemsOf as throttleProblems } from '../bench/peers/throttle/experiment';
import { PUBLISHED_COVERAGE, PUBLISHED_CURVE, SPREAD, throttleWorkload } from '../bench/peers/throttle/workload';
import { randomStream } from '../bench/simulator/random-stream';
import type { PolicyOutcome } from '../bench/peers/simulated-units';
import { launchPolicy, POLICY_FAMILIES } from '../speculation/policies/by-name';

const only = (...names: string[]): ComparedPolicy[] =>
  names.map((name) => ({ name, policy: launchPolicy(name), knew: 'what it is told' }));

/** The same comparison with another policy under the name of ours. */
function planted(compared: Compared, instead: string): Compared {
  return { ...compared, named: (name) => compared.named(name === 'cost-aware' ? instead : name) };
}

describe('policies that are compared', () => {
  test('are each with its parameters, the plain run first, and none without something to go by', () => {
    const everything = comparedPolicies(['drafts', 'counts', 'mined', 'stream', 'verifier', 'copies', 'confidence']);
    expect(everything[0]?.name).toBe('sequential');
    expect(leftOut(everything)).toEqual([]);
    expect(comparedPolicies([]).map(({ name }) => name)).not.toContain('paste');
    expect(new Set(everything.map(({ name }) => name.split(':')[0])).size).toBe(POLICY_FAMILIES.length);
  });
});

describe('no-go', () => {
  const compared = compare({ ...noGoBench(2, 600), quick: true, policies: only('sequential', 'always', 'cost-aware') });

  test('cost-aware waits on at least 95 % of the edges within 1 % of sequential, and always is slower', () => {
    expect(noGoProblems(compared)).toEqual([]);
    expect(waits(compared.named('cost-aware')).denominator).toBe(600 * 5);
    const always = compared.figures.rows.find(({ policy }) => policy === 'always');
    expect(always?.saved.high).toBeLessThan(0);
  });

  test('notices a policy that asks for everything', () => {
    expect(noGoProblems(planted(compared, 'always'))).toEqual([
      expect.stringContaining('waits on 0 of 3000'),
      expect.stringContaining('more than sequential'),
      expect.stringContaining('pays'),
    ]);
  });
});

describe('chain', () => {
  const policies = only('sequential', 'always', 'cost-aware', 'isp:k=2', 'isp', 'dsp', 'dsp:beta=1');
  const compared = compare({ ...chainBench(1, 120), quick: true, policies });

  test('cost-aware saves more seconds for each dollar than dsp and isp', () => {
    expect(chainProblems(compared)).toEqual([]);
    expect(secondsPerDollar(compared.named('cost-aware'), compared.plain, 1)?.value).toBeGreaterThan(1_000);
    expect(secondsPerDollar(compared.plain, compared.plain, 1)).toBeNull();
  });

  test('notices a policy that launches at any price', () => {
    expect(chainProblems(planted(compared, 'always'))).toHaveLength(4);
  });

  test('charges dsp, and nobody else, for the predictor of its depth, and leaves the draws as they are', () => {
    const bench = chainBench(1, 20);
    const draw = (name: string) => {
      const [policy] = only(name) as [ComparedPolicy];
      return bench.workloadFor(policy).draw(0, randomStream(1, 'run', 0)).operations;
    };
    const [free, charged] = [draw('isp'), draw('dsp')];
    const extra = charged.map(
      ({ drafts }, index) => drafts[0]!.latencySeconds - free[index]!.drafts[0]!.latencySeconds,
    );
    expect(Math.min(...extra)).toBeGreaterThan(4);
    expect(charged.map(({ call }) => call)).toEqual(free.map(({ call }) => call));
    expect(draw('cost-aware')).toMatchObject(JSON.parse(JSON.stringify(free)) as object);
  });

  test('has rows with intervals, a dial from alpha 0 to 1, and a picture of one run for each policy', () => {
    const { rows, frontier, timelines } = compared.figures;
    expect(rows.map(({ policy }) => policy)).toEqual(policies.map(({ name }) => name));
    for (const { saved } of rows) expect(saved.low <= saved.value && saved.value <= saved.high).toBe(true);
    expect(frontier?.dial.map(({ label }) => label)).toEqual(['alpha 0', 'alpha 0.5', 'alpha 1']);
    const kinds = (policy: string) =>
      new Set(timelines?.find((each) => each.policy === policy)?.bars.map(({ kind }) => kind));
    expect(kinds('sequential')).toEqual(new Set(['plain']));
    expect(kinds('always')).toEqual(new Set(['plain', 'claimed', 'wasted', 'draft']));
  });
});

describe('throttle', () => {
  const curves = { seed: 3, runs: 30, spread: SPREAD };

  test('the workload has the published coverage', () => {
    const ranks = [0, 0, 0, 0, 0];
    const workload = throttleWorkload(SPREAD);
    for (let run = 0; run < 200; run++) {
      for (const { drafts } of workload.draw(run, randomStream(9, 'run', run)).operations) {
        for (const { rank, right } of drafts[0]?.candidates ?? []) if (right) ranks[rank]! += 1 / (200 * 11);
      }
    }
    const upTo = (rank: number): number => ranks.slice(0, rank).reduce((sum, share) => sum + share, 0);
    expect(Math.abs(upTo(1) - PUBLISHED_COVERAGE.top1)).toBeLessThan(0.02);
    expect(Math.abs(upTo(3) - PUBLISHED_COVERAGE.top3)).toBeLessThan(0.02);
    expect(Math.abs(upTo(5) - PUBLISHED_COVERAGE.top5)).toBeLessThan(0.02);
  });

  test('ranked by value, what is left of the gain is above the published curve at each throttle', () => {
    const curve = curveOf(curves, 'cost-aware');
    expect(throttleProblems(curve, 'contexts')).toEqual([]);
    expect(curve.at(-1)?.launched.numerator).toBe(0);
  });

  test('ranked by order it has the published coverage, and is found to be below the curve', () => {
    const curve = curveOf(curves, 'in-order');
    for (const [index, { coverage }] of PUBLISHED_CURVE.entries()) {
      const { numerator, denominator } = curve[index]!.coverage;
      expect(Math.abs(numerator / denominator - coverage)).toBeLessThan(0.06);
    }
    expect(throttleProblems(curve, 'contexts').length).toBeGreaterThan(0);
  });
});

describe('stream-waste', () => {
  test('always makes and wastes the calls that spec-ptc publishes, in about its time', () => {
    for (const shape of SHAPES) {
      const bench = { seed: 1, runs: 1, workloadFor: () => streamWorkload(shape, 0.001, false) };
      const [plain, ahead] = only('sequential', 'always').map((policy) =>
        outcomeOf(bench, policy, { maxDepth: Infinity }),
      ) as [PolicyOutcome, PolicyOutcome];
      const { plainSeconds, seconds, hits, evicted } = shape.published;
      expect(Math.abs(plain.total.seconds - plainSeconds)).toBeLessThan(0.02);
      expect(Math.abs(ahead.total.seconds - seconds) / seconds).toBeLessThan(0.17);
      // Its chain of slow calls counts as ahead what the program itself waits for.
      if (shape.name === 'chain4_slow') continue;
      expect({ name: shape.name, ...ahead.launches }).toEqual({
        name: shape.name,
        numerator: hits,
        denominator: hits + evicted,
      });
    }
  });

  test('priced, the waste is cut where there is some, and the gain is kept where there is none', () => {
    const outcomes = SHAPES.map((shape) => shapeOutcome(shape, 0.001, 2, 40));
    expect(outcomes.flatMap(streamProblems)).toEqual([]);
    const [earlyBreak] = outcomes as [(typeof outcomes)[number]];
    expect(streamProblems({ ...earlyBreak, costAware: earlyBreak.always })).toHaveLength(3);
    const map = outcomes[1]!;
    expect(streamProblems({ ...map, costAware: map.plain })).toHaveLength(1);
  });
});
