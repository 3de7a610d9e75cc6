import type { EstimatorAnswer } from '../../speculation/runtime/control-protocol';
import { counted, dollars, probability, seconds } from './figures';
import { plainTable } from './plain-table';

/** What the control plane has learned. */
export function controlTable({ operations, edges, ignoredSignals, rejectedObservations }: EstimatorAnswer): string {
  const known = Object.entries(operations).map(
    ([operation, { successes, failures, latencySeconds, meanTokens, meanCostUsd, dearestCostUsd }]) => [
      operation,
      String(successes + failures),
      String(failures),
      latencySeconds === null ? '' : seconds(latencySeconds.p50),
      latencySeconds === null ? '' : seconds(latencySeconds.p95),
      meanTokens === null ? '' : meanTokens.inputTokens.toFixed(0),
      meanTokens === null ? '' : meanTokens.cachedInputTokens.toFixed(0),
      meanTokens?.cacheWriteTokens === undefined ? '' : meanTokens.cacheWriteTokens.toFixed(0),
      meanTokens === null ? '' : meanTokens.outputTokens.toFixed(0),
      dollars(meanCostUsd),
      dearestCostUsd === undefined ? '' : dollars(dearestCostUsd),
    ],
  );
  if (known.length === 0) return 'Nothing has been observed yet.';
  const head = ['operation', 'attempts', 'failed', 'p50', 'p95', 'in', 'cached', 'written', 'out', 'cost', 'most'];
  const parts = [plainTable(head, known, head.slice(1))];
  if (edges.length > 0) {
    const rows = edges.map(({ edge, forecast, successes, failures, mean }) => [
      edge.replace('>', ' > '),
      forecast,
      `${counted(successes)}/${counted(successes + failures)}`,
      probability(mean),
    ]);
    parts.push(plainTable(['edge', 'forecast', 'right', 'P'], rows, ['right', 'P']));
  }
  if (ignoredSignals + rejectedObservations > 0) {
    parts.push(`not understood: ${ignoredSignals} signals, ${rejectedObservations} observations`);
  }
  return parts.join('\n\n');
}
