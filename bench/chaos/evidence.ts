import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import { billsInHistory } from '../../client/reconcile/bills-in-history';
import type { Entry } from '../../speculation/ledger/entry';
import type { LedgerTotals } from '../../speculation/ledger/totals';
import { sumUsd } from '../../speculation/ledger/price-usage';
import type { LedgerReport } from '../../client/runahead-client';
import { QUERY } from '../../speculation/runtime/protocol';
import type { Booking } from './check-books';
import { inParallel } from './in-parallel';
import { persistently } from './persistently';
import { readRunHistory, type HistoryEvent, type RunHistory } from './run-history';

/** What Temporal has of one workflow when all is over. */
export interface WorkflowEvidence {
  workflowId: string;
  /** Oldest first: resets and legs are runs of their own. */
  histories: RunHistory[];
  ledgers: RunBooks[];
}

export interface RunBooks {
  runId: string;
  entries: Pick<Entry, 'id' | 'usage' | 'settled' | 'unresolved' | 'state' | 'costUsd'>[];
  /** Null where the books had to be read from the history. */
  totals: LedgerTotals | null;
}

const CONCURRENCY = 8;

/** Reads history and books of every run of the workflows. */
export async function readEvidence(
  client: Client,
  workflowIds: readonly string[],
): Promise<Map<string, WorkflowEvidence>> {
  const evidence = new Map<string, WorkflowEvidence>();
  for (const workflowId of workflowIds) evidence.set(workflowId, { workflowId, histories: [], ledgers: [] });
  const runs = await runsOf(client, evidence);
  await inParallel(runs, CONCURRENCY, async ({ workflowId, runId }) => {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { events } = await persistently(() => handle.fetchHistory());
    const found = evidence.get(workflowId);
    found?.histories.push(readRunHistory(runId, events ?? []));
    // A run that was terminated before it had finished a workflow task has done nothing, and cannot be asked.
    if (events?.some(({ workflowTaskCompletedEventAttributes: task }) => task != null) !== true) return;
    found?.ledgers.push(await booksOf(client, workflowId, runId, events));
  });
  return evidence;
}

async function booksOf(
  client: Client,
  workflowId: string,
  runId: string,
  events: readonly HistoryEvent[],
): Promise<RunBooks> {
  const handle = client.workflow.getHandle(workflowId, runId);
  try {
    const { entries, totals } = await persistently(() => handle.query<LedgerReport>(QUERY.ledger));
    return { runId, entries, totals };
  } catch (error) {
    if (!(error instanceof QueryNotRegisteredError) || !/workflow machines/.test(error.message)) throw error;
  }
  // The SDK cannot replay a run that was ended between what its code asked for and what the server has of it.
  const bills = await persistently(() => billsInHistory(client, workflowId, runId));
  const entries = readRunHistory(runId, events).calls.map(
    ({ activityId: id, outcome }): RunBooks['entries'][number] => ({
      id,
      usage: bills.entries.filter((entry) => entry.id === id).flatMap(({ usage }) => usage),
      settled: outcome !== 'open',
      unresolved: false,
      state: outcome === 'open' ? 'running' : outcome === 'completed' ? 'committed' : outcome,
      costUsd: '0',
    }),
  );
  return { runId, entries, totals: null };
}

async function runsOf(
  client: Client,
  wanted: ReadonlyMap<string, unknown>,
): Promise<{ workflowId: string; runId: string }[]> {
  return persistently(async () => {
    const runs: { workflowId: string; runId: string; startedAtMs: number }[] = [];
    for await (const { workflowId, runId, startTime } of client.workflow.list({ pageSize: 500 })) {
      if (wanted.has(workflowId)) runs.push({ workflowId, runId, startedAtMs: startTime.getTime() });
    }
    return runs.sort((left, right) => left.startedAtMs - right.startedAtMs);
  });
}

/** Every bill of every ledger, as often as it stands there. */
export function bookingsOf({ workflowId, ledgers }: WorkflowEvidence): Booking[] {
  return ledgers.flatMap(({ runId, entries }) =>
    entries.flatMap(({ id, usage }) => usage.map((bill) => ({ ...bill, workflowId, runId, activityId: id }))),
  );
}

/** Launches over all runs; what a later run carries on is counted in its own totals, so only the last run of each start counts. */
export function launchesOf({
  ledgers,
}: WorkflowEvidence): Record<'launched' | 'claimed' | 'cancelled' | 'failed', number> {
  const totals = { launched: 0, claimed: 0, cancelled: 0, failed: 0 };
  const last = ledgers.at(-1)?.totals ?? null;
  if (last !== null) for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += last[name];
  return totals;
}

/** A ledger whose entries do not add up to its totals; null where they do. */
export function brokenSum({ ledgers }: WorkflowEvidence): string | null {
  for (const { runId, totals, entries } of ledgers) {
    if (totals === null) continue;
    const sum = sumUsd(entries.map(({ costUsd }) => costUsd));
    if (sum !== totals.costUsd) return `run ${runId}: entries add up to ${sum} dollars, the total is ${totals.costUsd}`;
  }
  return null;
}
