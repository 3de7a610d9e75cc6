import { noCalibration } from '../speculation/estimate/calibration-state';
import { changeKnob, emptyControlState, setStage, type ControlState } from '../speculation/estimate/control-state';
import type { Knob } from '../speculation/decision/knob';
import { definePolicy, type PolicyInput } from '../speculation/plugin/policy-file';
import { isStreamWorthIt } from '../speculation/streams/stream-worth';

const ACTIVITIES: PolicyInput['activities'] = {
  classify: { effect: 'none', forecast: [{ kind: 'stream' }], cost: { kind: 'fixed', usd: 0.001 }, expectedSeconds: 2 },
  lookUp: { effect: 'none', cost: { kind: 'fixed', usd: 0.002 }, expectedSeconds: 1 },
  send: { effect: 'irreversible' },
};

function isWorthIt(
  more: Partial<PolicyInput> = {},
  prepare: (state: ControlState) => void = () => undefined,
  workflowId = 'w',
): boolean {
  const policy = definePolicy({ activities: ACTIVITIES, ...more });
  const state = emptyControlState();
  changeKnob(state, { pipeline: null, change: policy.knob });
  state.calibration = noCalibration(policy.calibration);
  prepare(state);
  const asker = { workflowId, tenant: null };
  return isStreamWorthIt({ policy, state, pipeline: 'support' }, policy.operations.get('classify')!, asker);
}

const knob = (change: Partial<Knob>): Partial<PolicyInput> => ({ knob: change });

test('a stream is worth it where a certain forecast would launch something', () => {
  expect(isWorthIt()).toBe(true);
});

describe('a stream is not worth it', () => {
  test.each<[why: string, more: Partial<PolicyInput>]>([
    // Two seconds at 0.0002 dollars against half of 0.001.
    ['where a second is worth too little', knob({ lambdaUsdPerSecond: 0.0002 })],
    ['where launches are switched off', knob({ enabled: false })],
    ['where the budget is used up by any launch', knob({ budgetUsd: '0.0001' })],
    ['where the pipeline is disabled', { pipelines: { support: { enabled: false } } }],
    ['where the launch policy launches nothing', { launchPolicy: 'sequential' }],
    ['where no launch may be open', { limits: { maxDepth: 0 } }],
    ['where edges start in the shadow', { calibration: { start: 'shadow' } }],
    [
      'where nothing that may follow is admissible',
      {
        activities: {
          classify: { ...ACTIVITIES['classify']!, disclosure: 'private' },
          send: { effect: 'irreversible' },
        },
      },
    ],
    [
      'where nobody knows how long anything takes',
      {
        activities: {
          classify: { effect: 'none', cost: { kind: 'fixed', usd: 0.001 } },
          lookUp: { effect: 'none', cost: { kind: 'fixed', usd: 0.002 } },
        },
      },
    ],
  ])('%s', (_why, more) => {
    expect(isWorthIt(more)).toBe(false);
  });

  test('where all edges that were seen lead to what is never launched', () => {
    expect(isWorthIt({}, (state) => (state.edges['classify>send'] = {}))).toBe(false);
    expect(isWorthIt({}, (state) => (state.edges['classify>unheardOf'] = {}))).toBe(false);
    expect(isWorthIt({}, (state) => Object.assign(state.edges, { 'classify>send': {}, 'classify>lookUp': {} }))).toBe(
      true,
    );
    expect(isWorthIt({}, (state) => (state.edges['other>send'] = {}))).toBe(true);
  });

  test('where the edge that was seen is stopped', () => {
    const stop = (state: ControlState): void => {
      state.edges['classify>lookUp'] = {};
      setStage(state, { edge: 'classify>lookUp', stage: 'killed', reason: 'a test', by: 'us' }, null);
    };
    expect(isWorthIt({}, stop)).toBe(false);
  });

  test('for a pipeline that is not in the canary', () => {
    const canary = (state: ControlState): void => {
      state.edges['classify>lookUp'] = {};
      state.calibration.settings = { ...state.calibration.settings, start: 'canary', canaryShare: 0.5 };
    };
    const inCanary = Array.from({ length: 40 }, (_, index) => isWorthIt({}, canary, `workflow-${index}`));
    expect(new Set(inCanary)).toEqual(new Set([true, false]));
  });
});
