import { plainTable } from '../../client/tables/plain-table';
import type { ShapeReport } from './shape-report';

const HEAD = ['shape', 'plain s', 'ahead s', 'ideal s', 'of ideal', 'plain $', 'ahead $', 'waste $', 'hits', 'results'];

/** One line for each shape. */
export function streamingTable(reports: readonly ShapeReport[]): string {
  return plainTable(
    HEAD,
    reports.map((report) => [
      report.name,
      report.plainSeconds.toFixed(2),
      report.runaheadSeconds.toFixed(2),
      report.idealSeconds.toFixed(2),
      report.shareOfIdeal === null ? 'no gain' : `${(100 * report.shareOfIdeal).toFixed(1)} %`,
      dollars(report.plainUsd),
      dollars(report.runaheadUsd),
      dollars(report.wasteUsd),
      `${report.hits.numerator}/${report.hits.denominator}`,
      report.identicalResults ? 'same' : 'DIFFERENT',
    ]),
    HEAD.slice(1, -1),
  );
}

function dollars(usd: string): string {
  return Number(usd) === 0 ? '0' : Number(usd).toFixed(6);
}
