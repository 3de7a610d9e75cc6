import { posterior } from '../speculation/estimate/beta-posterior';
import type { ControlState } from '../speculation/estimate/control-state';
import { resolveDependency } from '../speculation/estimate/dependency-type';
import { latencyQuantile } from '../speculation/estimate/latency-histogram';
import type { EstimatorAnswer, EstimatorFilter } from '../speculation/runtime/control-protocol';

const PRIOR = resolveDependency({ type: 'unknown' });

/** What the control plane has learned, in numbers that a reader can use. */
export function estimatorAnswer(state: ControlState, ignoredSignals: number, filter: EstimatorFilter): EstimatorAnswer {
  return {
    operations: Object.fromEntries(
      Object.entries(state.operations)
        .filter(([operation]) => filter.operation === undefined || operation === filter.operation)
        .map(([operation, { latency, tokens, costUsdSum, count, failures, dearestUsd }]) => {
          const p50 = latencyQuantile(latency, 0.5);
          const p95 = latencyQuantile(latency, 0.95);
          return [
            operation,
            {
              successes: count,
              failures,
              latencySeconds: p50 === null || p95 === null ? null : { p50, p95 },
              meanTokens: tokens?.mean ?? null,
              meanCostUsd: count === 0 ? 0 : costUsdSum / count,
              ...(dearestUsd === undefined ? {} : { dearestCostUsd: dearestUsd }),
            },
          ];
        }),
    ),
    edges: Object.entries(state.edges)
      .filter(([edge]) => filter.edge === undefined || edge === filter.edge)
      .flatMap(([edge, forecasts]) =>
        Object.entries(forecasts).map(([forecast, outcomes]) => ({
          edge,
          forecast,
          ...outcomes,
          mean: posterior(PRIOR, outcomes).mean,
        })),
      ),
    ignoredSignals,
    rejectedObservations: state.rejected,
  };
}
