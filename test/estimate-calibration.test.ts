import fc from 'fast-check';
import { bucketOutcomes } from '../speculation/estimate/bucket-outcomes';
import { applyCalibrationChange, parseCalibrationChange } from '../speculation/estimate/calibration-change';
import { calibrationReport, type EdgeReport } from '../speculation/estimate/calibration-report';
import { DEFAULT_CALIBRATION } from '../speculation/estimate/calibration-settings';
import type { CalibrationStage } from '../speculation/estimate/calibration-stage';
import { forecastProbability } from '../speculation/estimate/beta-posterior';
import { stageLaunches } from '../speculation/estimate/canary';
import {
  applyObservations,
  changeCalibration,
  emptyControlState,
  parseControlState,
  setStage,
  type ControlState,
} from '../speculation/estimate/control-state';
import type { EdgeObservation, LaunchObservation, Observation } from '../speculation/estimate/observation';
import {
  addPrediction,
  brierScore,
  expectedCalibrationError,
  noReliability,
} from '../speculation/estimate/reliability';
import { seededRandom } from '../bench/scenarios/seeded-random';

let observed = 0;
const EDGE = 'classify>draft';
const PREDICTED = { probability: 0.8, latencyValueUsd: 0.05, speculativeCostUsd: 0.01, wanted: true, launched: false };

describe('a reliability diagram', () => {
  it('has the Brier score and the calibration error of its definition, by hand', () => {
    const reliability = noReliability();
    for (const [probability, success] of [
      [0.9, true],
      [0.9, false],
      [0.25, false],
      [0.25, true],
      [1, true],
    ] as const) {
      addPrediction(reliability, probability, success);
    }
    expect(brierScore(reliability)).toBeCloseTo((0.01 + 0.81 + 0.0625 + 0.5625 + 0) / 5, 12);
    // 0.9, 0.9 and 1 share the last bin: 2.8 predicted, 2 came true. 0.5 predicted, 1 came true in the third.
    expect(expectedCalibrationError(reliability)).toBeCloseTo((0.8 + 0.5) / 5, 12);
    expect(brierScore(noReliability())).toBeNull();
    expect(expectedCalibrationError(noReliability())).toBeNull();
  });

  it('is bounded by 0 and 1 and does not depend on the order', () => {
    const prediction = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(fc.array(prediction, { minLength: 1 }), (predictions) => {
        const forward = noReliability();
        const backward = noReliability();
        for (const [probability, success] of predictions) addPrediction(forward, probability, success);
        for (const [probability, success] of [...predictions].reverse()) addPrediction(backward, probability, success);
        for (const figure of [brierScore, expectedCalibrationError]) {
          expect(figure(forward)).toBeGreaterThanOrEqual(0);
          expect(figure(forward)).toBeLessThanOrEqual(1 + 1e-12);
          expect(figure(backward)).toBeCloseTo(figure(forward)!, 9);
        }
      }),
    );
  });
});

describe('the calibration record of an edge', () => {
  it('holds predicted against realised value, counterfactually for what was wanted, in real dollars for what was launched', () => {
    const state = emptyControlState();
    const shadow = { probability: 0.8, latencyValueUsd: 0.05, speculativeCostUsd: 0.01, wanted: true, launched: false };
    applyObservations(state, [
      edge(true, { predicted: shadow }),
      edge(false, { predicted: { ...shadow, launched: true } }),
      edge(true, { predicted: { ...shadow, wanted: false } }),
      edge(true),
      launch({ claimed: true, realisedValueUsd: 0.04 }),
      launch({ claimed: false, costUsd: '0.007', realisedValueUsd: -0.007 }),
    ]);
    const report = reportOf(state);
    expect(report.observations).toBe(4);
    expect(report.forecasts.count).toBe(3);
    expect(report.wanted).toEqual({
      count: 2,
      shadows: 1,
      predictedUsd: expect.closeTo(2 * (0.8 * 0.05 - 0.2 * 0.01), 12),
      realisedUsd: expect.closeTo(0.05 - 0.01, 12),
    });
    expect(report.launches).toEqual({
      count: 2,
      claimed: 1,
      predictedUsd: expect.closeTo(0.06, 12),
      realisedUsd: expect.closeTo(0.033, 12),
      wasteUsd: 0.007,
    });
    expect(report.launched.bins).toEqual([{ from: 0.8, to: 0.9, count: 2, meanPredicted: 0.8, cameTrue: 0.5 }]);
  });

  it('of a stationary edge has a calibration error of launched decisions of at most 0.03 after 500 observations', () => {
    const errors = [0.2, 0.5, 0.8, 0.95].flatMap((truth) =>
      [1, 2, 3, 4, 5].map((seed) => {
        const state = emptyControlState();
        const random = seededRandom(seed * 31 + truth * 1_000);
        for (let n = 0; n < 3_500; n++) {
          if (n === 500) setStage(state, { edge: EDGE, stage: 'online', reason: 'warm', by: 'test' }, null);
          const { probability } = forecastProbability(
            { type: 'unknown', k: null, mean: 0.5, strength: 2 },
            state.edges[EDGE]?.['history#0'],
            null,
          );
          const claimed = random() < truth;
          applyObservations(state, [edge(claimed), launch({ probability, claimed })]);
        }
        return reportOf(state).launched.calibrationError!;
      }),
    );
    expect(Math.max(...errors)).toBeLessThanOrEqual(0.03);
  });
});

