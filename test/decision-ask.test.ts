import { decideAsk, type AskInputs } from '../speculation/decision/ask-draft';
import { DEFAULT_KNOB } from '../speculation/decision/knob';

const inputs: AskInputs = {
  id: 1,
  atMs: 0,
  pipeline: 'p',
  phase: 'ask',
  upstream: 'classify',
  draft: 'guess',
  draftCostUsd: 0.001,
  candidates: [{ downstream: 'answer', P: 0.5, speculativeCostUsd: 0.002, latencySavedSeconds: 1 }],
  knob: { ...DEFAULT_KNOB, alpha: 1, lambdaUsdPerSecond: 0.01 },
  spentUsd: '0',
  reservedUsd: '0',
};

test.each([
  // EV of the candidate: 0.5 * 0.01 - 0.5 * 0.002 = 0.004; threshold (2 - alpha) * 0.001.
  ['asks when the best launch is worth the draft', {}, 'ask', 'worth-it'],
  ['asks at equality', { draftCostUsd: 0.004 }, 'ask', 'worth-it'],
  ['skips when the draft costs more than it can bring', { draftCostUsd: 0.0041 }, 'skip', 'not-worth-it'],
  ['skips when nothing can follow', { candidates: [] }, 'skip', 'not-worth-it'],
  [
    'skips when nothing can follow even if the draft is free',
    { candidates: [], draftCostUsd: 0 },
    'skip',
    'not-worth-it',
  ],
  ['skips when speculation is off', { knob: { ...inputs.knob, enabled: false } }, 'skip', 'speculation-off'],
  [
    'skips when the budget is spent',
    { knob: { ...inputs.knob, budgetUsd: '0.0105' }, spentUsd: '0.0095', reservedUsd: '0.0005' },
    'skip',
    'budget',
  ],
] as const)('%s', (_claim, change, decision, reason) => {
  const decided = decideAsk({ ...inputs, ...change } as AskInputs);
  expect(decided).toMatchObject({ decision, reason });
  expect(decideAsk(decided)).toEqual(decided);
});
