import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import Database from 'libsql';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { RunaheadPlugin, SqliteStageStore, WORKFLOW_INTERCEPTOR_PATH } from '../speculation/plugin';
import { startDevServer, type DevServer } from '../workers/temporal-server';
import { bookingPolicy } from './support/staged-booking';
import { until } from './support/until';
import { untilAnswer } from './support/until-answer';

const folder = mkdtempSync(join(tmpdir(), 'runahead-kill-'));
const file = join(folder, 'booking.db');
const database = new Database(file, { timeout: 5_000 });
const store = new SqliteStageStore({ name: 'booking', file });
const codePath = join(folder, 'pipelines.js');
const processes = new Set<ChildProcess>();
let server: DevServer;
let runs = 0;

beforeAll(async () => {
  database.exec('CREATE TABLE effects (id TEXT NOT NULL)');
  await store.open();
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('./stage-workflows'),
    workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH],
    logger: new DefaultLogger('ERROR'),
  });
  writeFileSync(codePath, code);
  server = await startServer();
}, 60_000);
afterAll(async () => {
  for (const worker of processes) await kill(worker);
  await server.stop();
  await store.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** On the same port and with the same data as before. */
async function startServer(port?: number): Promise<DevServer> {
  return startDevServer({
    uiPort: false,
    dbFilename: join(folder, 'temporal.db'),
    ...(port === undefined ? {} : { port }),
  });
}

interface KillableWorker {
  process: ChildProcess;
  lines: string[];
}

function startWorker(taskQueue: string, stopAt = 'never', ...more: string[]): KillableWorker {
  const hook = join(__dirname, 'support', 'typescript-hook.cjs');
  const script = join(__dirname, 'support', 'killable-stages.ts');
  const options = ['--require', hook, script, server.address, taskQueue, file, codePath, stopAt, ...more];
  const worker = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines: string[] = [];
  createInterface({ input: worker.stdout }).on('line', (line) => lines.push(line));
  processes.add(worker);
  return { process: worker, lines };
}

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  processes.delete(worker);
}

function effects(): string[] {
  return (database.prepare('SELECT id FROM effects').all([]) as { id: string }[]).map(({ id }) => id);
}

/** Messages of the outbox wait in this test: nobody delivers them. */
function messages(): string[] {
  const rows = database.prepare('SELECT body FROM runahead_outbox').all([]) as { body: string }[];
  return rows.map(({ body }) => JSON.parse(body) as string);
}

async function withClient<T>(body: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await body(new Client({ connection, plugins: [new RunaheadPlugin({ policy: bookingPolicy(store) })] }));
  } finally {
    await connection.close();
  }
}

interface Started {
  name: string;
  taskQueue: string;
}

function nextRun(): Started {
  const name = `killed-${(runs += 1)}`;
  return { name, taskQueue: name };
}

async function start(pipeline: string, { name, taskQueue }: Started, ...args: unknown[]): Promise<void> {
  await withClient((client) =>
    client.workflow.start(pipeline, { taskQueue, workflowId: name, args, workflowTaskTimeout: '1s' }),
  );
}

function resultOf({ name }: Started): Promise<unknown> {
  return withClient((client) => client.workflow.getHandle(name).result());
}

test.each(['preparing', 'committing'])(
  'a worker that is killed while it is %s loses nothing and does nothing twice',
  async (moment) => {
    const run = nextRun();
    const doomed = startWorker(run.taskQueue, moment);
    await start('bookNow', run, run.name);
    await until(() => doomed.lines.includes(moment), 30_000);
    await kill(doomed.process);
    expect(effects().filter((id) => id.startsWith(run.name))).toEqual([]);
    const heir = startWorker(run.taskQueue);
    expect(await resultOf(run)).toBe(`${run.name}/yes`);
    for (const seen of [effects(), messages()]) {
      expect(seen.filter((id) => id.startsWith(`${run.name}/`))).toEqual([`${run.name}/yes`]);
    }
    await kill(heir.process);
  },
  90_000,
);

test('a claim whose worker is killed in mid-commit is committed by the next one, over a restart of the server', async () => {
  const run = nextRun();
  const doomed = startWorker(run.taskQueue, 'committing');
  await start('bookAfterCheck', run, { name: run.name, verdict: 'yes', guess: 'yes' });
  await until(() => doomed.lines.includes('preparing'), 30_000);
  doomed.process.stdin!.write('go on\n');
  await until(() => doomed.lines.includes('committing'), 30_000);
  await kill(doomed.process);
  const port = Number(server.address.split(':')[1]);
  await server.stop();
  server = await startServer(port);
  const heir = startWorker(run.taskQueue, 'never', 'released');
  expect(await resultOf(run)).toBe(`${run.name}/yes`);
  for (const seen of [effects(), messages()]) {
    expect(seen.filter((id) => id.startsWith(`${run.name}/`))).toEqual([`${run.name}/yes`]);
  }
  // What was prepared was good: nothing was prepared again.
  expect(heir.lines.filter((line) => line === 'preparing')).toEqual([]);
  await kill(heir.process);
}, 90_000);

test('what a killed worker has prepared for a pipeline that is terminated meanwhile is discarded by another worker', async () => {
  const run = nextRun();
  const doomed = startWorker(run.taskQueue, 'preparing');
  await start('bookAfterCheck', run, { name: run.name, verdict: 'yes', guess: 'yes' });
  await until(() => doomed.lines.includes('preparing'), 30_000);
  const [row] = database.prepare('SELECT id FROM runahead_stages WHERE workflow_id = ?').all([run.name]) as {
    id: string;
  }[];
  await kill(doomed.process);
  await withClient((client) => client.workflow.getHandle(run.name).terminate());
  expect(await store.read(row!.id)).toMatchObject({ state: 'preparing' });
  const heir = startWorker(run.taskQueue);
  await untilAnswer(
    () => store.read(row!.id),
    (stage) => stage?.state === 'discarded',
  );
  await until(() => heir.lines.includes('discarding'));
  expect(effects().filter((id) => id.startsWith(run.name))).toEqual([]);
  await kill(heir.process);
}, 90_000);
