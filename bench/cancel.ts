/**
 * How long a model goes on producing after its call was cancelled: from the moment the workflow asks for the cancel (its event in
 * history) to the last token that the meter passed on.
 *
 *   npx tsc -p tsconfig.build.json && node dist/bench/cancel.js [number of calls a setting]
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { callModel } from '../activities/model';
import { createModelClient } from '../activities/model-client';
import { startLocalModel } from '../workers/local-model';
import { startMeter, type InvoiceLine, type Meter } from '../workers/meter';
import { startDevServer } from '../workers/temporal-server';

export interface StreamActivities {
  streamReply: (question: string) => Promise<string>;
}

const MODEL = 'bench-model';
const TASK_QUEUE = 'cancel-bench';
/** A token every 2 ms, so that the last one says when the stream really ended. */
const TOKENS_PER_SECOND = 500;
const LONG_REPLY = Array.from({ length: 3000 }, (_, index) => `Line ${index}.`).join(' ');

const SETTINGS = [
  { title: 'pushed by the server', pushCancel: true, targetMs: 50 },
  { title: 'heartbeats only, throttle 200 ms', pushCancel: false, targetMs: 250 },
];

async function main(calls: number): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const model = await startLocalModel({
    script: () => ({ text: LONG_REPLY }),
    timeToFirstTokenMs: 50,
    tokensPerSecond: TOKENS_PER_SECOND,
  });
  const rates = { inputUsdPerMillion: 1, cachedInputUsdPerMillion: 1, outputUsdPerMillion: 1 };
  const meter = await startMeter({ upstreamUrl: model.baseUrl, rates: { [MODEL]: rates } });
  try {
    for (const setting of SETTINGS) {
      const latenciesMs = await measure(meter, setting.pushCancel, calls);
      print(setting.title, latenciesMs, setting.targetMs);
    }
  } finally {
    await meter.stop();
    await model.stop();
  }
}

async function measure(meter: Meter, pushCancel: boolean, calls: number): Promise<number[]> {
  const server = await startDevServer({ pushCancel, uiPort: false });
  const connection = await Connection.connect({ address: server.address });
  const nativeConnection = await NativeConnection.connect({ address: server.address });
  const modelClient = createModelClient(meter.baseUrl);
  const activities: StreamActivities = {
    streamReply: async (question) => {
      const messages = [{ role: 'user' as const, content: question }];
      return (await callModel({ model: MODEL, messages }, { client: modelClient })).text;
    },
  };
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowsPath: require.resolve('./cancel-workflow'),
    activities,
    maxHeartbeatThrottleInterval: '200 ms',
  });
  const client = new Client({ connection });
  try {
    return await worker.runUntil(async () => {
      const latenciesMs: number[] = [];
      for (let call = 0; call < calls; call += 1) latenciesMs.push(await cancelOnce(client, meter, call));
      return latenciesMs;
    });
  } finally {
    await nativeConnection.close();
    await connection.close();
    await server.stop();
  }
}

async function cancelOnce(client: Client, meter: Meter, call: number): Promise<number> {
  const before = meter.invoice().length;
  const line = (): InvoiceLine | undefined => meter.invoice()[before];
  const workflowId = `cancel-${process.pid}-${before}`;
  const handle = await client.workflow.start('cancelStream', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [`Question ${call}`],
  });
  // Cancels fall at different moments between two heartbeats.
  await until(() => (line()?.outputTokens ?? 0) >= 50 + 13 * (call % 17));
  await handle.signal('abandon');
  if (!(await (handle as WorkflowHandle<() => Promise<boolean>>).result()))
    throw new Error(`${workflowId} ran to its end`);
  await until(() => line()?.closedAtMs != null);
  const lastTokenAtMs = line()?.lastTokenAtMs ?? Number.NaN;
  return Math.max(0, lastTokenAtMs - (await cancelRequestedAtMs(handle)));
}

async function cancelRequestedAtMs(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  const time = events?.find((event) => event.activityTaskCancelRequestedEventAttributes != null)?.eventTime;
  if (time == null) throw new Error(`${handle.workflowId} asked for no cancel`);
  return Number(time.seconds) * 1000 + (time.nanos ?? 0) / 1e6;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Did not come true: ${condition.toString()}`);
    await pause(2);
  }
}

function print(title: string, latenciesMs: number[], targetMs: number): void {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const [min, median, p95, max] = [at(0), at(0.5), at(0.95), at(1)].map((ms) => ms.toFixed(1));
  const verdict = at(0.5) <= targetMs ? 'reached' : 'MISSED';
  console.log(
    `cancel to last token, ${title}: n ${sorted.length}, min ${min ?? ''} ms, median ${median ?? ''} ms, ` +
      `p95 ${p95 ?? ''} ms, max ${max ?? ''} ms; target: median at most ${targetMs} ms, ${verdict}`,
  );
}

main(Number(process.argv[2] ?? 40)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
