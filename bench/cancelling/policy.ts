import { definePolicy } from '../../speculation/plugin/policy-file';

export const CANCELLING_MODEL = 'gpt-4o';

/** Every forecast is acted upon, and every one is wrong: this is about what becomes of it, not about whether it was worth it. */
export const cancellingPolicy = definePolicy({
  launchPolicy: 'always',
  calibration: { killSwitch: false },
  midStreamCancel: 'contradiction',
  activities: {
    sortWhole: {
      effect: 'none',
      forecast: [{ kind: 'history', top: 1 }],
      contextKey: () => 'any question',
      cost: { kind: 'model', model: CANCELLING_MODEL, inputTokens: 40, outputTokens: 6 },
    },
    sortStreamed: {
      effect: 'none',
      forecast: [{ kind: 'stream' }, { kind: 'history', top: 1 }],
      contextKey: () => 'any question',
      cost: { kind: 'model', model: CANCELLING_MODEL, inputTokens: 40, outputTokens: 200 },
    },
    answer: {
      effect: 'none',
      cost: { kind: 'model', model: CANCELLING_MODEL, inputTokens: 40, outputTokens: 1000 },
    },
  },
});
