import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createModelClient } from '../activities/model-client';
import { RunaheadClient } from '../client/runahead-client';
import type { LedgerReport } from '../speculation/ledger/ledger';
import { isMissingBill } from '../speculation/ledger/missing-bill';
import { mergeBooks, type MergedBill } from '../speculation/ledger/merge-books';
import { sumUsd } from '../speculation/ledger/price-usage';
import { RunaheadPlugin } from '../speculation/plugin';
import type { BilledHeartbeatDetails } from '../speculation/runtime/protocol';
import type { InvoiceLine } from '../workers/invoice';
import { startLocalModel, type LocalModel, type LocalModelFault } from '../workers/local-model';
import { startMeter, type Meter } from '../workers/meter';
import { startDevServer, type DevServer } from '../workers/temporal-server';
import { linesByClientRequestId } from '../workers/usage-export';
import type { Asking } from './books-pipelines';
import { booksActivities, booksPolicy, EXPECTED } from './support/books-activities';
import { TEST_MODEL, TEST_RATES } from './support/test-rates';
import { until } from './support/until';
import { untilAnswer } from './support/until-answer';

const TEXT = Array.from({ length: 12 }, (_, index) => `Part ${index} has left.`).join(' ');
const DRIP: LocalModelFault = { kind: 'slow-drip', intervalMs: 60 };

/** What the first request of a question meets, by its first words; later ones are answered. */
const FAULTS: Record<string, LocalModelFault> = {
  'hangs up before the head': { kind: 'disconnect-early', after: 'request' },
  'hangs up after the head': { kind: 'disconnect-early', after: 'head' },
  'breaks off in mid-stream': { kind: 'disconnect', afterTokens: 20 },
  'leaves out usage': { kind: 'no-usage' },
  'limits the rate': { kind: 'error', status: 429, retryAfterSeconds: 1 },
  'limits the rate until a date': { kind: 'error', status: 429, retryAfterSeconds: 1, retryAfterAs: 'date' },
  fails: { kind: 'error', status: 500 },
  'fails in mid-stream': { kind: 'error-frame', afterTokens: 20 },
  'sends a malformed chunk': { kind: 'malformed', afterTokens: 20 },
  stalls: { kind: 'stall', afterTokens: 20 },
  'stalls before the first token': { kind: 'stall', afterTokens: 0 },
  drips: { kind: 'slow-drip', intervalMs: 10 },
  'ends twice': { kind: 'duplicate-end' },
};

const mainQueue = `books-${randomUUID()}`;
const doomedQueue = `doomed-${randomUUID()}`;
let folder: string;
let server: DevServer;
let connection: Connection;
let native: NativeConnection;
let client: Client;
let model: LocalModel;
let meter: Meter;
let worker: { stop: () => Promise<void> };
let doomed: ChildProcess | undefined;
let heir: { stop: () => Promise<void> } | undefined;

beforeAll(async () => {
  Runtime.install({ telemetryOptions: { logging: { filter: 'ERROR' } }, logger: new DefaultLogger('ERROR') });
  folder = await mkdtemp(join(tmpdir(), 'runahead-books-'));
  server = await startDevServer({ uiPort: false, dbFilename: join(folder, 'temporal.db') });
  model = await startLocalModel({
    timeToFirstTokenMs: 20,
    tokensPerSecond: 1000,
    script: () => ({ text: TEXT }),
    faults: ({ messages }, attempt) => {
      const question = messages[0]?.content ?? '';
      if (attempt > 0) return null;
      return question.startsWith('slowly') ? DRIP : (FAULTS[question] ?? null);
    },
  });
  meter = await startMeter({ upstreamUrl: model.baseUrl, rates: { [TEST_MODEL]: TEST_RATES } });
  connection = await Connection.connect({ address: server.address });
  native = await NativeConnection.connect({ address: server.address });
  const plugin = new RunaheadPlugin({ policy: booksPolicy, strict: 'off', flushMs: 50 });
  client = new Client({ connection, namespace: server.namespace, plugins: [plugin] });
  worker = await serve(mainQueue, plugin);
}, 60_000);

