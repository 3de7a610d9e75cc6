import fc from 'fast-check';
import { decideAsk, type AskInputs } from '../speculation/decision/ask-draft';
import { decide, type DecisionInputs } from '../speculation/decision/decision';
import { DEFAULT_KNOB } from '../speculation/decision/knob';
import type { FrontierRow } from '../speculation/frontier/bet';
import { computeFrontier } from '../speculation/frontier/frontier';
import { recommend } from '../speculation/frontier/recommend';
import { hypothesis, OBVIOUS } from './support/sample-decision';

const LAMBDA = 0.02;
const ADMISSIBLE = { effect: 'none', disclosure: 'public', abandonSafe: false } as const;

interface Wish extends Partial<Omit<DecisionInputs, 'cost'>> {
  P?: number;
  C?: number;
  run?: number;
  outcome?: FrontierRow['outcome'];
}

/** One logged launch decision, as the runtime would have made it. */
function row({ P = 0.5, C = 0.01, run = 0, outcome, ...inputs }: Wish): FrontierRow {
  const decision = decide({
    ...OBVIOUS,
    supports: [[hypothesis(P)]],
    knob: { ...DEFAULT_KNOB, lambdaUsdPerSecond: LAMBDA },
    cost: { kind: 'fixed', usd: C },
    ...inputs,
  });
  return { ...decision, workflowId: `w${run}`, runId: 'r', ...(outcome !== undefined && { outcome }) };
}

function ask({ run = 0, outcome, ...inputs }: Partial<AskInputs> & Pick<Wish, 'run' | 'outcome'>): FrontierRow {
  const decision = decideAsk({
    id: 1,
    atMs: 1000,
    pipeline: 'autoReply',
    phase: 'ask',
    upstream: 'classify',
    draft: 'guess',
    draftCostUsd: 0.001,
    candidates: [{ downstream: 'draft', P: 0.9, speculativeCostUsd: 0.001, latencySavedSeconds: 1 }],
    knob: { ...DEFAULT_KNOB, lambdaUsdPerSecond: LAMBDA },
    spentUsd: '0',
    reservedUsd: '0',
    ...inputs,
  });
  return { ...decision, workflowId: `w${run}`, runId: 'r', ...(outcome !== undefined && { outcome }) };
}

const NOTHING = { forecast: null, launch: null, costUsd: null, savedSeconds: null, realisedValueUsd: null };

const wishes = fc.array(
  fc.record({
    P: fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
    C: fc.integer({ min: 0, max: 1e5 }).map((micro) => micro / 1e6),
    latencySavedSeconds: fc.integer({ min: 0, max: 5000 }).map((milli) => milli / 1000),
    run: fc.integer({ min: 0, max: 4 }),
  }),
  { minLength: 1, maxLength: 25 },
);
const logged = wishes.map((all) => all.map((wish, index) => row({ ...wish, id: index + 1 })));

