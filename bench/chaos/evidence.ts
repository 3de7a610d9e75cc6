import type { Client } from '@temporalio/client';
import { sumUsd } from '../../speculation/ledger/price-usage';
import type { LedgerReport } from '../../client/runahead-client';
import { QUERY } from '../../speculation/runtime/protocol';
import type { Booking } from './check-books';
import { inParallel } from './in-parallel';
import { persistently } from './persistently';
import { readRunHistory, type RunHistory } from './run-history';

/** What Temporal has of one workflow when all is over. */
export interface WorkflowEvidence {
  workflowId: string;
  /** Oldest first: resets and legs are runs of their own. */
  histories: RunHistory[];
  ledgers: { runId: string; ledger: LedgerReport }[];
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
    found?.ledgers.push({ runId, ledger: await persistently(() => handle.query<LedgerReport>(QUERY.ledger)) });
  });
  return evidence;
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
  return ledgers.flatMap(({ runId, ledger }) =>
    ledger.entries.flatMap(({ id, usage }) => usage.map((bill) => ({ ...bill, workflowId, runId, activityId: id }))),
  );
}

/** Launches over all runs; what a later run carries on is counted in its own totals, so only the last run of each start counts. */
export function launchesOf({
  ledgers,
}: WorkflowEvidence): Record<'launched' | 'claimed' | 'cancelled' | 'failed', number> {
  const totals = { launched: 0, claimed: 0, cancelled: 0, failed: 0 };
  const last = ledgers.at(-1)?.ledger.totals;
  if (last !== undefined) for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += last[name];
  return totals;
}

/** A ledger whose entries do not add up to its totals; null where they do. */
export function brokenSum({ ledgers }: WorkflowEvidence): string | null {
  for (const { runId, ledger } of ledgers) {
    const { totals, entries } = ledger;
    const sum = sumUsd(entries.map(({ costUsd }) => costUsd));
    if (sum !== totals.costUsd) return `run ${runId}: entries add up to ${sum} dollars, the total is ${totals.costUsd}`;
  }
  return null;
}
