import fc from 'fast-check';
import { decide, type DecisionInputs } from '../speculation/decision/decision';
import type { PlannedDecision } from '../speculation/decision/override';
import { recomputeRow } from '../speculation/decision/recompute';
import { hypothesis, OBVIOUS } from './support/sample-decision';

/** What a plan says for the same inputs with a change. */
function planned(change: Partial<DecisionInputs> = {}): PlannedDecision {
  const { id, decision, reason, P, speculativeCostUsd, latencyValueUsd, knob } = decide({
    ...OBVIOUS,
    ...change,
    id: 1,
    phase: 'plan',
  });
  return { id, decision, reason, P, speculativeCostUsd, latencyValueUsd, knob };
}

const HOPELESS: Partial<DecisionInputs> = { supports: [[hypothesis(0.001)]] };

describe('a launch decided against a plan', () => {
  it.each<[string, Partial<DecisionInputs>, Partial<DecisionInputs>, string, string | null]>([
    ['keeps a launch', {}, {}, 'KEEP_SPECULATE', null],
    ['keeps a wait', HOPELESS, HOPELESS, 'KEEP_WAIT', null],
    ['is upgraded by a better forecast', HOPELESS, {}, 'UPGRADE', 'probability'],
    ['is downgraded by a worse forecast', {}, HOPELESS, 'DOWNGRADE', 'probability'],
    ['is downgraded by a higher price', {}, { cost: { kind: 'fixed', usd: 10 } }, 'DOWNGRADE', 'cost'],
    ['is downgraded by the clock', {}, { latencySavedSeconds: 0.0001 }, 'DOWNGRADE', 'latency'],
    ['is downgraded by the knob', {}, { knob: { ...OBVIOUS.knob, lambdaUsdPerSecond: 0.0001 } }, 'DOWNGRADE', 'knob'],
    ['is downgraded by the budget', {}, { knob: { ...OBVIOUS.knob, budgetUsd: '0' } }, 'DOWNGRADE', 'budget'],
    [
      'is downgraded by the off switch',
      {},
      { knob: { ...OBVIOUS.knob, enabled: false } },
      'DOWNGRADE',
      'speculation-off',
    ],
    [
      'is downgraded by the kill-switch',
      {},
      { calibration: { stage: 'killed', launches: false } },
      'DOWNGRADE',
      'kill-switch',
    ],
    [
      'is upgraded when the edge leaves the shadow',
      { calibration: { stage: 'shadow', launches: false } },
      { calibration: { stage: 'online', launches: true } },
      'UPGRADE',
      'shadow',
    ],
    [
      'is downgraded by two quantities together',
      {},
      { supports: [[hypothesis(0.1)]], cost: { kind: 'fixed', usd: 0.1 } },
      'DOWNGRADE',
      'several',
    ],
  ])('%s', (_name, before, now, override, overrideReason) => {
    const row = decide({ ...OBVIOUS, ...now, plan: planned(before) });
    expect(row).toMatchObject({ override, overrideReason });
  });

  const inputs = fc.record({
    supports: fc.double({ min: 0, max: 1, noNaN: true }).map((P) => [[hypothesis(P)]]),
    latencySavedSeconds: fc.double({ min: 0, max: 10, noNaN: true }),
    cost: fc.double({ min: 0, max: 0.2, noNaN: true }).map((usd) => ({ kind: 'fixed' as const, usd })),
    knob: fc.record({
      alpha: fc.double({ min: 0, max: 1, noNaN: true }),
      lambdaUsdPerSecond: fc.double({ min: 0, max: 1, noNaN: true }),
      budgetUsd: fc.constantFrom(null, null, null, '0.1'),
      enabled: fc.constantFrom(true, true, true, false),
    }),
    declared: fc.constantFrom(OBVIOUS.declared, OBVIOUS.declared, OBVIOUS.declared, null),
    calibration: fc.constantFrom(undefined, undefined, undefined, { stage: 'killed' as const, launches: false }),
  });

  it('gets the answer of the rule on its own inputs, whatever was planned, unless that was inadmissible', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(inputs, inputs, (before, now) => {
        const plan = planned(before);
        const row = decide({ ...OBVIOUS, ...now, plan });
        const alone = decide({ ...OBVIOUS, ...now });
        seen.add(row.override ?? '');
        expect(row.decision).toBe(plan.reason === 'inadmissible' ? 'hold' : alone.decision);
        expect(recomputeRow(JSON.parse(JSON.stringify(row)) as typeof row)).toEqual(row);
      }),
      { numRuns: 3_000, seed: 11 },
    );
    expect([...seen].sort()).toEqual(['DOWNGRADE', 'KEEP_SPECULATE', 'KEEP_WAIT', 'UPGRADE']);
  });
});

describe('the stage of an edge', () => {
  it.each([
    ['offline', 'shadow'],
    ['shadow', 'shadow'],
    ['canary', 'not-in-canary'],
    ['killed', 'kill-switch'],
  ] as const)('%s holds what the rule wants and says %s', (stage, reason) => {
    expect(decide({ ...OBVIOUS, calibration: { stage, launches: false } })).toMatchObject({
      decision: 'hold',
      reason,
      wanted: true,
    });
  });

  it('lets a pipeline of the canary launch', () => {
    expect(decide({ ...OBVIOUS, calibration: { stage: 'canary', launches: true } }).decision).toBe('launch');
  });
});

describe('room for a launch', () => {
  it('is measured by the most that it can cost, not by what it is expected to cost', () => {
    const knob = { ...OBVIOUS.knob, budgetUsd: '0.03' };
    expect(decide({ ...OBVIOUS, knob }).decision).toBe('launch');
    expect(decide({ ...OBVIOUS, knob, mostUsd: 0.031 })).toMatchObject({ decision: 'hold', reason: 'budget' });
    expect(decide({ ...OBVIOUS, knob, mostUsd: NaN })).toMatchObject({ decision: 'hold', reason: 'unusable-numbers' });
  });

  it.each([
    [{ leftUsd: '0.0099', leftLaunches: null }, 'shared-budget'],
    [{ leftUsd: '0.01', leftLaunches: null }, 'worth-it'],
    [{ leftUsd: null, leftLaunches: 0 }, 'shared-budget'],
    [{ leftUsd: null, leftLaunches: 1 }, 'worth-it'],
  ])('with %j left for all is %s', (left, reason) => {
    expect(decide({ ...OBVIOUS, sharedBudget: { scope: '*', ...left } }).reason).toBe(reason);
  });
});