describe('the stages of an edge', () => {
  const honest = (n: number): Observation[] =>
    Array.from({ length: n }, (_, index) =>
      edge(index % 5 !== 0, {
        predicted: { probability: 0.8, latencyValueUsd: 0.05, speculativeCostUsd: 0.01, wanted: true, launched: false },
      }),
    );

  it('begin online unless told otherwise, so nothing changes for those who set nothing', () => {
    const state = emptyControlState();
    applyObservations(state, honest(500));
    expect(reportOf(state)).toMatchObject({ stage: 'online', gate: null, transitions: [] });
  });

  it('are passed one by one as the gates are, when promotion is automatic', () => {
    const state = emptyControlState();
    changeCalibration(state, { start: 'offline', promote: 'automatic' });
    const stages: string[] = [];
    for (let n = 0; n < 100; n++) {
      applyObservations(state, honest(5), 1_000 + n);
      stages.push(reportOf(state).stage);
    }
    expect([...new Set(stages)]).toEqual(['offline', 'shadow', 'canary']);
    expect(stages.filter((stage) => stage === 'offline')).toHaveLength(19);
    // Only launches lead on from the canary.
    applyObservations(
      state,
      Array.from({ length: 50 }, (_, n) =>
        launch({ claimed: n % 5 !== 0, realisedValueUsd: n % 5 === 0 ? -0.01 : 0.05 }),
      ),
    );
    expect(reportOf(state).stage).toBe('canary');
    applyObservations(state, [
      ...Array.from({ length: 50 }, () =>
        edge(true, {
          predicted: {
            probability: 0.8,
            latencyValueUsd: 0.05,
            speculativeCostUsd: 0.01,
            wanted: true,
            launched: true,
          },
        }),
      ),
      launch({ claimed: true, realisedValueUsd: 0.05 }),
    ]);
    const { stage, transitions } = reportOf(state);
    expect(stage).toBe('online');
    expect(transitions.map(({ from, to, by }) => [from, to, by])).toEqual([
      ['offline', 'shadow', 'gate'],
      ['shadow', 'canary', 'gate'],
      ['canary', 'online', 'gate'],
    ]);
    expect(transitions[0]).toMatchObject({
      atMs: 1_019,
      reason: expect.stringMatching(/predictions 100 \(at least 100\)/),
    });
  });

  it('are not passed by command promotion, however well it goes; the gate says that it passes', () => {
    const state = emptyControlState();
    changeCalibration(state, { start: 'shadow' });
    applyObservations(state, honest(300));
    expect(reportOf(state)).toMatchObject({ stage: 'shadow', gate: { to: 'canary', passes: true } });
  });

  it.each<
    [what: string, prediction: { probability: number; latencyValueUsd: number }, rightEvery: number, failing: string]
  >([
    [
      'forecasts that promise more than they hold',
      { probability: 0.95, latencyValueUsd: 0.05 },
      2,
      'calibration error',
    ],
    ['too few', { probability: 0.5, latencyValueUsd: 0.05 }, 0, 'launches wanted'],
  ])('are not passed with %s', (_what, prediction, rightEvery, failing) => {
    const state = emptyControlState();
    changeCalibration(state, { start: 'shadow', promote: 'automatic', killSwitch: false });
    const predicted = { ...prediction, speculativeCostUsd: 0.05, wanted: true, launched: false };
    const count = rightEvery === 0 ? 99 : 400;
    applyObservations(
      state,
      Array.from({ length: count }, (_, n) => edge(n % Math.max(2, rightEvery) === 0, { predicted })),
    );
    const { stage, gate } = reportOf(state);
    expect(stage).toBe('shadow');
    expect(gate!.checks.find(({ name }) => name === failing)!.passes).toBe(false);
  });

  it('end in killed when forecasts stop coming true, with the reason; it leaves only to the shadow, by somebody’s word', () => {
    const state = emptyControlState();
    drift(state);
    const { stage, transitions } = reportOf(state);
    expect(stage).toBe('killed');
    expect(transitions).toEqual([expect.objectContaining({ from: 'online', to: 'killed', by: 'drift', atMs: 77 })]);
    expect(transitions[0]!.reason).toMatch(/history#0 came true 0 of \d+ times, before that 160 of 200 times/);
    // What was counted before the drop no longer tells anything.
    expect(state.edges[EDGE]!['history#0']!.successes).toBe(0);

    applyObservations(state, honest(1_000));
    expect(reportOf(state).stage).toBe('killed');
    for (const to of ['online', 'canary', 'offline'] as const) {
      expect(() => setStage(state, { edge: EDGE, stage: to, reason: 'r', by: 'ann' }, 5)).toThrow(
        /leaves only to shadow/,
      );
    }
    setStage(state, { edge: EDGE, stage: 'shadow', reason: 'new prompt', by: 'ann' }, 5);
    expect(reportOf(state)).toMatchObject({ stage: 'shadow', observations: 0 });
  });

  it('are not left for a drop where nothing is launched; the record starts anew instead', () => {
    const state = emptyControlState();
    changeCalibration(state, { start: 'shadow' });
    drift(state);
    const { stage, transitions, observations } = reportOf(state);
    expect(stage).toBe('shadow');
    expect(transitions).toEqual([expect.objectContaining({ from: 'shadow', to: 'shadow', by: 'drift' })]);
    expect(observations).toBeLessThan(40);
  });

  it('keep an edge online without a kill-switch, and when a second guess gets rarer because the first gets better', () => {
    const without = emptyControlState();
    changeCalibration(without, { killSwitch: false });
    drift(without);
    expect(reportOf(without)).toMatchObject({ stage: 'online', killSwitch: null });
    const second = emptyControlState();
    drift(second, { rank: 1 });
    expect(reportOf(second).stage).toBe('online');
  });

  it('end in killed when launches lose money, if that is asked for', () => {
    const losses = Array.from({ length: 120 }, () =>
      launch({ claimed: false, costUsd: '0.01', realisedValueUsd: -0.01 }),
    );
    const state = emptyControlState();
    applyObservations(state, losses);
    expect(reportOf(state).stage).toBe('online');
    const strict = emptyControlState();
    changeCalibration(strict, { killSwitch: { realisedValue: {} } });
    applyObservations(
      strict,
      losses.map((each) => ({ ...each })),
    );
    expect(reportOf(strict)).toMatchObject({ stage: 'killed', transitions: [{ by: 'drift', reason: /lost money/ }] });
  });

  it('keep the latest 50 transitions of an edge, each bounded', () => {
    const state = emptyControlState();
    for (let n = 0; n < 120; n++) {
      const stage = n % 2 === 0 ? 'shadow' : 'canary';
      setStage(state, { edge: EDGE, stage, reason: `${n} ${'x'.repeat(1_000)}`, by: 'y'.repeat(500) }, n);
    }
    const { transitions } = reportOf(state);
    expect(transitions).toHaveLength(50);
    expect(transitions.at(-1)).toMatchObject({ atMs: 119 });
    expect(transitions.every(({ reason, by }) => reason.length <= 200 && by.length <= 80)).toBe(true);
  });
});

describe('the canary', () => {
  const ids = Array.from({ length: 20_000 }, (_, index) => `support-${index}`);
  const share = (canaryShare: number): number =>
    ids.filter((id) => stageLaunches('canary', { canaryShare }, id)).length / ids.length;

  it('launches for its share of the pipelines, the same ones every time, and keeps them as it grows', () => {
    expect(share(0.1)).toBeGreaterThan(0.09);
    expect(share(0.1)).toBeLessThan(0.11);
    expect([share(0), share(1)]).toEqual([0, 1]);
    for (const id of ids.slice(0, 500)) {
      if (stageLaunches('canary', { canaryShare: 0.1 }, id)) {
        expect(stageLaunches('canary', { canaryShare: 0.2 }, id)).toBe(true);
      }
    }
  });

  it.each<[CalibrationStage, boolean]>([
    ['offline', false],
    ['shadow', false],
    ['online', true],
    ['killed', false],
  ])('is no matter of hashes in %s', (stage, launches) => {
    expect(stageLaunches(stage, { canaryShare: 1 }, 'any')).toBe(launches);
    expect(stageLaunches('canary', { canaryShare: 1 }, null)).toBe(false);
  });
});

describe('buckets', () => {
  it('count beside the edge, and a rare one gives way without being lost to the edge', () => {
    const state = emptyControlState();
    for (let n = 0; n < 2_000; n++) {
      applyObservations(state, [
        edge(true, { bucket: 'large' }),
        edge(false, { bucket: `small ${n} of a tenant whose name is a good deal longer than that of others` }),
      ]);
    }
    expect(bucketOutcomes(state.buckets, EDGE, 'large')).toEqual({ 'history#0': { successes: 2_000, failures: 0 } });
    expect(Object.keys(state.buckets.edges[EDGE]!)).toHaveLength(64);
    expect(state.edges[EDGE]!['history#0']).toEqual({ successes: 2_000, failures: 2_000 });
    expect(bucketOutcomes(state.buckets, 'other>edge', 'large')).toBeUndefined();
  });

  it('are bounded over all edges too, and the count of bytes is about right', () => {
    const state = emptyControlState();
    for (let n = 0; n < 12_000; n++) {
      applyObservations(state, [edge(true, { downstream: `d${n % 100}`, bucket: `tenant-${n % 7_919}`, rank: n % 3 })]);
    }
    const bytes = Buffer.byteLength(JSON.stringify(state.buckets.edges));
    expect(state.buckets.bytes).toBeLessThanOrEqual(150_000);
    expect(bytes).toBeLessThan(200_000);
    expect(bytes).toBeGreaterThan(100_000);
  });

  it('forget as their edge does', () => {
    const state = emptyControlState();
    for (let n = 0; n < 50; n++) applyObservations(state, [edge(n < 25, { bucket: 'acme', halfLife: 5 })]);
    const { successes, failures } = bucketOutcomes(state.buckets, EDGE, 'acme')!['history#0']!;
    expect(successes / (successes + failures)).toBeLessThan(0.05);
    expect(state.edges[EDGE]!['history#0']).toEqual({ successes, failures });
  });
});

describe('a change of the calibration settings', () => {
  it('leaves what it does not name, and false turns a kill-switch off until it is named again', () => {
    const off = applyCalibrationChange(DEFAULT_CALIBRATION, {
      killSwitch: false,
      gates: { canary: { observations: 7 } },
    });
    expect(off).toEqual({
      ...DEFAULT_CALIBRATION,
      killSwitch: null,
      gates: { ...DEFAULT_CALIBRATION.gates, canary: { ...DEFAULT_CALIBRATION.gates.canary, observations: 7 } },
    });
    expect(applyCalibrationChange(off, { killSwitch: { drop: 0.4 } }).killSwitch).toEqual({
      ...DEFAULT_CALIBRATION.killSwitch,
      drop: 0.4,
    });
  });

  it.each<[change: unknown, message: RegExp]>([
    [7, /it is 7; use an object with any of start, canaryShare/],
    [{ start: 'killed' }, /start is "killed"; use one of offline, shadow, canary, online/],
    [{ canaryShare: 1.5 }, /canaryShare is 1.5; use a number from 0 to 1/],
    [{ canaryShare: NaN }, /canaryShare is null \(NaN\); use a number/],
    [{ promote: 'always' }, /promote is "always"/],
    [{ gates: { shadow: { observations: 0.5 } } }, /gates.shadow.observations is 0.5; use a whole number/],
    [{ gates: { canary: { brier: 0.2 } } }, /gates.canary.brier is 0.2; known here: observations/],
    [{ gates: false }, /gates is false/],
    [{ killSwitch: { drop: 1 } }, /killSwitch.drop is 1; use a number between 0 and 1/],
    [{ killSwitch: { threshold: Infinity } }, /killSwitch.threshold is null \(Infinity\)/],
    [{ killSwitch: { realisedValue: { launches: 3 } } }, /killSwitch.realisedValue.launches is 3/],
    [{ canary: 0.1 }, /canary is 0.1; known here: start, canaryShare/],
    [{ constructor: 1 }, /constructor is 1; known here/],
  ])('is refused by field, value and way out: %j', (change, message) => {
    expect(() => parseCalibrationChange(change)).toThrow(message);
  });
});

describe('a control state with calibration', () => {
  it('is carried over as it is, a switched-off kill-switch too', () => {
    const state = emptyControlState();
    changeCalibration(state, { killSwitch: false, canaryShare: 0.3 });
    applyObservations(state, [edge(true, { bucket: 'acme' }), launch({})]);
    setStage(state, { edge: EDGE, stage: 'canary', reason: 'r', by: 'ann' }, 1);
    expect(parseControlState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it('is completed from schema 1: what was learned stays, and every edge is online', () => {
    const old = {
      ...emptyControlState(),
      buckets: undefined,
      calibration: undefined,
      schema: 1,
      edges: { [EDGE]: { 'history#0': { successes: 3, failures: 1 } } },
    };
    const upgraded = parseControlState(JSON.parse(JSON.stringify(old)));
    expect(upgraded).toMatchObject({ schema: 2, edges: old.edges, calibration: { settings: DEFAULT_CALIBRATION } });
    expect(reportOf(upgraded)).toMatchObject({ stage: 'online', observations: 0 });
  });

  it('stays below 2 MB with hundreds of edges, tenants and transitions', () => {
    const state = emptyControlState();
    changeCalibration(state, { killSwitch: { leastObservations: 10 } });
    for (let n = 0; n < 20_000; n++) {
      const downstream = `an activity with quite a long name ${n % 400}`;
      applyObservations(state, [
        edge(n % 3 > 0, {
          downstream,
          bucket: `tenant ${n % 1_000}`,
          predicted: {
            probability: (n % 11) / 10,
            latencyValueUsd: 1 / 3,
            speculativeCostUsd: 1 / 7,
            wanted: true,
            launched: true,
          },
        }),
        launch({ downstream, probability: ((n + 3) % 11) / 10 }),
      ]);
      if (n % 10 === 0) {
        setStage(
          state,
          {
            edge: `classify>${downstream}`,
            stage: n % 20 === 0 ? 'canary' : 'online',
            reason: 'é'.repeat(200),
            by: 'ann',
          },
          n,
        );
      }
    }
    const { buckets, calibration } = state;
    expect(Object.keys(calibration.edges).length).toBeLessThanOrEqual(200);
    expect(Buffer.byteLength(JSON.stringify({ buckets, calibration }))).toBeLessThan(700_000);
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(2_000_000);
  });

  it.each<[what: string, observation: unknown]>([
    ['a bucket that is no name', edge(true, { bucket: '' })],
    ['a half-life below 1', edge(true, { halfLife: 0.5 })],
    ['a probability above 1', edge(true, { predicted: { ...PREDICTED, probability: 1.01 } })],
    ['a value that is no number', edge(true, { predicted: { ...PREDICTED, latencyValueUsd: NaN } })],
    ['a negative cost', edge(true, { predicted: { ...PREDICTED, speculativeCostUsd: -1 } })],
    ['a launch without a claim', { ...launch({}), claimed: 'yes' }],
    ['a launch of infinite value', launch({ realisedValueUsd: Infinity })],
    ['a launch whose cost is no amount', launch({ costUsd: '-0.1' })],
  ])('skips and counts %s', (_what, observation) => {
    const state = emptyControlState();
    expect(applyObservations(state, [observation as Observation])).toBe(0);
    expect(state.rejected).toBe(1);
  });
});

function edge(success: boolean, change: Partial<EdgeObservation> = {}): EdgeObservation {
  return {
    kind: 'edge',
    id: `run/edge/${(observed += 1)}`,
    pipeline: 'support',
    upstream: 'classify',
    downstream: 'draft',
    source: 'history',
    rank: 0,
    success,
    ...change,
  };
}

function launch(change: Partial<LaunchObservation>): LaunchObservation {
  return {
    kind: 'launch',
    id: `run/launch/${(observed += 1)}`,
    pipeline: 'support',
    upstream: 'classify',
    downstream: 'draft',
    probability: 0.8,
    expectedValueUsd: 0.03,
    claimed: true,
    costUsd: '0.01',
    realisedValueUsd: 0.03,
    ...change,
  };
}

/** 160 of 200 come true, then none does any more. */
function drift(state: ControlState, change: Partial<EdgeObservation> = {}): void {
  applyObservations(
    state,
    Array.from({ length: 200 }, (_, n) => edge(n % 5 !== 0, change)),
  );
  applyObservations(
    state,
    Array.from({ length: 30 }, () => edge(false, change)),
    77,
  );
}

function reportOf(state: ControlState): EdgeReport {
  const report = calibrationReport(state.calibration).edges.find((each) => each.edge === EDGE);
  if (report === undefined) throw new Error(`nothing is known of ${EDGE}`);
  return report;
}
