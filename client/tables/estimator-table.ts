import type { OperationEstimate } from '../../speculation/runtime/estimator-view';
import { probability, seconds } from './figures';
import { plainTable } from './plain-table';

const LONGEST_VALUE = 40;

/** What one pipeline was told about its operations. */
export function estimatorTable(estimates: readonly OperationEstimate[]): string {
  if (estimates.length === 0) return 'Nothing was looked up yet.';
  const operations = plainTable(
    ['operation', 'depends as', 'median', 'forecast', 'from', 'seen'],
    estimates.flatMap(({ operation, dependencyType, medianSeconds, forecasts }) => {
      const known = [operation, dependencyType, medianSeconds === null ? '' : seconds(medianSeconds)];
      if (forecasts.length === 0) return [[...known, 'none', '', '']];
      return forecasts.map(({ value, source, rank, counts }) => [
        ...known,
        shortened(value),
        `${source}#${rank}`,
        counts === null ? '' : `${counts.hits}/${counts.total}`,
      ]);
    }),
    ['median', 'seen'],
  );
  const edges = estimates.flatMap((estimate) =>
    estimate.edges.map((edge) => [
      `${estimate.operation} > ${edge.downstream}`,
      edge.source,
      `${edge.successes}/${edge.successes + edge.failures}`,
      probability(edge.probability),
    ]),
  );
  if (edges.length === 0) return operations;
  return `${operations}\n\n${plainTable(['edge', 'from', 'right', 'P'], edges, ['right', 'P'])}`;
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return '';
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}
