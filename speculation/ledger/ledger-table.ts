import type { CancellationMode } from './cancellation-mode';
import type { Entry } from './entry';
import { tableLine } from './table-line';
import type { LedgerTotals } from './totals';

const LONGEST_TABLE = 15_000;
const LONGEST_NAME = 60;

/** The books for a reader: totals, then the entries, newest first, as many as fit into 15,000 characters. */
export function ledgerTable(totals: LedgerTotals, entries: readonly Entry[], cancellation?: CancellationMode): string {
  const head = [
    totalsLine(totals, cancellation),
    '',
    tableLine(['operation', 'kind', 'outcome', 'tokens in (cached)', 'out', 'cost', 'ran', 'saved']),
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |',
  ].join('\n');
  const rows: string[] = [];
  const room = LONGEST_TABLE - head.length - 100;
  let length = 0;
  for (const entry of [...entries].reverse()) {
    const text = row(entry);
    length += text.length + 1;
    if (length > room) break;
    rows.push(text);
  }
  const omitted = entries.length - rows.length;
  const rest = omitted > 0 ? `\n\n${omitted} earlier ${omitted === 1 ? 'entry' : 'entries'} not shown.` : '';
  return [head, ...rows].join('\n') + rest;
}

function totalsLine(totals: LedgerTotals, cancellation: CancellationMode | undefined): string {
  const { costUsd, wasteUsd, draftUsd, estimatedUsd, savedMs, launched, claimed, cancelled, failed, unresolved } =
    totals;
  const { unbilled = 0 } = totals;
  const open = launched - claimed - cancelled - failed;
  return [
    `**cost $${costUsd}**`,
    `waste $${wasteUsd}`,
    ...(draftUsd === '0' ? [] : [`drafts $${draftUsd}`]),
    ...(estimatedUsd === '0' ? [] : [`of it estimated $${estimatedUsd}`]),
    `saved ${seconds(savedMs)}`,
    `launched ${launched}: claimed ${claimed}, cancelled ${cancelled}, failed ${failed}, open ${open}`,
    ...(unresolved === 0 ? [] : [`billed late ${unresolved}`]),
    ...(unbilled === 0 ? [] : [`bill missing ${unbilled}`]),
    ...(cancellation === undefined ? [] : [cancellation === 'pushed' ? 'cancels pushed' : 'cancels by heartbeat']),
  ].join(' · ');
}

function row(entry: Entry): string {
  const { edge, operation, kind, costUsd, estimatedUsd, openedAtMs, endedAtMs, savedMs } = entry;
  const cells = [
    name(edge ?? operation),
    kind,
    outcome(entry),
    ...tokenCells(entry),
    `${estimatedUsd === '0' ? '' : '≈ '}$${costUsd}`,
    endedAtMs === null ? '' : seconds(endedAtMs - openedAtMs),
    savedMs === 0 ? '' : seconds(savedMs),
  ];
  return tableLine(cells);
}

function outcome({ state, settled, unresolved, unbilled, match }: Entry): string {
  if (unresolved) return 'cancelled, billed late';
  if (unbilled === true) return `${state}, bill missing`;
  if (state !== 'claimed') return state;
  return `claimed${match === undefined ? '' : `, ${match}`}${settled ? '' : ', running'}`;
}

function tokenCells({ usage, omittedBills }: Entry): [string, string] {
  if (usage.length === 0) return ['', ''];
  const sum = { input: 0, cached: 0, output: 0 };
  for (const { tokens } of usage) {
    sum.input += tokens.inputTokens;
    sum.cached += tokens.cachedInputTokens;
    sum.output += tokens.outputTokens;
  }
  const more = omittedBills > 0 ? '+' : '';
  return [`${sum.input}${more} (${sum.cached}${more})`, `${sum.output}${more}`];
}

/** A name from outside must not break the table. */
function name(text: string): string {
  const short = text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME - 1)}…` : text;
  return short.replace(/[\\|`*_<[\]]/g, '\\$&').replace(/\s+/g, ' ');
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