afterAll(async () => {
  doomed?.kill('SIGKILL');
  await heir?.stop();
  await worker.stop();
  await native.close();
  await connection.close();
  await meter.stop();
  await model.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A worker in this process; the one with a plugin of its own runs pipelines too. */
async function serve(taskQueue: string, plugin?: RunaheadPlugin): Promise<{ stop: () => Promise<void> }> {
  const serving = await Worker.create({
    connection: native,
    namespace: server.namespace,
    taskQueue,
    activities: booksActivities(createModelClient(meter.baseUrl)),
    ...(plugin === undefined ? {} : { workflowsPath: require.resolve('./books-pipelines') }),
    plugins: [plugin ?? new RunaheadPlugin({ policy: booksPolicy, hostControl: false })],
    shutdownGraceTime: '1s',
  });
  const running = serving.run();
  return {
    stop: async () => {
      serving.shutdown();
      await running;
    },
  };
}

type Handle = WorkflowHandleWithFirstExecutionRunId;

const ask = (asking: Omit<Asking, 'startToCloseMs'> & { startToCloseMs?: number }): Promise<Handle> =>
  client.workflow.start('ask', {
    taskQueue: mainQueue,
    workflowId: randomUUID(),
    args: [{ startToCloseMs: 10_000, ...asking }],
    workflowTaskTimeout: '2s',
  });

function ledgerOf({ workflowId, firstExecutionRunId: run }: Handle): Promise<LedgerReport> {
  return client.workflow.getHandle(workflowId, run).query<LedgerReport>('ledger');
}

async function billsOf(...handles: Handle[]): Promise<MergedBill[]> {
  const books = handles.map(async (handle) => ({
    run: handle.firstExecutionRunId,
    entries: (await ledgerOf(handle)).entries,
  }));
  return mergeBooks(await Promise.all(books)).bills;
}

/** What the meter saw of these runs, once nothing is under way any more. */
async function linesOf(...handles: Handle[]): Promise<InvoiceLine[]> {
  const runs = new Set(handles.map(({ firstExecutionRunId }) => firstExecutionRunId));
  const asked = (): InvoiceLine[] =>
    meter.invoice().filter(({ clientRequestId }) => runs.has(clientRequestId?.split('/')[0] ?? ''));
  await until(() => asked().every(({ closedAtMs }) => closedAtMs !== null));
  return asked();
}

const isCharged = ({ inputTokens, outputTokens }: InvoiceLine): boolean => inputTokens + outputTokens > 0;

/** Booked = invoice, request by request: nothing is missing, nothing there twice; estimates are flagged and within their bounds. */
function expectEqual(bills: readonly MergedBill[], lines: readonly InvoiceLine[]): void {
  const known = linesByClientRequestId(lines);
  const billed = bills.map((bill) => {
    const [line, ...others] = known.get(bill.clientRequestId ?? bill.requestId) ?? [];
    if (line === undefined || others.length > 0) throw new Error(`Not one request: ${JSON.stringify({ bill, lines })}`);
    if (!bill.estimated) {
      expect({ id: bill.requestId, usd: bill.costUsd }).toEqual({ id: line.requestId, usd: line.costUsd });
    } else if (isMissingBill(bill)) {
      expect(bill.costUsd).toBe('0');
    } else if (bill.lost === true) {
      expect(bill.tokens).toMatchObject(EXPECTED);
    } else {
      expect(bill.tokens.inputTokens).toBe(line.inputTokens);
      expect(bill.tokens.outputTokens).toBeLessThanOrEqual(line.outputTokens);
    }
    return line.clientRequestId;
  });
  expect([...billed].sort()).toEqual(
    lines
      .filter(isCharged)
      .map(({ clientRequestId }) => clientRequestId)
      .sort(),
  );
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Output tokens of the running bill that the server has of a pipeline's activity. */
async function beatenTokens(handle: Handle): Promise<number> {
  const { raw } = await handle.describe();
  const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
  if (payload == null) return -1;
  const { usage } = defaultPayloadConverter.fromPayload<Partial<BilledHeartbeatDetails>>(payload);
  return usage?.[0]?.tokens.outputTokens ?? -1;
}

/** Runs beside the others from the start on; the test that wants it waits for it. */
interface Scenarios {
  faults: Map<string, Handle>;
  killed: Promise<{ streaming: Handle; silent: Handle; once: Handle; beaten: number }>;
  unheard: Promise<Handle>;
  reset: Promise<{ base: Handle; next: Handle }>;
}
let scenarios: Scenarios;

beforeAll(async () => {
  const faults = new Map<string, Handle>();
  scenarios = { faults, killed: killInMidStream(), unheard: loseHeartbeats(), reset: resetInMidStream() };
  // The test that waits for it says so.
  for (const scenario of [scenarios.killed, scenarios.unheard, scenarios.reset]) scenario.catch(() => undefined);
  for (const fault of Object.keys(FAULTS)) {
    faults.set(fault, await ask({ activity: 'think', questions: [fault], startToCloseMs: 2_500 }));
  }
}, 60_000);

async function startDoomedWorker(): Promise<ChildProcess> {
  const hook = join(__dirname, 'support', 'typescript-hook.cjs');
  const script = join(__dirname, 'support', 'books-worker.ts');
  doomed = spawn(process.execPath, ['--require', hook, script, server.address, doomedQueue, meter.baseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: doomed.stdout! }), 'line');
  return doomed;
}

async function killInMidStream(): ReturnType<() => Scenarios['killed']> {
  const child = await startDoomedWorker();
  const slowly = (activity: Asking['activity'], name: string, more: Partial<Asking>): Promise<Handle> =>
    ask({ activity, questions: [`slowly ${name}`], taskQueue: doomedQueue, ...more });
  const streaming = await slowly('think', 'streaming', { heartbeatMs: 1_500 });
  const silent = await slowly('thinkSilently', 'silent', { startToCloseMs: 3_000 });
  const last = await slowly('thinkSilently', 'once', { startToCloseMs: 3_000, maximumAttempts: 1 });
  await until(() => [silent, last].every((handle) => saidTo(handle) > 0));
  const beaten = await untilAnswer(
    () => beatenTokens(streaming),
    (tokens) => tokens >= 3,
  );
  await kill(child);
  heir = await serve(doomedQueue);
  return { streaming, silent, once: last, beaten };
}

async function loseHeartbeats(): Promise<Handle> {
  return ask({ activity: 'thinkQuietly', questions: ['slowly unheard'], heartbeatMs: 1_000 });
}

async function resetInMidStream(): ReturnType<() => Scenarios['reset']> {
  const base = await ask({ activity: 'think', questions: ['before the reset', 'slowly after it'] });
  await until(() => saidTo(base, 1) >= 3);
  const { events } = await base.fetchHistory();
  const firstAnswer = events!.findIndex((event) => event.activityTaskCompletedEventAttributes != null);
  const point = events!.slice(firstAnswer).find((event) => event.workflowTaskCompletedEventAttributes != null)!;
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: server.namespace,
    workflowExecution: { workflowId: base.workflowId, runId: base.firstExecutionRunId },
    workflowTaskFinishEventId: point.eventId!,
    reason: 'test',
    requestId: randomUUID(),
  });
  return { base, next: { ...base, ...client.workflow.getHandle(base.workflowId, runId), firstExecutionRunId: runId } };
}

