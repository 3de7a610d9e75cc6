import type { BooksOfRun } from '../../speculation/ledger/merge-books';
import { sumUsd } from '../../speculation/ledger/price-usage';
import { Usd } from '../../speculation/ledger/usd';
import type { LateBillsAnswer } from '../../speculation/runtime/control-protocol';
import { CONTROL_WORKFLOW_ID } from '../../speculation/runtime/protocol';

/** Bills that no pipeline could book, as books. */
export interface LateBooks {
  books: BooksOfRun;
  bills: number;
  totalUsd: string;
  /** In the total, and not known request by request. */
  unlistedUsd: string;
}

export function lateBooks({ totalUsd, count, recent }: LateBillsAnswer): LateBooks {
  const entries = recent.map(({ workflowId, operation, requests = [] }) => ({
    id: `${operation} of ${workflowId}`,
    // Nobody asks at which rates a late bill was priced: its dollars are exact.
    usage: requests.map((request) => ({ ...request, rates: null, attempt: 1 })),
    omittedBills: 0,
  }));
  const listedUsd = sumUsd(entries.flatMap(({ usage }) => usage.map(({ costUsd }) => costUsd)));
  return {
    books: { run: CONTROL_WORKFLOW_ID, entries },
    bills: count,
    totalUsd,
    unlistedUsd: new Usd(totalUsd).minus(listedUsd).toFixed(),
  };
}
