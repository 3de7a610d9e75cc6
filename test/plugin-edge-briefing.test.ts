import {
  applyObservations,
  changeCalibration,
  emptyControlState,
  setStage,
} from '../speculation/estimate/control-state';
import type { ControlState } from '../speculation/estimate/control-state';
import { DEFAULT_CALIBRATION } from '../speculation/estimate/calibration-settings';
import { InvalidDependencyError } from '../speculation/estimate/dependency-type';
import { dependencyTaxonomy } from '../speculation/estimate/dependency-taxonomy';
import type { EdgeObservation } from '../speculation/estimate/observation';
import type { Briefing } from '../speculation/forecast/briefing';
import { definePolicy, PolicyError, type PolicyInput } from '../speculation/plugin';
import { briefingFor } from '../speculation/plugin/briefing';

const input: PolicyInput = {
  activities: {
    classify: {
      effect: 'none',
      forecast: [{ kind: 'history' }],
      cost: { kind: 'fixed', usd: 0.01 },
      expectedSeconds: 3,
    },
    answer: { effect: 'none', cost: { kind: 'fixed', usd: 0.02 }, expectedSeconds: 2 },
    send: { effect: 'irreversible' },
  },
};

let observed = 0;
function edge(success: boolean, change: Partial<EdgeObservation> = {}): EdgeObservation {
  return {
    kind: 'edge',
    id: `run/edge/${(observed += 1)}`,
    pipeline: 'support',
    upstream: 'classify',
    downstream: 'answer',
    source: 'history',
    rank: 0,
    success,
    ...change,
  };
}

function lookUp(
  state: ControlState,
  { tenant, plan, workflowId }: { tenant?: string; plan?: boolean; workflowId?: string } = {},
): Briefing {
  const request = {
    pipeline: 'support',
    activityType: 'classify',
    args: ['hello'],
    ...(tenant !== undefined && { tenant }),
    ...(plan !== undefined && { plan }),
  };
  return briefingFor(request, definePolicy(input), state, () => undefined, workflowId);
}

const move = (state: ControlState, stage: 'shadow' | 'canary' | 'killed'): void =>
  setStage(state, { edge: 'classify>answer', stage, reason: 'r', by: 'ann' }, null);

describe('a look-up says of an edge', () => {
  test('nothing about stages and buckets as long as it is online and nobody has a tenant', () => {
    const state = emptyControlState();
    applyObservations(state, [edge(true, { bucket: 'acme' })]);
    const { answer } = lookUp(state).downstream;
    expect(answer).toMatchObject({ observed: { 'history#0': { successes: 1, failures: 0 } } });
    expect(answer).not.toHaveProperty('calibration');
    expect(answer).not.toHaveProperty('bucketObserved');
  });

  test.each(['shadow', 'killed'] as const)('that it is in %s and launches for nobody', (stage) => {
    const state = emptyControlState();
    move(state, stage);
    const { downstream } = lookUp(state, { workflowId: 'any' });
    expect(downstream['answer']!.calibration).toEqual({ stage, launches: false });
  });

  test('in the canary, whether this very pipeline launches, the same at every look-up', () => {
    const state = emptyControlState();
    changeCalibration(state, { canaryShare: 0.3 });
    move(state, 'canary');
    const launches = (workflowId: string): boolean =>
      lookUp(state, { workflowId }).downstream['answer']!.calibration!.launches;
    const ids = Array.from({ length: 500 }, (_, n) => `support-${n}`);
    const chosen = ids.filter(launches);
    expect(chosen.length).toBeGreaterThan(110);
    expect(chosen.length).toBeLessThan(190);
    expect(ids.filter(launches)).toEqual(chosen);
    expect(lookUp(state).downstream['answer']!.calibration).toEqual({ stage: 'canary', launches: false });
  });

  test('what the tenant’s own bucket has seen, and nothing for a tenant that is new', () => {
    const state = emptyControlState();
    applyObservations(state, [edge(true, { bucket: 'acme' }), edge(false, { bucket: 'other' })]);
    expect(lookUp(state, { tenant: 'acme' }).downstream['answer']).toMatchObject({
      observed: { 'history#0': { successes: 1, failures: 1 } },
      bucketObserved: { 'history#0': { successes: 1, failures: 0 } },
    });
    expect(lookUp(state, { tenant: 'new' }).downstream['answer']).not.toHaveProperty('bucketObserved');
  });
});

