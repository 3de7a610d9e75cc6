import pc from 'picocolors';
import type { Entry, LedgerTotals } from '../../speculation/ledger/ledger';
import type { LedgerReport } from '../runahead-client';
import { dollars, seconds } from './figures';
import { plainTable } from './plain-table';

const HEAD = ['call', 'kind', 'state', 'in', 'cached', 'out', 'cost', 'ran', 'saved'];

/** The books: one line for each attempt, then the totals. */
export function ledgerTable({ totals, entries, findings, cancellation }: LedgerReport): string {
  const table = plainTable(HEAD, entries.map(row), ['in', 'cached', 'out', 'cost', 'ran', 'saved']);
  return [
    table,
    '',
    ...totalLines(totals),
    ...cancelLines(cancellation),
    ...findings.map((finding) => pc.yellow(`strict mode: ${finding}`)),
  ].join('\n');
}

function cancelLines(cancellation: LedgerReport['cancellation']): string[] {
  if (cancellation === undefined) return [];
  return [cancellation === 'pushed' ? 'cancels are pushed by the server' : 'cancels arrive with heartbeats'];
}

function row(entry: Entry): string[] {
  const sum = { input: 0, cached: 0, output: 0 };
  for (const { tokens } of entry.usage) {
    sum.input += tokens.inputTokens;
    sum.cached += tokens.cachedInputTokens;
    sum.output += tokens.outputTokens;
  }
  const more = entry.omittedBills > 0 ? '+' : '';
  return [
    entry.edge ?? entry.operation,
    entry.kind,
    stateOf(entry),
    `${sum.input}${more}`,
    `${sum.cached}${more}`,
    `${sum.output}${more}`,
    `${entry.estimatedUsd === '0' ? '' : '~'}${dollars(entry.costUsd)}`,
    entry.endedAtMs === null ? '' : seconds((entry.endedAtMs - entry.openedAtMs) / 1000),
    entry.savedMs === 0 ? '' : seconds(entry.savedMs / 1000),
  ];
}

function stateOf({ state, unresolved, unbilled }: Entry): string {
  if (unresolved) return pc.red('billed late');
  if (unbilled === true) return pc.red(`${state}, bill missing`);
  if (state === 'claimed') return pc.green(state);
  return state === 'cancelled' || state === 'failed' ? pc.red(state) : state;
}

function totalLines(totals: LedgerTotals): string[] {
  const { launched, claimed, cancelled, failed, unbilled = 0 } = totals;
  const drafts = totals.draftUsd === '0' ? '' : `, of it ${dollars(totals.draftUsd)} for drafts`;
  const estimated = totals.estimatedUsd === '0' ? '' : `, of it ${dollars(totals.estimatedUsd)} estimated`;
  return [
    `cost ${dollars(totals.costUsd)}${drafts}${estimated}; waste ${dollars(totals.wasteUsd)}; saved ${seconds(totals.savedMs / 1000)}`,
    `launched ${launched}: claimed ${claimed}, cancelled ${cancelled}, failed ${failed}, ` +
      `open ${launched - claimed - cancelled - failed}`,
    ...(unbilled === 0 ? [] : [pc.red(`bill missing of ${unbilled}: look for them in the provider's usage export`)]),
  ];
}
