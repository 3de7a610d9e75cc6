import { definePolicy, type Policy } from '../../speculation/plugin/policy-file';
import type { CostInput, OperationInput } from '../../speculation/plugin/operation-policy';
import { modelOf } from './chaos-activities';
import { unreliable } from './chaos-forecasts';
import type { MindOperation } from './chaos-mind';

function modelCost(operation: MindOperation, outputTokens: number): CostInput {
  return { kind: 'model', model: modelOf(operation), inputTokens: 90, outputTokens };
}

/** An operation that a model answers, and that bad forecasters guess at. */
function guessed(operation: Exclude<MindOperation, 'studyItem'>, outputTokens: number): OperationInput {
  return {
    effect: 'none',
    dependency: { type: 'router_k_way', k: 2 },
    forecast: [{ kind: 'stream' }, { kind: 'function', forecast: unreliable(operation) }, { kind: 'history', top: 1 }],
    contextKey: (input: { topic?: string; route?: string }) => input.topic ?? input.route ?? '',
    cost: modelCost(operation, outputTokens),
    expectedSeconds: 0.25,
  };
}

/** Everything that may run early does, however bad its forecasts are. */
export function chaosPolicy(reserveSeat: OperationInput): Policy {
  return definePolicy({
    version: 'chaos',
    knob: { alpha: 1, lambdaUsdPerSecond: 1 },
    limits: { maxDepth: 4, maxBreadth: 2 },
    // A bad record must not keep an edge from launching, or there would soon be nothing left to go wrong.
    calibration: { killSwitch: false },
    activities: {
      chooseRoute: guessed('chooseRoute', 20),
      listTopics: guessed('listTopics', 40),
      nextStep: guessed('nextStep', 20),
      writeAnswer: guessed('writeAnswer', 40),
      reviewAnswer: {
        ...guessed('reviewAnswer', 12),
        dependency: { type: 'verifier' },
        forecast: [{ kind: 'stream' }, { kind: 'verify', pass: { verdict: 'pass', advice: '' } }],
      },
      studyItem: { effect: 'none', cost: modelCost('studyItem', 25), expectedSeconds: 0.2 },
      gatherFacts: { effect: 'none', cost: { kind: 'fixed', usd: 0.0001 }, expectedSeconds: 0.1 },
      recordEntry: { effect: 'idempotent', cost: { kind: 'fixed', usd: 0 }, expectedSeconds: 0.1 },
      cacheEntry: { effect: 'idempotent', abandonSafe: true, cost: { kind: 'fixed', usd: 0 }, expectedSeconds: 0.1 },
      sendMessage: { effect: 'irreversible' },
      reserveSeat,
    },
  });
}
