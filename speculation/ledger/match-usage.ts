import type { MergedBill } from './merge-books';
import type { UsageRow } from './usage-row';

export interface MatchedUsage {
  pairs: { bill: MergedBill; row: UsageRow }[];
  /** In the books, not in the export. */
  bills: MergedBill[];
  /** In the export, not in the books. */
  rows: UsageRow[];
  /** A request that is in the export once more; of such rows the first counts. */
  duplicates: UsageRow[];
}

/**
 * Which row of an export charges for which bill: by the provider's id of the request, else by the client's own. An id of the client stands
 * for one request alone, so it only joins a bill and a row that have nobody else.
 */
export function matchUsage(bills: readonly MergedBill[], rows: readonly UsageRow[]): MatchedUsage {
  const { first, duplicates } = withoutDuplicates(rows);
  const open = new Set(bills);
  const pairs: MatchedUsage['pairs'] = [];
  const join = (unmatched: readonly UsageRow[], billKeys: Keys<MergedBill>, rowKeys: Keys<UsageRow>): UsageRow[] => {
    const byKey = new Map<string, MergedBill>();
    for (const bill of open) for (const key of billKeys(bill)) if (!byKey.has(key)) byKey.set(key, bill);
    return unmatched.filter((row) => {
      const bill = rowKeys(row)
        .map((key) => byKey.get(key))
        .find((each) => each !== undefined && open.has(each));
      if (bill === undefined) return true;
      open.delete(bill);
      pairs.push({ bill, row });
      return false;
    });
  };
  const byProvider = join(first, providerId, providerId);
  // A bill that was estimated before the provider named the request is kept under the client's id.
  const left = join(byProvider, clientIds, clientIds);
  return { pairs, bills: [...open], rows: left, duplicates };
}

type Keys<T> = (of: T) => string[];

function providerId({ requestId }: { requestId: string | null }): string[] {
  return requestId === null || requestId === '' ? [] : [requestId];
}

function clientIds({ requestId, clientRequestId }: MergedBill | UsageRow): string[] {
  return [clientRequestId, requestId].filter((id) => id !== undefined && id !== null && id !== '') as string[];
}

function withoutDuplicates(rows: readonly UsageRow[]): { first: UsageRow[]; duplicates: UsageRow[] } {
  const seen = new Set<string>();
  const first: UsageRow[] = [];
  const duplicates: UsageRow[] = [];
  for (const row of rows) {
    const [own] = providerId(row);
    const id = own ?? clientIds(row).map((clientId) => `client ${clientId}`)[0];
    if (id !== undefined && seen.has(id)) duplicates.push(row);
    else first.push(row);
    if (id !== undefined) seen.add(id);
  }
  return { first, duplicates };
}
