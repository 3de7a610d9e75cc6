import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import type { ActivityOptions } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import type { LedgerReport } from '../speculation/ledger/ledger';
import { definePolicy, RunaheadPlugin } from '../speculation/plugin';
import { QUERY } from '../speculation/runtime/protocol';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();

const policy = definePolicy({
  activities: {
    think: { effect: 'none', cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 1000, outputTokens: 100 } },
    free: { effect: 'none', cost: { kind: 'fixed', usd: 0 } },
    send: { effect: 'irreversible' },
  },
});

const ONCE = { retry: { maximumAttempts: 1 } };
const TWICE = { retry: { initialInterval: 10, maximumAttempts: 2 } };
const BRIEFLY = '300ms';
/** The activity, its options, the kind of its time-out, and how many bills are missing. */
type Case = [string, ActivityOptions & { queue?: 'deserted' | 'narrow' }, string, number];
const CASES: Record<string, Case> = {
  'that calls a model': ['think', { startToCloseTimeout: BRIEFLY, ...ONCE }, 'START_TO_CLOSE', 1],
  'that nobody has declared': ['unheardOf', { startToCloseTimeout: BRIEFLY, ...ONCE }, 'START_TO_CLOSE', 1],
  'that has a price of nothing': ['free', { startToCloseTimeout: BRIEFLY, ...ONCE }, 'START_TO_CLOSE', 0],
  'that is irreversible and was given no price': [
    'send',
    { startToCloseTimeout: BRIEFLY, ...ONCE },
    'START_TO_CLOSE',
    0,
  ],
  'that no worker took up, bounded as a whole': [
    'think',
    { queue: 'deserted', scheduleToCloseTimeout: BRIEFLY },
    'SCHEDULE_TO_START',
    0,
  ],
  'that no worker took up, bounded in the queue': [
    'think',
    { queue: 'deserted', scheduleToStartTimeout: BRIEFLY, startToCloseTimeout: '10s' },
    'SCHEDULE_TO_START',
    0,
  ],
  'that was lost, and then taken up by no other worker': [
    'think',
    { queue: 'narrow', startToCloseTimeout: BRIEFLY, scheduleToStartTimeout: '3s', ...TWICE },
    'SCHEDULE_TO_START',
    1,
  ],
};

interface Outcome {
  timeout: string;
  ledger: LedgerReport;
}
const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  const { connection, nativeConnection, server } = await temporal.start();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const activities = { think: () => released, free: () => released, send: () => released, unheardOf: () => released };
  const plugin = new RunaheadPlugin({ policy, strict: 'off', hostControl: false });
  const client = new Client({ connection, namespace: server.namespace, plugins: [plugin] });
  const queues = { main: temporal.taskQueue(), narrow: temporal.taskQueue(), deserted: temporal.taskQueue() };
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: queues.main,
    workflowsPath: require.resolve('./timeout-workflows'),
    activities,
    plugins: [plugin],
  });
  // The attempt that is given up keeps its only slot.
  const narrow = await Worker.create({
    connection: nativeConnection,
    taskQueue: queues.narrow,
    activities,
    maxConcurrentActivityTaskExecutions: 1,
    plugins: [new RunaheadPlugin({ policy, hostControl: false })],
  });
  const outcomeOf = async ([activity, { queue, ...options }]: Case): Promise<Outcome> => {
    const handle = await client.workflow.start('timeOut', {
      taskQueue: queues.main,
      workflowId: randomUUID(),
      args: [activity, { ...options, ...(queue !== undefined && { taskQueue: queues[queue] }) }],
    });
    const timeout = (await handle.result()) as string;
    return { timeout, ledger: await handle.query<LedgerReport>(QUERY.ledger) };
  };
  const runAll = async (): Promise<void> => {
    try {
      await Promise.all(Object.entries(CASES).map(async ([name, it]) => outcomes.set(name, await outcomeOf(it))));
    } finally {
      release();
    }
  };
  await worker.runUntil(() => narrow.runUntil(runAll));
}, 60_000);

test.each(Object.keys(CASES))('the books of a call that timed out say whether a bill is missing: one %s', (name) => {
  const [, , timeout, missing] = CASES[name]!;
  const { ledger, ...outcome } = outcomes.get(name)!;
  expect(outcome).toEqual({ timeout });
  expect(ledger.entries).toMatchObject([{ state: 'failed', costUsd: '0' }]);
  expect(ledger.totals.unbilled ?? 0).toBe(missing);
});
