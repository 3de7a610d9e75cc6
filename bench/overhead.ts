import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import Table from 'cli-table3';
import { definePolicy, RunaheadPlugin } from '../speculation/plugin';
import { startDevServer, type DevServer } from '../workers/temporal-server';
import { percentile } from './measure/percentile';

/** One way to run the same pipeline. */
interface Variant {
  name: string;
  client: Client;
  taskQueue: string;
}

const WORKFLOWS = 40;
const AT_ONCE = 20;

/**
 * What Runahead costs where it brings nothing: pipelines a second and events a pipeline, against the same worker without the
 * plugin, with speculation off and with forecasts that are looked up but never worth a launch. The variants take turns in every
 * round, so that a noisy machine is noisy for all of them; what counts is the ratio within a round.
 *
 *     node dist/bench/overhead.js [rounds]
 */
async function main(rounds: number): Promise<void> {
  Runtime.install({ telemetryOptions: { logging: { filter: 'ERROR' } }, logger: new DefaultLogger('ERROR') });
  const server = await startDevServer({ uiPort: false });
  try {
    await measure(server, rounds);
  } finally {
    await server.stop();
  }
}

async function measure(server: DevServer, rounds: number): Promise<void> {
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const workers: Worker[] = [];
  const variants: Variant[] = [];
  for (const [name, plugin] of [
    ['plain', null],
    ['speculation off', pluginWith({ enabled: false })],
    ['nothing worth it', pluginWith({ enabled: true })],
  ] as const) {
    const taskQueue = `overhead-${randomUUID()}`;
    const plugins = plugin === null ? [] : [plugin];
    const client = new Client({ connection, namespace: server.namespace, plugins });
    const worker = await Worker.create({
      connection: native,
      namespace: server.namespace,
      taskQueue,
      workflowsPath: require.resolve('./overhead-workflow'),
      activities: { step: (input: string) => Promise.resolve(`${input}.`) },
      plugins,
    });
    workers.push(worker);
    variants.push({ name, client, taskQueue });
  }
  const running = workers.map((worker) => worker.run());
  try {
    for (const variant of variants) await batch(variant, AT_ONCE);
    const rates = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? variants : [...variants].reverse();
      for (const variant of order) rates.get(variant.name)?.push(await batch(variant, WORKFLOWS));
      process.stderr.write(`round ${round + 1}/${rounds}\n`);
    }
    const plain = rates.get('plain') ?? [];
    const rows = await Promise.all(
      variants.map(async (variant) => {
        const own = rates.get(variant.name) ?? [];
        const ratios = own.map((rate, round) => rate / (plain[round] ?? rate));
        const show = (values: number[]): string =>
          `${Math.min(...values).toFixed(2)} / ${percentile(values, 0.5).toFixed(2)} / ${Math.max(...values).toFixed(2)}`;
        return [variant.name, show(own), show(ratios), String(await events(variant))];
      }),
    );
    const head = [
      'variant',
      'pipelines a second, min / median / max',
      'ratio to plain in the same round',
      'events a pipeline',
    ];
    console.log(`${rounds} rounds of ${WORKFLOWS} pipelines, ${AT_ONCE} at a time, three activities each`);
    const table = new Table({ head, style: { head: [], border: [] } });
    table.push(...rows);
    console.log(table.toString());
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await native.close();
    await connection.close();
  }
}

/** The forecast is always there and always wrong for nothing: a second of latency is worth no money. */
function pluginWith({ enabled }: { enabled: boolean }): RunaheadPlugin {
  const policy = definePolicy({
    activities: {
      step: {
        effect: 'none',
        forecast: [{ kind: 'function', forecast: (input: string) => `${input}.` }],
        cost: { kind: 'fixed', usd: 0.01 },
        expectedSeconds: 1,
      },
    },
    pipelines: { threeSteps: { enabled } },
    knob: { alpha: 0, lambdaUsdPerSecond: 0 },
  });
  return new RunaheadPlugin({ policy, strict: 'off', hostControl: enabled });
}

/** Runs pipelines at a fixed concurrency; returns pipelines a second. */
async function batch({ client, taskQueue }: Variant, count: number): Promise<number> {
  const startedAt = performance.now();
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      await client.workflow.execute('threeSteps', { taskQueue, workflowId: randomUUID(), args: ['x'] });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return (count * 1000) / (performance.now() - startedAt);
}

async function events({ client, taskQueue }: Variant): Promise<number> {
  const handle = await client.workflow.start('threeSteps', { taskQueue, workflowId: randomUUID(), args: ['x'] });
  await handle.result();
  return (await handle.fetchHistory()).events?.length ?? 0;
}

main(Number(process.argv[2] ?? 5)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
