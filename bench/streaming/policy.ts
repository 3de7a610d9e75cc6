import type { OperationInput } from '../../speculation/plugin/operation-policy';
import { definePolicy, type Policy } from '../../speculation/plugin/policy-file';
import type { ModelOperation, StreamingShape } from './shape';

export const STREAMING_MODEL = 'gpt-4o-mini';

/** What may run early in the suite: everything, and there is room for it. Tools are somebody's service and not free. */
export function streamingPolicy(shapes: readonly StreamingShape[]): Policy {
  const operations = shapes.flatMap((shape) => Object.entries(shape.operations));
  return definePolicy({
    limits: { maxDepth: 12, maxBreadth: 3, maxOpenLaunches: 48, maxFibers: 64 },
    // Each run counts for itself: an edge that is meant to be refuted must not be stopped for it.
    calibration: { killSwitch: false },
    activities: Object.fromEntries(
      operations.map(([activityType, operation]) => [
        activityType,
        operation.kind === 'model' ? modelPolicy(operation) : TOOL_POLICY,
      ]),
    ),
  });
}

function modelPolicy({ forecast = [], contextKey, dependency }: ModelOperation): OperationInput {
  return {
    effect: 'none',
    forecast: [{ kind: 'stream' }, ...forecast],
    cost: { kind: 'model', model: STREAMING_MODEL, inputTokens: 60, outputTokens: 150 },
    expectedSeconds: 2,
    ...(contextKey !== undefined && { contextKey }),
    ...(dependency !== undefined && { dependency }),
  };
}

export const TOOL_USD = 0.00002;

const TOOL_POLICY: OperationInput = { effect: 'none', cost: { kind: 'fixed', usd: TOOL_USD }, expectedSeconds: 1 };
