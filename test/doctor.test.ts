import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DoctorLine } from '../client/doctor/doctor-line';
import { policyLine, sdkLine } from '../client/doctor/installation';
import { modelLine } from '../client/doctor/model-line';
import { definePolicy } from '../speculation/plugin';
import { freePort } from '../workers/free-port';
import { startWorker } from '../workers/worker';
import { runahead } from './support/command-line';
import { useTemporal, type TemporalForTests } from './support/temporal';
import { untilAnswer } from './support/until-answer';

async function doctor(...args: string[]): Promise<{ exitCode: number; lines: Map<string, DoctorLine> }> {
  const { exitCode, output, errors } = await runahead('doctor', '--json', ...args);
  expect(errors).toBe('');
  return { exitCode, lines: new Map((JSON.parse(output) as DoctorLine[]).map((line) => [line.name, line])) };
}

/** Nothing of the probe runs any more; what is closed is deleted by the server in its own time. */
async function expectNoTrace({ client }: TemporalForTests): Promise<void> {
  await untilAnswer(
    () => client.workflow.count('WorkflowType = "cancelProbe" AND ExecutionStatus = "Running"'),
    ({ count }) => count === 0,
  );
}

describe('runahead doctor, on a server that pushes cancels', () => {
  const temporal = useTemporal();

  test('finds everything in order beside a worker, and measures that a call that never beats is cancelled', async () => {
    const running = await temporal.start();
    const worker = await startWorker({
      connection: running.nativeConnection,
      taskQueue: temporal.taskQueue('doctor'),
      policy: definePolicy({ activities: {} }),
      activities: {},
      workerOptions: { workflowsPath: require.resolve('./cli-workflows') },
    });
    try {
      const { lines, exitCode } = await doctor('--address', running.server.address, '--probe');
      expect(exitCode).toBe(0);
      expect([...lines.values()].filter(({ status }) => status === 'problem')).toEqual([]);
      for (const name of [
        'Node',
        'Temporal SDK',
        'server',
        'namespace',
        'cancellation',
        'search attributes',
        'control workflow',
        'cancel probe',
      ]) {
        expect(lines.get(name)).toMatchObject({ name, status: 'ok', wayOut: null });
      }
      expect(lines.get('server')?.found).toMatch(/version \d+\.\d+\.\d+/);
      expect(lines.get('cancel probe')?.found).toMatch(/^pushed, median [\d.]+ ms \([\d.]+ to [\d.]+ ms, 5 cancels\)/);
      await expectNoTrace(running);
    } finally {
      await worker.stop();
    }
  });

  test('says what is missing, what it means and what to do', async () => {
    const running = await temporal.start();
    const address = ['--address', running.server.address];
    const unknown = await doctor(...address, '--namespace', 'nowhere');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.lines.get('namespace')).toMatchObject({
      status: 'problem',
      wayOut: expect.stringContaining('temporal operator namespace create --namespace nowhere'),
    });
    await running.connection.workflowService.registerNamespace({
      namespace: 'bare',
      workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
    });
    const bare = await untilAnswer(
      () => doctor(...address, '--namespace', 'bare'),
      ({ lines }) => lines.get('namespace')?.status === 'ok',
    );
    expect(bare.exitCode).toBe(0);
    expect(bare.lines.get('search attributes')).toMatchObject({
      status: 'warning',
      wayOut: expect.stringContaining('npx runahead attributes register'),
    });
    expect(bare.lines.get('control workflow')).toMatchObject({
      status: 'warning',
      found: expect.stringContaining('not running yet'),
    });
    const { output } = await runahead('doctor', ...address, '--namespace', 'bare');
    expect(output).toMatch(/^warning +search attributes +missing: SpecCostMicroUsd, /m);
    expect(output).toMatch(/^ +-> Register them: npx runahead attributes register\./m);
    expect(output).toMatch(/\d+ ok, \d+ warnings, 0 problems\n$/);
  });

  test('a server that does not answer is the one problem', async () => {
    const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
    const { exitCode, lines } = await doctor('--address', address);
    expect(exitCode).toBe(1);
    expect(lines.get('server')).toMatchObject({ status: 'problem', found: expect.stringContaining(address) });
  });
});

