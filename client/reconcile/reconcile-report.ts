import { matchUsage } from '../../speculation/ledger/match-usage';
import { mergeBooks, type MergedBill } from '../../speculation/ledger/merge-books';
import { sumUsd } from '../../speculation/ledger/price-usage';
import { reconcile, type Reconciliation } from '../../speculation/ledger/reconcile';
import { reconcileSums, type SumReconciliation } from '../../speculation/ledger/reconcile-sums';
import type { UsageRow } from '../../speculation/ledger/usage-row';
import { Usd } from '../../speculation/ledger/usd';
import type { UsageExport } from '../usage-export/read-usage-export';
import { UsageExportError } from '../usage-export/usage-export-error';
import type { NamespaceBooks } from './read-books';
import { unlistedUsd } from './unlisted-bills';

/** Milliseconds since 1970, end exclusive; null for without end. */
export interface Window {
  fromMs: number | null;
  toMs: number | null;
}

/** What `runahead reconcile` found. Plain JSON; dollars are exact decimal strings. */
export interface ReconcileReport {
  schema: 1;
  namespace: string;
  file: string;
  window: Window;
  /** Books and bill agree, and all of the books could be read. */
  agrees: boolean;
  /** Request by request; null for an export that only has sums. */
  requests: Reconciliation | null;
  /** Only sums; null for an export of single requests. */
  sums: SumReconciliation | null;
  books: Omit<NamespaceBooks, 'books' | 'openedAtMs' | 'late'> & {
    late: { bills: number; totalUsd: string; unlistedUsd: string } | null;
    /** Dollars in totals whose requests are not known one by one. */
    unlistedUsd: string;
    /** Whether what is charged and not booked adds up to just that. */
    unlistedIsCharged: boolean;
  };
}

const NANO_USD = new Usd('0.000000001');

/** Compares what was read on both sides. */
export function reconcileReport(
  usage: UsageExport,
  namespaceBooks: NamespaceBooks,
  options: { namespace: string; file: string; window: Window; toleranceUsd: string },
): ReconcileReport {
  const { namespace, file, window, toleranceUsd } = options;
  const { books, openedAtMs, late, ...rest } = namespaceBooks;
  const bills = mergeBooks(books).bills.map((bill) => ({ bill, atMs: timeOf(bill, openedAtMs) }));
  const requests =
    usage.kind === 'requests' ? reconcile(...within(window, file, bills, usage.rows), { toleranceUsd }) : null;
  const sums =
    usage.kind === 'sums'
      ? reconcileSums(bills, usage.sums.filter(inside(window)), usage.covered.filter(inside(window)))
      : null;
  const unlisted = sumUsd([unlistedUsd(rest.unlisted), late?.unlistedUsd ?? '0']);
  const unlistedIsCharged = requests !== null && isCharged(requests, unlisted);
  const comparison = requests ?? sums;
  const agrees = comparison?.agrees === true ? new Usd(unlisted).isZero() : unlistedIsCharged;
  return {
    schema: 1,
    namespace,
    file,
    window,
    agrees: agrees && rest.unread.length === 0,
    requests,
    sums,
    books: {
      ...rest,
      late: late === null ? null : { bills: late.bills, totalUsd: late.totalUsd, unlistedUsd: late.unlistedUsd },
      unlistedUsd: unlisted,
      unlistedIsCharged,
    },
  };
}

/** The only differences are requests that the books do not list, and they cost what the books have without listing it. */
function isCharged({ findings }: Reconciliation, unlisted: string): boolean {
  const counting = findings.filter(({ counts }) => counts);
  if (new Usd(unlisted).isZero() || counting.some(({ kind }) => kind !== 'not-booked')) return false;
  const charged = sumUsd(counting.map(({ differenceUsd }) => differenceUsd ?? '0'));
  return new Usd(charged).minus(unlisted).abs().lt(NANO_USD);
}

/**
 * Rows that started within the window, and the bills that they could belong to: those of rows outside of it are left out, and bills without
 * a row by when their operation was asked for. What has no time is compared.
 */
function within(
  window: Window,
  file: string,
  bills: readonly { bill: MergedBill; atMs: number | null }[],
  rows: readonly UsageRow[],
): [MergedBill[], UsageRow[]] {
  const all = bills.map(({ bill }) => bill);
  if (window.fromMs === null && window.toMs === null) return [all, [...rows]];
  for (const { startedAtMs, place } of rows) {
    if (startedAtMs !== null) continue;
    throw new UsageExportError(
      `${file}: ${place} has no started_at, by which --from and --to choose; leave them out, or add it.`,
    );
  }
  const isIn = (atMs: number | null): boolean =>
    atMs === null ||
    ((window.fromMs === null || atMs >= window.fromMs) && (window.toMs === null || atMs < window.toMs));
  const matched = matchUsage(all, rows);
  const rowOf = new Map(matched.pairs.map(({ bill, row }) => [bill, row]));
  return [
    bills.filter(({ bill, atMs }) => isIn(rowOf.get(bill)?.startedAtMs ?? atMs)).map(({ bill }) => bill),
    rows.filter(({ startedAtMs }) => isIn(startedAtMs)),
  ];
}

/** Spans are not cut: those count that lie within the window as a whole. */
function inside({ fromMs, toMs }: Window): (span: Window) => boolean {
  return (span) =>
    (fromMs === null || span.fromMs === null || span.fromMs >= fromMs) &&
    (toMs === null || span.toMs === null || span.toMs <= toMs);
}

function timeOf({ runs, entryId }: MergedBill, openedAtMs: ReadonlyMap<string, number>): number | null {
  for (const run of runs) {
    const atMs = openedAtMs.get(`${run} ${entryId}`);
    if (atMs !== undefined) return atMs;
  }
  return null;
}
