import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Decimal } from 'decimal.js';
import { RunaheadClient } from '../../client/runahead-client';
import type { OperationBill } from '../../speculation/estimate/observation';
import { sumUsd } from '../../speculation/ledger/price-usage';
import { CONTROL_WORKFLOW_ID } from '../../speculation/runtime/protocol';
import type { ChaosProgress } from './chaos-progress';
import type { ChaosStage } from './chaos-stage';
import { checkBooks, type Booking, type BooksCheck, type CallInBooks, type Kills } from './check-books';
import { bookedByControl } from './control-bills';
import type { Difference } from './difference';
import { bookingsOf, type WorkflowEvidence } from './evidence';
import { persistently } from './persistently';

/** Late bills that have not come after so long will not come. */
const LATE_BILLS_TIMEOUT_MS = 45_000;
const POLL_MS = 2_000;

/** Late bills are on their way when the runs are over: compares until nothing is missing, or nothing comes any more. */
export async function settledBooks(
  { drivers, meter }: Pick<ChaosStage, 'drivers' | 'meter'>,
  evidence: readonly WorkflowEvidence[],
  kills: Kills,
  progress: ChaosProgress,
): Promise<BooksCheck> {
  const ledgers = evidence.flatMap(bookingsOf);
  const tell = callTeller(evidence);
  const deadline = performance.now() + LATE_BILLS_TIMEOUT_MS;
  for (;;) {
    const bills = await bookedByControl(drivers.bare);
    const late = bills.flatMap(({ workflowId, activityId, usage }) =>
      usage.map((bill): Booking => ({ ...bill, workflowId, runId: null, activityId })),
    );
    const invoice = meter.invoice();
    const books = checkBooks(invoice, [...ledgers, ...late], tell, kills);
    const missing = books.differences.filter(({ kind }) => kind === 'unbooked').length;
    const isOver = missing === 0 && invoice.every(({ closedAtMs }) => closedAtMs !== null);
    if (isOver || performance.now() >= deadline) {
      return { ...books, differences: [...books.differences, ...(await lateSumDifference(drivers.bare, bills))] };
    }
    progress.update(`waiting for late bills: ${missing} requests are not booked yet`);
    await pause(POLL_MS);
  }
}

/** What was worked out of the late bills must be what the control workflow itself says. */
async function lateSumDifference(client: Client, bills: readonly OperationBill[]): Promise<Difference[]> {
  const { totalUsd } = await persistently(() => new RunaheadClient(client).lateBills());
  const sum = sumUsd(bills.flatMap(({ usage }) => usage.map(({ costUsd }) => costUsd)));
  if (new Decimal(sum).eq(totalUsd)) return [];
  const what = `its late bills are ${sum} dollars by what it was told, and ${totalUsd} by itself`;
  return [{ kind: 'wrong amount', workflowId: CONTROL_WORKFLOW_ID, what }];
}

/** Tells which workflow a call belongs to, and what its history and its books say of it. */
function callTeller(evidence: readonly WorkflowEvidence[]): (runId: string, activityId: string) => CallInBooks {
  const byRun = new Map(
    evidence.flatMap(({ workflowId, histories, ledgers }) =>
      histories.map((history) => {
        const entries = ledgers.find(({ runId }) => runId === history.runId)?.entries ?? [];
        return [history.runId, { workflowId, history, entries }] as const;
      }),
    ),
  );
  return (runId, activityId) => {
    const run = byRun.get(runId);
    if (run === undefined) return { workflowId: '', words: `no run ${runId}`, saidToBeMissing: false, overAtMs: null };
    const { workflowId, history, entries } = run;
    const call = history.calls.find((each) => each.activityId === activityId);
    const entry = entries.findLast(({ id }) => id === activityId);
    const books = entry === undefined ? 'no entry' : `entry ${entry.state}${entry.unresolved ? ', unresolved' : ''}`;
    const isOpen = entry !== undefined && !entry.settled && entry.state !== 'finished';
    const saidToBeMissing = history.end !== 'open' && (entry?.unresolved === true || isOpen);
    const told = call === undefined ? 'a call that its history has not' : `${call.activityType} ${call.outcome}`;
    return { workflowId, words: `${told}, run ${history.end}, ${books}`, saidToBeMissing, overAtMs: history.endedAtMs };
  };
}