/** Output tokens that a run's request has been sent so far. */
function saidTo({ firstExecutionRunId }: Handle, request = 0): number {
  const lines = meter
    .invoice()
    .filter(({ clientRequestId }) => clientRequestId?.startsWith(firstExecutionRunId) === true);
  return lines[request]?.outputTokens ?? 0;
}

describe('booked = invoice, request by request', () => {
  test.each(Object.keys(FAULTS))('when the model %s', async (fault) => {
    const handle = scenarios.faults.get(fault)!;
    expect(await handle.result()).toEqual([TEXT]);
    const bills = await billsOf(handle);
    expectEqual(bills, await linesOf(handle));
    expect(bills.at(-1)).toMatchObject({ estimated: fault === 'leaves out usage' });
    expect((await ledgerOf(handle)).totals.costUsd).toBe(sumUsd(bills.map(({ costUsd }) => costUsd)));
  });

  test('when a worker is killed: what its heartbeats had said stays, with at least the tokens that they said', async () => {
    const { streaming, beaten } = await scenarios.killed;
    expect(await streaming.result()).toEqual([TEXT]);
    const bills = await billsOf(streaming);
    expectEqual(bills, await linesOf(streaming));
    expect(bills).toMatchObject([
      { estimated: true, attempt: 1 },
      { estimated: false, attempt: 2 },
    ]);
    expect(bills[0]!.lost).toBeUndefined();
    expect(bills[0]!.tokens.outputTokens).toBeGreaterThanOrEqual(beaten);
  });

  test('when a worker is killed that had said nothing: the next attempt sets aside what a call is expected to cost', async () => {
    const { silent } = await scenarios.killed;
    expect(await silent.result()).toEqual([TEXT]);
    const bills = await billsOf(silent);
    expectEqual(bills, await linesOf(silent));
    expect(bills).toMatchObject([
      { estimated: true, lost: true, attempt: 1 },
      { estimated: false, attempt: 2 },
    ]);
  });

  test('when a worker is killed that had said nothing, and nobody tries again: the bill is marked as missing', async () => {
    const { once: only } = await scenarios.killed;
    expect(await only.result()).toEqual(['failed']);
    expectEqual(await billsOf(only), await linesOf(only));
    const { totals, entries } = await ledgerOf(only);
    expect({ totals, entries }).toMatchObject({
      totals: { unbilled: 1 },
      entries: [{ unbilled: true, state: 'failed' }],
    });
  });

  test('when heartbeats are lost and the attempt lives on beside the next one', async () => {
    const handle = await scenarios.unheard;
    expect(await handle.result()).toEqual([TEXT]);
    const bills = await billsOf(handle);
    // The first attempt goes on to its end, which no heartbeat told.
    const lines = await linesOf(handle);
    expectEqual(bills, lines);
    expect(bills).toMatchObject([{ estimated: true, attempt: 1, tokens: { outputTokens: 0 } }, { estimated: false }]);
    expect(lines[0]).toMatchObject({ complete: true });
  });

  test('when a workflow is reset in mid-stream: what was copied counts once, and what was cut off is billed late', async () => {
    const { base, next } = await scenarios.reset;
    expect(await client.workflow.result(base.workflowId, next.firstExecutionRunId)).toEqual([TEXT, TEXT]);
    const lines = await linesOf(base, next);
    const isOurs = ({ clientRequestId = '' }: { clientRequestId?: string }): boolean =>
      clientRequestId.startsWith(base.firstExecutionRunId);
    const { recent } = await untilAnswer(
      () => new RunaheadClient(client).lateBills(),
      (late) => late.recent.some(({ requests = [] }) => requests.some(isOurs)),
    );
    const late = recent.flatMap(({ requests = [] }) => requests.filter(isOurs));
    const usage = late.map((request) => ({ ...request, rates: null, attempt: 1 }));
    const runs = await Promise.all(
      [base, next].map(async (handle) => ({
        run: handle.firstExecutionRunId,
        entries: (await ledgerOf(handle)).entries,
      })),
    );
    const { bills } = mergeBooks([...runs, { run: 'control', entries: [{ id: 'late', usage, omittedBills: 0 }] }]);
    expectEqual(bills, lines);
    expect(bills.map(({ runs: in_ }) => in_.length)).toEqual([2, 1, 1]);
  });

  test('and nothing of a pipeline that still ran when its attempt was given up is booked late too', async () => {
    await scenarios.reset;
    const { recent } = await new RunaheadClient(client).lateBills();
    const late = recent.flatMap(({ requests = [] }) =>
      requests.map(({ clientRequestId, requestId }) => clientRequestId ?? requestId),
    );
    const booked = (await billsOf(...scenarios.faults.values(), await scenarios.unheard)).map(
      ({ clientRequestId, requestId }) => clientRequestId ?? requestId,
    );
    expect(late.filter((id) => booked.includes(id))).toEqual([]);
  });

  test('when the server is killed in mid-stream and comes back', async () => {
    const handle = await ask({ activity: 'think', questions: ['slowly through a restart'], startToCloseMs: 30_000 });
    await until(() => saidTo(handle) >= 3);
    const port = Number(server.address.split(':').at(-1));
    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    server = await startDevServer({ uiPort: false, dbFilename: join(folder, 'temporal.db'), port });
    expect(await handle.result()).toEqual([TEXT]);
    const bills = await billsOf(handle);
    expectEqual(bills, await linesOf(handle));
    expect(bills.at(-1)).toMatchObject({ estimated: false });
  }, 60_000);
});
