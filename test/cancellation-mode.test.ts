import { Client, type ConnectionLike } from '@temporalio/client';
import type { LedgerReport } from '../client/runahead-client';
import { CancellationCheck } from '../speculation/plugin/cancellation-check';
import { definePolicy, RunaheadPlugin } from '../speculation/plugin';
import { startWorker } from '../workers/worker';
import { runahead, runaheadJson } from './support/command-line';
import { useTemporal } from './support/temporal';

describe.each([
  [true, 'pushed', 'cancels are pushed by the server', 'cancels pushed'],
  [false, 'heartbeat', 'cancels arrive with heartbeats', 'cancels by heartbeat'],
] as const)('on a server that pushes cancels: %s', (pushCancel, cancellation, line, detail) => {
  const temporal = useTemporal({ pushCancel });

  test('the ledger of a pipeline says how they arrive, as JSON, on the terminal and in its details', async () => {
    const { client, connection, nativeConnection, server } = await temporal.start();
    const taskQueue = temporal.taskQueue('cancellation');
    const policy = definePolicy({ activities: { fee: { effect: 'none', cost: { kind: 'fixed', usd: 0.01 } } } });
    const worker = await startWorker({
      connection: nativeConnection,
      taskQueue,
      policy,
      activities: { fee: () => Promise.resolve('paid') },
      workerOptions: { workflowsPath: require.resolve('./reconcile-workflows') },
    });
    try {
      const address = ['--address', server.address];
      // A pipeline has it from its worker, or from the client that starts it.
      for (const starter of [client, new Client({ connection, plugins: [new RunaheadPlugin({ policy })] })]) {
        const workflowId = `${cancellation}-${starter === client}`;
        await starter.workflow.execute('questions', { taskQueue, workflowId, args: [[]] });
        expect(await runaheadJson<LedgerReport>('ledger', ...address, workflowId)).toMatchObject({ cancellation });
        expect((await runahead('ledger', ...address, workflowId)).output).toContain(line);
        const details: unknown = await client.workflow.getHandle(workflowId).query('__temporal_workflow_metadata');
        expect(JSON.stringify(details)).toContain(detail);
      }
    } finally {
      await worker.stop();
    }
  });
});

describe('the question whether a server pushes cancels', () => {
  /** A server of which only one answer is wanted. */
  function serverWith(answers: (object | Error)[]): { connection: ConnectionLike; asked: () => number } {
    let asked = 0;
    const describeNamespace = (): Promise<object> => {
      const answer = answers[Math.min(asked, answers.length - 1)]!;
      asked += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    const connection = {
      workflowService: { describeNamespace },
      withDeadline: (_deadline: number, call: () => Promise<object>) => call(),
    };
    return { connection: connection as unknown as ConnectionLike, asked: () => asked };
  }
  const capable = { namespaceInfo: { capabilities: { workerCommands: true } } };
  const older = { namespaceInfo: { capabilities: { eagerWorkflowStart: true } } };
  const workerBeats = true;

  test('is asked once, and a server that is too old is named once', async () => {
    const warnings: string[] = [];
    const check = new CancellationCheck((_key, message) => warnings.push(message));
    const { connection, asked } = serverWith([older]);
    expect(check.known('n')).toBeNull();
    const answers = [check.ask(connection, 'n', { workerBeats }), check.ask(connection, 'n', { workerBeats })];
    expect(await Promise.all(answers)).toEqual(['heartbeat', 'heartbeat']);
    expect(check.known('n')).toBe('heartbeat');
    expect(asked()).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/namespace "n" with their heartbeats: .* server 1\.32 or later/)]);
  });

  test('needs no answer where workers do not report to the server, whatever a client in the same process has heard', async () => {
    const warnings: string[] = [];
    const check = new CancellationCheck((_key, message) => warnings.push(message));
    const { connection } = serverWith([capable]);
    expect(await check.ask(connection, 'n', { workerBeats })).toBe('pushed');
    expect(await check.ask(connection, 'n', { workerBeats: false })).toBe('heartbeat');
    expect(check.known('n')).toBe('heartbeat');
    expect(warnings).toEqual([expect.stringContaining('workerHeartbeatInterval is 0')]);
  });

  test('without an answer counts as by heartbeat', async () => {
    const warnings: string[] = [];
    const check = new CancellationCheck((_key, message) => warnings.push(message));
    const { connection } = serverWith([new Error('no such namespace')]);
    expect(await check.ask(connection, 'n', { workerBeats })).toBe('heartbeat');
    expect(warnings).toEqual([expect.stringContaining('could not be found out (no such namespace)')]);
  });
});