describe('the frontier', () => {
  test('each point is the sum over the launches that the rule makes at its setting: P dt seconds, (1 - P) C dollars', () => {
    fc.assert(
      fc.property(wishes, (all) => {
        const { points, pipelines } = computeFrontier(all.map((wish, index) => row({ ...wish, id: index + 1 })));
        expect(pipelines).toBe(new Set(all.map(({ run }) => run)).size);
        expect(points).toHaveLength(13 * 21);
        for (const { alpha, lambdaUsdPerSecond, expected, launchesPerPipeline } of points) {
          // The rule once more, written out; ties are left alone.
          const margins = all.map(
            ({ P, C, latencySavedSeconds: dt }) => P * lambdaUsdPerSecond * dt - (2 - alpha - P) * C,
          );
          if (margins.some((margin) => Math.abs(margin) < 1e-12)) continue;
          const taken = all.filter((_, index) => margins[index]! > 0);
          expect(launchesPerPipeline).toBeCloseTo(taken.length / pipelines, 9);
          const seconds = taken.reduce((sum, { P, latencySavedSeconds }) => sum + P * latencySavedSeconds, 0);
          const dollars = taken.reduce((sum, { P, C }) => sum + (1 - P) * C, 0);
          expect(expected.secondsSaved).toBeCloseTo(seconds / pipelines, 9);
          expect(expected.extraUsd).toBeCloseTo(dollars / pipelines, 9);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('today is on the grid and is what was done, as long as nothing but the rule decided', () => {
    fc.assert(
      fc.property(logged, (rows) => {
        const { today, asLogged, points } = computeFrontier(rows);
        expect(today).toMatchObject({ alpha: 0.5, lambdaUsdPerSecond: LAMBDA });
        expect(points).toContainEqual(today);
        expect({ ...today, ...asLogged }).toEqual(today);
      }),
      { numRuns: 50 },
    );
  });

  test('turning either knob up never saves less and never costs less', () => {
    fc.assert(
      fc.property(logged, (rows) => {
        const { points } = computeFrontier(rows);
        for (const [index, point] of points.entries()) {
          for (const next of [points[index + 1], points[index + 21]]) {
            if (next === undefined || next.alpha < point.alpha || next.lambdaUsdPerSecond < point.lambdaUsdPerSecond)
              continue;
            expect(next.expected.secondsSaved).toBeGreaterThanOrEqual(point.expected.secondsSaved - 1e-12);
            expect(next.expected.extraUsd).toBeGreaterThanOrEqual(point.expected.extraUsd - 1e-12);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test('no setting beats one on the front in time and money, and every other setting is beaten or matched by one on it', () => {
    fc.assert(
      fc.property(logged, (rows) => {
        const { points, front } = computeFrontier(rows);
        const beats = (left: (typeof points)[number], right: (typeof points)[number]): boolean =>
          left.expected.secondsSaved > right.expected.secondsSaved + 1e-9 &&
          left.expected.extraUsd < right.expected.extraUsd - 1e-9;
        for (const chosen of front) expect(points.some((point) => beats(point, chosen))).toBe(false);
        for (const point of points) {
          if (point.expected.secondsSaved === 0) continue;
          const matched = front.some(
            ({ expected }) =>
              expected.secondsSaved >= point.expected.secondsSaved - 1e-9 &&
              expected.extraUsd <= point.expected.extraUsd + 1e-9,
          );
          expect(matched).toBe(true);
        }
        for (const [index, { expected, usdPerSecond }] of front.entries()) {
          const before = front[index - 1]?.expected ?? { secondsSaved: 0, extraUsd: 0 };
          const slope = (expected.extraUsd - before.extraUsd) / (expected.secondsSaved - before.secondsSaved);
          expect(usdPerSecond).toBeCloseTo(slope, 9);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('at alpha 1 the slopes around a setting bracket its lambda: that is the price at which it is the best choice', () => {
    fc.assert(
      fc.property(wishes, fc.double({ min: 0.001, max: 1, noNaN: true }), (all, lambdaUsdPerSecond) => {
        const knob = { ...DEFAULT_KNOB, alpha: 1, lambdaUsdPerSecond };
        const { pastSettings } = computeFrontier(all.map((wish, index) => row({ ...wish, id: index + 1, knob })));
        expect(pastSettings).toHaveLength(1);
        const { implies } = pastSettings[0]!;
        expect(implies.optimal).toBe(true);
        expect(implies.lowerUsdPerSecond).toBeLessThanOrEqual(lambdaUsdPerSecond * (1 + 1e-6));
        expect(implies.upperUsdPerSecond).toBeGreaterThanOrEqual(lambdaUsdPerSecond * (1 - 1e-6));
      }),
    );
  });

  test('settings of the past are told apart, and their decisions imply what a second was worth', () => {
    const knob = (alpha: number): DecisionInputs['knob'] => ({ ...DEFAULT_KNOB, alpha, lambdaUsdPerSecond: LAMBDA });
    const rows = Array.from({ length: 200 }, (_, index) =>
      row({
        id: index + 1,
        atMs: 1000 + index,
        run: index,
        P: (index % 100) / 100,
        C: 0.02,
        knob: knob(index < 100 ? 0 : 1),
      }),
    );
    const { pastSettings, today } = computeFrontier(rows);
    expect(pastSettings).toMatchObject([
      { alpha: 0, fromMs: 1000, toMs: 1099, decisions: 100 },
      { alpha: 1, fromMs: 1100, toMs: 1199, decisions: 100 },
    ]);
    expect(today.alpha).toBe(1);
    // At L = C the rule asks for P = 1 at alpha 0 and for P = 0.5 at alpha 1.
    expect(computeFrontier(rows.slice(100)).choices.lambdaUsdPerSecond).toBeCloseTo(LAMBDA, 9);
    expect(computeFrontier(rows.slice(0, 100)).choices).toMatchObject({ lambdaUsdPerSecond: null });
  });

  test('what is inadmissible is launched at no setting, and what its stage holds only when stages are ignored', () => {
    const send = row({ P: 1, declared: { ...ADMISSIBLE, effect: 'irreversible' } });
    const shadow = row({ id: 2, P: 1, calibration: { stage: 'shadow', launches: false } });
    const respected = computeFrontier([send, shadow]);
    expect(respected.heldBack).toEqual({ inadmissible: 1, shadow: 1 });
    expect(respected.points.every(({ launchesPerPipeline }) => launchesPerPipeline === 0)).toBe(true);
    expect(respected.front).toEqual([]);
    const ignored = computeFrontier([send, shadow], { stages: 'ignored' });
    expect(ignored.heldBack).toEqual({ inadmissible: 1 });
    expect(ignored.today.launchesPerPipeline).toBe(1);
  });

  test('budgets hold nothing back unless they are asked for', () => {
    const broke = row({ P: 0.9, knob: { ...DEFAULT_KNOB, lambdaUsdPerSecond: LAMBDA, budgetUsd: '0' } });
    const shared = row({ id: 2, P: 0.9, sharedBudget: { scope: 'all', leftUsd: '0', leftLaunches: null } });
    const full = row({ id: 3, P: 0.9, openLaunches: 8 });
    expect(computeFrontier([broke, shared, full]).today.launchesPerPipeline).toBe(3);
    const asLogged = computeFrontier([broke, shared, full], { budgets: 'as-logged' });
    expect(asLogged.today.launchesPerPipeline).toBe(0);
    expect(asLogged.heldBack).toEqual({ budget: 1, 'shared-budget': 1, 'too-many-launches': 1 });
  });

  test('speculation that is switched off is shown as if it were on', () => {
    const off = row({ P: 0.9, knob: { ...DEFAULT_KNOB, lambdaUsdPerSecond: LAMBDA, enabled: false } });
    const { today, asLogged } = computeFrontier([off]);
    expect([today.launchesPerPipeline, asLogged.launchesPerPipeline]).toEqual([1, 0]);
  });

  test('a launch that builds on another is made only where that one is', () => {
    const first = row({ id: 1, downstream: 'draft', P: 0.6 });
    const second = row({ id: 2, upstream: 'draft', downstream: 'review', depth: 2, P: 0.95 });
    const { points } = computeFrontier([first, second]);
    const launches = new Set(points.map(({ launchesPerPipeline }) => launchesPerPipeline));
    // Alone, the surer second one would be made at settings that refuse the first.
    expect(launches).toEqual(new Set([0, 2]));
    expect(new Set(computeFrontier([second]).points.map((point) => point.launchesPerPipeline))).toEqual(
      new Set([0, 1]),
    );
  });

  test('a call that was held and is asked for again counts once', () => {
    const one = {
      upstream: 'classify',
      source: 'history',
      rank: 0,
      a: 1,
      b: 1,
      counts: null,
      probability: 0.3,
    } as const;
    const other = { ...one, rank: 1, probability: 0.4 };
    const held = row({ id: 1, supports: [[one]] });
    const again = row({ id: 2, supports: [[one], [other]] });
    expect([held, again].map(({ decision }) => decision)).toEqual(['hold', 'launch']);
    const { points, today } = computeFrontier([held, again]);
    expect(today.expected.secondsSaved).toBeCloseTo(0.7, 12);
    expect(Math.max(...points.map(({ launchesPerPipeline }) => launchesPerPipeline))).toBe(1);
  });

  test('a draft is paid for at each setting that asks for it, and what rests on it comes and goes with it', () => {
    const drafted = {
      upstream: 'classify',
      source: 'draft',
      rank: 0,
      a: 1,
      b: 1,
      counts: null,
      probability: 0.9,
    } as const;
    const rows = [ask({ id: 1 }), row({ id: 2, C: 0.001, supports: [[drafted]] })];
    const { today, points } = computeFrontier(rows);
    expect(today.expected.secondsSaved).toBeCloseTo(0.9, 12);
    expect(today.expected.extraUsd).toBeCloseTo(0.001 + 0.1 * 0.001, 12);
    const without = points.filter(({ draftsPerPipeline }) => draftsPerPipeline === 0);
    expect(without.length).toBeGreaterThan(0);
    expect(without.every(({ launchesPerPipeline }) => launchesPerPipeline === 0)).toBe(true);
  });

  test('a draft that was not asked for counts with the best launch that it would have opened', () => {
    const skipped = ask({ draftCostUsd: 0.5 });
    expect(skipped.decision).toBe('skip');
    const { points } = computeFrontier([skipped]);
    const asked = points.find(({ draftsPerPipeline }) => draftsPerPipeline === 1)!;
    expect(asked.expected.secondsSaved).toBeCloseTo(0.9, 12);
    expect(asked.expected.extraUsd).toBeCloseTo(0.5 + 0.1 * 0.001, 12);
  });

  test.each([
    ['claimed', { launch: 'claimed', savedSeconds: 0.7, forecast: 'right' }, { secondsSaved: 0.7, extraUsd: 0 }],
    ['cancelled', { launch: 'cancelled', costUsd: '0.004', forecast: 'wrong' }, { secondsSaved: 0, extraUsd: 0.004 }],
    ['failed', { launch: 'failed', costUsd: '0.002', forecast: 'right' }, { secondsSaved: 0, extraUsd: 0.002 }],
    ['still open', { launch: 'open', forecast: null }, null],
  ] as const)('a launch that was made and is %s counts with what it really did', (_, outcome, expected) => {
    const { realised } = computeFrontier([row({ P: 0.9, outcome: { ...NOTHING, ...outcome } })]).today;
    if (expected === null) expect(realised).toBeNull();
    else expect(realised).toMatchObject({ ...expected, betsPerPipeline: 1, expected: { secondsSaved: 0.9 } });
  });

  test.each([
    ['right', { secondsSaved: 1, extraUsd: 0 }],
    ['wrong', { secondsSaved: 0, extraUsd: 0.01 }],
    ['equivalent', null],
    [null, null],
  ] as const)(
    'a launch that was not made, whose forecast was %s, counts with what it would have done',
    (forecast, expected) => {
      const { points } = computeFrontier([row({ P: 0.1, outcome: { ...NOTHING, forecast } })]);
      const { realised } = points.find(({ launchesPerPipeline }) => launchesPerPipeline === 1)!;
      if (expected === null) expect(realised).toBeNull();
      else expect(realised).toMatchObject(expected);
    },
  );

  test('the standard error is that of a mean over pipelines', () => {
    const rows = [0.6, 0.8, 0.9].map((P, run) => row({ run, P, C: 0.001 }));
    const { expected, standardError } = computeFrontier(rows).today;
    expect(expected.secondsSaved).toBeCloseTo(2.3 / 3, 12);
    const deviations = [0.6, 0.8, 0.9].map((P) => (P - 2.3 / 3) ** 2);
    expect(standardError!.secondsSaved).toBeCloseTo(
      Math.sqrt(deviations.reduce((sum, each) => sum + each) / 2 / 3),
      12,
    );
    expect(computeFrontier(rows.slice(0, 1)).today.standardError).toBeNull();
  });

  test('rows of a plan are no bets, and a log without decisions has an empty front', () => {
    expect(computeFrontier([row({ phase: 'plan', P: 1 })])).toMatchObject({ pipelines: 1, decisions: 0, front: [] });
    expect(computeFrontier([])).toMatchObject({ pipelines: 0, decisions: 0, front: [], today: { alpha: 0.5 } });
  });
});

describe('the recommendation', () => {
  test('saves most within the budget, or reaches the deadline at the least cost: no point does better', () => {
    fc.assert(
      fc.property(
        logged,
        fc.double({ min: 0, max: 200, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (rows, usd, seconds) => {
          const frontier = computeFrontier(rows);
          const within = frontier.points.filter(({ expected }) => 1000 * expected.extraUsd <= usd);
          const budget = recommend(frontier, { kind: 'budget', usdPerThousandPipelines: usd })!;
          expect(budget.reached).toBe(within.length > 0);
          if (budget.reached) {
            expect(budget.point.expected.secondsSaved).toBe(
              Math.max(...within.map(({ expected }) => expected.secondsSaved)),
            );
          }
          const fast = frontier.points.filter(({ expected }) => expected.secondsSaved >= seconds);
          const deadline = recommend(frontier, { kind: 'deadline', secondsPerPipeline: seconds })!;
          expect(deadline.reached).toBe(fast.length > 0);
          const all = frontier.points.map(({ expected }) => expected);
          if (deadline.reached) {
            expect(deadline.point.expected.extraUsd).toBe(Math.min(...fast.map(({ expected }) => expected.extraUsd)));
          } else {
            expect(deadline.point.expected.secondsSaved).toBe(Math.max(...all.map(({ secondsSaved }) => secondsSaved)));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('stays with today where another setting would do no better', () => {
    const frontier = computeFrontier([row({ P: 0.9 })]);
    expect(recommend(frontier, { kind: 'budget', usdPerThousandPipelines: 100 })!.point).toEqual(frontier.today);
  });
});
