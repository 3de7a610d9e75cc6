import pc from 'picocolors';
import type { Hits } from '../mine/forecast-hits';
import type { MineReport } from '../mine/mine-report';
import { plainTable } from './plain-table';

const UNREAD_SHOWN = 20;
const HEAD = ['operation', 'sessions', 'patterns', 'support', 'first forecast right', 'in sessions left out'];

/** What was mined, for a terminal. */
export function mineTable(report: MineReport): string {
  const { operations, sessions, runs, empty, more, notMined, unread, withoutBooks } = report;
  const rows = operations.map(({ operation, sessions: having, patterns, support, inSample, leftOut }) => [
    operation,
    String(having),
    String(patterns),
    String(support),
    rate(inSample),
    leftOut === null ? 'one session only' : rate(leftOut),
  ]);
  return [
    plainTable(HEAD, rows, HEAD.slice(1)),
    '',
    `${sessions} sessions of ${runs} runs${more ? ', the latest of more (--limit)' : ''}${empty === 0 ? '' : `; ${empty} made no call that ended well`}`,
    ...(notMined.length === 0 ? [] : [`not mined: ${notMined.join(', ')} (--operation mines any)`]),
    ...(withoutBooks === 0
      ? []
      : [`${withoutBooks} runs gave no books: which launches they claimed is told from their histories`]),
    ...unread
      .slice(0, UNREAD_SHOWN)
      .map(({ workflowId, runId, workflowType, reason }) =>
        pc.red(`left out: ${workflowType} ${workflowId}/${runId}: ${reason}`),
      ),
    ...(unread.length > UNREAD_SHOWN ? [pc.red(`and ${unread.length - UNREAD_SHOWN} more left out`)] : []),
  ].join('\n');
}

function rate({ numerator, denominator }: Hits): string {
  const share = denominator === 0 ? 0 : (100 * numerator) / denominator;
  return `${numerator}/${denominator} ${share.toFixed(0)} %`;
}
