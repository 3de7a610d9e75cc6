import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LedgerReport } from '../client/runahead-client';
import { DEFAULT_KNOB, type Knob } from '../speculation/decision/knob';
import { definePolicy } from '../speculation/plugin';
import { SEARCH_ATTRIBUTE } from '../speculation/runtime/protocol';
import { freePort } from '../workers/free-port';
import { temporalServerPath } from '../workers/temporal-server';
import { startWorker, type RunningWorker } from '../workers/worker';
import { runahead, runaheadJson } from './support/command-line';
import { useTemporal, type TemporalForTests } from './support/temporal';

const run = promisify(execFile);

describe('runahead, the command line', () => {
  let running: TemporalForTests;
  let worker: RunningWorker;
  let taskQueue: string;
  let server: string[];

  // Before the server goes, which is why this comes before it.
  afterAll(() => worker.stop());
  const temporal = useTemporal();

  beforeAll(async () => {
    running = await temporal.start();
    taskQueue = temporal.taskQueue('cli');
    server = ['--address', running.server.address];
    worker = await startWorker({
      connection: running.nativeConnection,
      taskQueue,
      policy: definePolicy({ activities: {} }),
      activities: {},
      workerOptions: { workflowsPath: require.resolve('./cli-workflows') },
    });
  });

  const startPatient = async (workflowId: string): Promise<void> => {
    const { exitCode } = await runahead(
      'start',
      'patient',
      ...server,
      '--task-queue',
      taskQueue,
      '--workflow-id',
      workflowId,
    );
    expect(exitCode).toBe(0);
  };
  const finish = async (workflowId: string): Promise<void> => {
    const handle = running.client.workflow.getHandle(workflowId);
    await handle.signal('finish');
    await handle.result();
  };

  test('turns the knob of one running pipeline and says what is then in force', async () => {
    await startPatient('one');
    const set = await runaheadJson<Knob>(...['knob', 'set', ...server, '--workflow-id', 'one', '--alpha', '0.8']);
    expect(set).toEqual({ ...DEFAULT_KNOB, alpha: 0.8 });
    const rest = ['--lambda', '0.03', '--budget', '0.25', '--enabled', 'false'];
    await runaheadJson<Knob>(...['knob', 'set', ...server, '--workflow-id', 'one', ...rest]);
    expect(await runaheadJson<Knob>('knob', 'get', ...server, '--workflow-id', 'one')).toEqual({
      alpha: 0.8,
      lambdaUsdPerSecond: 0.03,
      budgetUsd: '0.25',
      enabled: false,
    });
    const { output } = await runahead('knob', 'get', ...server, '--workflow-id', 'one');
    expect(output).toMatch(/^alpha +0\.8 /m);
    expect(output).toMatch(/^lambda +\$0\.0300 a second/m);
    await finish('one');
  });

  test.each([
    ['--alpha', '1.5', 'knob: alpha is 1.5; use a number from 0 (cost first) to 1 (latency first)'],
    ['--alpha', 'much', 'knob: alpha is "much"; use a number from 0 (cost first) to 1 (latency first)'],
    ['--lambda', '-1', 'knob: lambdaUsdPerSecond is -1; use what a second is worth in US dollars'],
    ['--budget', 'all', 'knob: budgetUsd is "all"; use US dollars of at least 0, such as "0.25", or null'],
    ['--enabled', 'maybe', 'knob: enabled is "maybe"; use true or false'],
  ])('refuses %s %s with the reason and the way out', async (option, value, message) => {
    const { exitCode, errors } = await runahead('knob', 'set', ...server, '--workflow-id', 'one', `${option}=${value}`);
    expect(exitCode).toBe(1);
    expect(errors).toContain(`runahead: ${message}`);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  test('turns the knob of all pipelines that a visibility query matches, and counts them', async () => {
    await Promise.all(['many-1', 'many-2', 'many-3'].map(startPatient));
    const query = 'WorkflowId STARTS_WITH "many-"';
    await eventually(async () => {
      const listed = await running.client.workflow.count(`${query} AND ExecutionStatus = "Running"`);
      expect(listed.count).toBe(3);
    });
    const answer = await runahead('knob', 'set', ...server, '--query', query, '--alpha', '0.1');
    expect(answer).toMatchObject({ exitCode: 0, output: '3/3 pipelines changed\n' });
    for (const workflowId of ['many-1', 'many-2', 'many-3']) {
      expect(await runaheadJson<Knob>('knob', 'get', ...server, '--workflow-id', workflowId)).toMatchObject({
        alpha: 0.1,
      });
    }
    await Promise.all(['many-1', 'many-2', 'many-3'].map(finish));
  });

  test('says which part of a visibility query the server does not understand', async () => {
    const answer = await runahead('knob', 'set', ...server, '--query', 'Colour = "blue"', '--alpha', '0.1');
    expect(answer.exitCode).toBe(1);
    expect(answer.errors).toMatch(/^runahead: The Temporal server at \S+ answered: .*Colour/);
  });

  test('turns the knob of the control plane, for all pipelines or for one type', async () => {
    await eventually(async () => {
      expect((await runahead('knob', 'get', ...server, '--control')).exitCode).toBe(0);
    });
    const all = await runaheadJson<Knob>('knob', 'set', ...server, '--control', '--lambda', '0.05');
    expect(all).toEqual({ ...DEFAULT_KNOB, lambdaUsdPerSecond: 0.05 });
    await runaheadJson<Knob>('knob', 'set', ...server, '--control', '--pipeline', 'patient', '--alpha', '1');
    expect(await runaheadJson<Knob>('knob', 'get', ...server, '--control', '--pipeline', 'patient')).toEqual({
      ...DEFAULT_KNOB,
      lambdaUsdPerSecond: 0.05,
      alpha: 1,
    });
    expect(await runaheadJson<Knob>('knob', 'get', ...server, '--control')).toEqual(all);
  });

  test('reads the books, the decisions and the estimates of a finished pipeline', async () => {
    await startPatient('read');
    await finish('read');
    const { totals, entries } = await runaheadJson<LedgerReport>('ledger', ...server, 'read');
    expect(entries).toEqual([]);
    expect(totals).toMatchObject({ costUsd: '0', launched: 0 });
    expect((await runahead('ledger', ...server, 'read')).output).toContain('cost $0; waste $0; saved 0.00 s');
    expect(await runaheadJson('decisions', ...server, 'read')).toEqual([]);
    expect((await runahead('decisions', ...server, 'read')).output).toContain('No decision yet');
    expect(await runaheadJson('estimator', ...server, 'read')).toEqual([]);
    expect(await runaheadJson('estimator', ...server)).toMatchObject({ operations: {}, edges: [] });
  });

  test('registers the search attributes of a namespace, and may do so again', async () => {
    const { connection } = running;
    const namespace = 'bare';
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
    });
    const register = [...['attributes', 'register'], ...server, '--namespace', namespace];
    await eventually(async () => {
      expect(await runaheadJson(...register)).toMatchObject({ namespace });
    });
    const names = Object.values(SEARCH_ATTRIBUTE);
    await eventually(async () => {
      const again = await runaheadJson<{ added: string[]; present: string[] }>(...register);
      expect(new Set([...again.added, ...again.present])).toEqual(new Set(names));
      expect(again.added).toEqual([]);
    });
  });

  test('does nothing that the plain temporal command cannot do', async () => {
    await startPatient('plain');
    const binary = await temporalServerPath();
    const command = async (...args: string[]): Promise<string> =>
      (await run(binary, [...args, '--workflow-id', 'plain', ...server, '--output', 'json'])).stdout;
    const knob = async (): Promise<Knob> => runaheadJson<Knob>('knob', 'get', ...server, '--workflow-id', 'plain');

    await command('workflow', 'update', 'execute', '--name', 'setKnob', '--input', '{"alpha": 0.9}');
    expect(await knob()).toEqual({
      ...DEFAULT_KNOB,
      alpha: 0.9,
      lambdaUsdPerSecond: (await knob()).lambdaUsdPerSecond,
    });
    const refused = await command(
      'workflow',
      'update',
      'execute',
      '--name',
      'setKnob',
      '--input',
      '{"alpha": 9}',
    ).catch((error: unknown) => (error as { stderr: string }).stderr);
    expect(refused).toContain('alpha is 9; use a number from 0');
    await command('workflow', 'signal', '--name', 'setKnob', '--input', '{"enabled": false}');
    await command('workflow', 'signal', '--name', 'setKnob', '--input', '"garbage"');
    expect(await knob()).toMatchObject({ alpha: 0.9, enabled: false });
    const { queryResult } = JSON.parse(await command('workflow', 'query', '--type', 'ledger')) as {
      queryResult: LedgerReport[];
    };
    expect(queryResult[0]?.totals).toMatchObject({ costUsd: '0', launched: 0 });
    await finish('plain');
  });

  describe('explains in one line, without a stack, and ends with exit code 1', () => {
    const expectOneLine = async (args: string[], message: RegExp): Promise<void> => {
      const { exitCode, output, errors } = await runahead(...args);
      expect({ exitCode, output }).toEqual({ exitCode: 1, output: '' });
      expect(errors).toMatch(message);
      expect(errors.trim().split('\n')).toHaveLength(1);
    };

    test('a server that does not answer', async () => {
      const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
      await expectOneLine(
        ['ledger', 'any', '--address', address],
        new RegExp(`No Temporal server answers at ${address}`),
      );
    });

    test('a namespace that does not exist', () =>
      expectOneLine(['ledger', 'any', ...server, '--namespace', 'nowhere'], /nowhere/));

    test('a workflow that does not exist', () =>
      expectOneLine(['ledger', 'nobody', ...server], /There is no workflow "nobody" in namespace default/));

    test('a workflow without Runahead', async () => {
      await expectOneLine(['decisions', 'runahead-control', ...server], /runs without the Runahead plugin/);
    });

    test('a pipeline that has closed and takes no knob any more', async () => {
      await startPatient('closed');
      await finish('closed');
      await expectOneLine(['knob', 'set', ...server, '--workflow-id', 'closed', '--alpha', '1'], /is already closed/);
    });

    test('a pipeline with a name like one that ships', () =>
      expectOneLine(['start', 'autoreply', ...server], /There is no pipeline "autoreply". Did you mean "autoReply"/));

    test('an input that is no JSON', () =>
      expectOneLine(['start', 'autoReply', ...server, '--input', '{text: 1}'], /--input is no JSON: /));

    test('an input file that is not there', () =>
      expectOneLine(
        ['start', 'autoReply', ...server, '--input', '@no-such-file.json'],
        /@no-such-file\.json cannot be read/,
      ));

    test('no target, and two targets', async () => {
      await expectOneLine(['knob', 'set', ...server, '--alpha', '1'], /Name one target/);
      await expectOneLine(['knob', 'get', ...server, '--control', '--workflow-id', 'x'], /Name one target/);
    });

    test('nothing to set', () =>
      expectOneLine(['knob', 'set', ...server, '--control'], /Nothing to set: give at least one of/));
  });

  test('reads the input of a pipeline from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'runahead-cli-'));
    try {
      const path = join(folder, 'input.json');
      await writeFile(path, '{"ignored": true}');
      const rest = ['--task-queue', taskQueue, '--input', `@${path}`, '--workflow-id', 'from-file'];
      await runahead('start', 'patient', ...server, ...rest);
      const history = await running.client.workflow.getHandle('from-file').fetchHistory();
      const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
      expect(JSON.parse(Buffer.from(input!).toString())).toEqual({ ignored: true });
      await finish('from-file');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('knows all its commands, and helps', async () => {
    const { exitCode, output } = await runahead('--help');
    expect(exitCode).toBe(0);
    for (const command of 'dev worker start knob ledger decisions audit frontier estimator attributes'.split(' ')) {
      expect(output).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
    expect(await runahead('--version')).toMatchObject({ exitCode: 0, output: '0.1.0\n' });
    const mistyped = await runahead('legder', 'x');
    expect(mistyped.exitCode).toBe(1);
    expect(mistyped.errors).toContain('Did you mean ledger?');
  });
});

/** Waits for a claim to come true; the server's visibility and a new worker need a moment. */
async function eventually(claim: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await claim();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
