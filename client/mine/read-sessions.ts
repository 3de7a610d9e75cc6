import type { Client } from '@temporalio/client';
import type { LedgerReport } from '../runahead-client';
import { explainFailure } from '../explain-failure';
import { TaskQueues } from '../reconcile/task-queues';
import { CONTROL_WORKFLOW_ID, QUERY } from '../../speculation/runtime/protocol';
import type { Entry } from '../../speculation/ledger/entry';
import { callsInHistory, type HistoryCall } from './calls-in-history';
import { claimsInBooks, claimsInHistory, hasFinishedLaunches } from './claimed-launches';
import { sessionOfCalls, type Session } from './session-of-calls';

/** A run whose history may be mined. */
export interface MinedRun {
  workflowId: string;
  runId: string;
  workflowType: string;
  taskQueue: string;
}

/** Where runs and what is known of them come from. */
export interface SessionSource {
  runs: AsyncIterable<MinedRun>;
  /** @throws what the server or the data converter says */
  calls: (run: MinedRun) => Promise<HistoryCall[]>;
  /** The books of a run; null where nobody answers. */
  entries: (run: MinedRun) => Promise<readonly Entry[] | null>;
  explain: (error: unknown) => string;
}

/** Plain JSON. */
export interface ReadSessions {
  sessions: Session[];
  /** Runs that matched, up to the limit. */
  runs: number;
  /** More runs match than were read. */
  more: boolean;
  /** Runs that made no call that ended well. */
  empty: number;
  /** Runs whose history could not be read, with the reason; the others were read all the same. */
  unread: { workflowId: string; runId: string; workflowType: string; reason: string }[];
  /** Runs with launches whose books nobody could be asked for: what was claimed is told from the history. */
  withoutBooks: number;
}

/** How many histories are read at the same time. */
const CONCURRENCY = 8;

/** Turns the histories of runs into sessions, latest run first. */
export async function readSessions(source: SessionSource, limit: number): Promise<ReadSessions> {
  const read: ReadSessions = { sessions: [], runs: 0, more: false, empty: 0, unread: [], withoutBooks: 0 };
  let batch: MinedRun[] = [];
  const flush = async (): Promise<void> => {
    const sessions = await Promise.all(batch.map((run) => sessionOf(source, run, read)));
    read.sessions.push(...sessions.filter((session) => session !== null));
    batch = [];
  };
  for await (const run of source.runs) {
    if (read.runs >= limit) {
      read.more = true;
      break;
    }
    read.runs += 1;
    batch.push(run);
    if (batch.length >= CONCURRENCY) await flush();
  }
  await flush();
  return read;
}

async function sessionOf(source: SessionSource, run: MinedRun, read: ReadSessions): Promise<Session | null> {
  const { workflowId, runId, workflowType } = run;
  try {
    const found = await source.calls(run);
    const calls = sessionOfCalls(found, await claimsOf(source, run, found, read));
    if (calls.length === 0) read.empty += 1;
    return calls.length === 0 ? null : { workflowId, runId, calls };
  } catch (error) {
    read.unread.push({ workflowId, runId, workflowType, reason: source.explain(error) });
    return null;
  }
}

async function claimsOf(
  source: SessionSource,
  run: MinedRun,
  calls: readonly HistoryCall[],
  read: ReadSessions,
): Promise<(launch: HistoryCall) => boolean> {
  if (!hasFinishedLaunches(calls)) return () => false;
  const entries = await source.entries(run);
  if (entries !== null) return claimsInBooks(entries, calls);
  read.withoutBooks += 1;
  return claimsInHistory(calls);
}

export interface NamespaceUse {
  client: Client;
  address: string;
  namespace: string;
  inTime: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * The runs of a namespace that a visibility query matches, except those of the control workflow. Payloads are decoded by the client's data
 * converter.
 */
export function namespaceSource(use: NamespaceUse, query: string): SessionSource {
  const { client, address, namespace, inTime } = use;
  const queues = new TaskQueues(use);
  const handleOf = ({ workflowId, runId }: MinedRun): ReturnType<Client['workflow']['getHandle']> =>
    client.workflow.getHandle(workflowId, runId);
  return {
    runs: listed(client, query),
    calls: async (run) => callsInHistory(await handleOf(run).fetchHistory(), client.options.loadedDataConverter),
    entries: async (run) => {
      if (await queues.isSilent(run.taskQueue)) return null;
      try {
        const { entries } = await inTime(() => handleOf(run).query<LedgerReport>(QUERY.ledger));
        queues.answered(run.taskQueue);
        return entries;
      } catch (error) {
        if (/^No worker answered/.test(explainFailure(error, address, namespace))) queues.unanswered(run.taskQueue);
        return null;
      }
    },
    explain: (error) => explainFailure(error, address, namespace),
  };
}

async function* listed(client: Client, query: string): AsyncIterable<MinedRun> {
  for await (const { workflowId, runId, type, taskQueue } of client.workflow.list({ query })) {
    if (workflowId.startsWith(CONTROL_WORKFLOW_ID)) continue;
    yield { workflowId, runId, workflowType: type, taskQueue };
  }
}
