import pc from 'picocolors';
import type { Finding, FindingKind, Reconciliation } from '../../speculation/ledger/reconcile';
import type { ComparedSum, SumReconciliation } from '../../speculation/ledger/reconcile-sums';
import { Usd } from '../../speculation/ledger/usd';
import type { ReconcileReport } from '../reconcile/reconcile-report';
import { plainTable } from './plain-table';

const SHOWN = 50;

const WORDS: Record<FindingKind, string> = {
  different: 'different',
  'not-on-bill': 'booked, not on the bill',
  'not-booked': 'on the bill, not booked',
  duplicate: 'twice on the bill',
  lost: 'was lost, now known',
  estimated: 'estimated',
};

/** The comparison for a terminal: differences first, then the sums, then what could not be compared. */
export function reconcileTable(report: ReconcileReport): string {
  const { requests, sums } = report;
  const parts = [
    requests === null ? '' : requestLines(requests),
    sums === null ? '' : sumLines(sums),
    bookLines(report),
  ];
  return [...parts.filter((part) => part !== ''), verdict(report)].join('\n\n');
}

function requestLines(requests: Reconciliation): string {
  const { findings, equal, bookedUsd, billedUsd, differenceUsd, estimatedUsd, fixed, empty, rowsWithoutPrice } =
    requests;
  const total = equal.requests + findings.length;
  const estimated = estimatedUsd === '0' ? '' : `, of it ${exact(estimatedUsd)} estimated`;
  const lines = [
    `${equal.requests} of ${total} requests agree to the last nano-dollar, ${exact(equal.costUsd)}`,
    `booked ${exact(bookedUsd)}${estimated}; billed ${exact(billedUsd)}; difference ${signed(differenceUsd)}`,
    ...(fixed.calls === 0
      ? []
      : [`left out: ${counted(fixed.calls, 'call')} with a fixed price, ${exact(fixed.costUsd)}`]),
    ...(empty === 0 ? [] : [`left out: ${counted(empty, 'request')} without tokens and dollars on one side alone`]),
    ...(rowsWithoutPrice === 0
      ? []
      : [`${counted(rowsWithoutPrice, 'row')} of the export without dollars, and no rates to price the tokens with`]),
  ];
  if (findings.length === 0) return lines.join('\n');
  const table = plainTable(
    ['', 'request', 'model', 'booked', 'billed', 'difference', 'where'],
    findings.slice(0, SHOWN).map(row),
    ['booked', 'billed', 'difference'],
  );
  const more = findings.length > SHOWN ? [`and ${findings.length - SHOWN} more (--report FILE has all)`] : [];
  return [table, ...more, '', ...lines].join('\n');
}

function row({ kind, counts, requestId, model, booked, billed, differenceUsd }: Finding): string[] {
  const word = WORDS[kind];
  return [
    counts ? pc.red(word) : pc.yellow(word),
    requestId === '' ? '(no id)' : requestId,
    model,
    booked === null ? '' : `${booked.estimated ? '~' : ''}${exact(booked.costUsd)}${tokens(booked.tokens)}`,
    billed === null ? '' : `${billed.costUsd === null ? '?' : exact(billed.costUsd)}${tokens(billed.tokens)}`,
    differenceUsd === null ? '?' : signed(differenceUsd),
    [billed?.place, booked?.runs.join(' ')].filter((place) => place !== undefined).join(', '),
  ];
}

function sumLines({ models, spans, outside, fixed }: SumReconciliation): string {
  const head = ['', 'model', 'requests', 'in', 'cached', 'out', 'dollars'];
  const rows = models.map((sum) => [sum.equal ? pc.green('equal') : pc.red('different'), ...sumCells(sum)]);
  const moved = spans.filter(({ equal }) => !equal).length;
  const estimated = models.reduce((sum, { estimatedRequests }) => sum + estimatedRequests, 0);
  return [
    plainTable(head, rows, head.slice(2)),
    '',
    'booked / billed. The export has no request ids, so single requests cannot be matched: only the sums are compared.',
    ...(moved === 0
      ? []
      : [
          `${moved} of ${spans.length} spans differ by themselves (--report FILE has them); requests near an edge count on either side.`,
        ]),
    ...(estimated === 0 ? [] : [`${counted(estimated, 'booked request')} estimated.`]),
    ...(outside === 0 ? [] : [`left out: ${counted(outside, 'booked request')} outside of the time of the export`]),
    ...(fixed === 0 ? [] : [`left out: ${counted(fixed, 'call')} with a fixed price`]),
  ].join('\n');
}