describe('runahead doctor, on a server that does not push', () => {
  const temporal = useTemporal({ pushCancel: false });

  test('says so, measures heartbeats instead, and leaves nothing behind', async () => {
    const running = await temporal.start();
    const { lines, exitCode } = await doctor('--address', running.server.address, '--probe');
    expect(exitCode).toBe(0);
    expect(lines.get('cancellation')).toMatchObject({
      status: 'warning',
      wayOut: expect.stringContaining('server 1.32 or later'),
    });
    expect(lines.get('cancel probe')).toMatchObject({ status: 'warning' });
    expect(lines.get('cancel probe')?.found).toMatch(/^by heartbeat, median [\d.]+ ms .*; not pushed within 3000 ms/);
    await expectNoTrace(running);
  });
});

describe('what does not need a server', () => {
  let provider: Server;
  let baseUrl: string;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    provider = createServer((request, response) => {
      const refused = request.headers.authorization === 'Bearer wrong';
      const known = request.url === '/v1/models';
      response.writeHead(refused ? 401 : known ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(known ? { object: 'list', data: [{ id: 'a' }, { id: 'b' }] } : {}));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await new Promise((resolve) => provider.close(resolve));
  });

  test('a provider that answers, one that refuses the key, one with another path, none at all', async () => {
    expect(await modelLine({ OPENAI_BASE_URL: baseUrl })).toMatchObject({
      status: 'ok',
      found: `${baseUrl} answers, with 2 models`,
    });
    expect(await modelLine({ OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: 'wrong' })).toMatchObject({
      status: 'problem',
      wayOut: expect.stringContaining('OPENAI_API_KEY'),
    });
    expect(await modelLine({ OPENAI_BASE_URL: `${baseUrl}/elsewhere` })).toMatchObject({
      status: 'warning',
      found: expect.stringContaining('status 404'),
    });
    const nobody = `http://127.0.0.1:${await freePort('127.0.0.1')}/v1`;
    expect(await modelLine({ OPENAI_BASE_URL: nobody })).toMatchObject({
      status: 'problem',
      found: expect.stringContaining('does not answer'),
    });
    expect(await modelLine({})).toMatchObject({ status: 'warning' });
  });

  test('packages of the SDK that are not all of one version are a problem', () => {
    const versions = new Map<string, string | null>([
      ['@temporalio/client', '1.23.0'],
      ['@temporalio/worker', '1.23.0'],
      ['@temporalio/proto', null],
    ]);
    expect(sdkLine(versions)).toMatchObject({ status: 'ok', found: '1.23.0 in all 2 packages' });
    versions.set('@temporalio/worker', '1.24.0');
    expect(sdkLine(versions)).toMatchObject({
      status: 'problem',
      found: expect.stringContaining('@temporalio/worker 1.24.0'),
    });
    expect(sdkLine(new Map())).toMatchObject({ status: 'problem' });
  });

  test('a policy that loads, one that is refused with its own message, and a file without one', async () => {
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const plugin = JSON.stringify(require.resolve('../speculation/plugin'));
    const of = (effect: string): string =>
      `exports.policy = require(${plugin}).definePolicy({ activities: { ask: { effect: '${effect}', cost: { kind: 'fixed', usd: 0 } } } });`;
    expect(await policyLine(file('good.cjs', of('none')))).toMatchObject({
      status: 'ok',
      found: expect.stringContaining('1 activities'),
    });
    expect(await policyLine(file('bad.cjs', of('sometimes')))).toMatchObject({
      status: 'problem',
      found: expect.stringContaining('sometimes'),
    });
    expect(await policyLine(file('none.cjs', 'exports.a = 1;'))).toMatchObject({
      status: 'problem',
      found: expect.stringContaining('exports no policy'),
    });
    expect(await policyLine(join(folder, 'nowhere.cjs'))).toMatchObject({ status: 'problem' });
  });
});
