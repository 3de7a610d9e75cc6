import pc from 'picocolors';
import { BOOK_DIFFERENCES } from '../../bench/chaos/difference';
import { byKind, type ChaosReport } from '../../bench/chaos/chaos-report';
import { plainTable } from './plain-table';

/** One line for each thing that was done to the runs, and for each that must not have come of it. */
export function chaosTable(report: ChaosReport): string {
  const { requests, invoiceUsd, bookedUsd, estimatedUsd } = report.books;
  const { launched, claimed, cancelled, failed } = report.launches;
  const { identicalResults, plainRuns, effects, stages, kills } = report;
  const rows: string[][] = [
    ['runs', `${report.runs} (seed ${report.seed}), ${report.seconds.toFixed(0)} s`],
    ['shapes', listed(report.shapes)],
    ['ended', listed(report.endings)],
    ['disturbed while they ran', `${listed(report.disturbances)}, continued as new ${report.continuedAsNew}`],
    ['faults of the model', listed(report.faults)],
    [
      'killed and started again',
      `workers ${kills.worker}, server ${kills.server}; workers that ended by themselves ${report.crashes}; ` +
        `activities that the server lost at a reset ${report.activitiesLostByServer}`,
    ],
    [
      'launches',
      `${launched}: claimed ${claimed}/${launched}, cancelled ${cancelled}/${launched}, failed ${failed}/${launched}, ` +
        `open when their run was ended ${launched - claimed - cancelled - failed}/${launched}`,
    ],
    ['stages', `prepared ${total(stages)}: ${listed(stages)}`],
    [
      'effects',
      `${effects.standing}; repeated because Temporal retried or was reset ${effects.repeatedByTemporal}; ` +
        `idempotent ones of abandoned launches ${effects.abandoned}`,
    ],
    [
      'requests',
      `${requests.invoiced}: reported ${requests.reported}, estimated ${requests.estimated}, lost ${requests.lost}; ` +
        `late to the control workflow ${requests.late}; set aside and never sent ${requests.neverSent}; ` +
        `gone with a killed worker, and marked as missing ${requests.knownMissing}`,
    ],
    [
      'invoice',
      `${invoiceUsd} $; booked ${bookedUsd} $, of which estimated ${estimatedUsd} $; ` +
        `runs whose books had to be read from their history ${report.books.unreadable}`,
    ],
    ['results like the plain run', `${identicalResults.identical}/${identicalResults.completed} completed runs`],
    ['expectation like a real plain run', `${plainRuns.identical}/${plainRuns.checked} runs without the plugin`],
  ];
  const counts = byKind(report.differences);
  const books = BOOK_DIFFERENCES.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  rows.push(['book differences', verdict(books)]);
  for (const [kind, count] of Object.entries(counts)) rows.push([`  ${kind}`, verdict(count)]);
  return plainTable(['chaos', ''], rows);
}

function listed(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function verdict(count: number): string {
  return count === 0 ? pc.green('0') : pc.red(String(count));
}
