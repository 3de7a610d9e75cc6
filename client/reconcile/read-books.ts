import { QueryNotRegisteredError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Entry } from '../../speculation/ledger/entry';
import type { BooksOfRun } from '../../speculation/ledger/merge-books';
import { sumUsd } from '../../speculation/ledger/price-usage';
import { Usd } from '../../speculation/ledger/usd';
import { CONTROL_WORKFLOW_ID, QUERY } from '../../speculation/runtime/protocol';
import { explainFailure } from '../explain-failure';
import { RunaheadClient, type LedgerReport } from '../runahead-client';
import { billsInHistory } from './bills-in-history';
import { lateBooks, type LateBooks } from './late-books';
import { TaskQueues } from './task-queues';
import { unlistedBills, type ListedRun, type Unlisted } from './unlisted-bills';

/** A run, for a reader. */
export interface NamedRun {
  workflowId: string;
  runId: string;
  workflowType: string;
}

/** The books of all runs of a namespace, and what of them could not be had. */
export interface NamespaceBooks {
  /** Runs whose books were read. */
  runs: number;
  books: BooksOfRun[];
  /** When the operation of an entry was asked for, milliseconds since 1970, by `run entryId`. */
  openedAtMs: ReadonlyMap<string, number>;
  /** Runs that gave no answer, with the reason. */
  unread: (NamedRun & { reason: string })[];
  /** Workflow types that run without the plugin, and keep no books. */
  withoutBooks: { workflowType: string; runs: number }[];
  /** In the totals of runs, and not known request by request. */
  unlisted: Unlisted[];
  /** Calls that were left behind when their pipeline closed: their bills come late, to the control workflow. */
  unresolved: (NamedRun & { entryId: string; operation: string })[];
  /** Calls that still run. */
  open: number;
  /** Null without a control workflow. */
  late: LateBooks | null;
}

export interface BooksSource {
  client: Client;
  address: string;
  namespace: string;
  inTime: <T>(call: () => Promise<T>) => Promise<T>;
}

/** How many runs are asked at the same time: a closed one is replayed by a worker for it. */
const CONCURRENCY = 8;

/**
 * Asks every run that a visibility query matches for its ledger, and the control workflow for the bills that came late. A run that gives
 * no answer is named, and the others are asked all the same.
 *
 * @param query "" for all of the namespace
 */
export async function readBooks(source: BooksSource, query: string): Promise<NamespaceBooks> {
  const reader = new BooksReader(source);
  let batch: WorkflowExecutionInfo[] = [];
  const flush = async (): Promise<void> => {
    await Promise.all(batch.map((run) => reader.read(run)));
    batch = [];
  };
  for await (const run of source.client.workflow.list({ query })) {
    if (run.workflowId.startsWith(CONTROL_WORKFLOW_ID)) continue;
    batch.push(run);
    if (batch.length >= CONCURRENCY) await flush();
  }
  await flush();
  return reader.books();
}

class BooksReader {
  readonly #runs: ListedRun[] = [];
  readonly #openedAtMs = new Map<string, number>();
  readonly #unread: NamespaceBooks['unread'] = [];
  readonly #withoutBooks = new Map<string, number>();
  readonly #unresolved: NamespaceBooks['unresolved'] = [];
  readonly #queues: TaskQueues;
  #open = 0;

  constructor(private readonly source: BooksSource) {
    this.#queues = new TaskQueues(source);
  }

  async read(info: WorkflowExecutionInfo): Promise<void> {
    const { workflowId, runId, type: workflowType, taskQueue } = info;
    const run: NamedRun = { workflowId, runId, workflowType };
    if (await this.#queues.isSilent(taskQueue)) {
      this.#unread.push({
        ...run,
        reason: `No worker is there for task queue ${taskQueue}. Start one and compare again.`,
      });
      return;
    }
    try {
      const report = await this.source.inTime(() =>
        this.source.client.workflow.getHandle(workflowId, runId).query<LedgerReport>(QUERY.ledger),
      );
      this.#queues.answered(taskQueue);
      await this.#take(run, report);
    } catch (error) {
      if (error instanceof QueryNotRegisteredError && /did not register a handler/i.test(error.message)) {
        this.#withoutBooks.set(workflowType, (this.#withoutBooks.get(workflowType) ?? 0) + 1);
        return;
      }
      const reason = explainFailure(error, this.source.address, this.source.namespace);
      if (/^No worker answered/.test(reason)) this.#queues.unanswered(taskQueue);
      this.#unread.push({ ...run, reason });
    }
  }

  async books(): Promise<NamespaceBooks> {
    const late = await this.#late();
    const runBooks = this.#runs.map(({ books }) => books);
    return {
      runs: this.#runs.length,
      books: late === null ? runBooks : [...runBooks, late.books],
      openedAtMs: this.#openedAtMs,
      unread: this.#unread,
      withoutBooks: [...this.#withoutBooks].map(([workflowType, runs]) => ({ workflowType, runs })),
      unlisted: unlistedBills(this.#runs),
      unresolved: this.#unresolved,
      open: this.#open,
      late,
    };
  }

  async #take(run: NamedRun, { totals, entries }: LedgerReport): Promise<void> {
    const { workflowId, runId } = run;
    const name = `${workflowId}/${runId}`;
    for (const { id, openedAtMs, settled, unresolved, operation } of entries) {
      this.#openedAtMs.set(`${name} ${id}`, openedAtMs);
      if (!settled) this.#open += 1;
      if (unresolved) this.#unresolved.push({ ...run, entryId: id, operation });
    }
    const listed = { workflowId, runId, totalUsd: totals.costUsd };
    if (isComplete(totals.costUsd, entries)) {
      this.#runs.push({ ...listed, books: { run: name, entries }, continuedFrom: null });
      return;
    }
    const { entries: found, continuedFrom } = await billsInHistory(this.source.client, workflowId, runId);
    const books = { run: name, entries: [...entries.map(withoutOmitted), ...found] };
    this.#runs.push({ ...listed, books, continuedFrom });
  }

  async #late(): Promise<LateBooks | null> {
    try {
      return lateBooks(await this.source.inTime(() => new RunaheadClient(this.source.client).lateBills()));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      const reason = explainFailure(error, this.source.address, this.source.namespace);
      const control = { workflowId: CONTROL_WORKFLOW_ID, runId: '', workflowType: 'the late bills' };
      this.#unread.push({ ...control, reason });
      return null;
    }
  }
}

/** Whether the entries that a run lists are all of its totals, with every bill. */
function isComplete(totalUsd: string, entries: readonly Entry[]): boolean {
  if (entries.some(({ omittedBills }) => omittedBills > 0)) return false;
  return new Usd(totalUsd).eq(sumUsd(entries.map(({ costUsd }) => costUsd)));
}

/** What the history does not have after all shows in the totals. */
function withoutOmitted(entry: Entry): Entry {
  return { ...entry, omittedBills: 0 };
}