describe('a plan', () => {
  test('is given when it is asked for: every edge that is known and declared, with its likeliest forecast', () => {
    const state = emptyControlState();
    applyObservations(state, [
      edge(true, { downstream: 'send' }),
      edge(false),
      edge(true, { rank: 1 }),
      edge(true, { upstream: 'undeclared' }),
      edge(true, { downstream: 'undeclared' }),
    ]);
    move(state, 'shadow');
    expect(lookUp(state)).not.toHaveProperty('plan');
    expect(lookUp(state, { plan: true }).plan).toEqual([
      {
        upstream: 'classify',
        downstream: 'answer',
        prior: { type: 'unknown', k: null, mean: 0.5, strength: 2 },
        forecast: 'history#1',
        observed: { successes: 1, failures: 0 },
        upstreamSeconds: [3],
        briefing: lookUp(state).downstream['answer'],
      },
      expect.objectContaining({
        downstream: 'send',
        briefing: expect.objectContaining({ effect: 'irreversible', observed: {} }),
      }),
    ]);
  });

  test('has the 64 edges that were seen most', () => {
    const names = Array.from({ length: 10 }, (_, n) => `step${n}`);
    const activities = Object.fromEntries(
      names.map((name) => [name, { effect: 'none', cost: { kind: 'fixed', usd: 0.01 } }] as const),
    );
    const state = emptyControlState();
    for (const [row, upstream] of names.entries()) {
      for (const [column, downstream] of names.entries()) {
        const times = row * 10 + column + 1;
        applyObservations(
          state,
          Array.from({ length: times }, () => edge(true, { upstream, downstream })),
        );
      }
    }
    const request = { pipeline: 'p', activityType: 'step0', args: [], plan: true };
    const { plan } = briefingFor(request, definePolicy({ activities }), state, () => undefined);
    expect(plan!.map(({ observed: { successes } }) => successes)).toEqual(
      Array.from({ length: 64 }, (_, index) => 100 - index),
    );
  });
});

describe('a policy', () => {
  test('adds dependency types and changes ours, and an activity may forget and be careful', () => {
    const { operations } = definePolicy({
      ...input,
      dependencyTypes: {
        policy_lookup: { mean: 0.7, strength: 10 },
        router_k_way: { strength: 4 },
        verifier: { mean: 0.9 },
      },
      activities: {
        a: { effect: 'irreversible', dependency: { type: 'policy_lookup', halfLife: 200, credibleBound: 0.9 } },
        b: { effect: 'irreversible', dependency: { type: 'router_k_way', k: 4 } },
        c: { effect: 'irreversible', dependency: { type: 'verifier' } },
      },
    });
    expect([...operations.values()].map(({ prior }) => prior)).toEqual([
      { type: 'policy_lookup', k: null, mean: 0.7, strength: 10, halfLife: 200, credibleBound: 0.9 },
      { type: 'router_k_way', k: 4, mean: 0.25, strength: 4 },
      { type: 'verifier', k: null, mean: 0.9, strength: 2 },
    ]);
  });

  test('sets how edges come to be trusted', () => {
    expect(definePolicy(input).calibration).toEqual(DEFAULT_CALIBRATION);
    expect(definePolicy({ ...input, calibration: { start: 'shadow', killSwitch: false } }).calibration).toMatchObject({
      start: 'shadow',
      killSwitch: null,
    });
  });

  test.each<[Partial<PolicyInput>, field: string, message: RegExp]>([
    [{ dependencyTypes: { mine: {} } }, 'dependencyTypes.mine.mean', /a type of your own needs a mean/],
    [{ dependencyTypes: { mine: { mean: 1 } } }, 'dependencyTypes.mine.mean', /use a probability between 0 and 1/],
    [{ dependencyTypes: { verifier: { strength: -1 } } }, 'dependencyTypes.verifier.strength', /above 0/],
    [{ dependencyTypes: { router_k_way: { mean: 0.5 } } }, 'dependencyTypes.router_k_way.mean', /has the mean 1\/k/],
    [{ calibration: { canaryShare: 2 } }, 'calibration.canaryShare', /use a number from 0 to 1/],
    [{ calibration: { start: 'killed' as 'online' } }, 'calibration.start', /use one of offline/],
  ])('is refused with the field and the way out: %j', (change, field, message) => {
    const define = (): unknown => definePolicy({ ...input, ...change });
    expect(define).toThrow(PolicyError);
    expect(define).toThrow(expect.objectContaining({ field }) as Error);
    expect(define).toThrow(message);
  });

  test.each<[object, RegExp]>([
    [{ halfLife: 0.5 }, /halfLife is 0.5; use a number of observations, at least 1/],
    [{ credibleBound: 1 }, /credibleBound is 1; use a credibility from 0.5 to below 1/],
    [{ type: 'mine' }, /type is "mine"; known types: router_k_way.*add it to dependencyTypes/],
  ])('refuses the dependency %j of an activity', (change, message) => {
    const dependency = { type: 'unknown', ...change };
    expect(() => definePolicy({ activities: { a: { effect: 'irreversible', dependency } } })).toThrow(message);
  });
});

test('a taxonomy knows no type but its own, however a name is spelled', () => {
  expect(dependencyTaxonomy({ constructor: { mean: 0.3 } }).get('constructor')).toEqual({ mean: 0.3, strength: 2 });
  expect(dependencyTaxonomy().get('toString')).toBeUndefined();
  expect(() => dependencyTaxonomy({ mine: { mean: NaN } })).toThrow(InvalidDependencyError);
});
