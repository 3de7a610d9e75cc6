import { plainTable } from '../../client/tables/plain-table';
import type { CancelReport } from './setting-report';

const HEAD = [
  'refuted',
  'cancel',
  'throttle ms',
  'n',
  'p50 ms',
  'p95 ms',
  'max ms',
  'to request ms',
  'tokens after',
  '$ after',
  'waste $',
  'beats/s',
];

/** One line for each setting and way to be refuted. */
export function cancelTable(reports: readonly CancelReport[]): string {
  return plainTable(
    HEAD,
    reports.map((report) => [
      report.refuted === 'by-answer' ? 'by the answer' : 'in the stream',
      report.push ? 'pushed' : 'heartbeats',
      String(report.throttleMs),
      String(report.n),
      report.p50Ms.toFixed(1),
      report.p95Ms.toFixed(1),
      report.maxMs.toFixed(1),
      report.toRequestP50Ms.toFixed(1),
      report.tokensAfter.toFixed(1),
      Number(report.usdAfter).toFixed(6),
      Number(report.wasteUsd).toFixed(6),
      report.beatsPerSecond === null ? '' : report.beatsPerSecond.toFixed(1),
    ]),
    HEAD.slice(2),
  );
}