function sumCells({ model, booked, billed }: ComparedSum): string[] {
  const pair = (ours: number | null, theirs: number | null): string =>
    ours === theirs ? String(ours ?? '?') : `${ours ?? '?'} / ${theirs ?? '?'}`;
  return [
    model === '' ? '(all)' : model,
    pair(booked.requests, billed.requests),
    pair(booked.tokens.inputTokens, billed.tokens.inputTokens),
    pair(booked.tokens.cachedInputTokens, billed.tokens.cachedInputTokens),
    pair(booked.tokens.outputTokens, billed.tokens.outputTokens),
    booked.costUsd === billed.costUsd
      ? exact(booked.costUsd ?? '0')
      : `${exact(booked.costUsd ?? '0')} / ${billed.costUsd === null ? '?' : exact(billed.costUsd)}`,
  ];
}

function bookLines({ books }: ReconcileReport): string {
  const { runs, unread, withoutBooks, unlistedUsd, unlistedIsCharged, unresolved, open, late } = books;
  const without = withoutBooks.map(({ workflowType, runs: count }) => `${count} ${workflowType}`).join(', ');
  const sameSum = unlistedIsCharged
    ? 'what is on the bill and not booked comes to the same sum'
    : 'which could not be matched one by one';
  return [
    `books of ${counted(runs, 'run')}${late === null ? ', without a control workflow' : ` and ${counted(late.bills, 'late bill')}, ${exact(late.totalUsd)}`}`,
    ...(without === '' ? [] : [`without books, because they run without the plugin: ${without}`]),
    ...(open === 0 ? [] : [`still running: ${counted(open, 'call')}, whose bills are to come`]),
    ...(unresolved.length === 0
      ? []
      : [
          `left behind when their pipeline closed: ${counted(unresolved.length, 'call')} ` +
            `(${shortList(unresolved.map(({ workflowId, entryId, operation }) => `${operation} ${entryId} of ${workflowId}`))})`,
        ]),
    ...(unlistedUsd === '0' ? [] : [pc.yellow(`in totals only: ${exact(unlistedUsd)}, ${sameSum}`)]),
    ...unread
      .slice(0, SHOWN)
      .map(({ workflowId, runId, workflowType, reason }) =>
        pc.red(`unread: ${workflowType} ${workflowId}${runId === '' ? '' : `/${runId}`}: ${reason}`),
      ),
    ...(unread.length > SHOWN ? [pc.red(`and ${unread.length - SHOWN} more unread (--report FILE has all)`)] : []),
  ].join('\n');
}

function verdict({ agrees, books, requests, sums }: ReconcileReport): string {
  if (agrees) return pc.green('Books and bill agree.');
  const isIncomplete = books.unread.length > 0;
  if (isIncomplete && (requests ?? sums)?.agrees === true) {
    return pc.red('What could be read agrees with the bill, but not all of the books could be read.');
  }
  return pc.red('Books and bill differ.');
}

function tokens(counts: { inputTokens: number; outputTokens: number } | null): string {
  return counts === null ? '' : ` (${counts.inputTokens}+${counts.outputTokens})`;
}

/** All digits: a nano-dollar may be what it is about. */
function exact(usd: string): string {
  return `$${new Usd(usd).toDecimalPlaces(15).toFixed()}`;
}

function signed(usd: string): string {
  const amount = new Usd(usd);
  if (amount.isZero()) return '$0';
  return `${amount.isNegative() ? '-' : '+'}${exact(amount.abs().toFixed())}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function shortList(texts: readonly string[]): string {
  return texts.length > 5 ? `${texts.slice(0, 5).join(', ')}, ...` : texts.join(', ');
}
