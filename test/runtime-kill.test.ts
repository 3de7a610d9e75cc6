import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { defaultPayloadConverter } from '@temporalio/common';
import { Client } from '@temporalio/client';
import { DEFAULT_LIMITS, HEADER, type PipelineSettings } from '../speculation/runtime/protocol';
import { replay } from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();
const workers = new Set<ChildProcess>();

function startWorker(address: string, taskQueue: string, stage: Stage): ChildProcess {
  const hook = join(__dirname, 'support', 'typescript-hook.cjs');
  const script = join(__dirname, 'support', 'killable-worker.ts');
  const worker = spawn(process.execPath, ['--require', hook, script, address, taskQueue], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  createInterface({ input: worker.stdout }).on('line', (line) => stage.mark(line));
  workers.add(worker);
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  workers.delete(worker);
}

afterAll(async () => {
  for (const worker of workers) await kill(worker);
});

const settings: PipelineSettings = {
  version: 1,
  enabled: true,
  disabledPipelines: [],
  forecastable: ['first', 'second'],
  searchAttributes: true,
  strict: 'fail',
  limits: DEFAULT_LIMITS,
  policyName: 'cost-aware',
};

test.each(['first', 'second', 'third'])(
  'a worker that is killed while %s runs loses nothing: another one goes on, and the books close',
  async (moment) => {
    const { server, client } = await temporal.start();
    const taskQueue = temporal.taskQueue('kill');
    const started = new Client({
      connection: client.connection,
      interceptors: {
        workflow: [
          {
            startWithDetails: (input, next) =>
              next({ ...input, headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(settings) } }),
          },
        ],
      },
    });
    const before = new Stage();
    const doomed = startWorker(server.address, taskQueue, before);
    const handle = await started.workflow.start('sturdy', {
      taskQueue,
      workflowId: taskQueue,
      args: ['x'],
      workflowTaskTimeout: '1s',
      workflowExecutionTimeout: '60s',
    });
    await before.reached(moment, 30_000);
    await kill(doomed);

    const heir = startWorker(server.address, taskQueue, new Stage());
    expect(await handle.result()).toBe('x123');
    const { totals } = await handle.query<{ totals: Record<string, number> }>('ledger');
    expect(totals['launched']).toBe((totals['claimed'] ?? 0) + (totals['cancelled'] ?? 0) + (totals['failed'] ?? 0));
    await replay(await handle.fetchHistory());
    await kill(heir);
  },
  90_000,
);
