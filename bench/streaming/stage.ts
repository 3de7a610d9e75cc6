import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { RunaheadClient } from '../../client/runahead-client';
import { RunaheadPlugin } from '../../speculation/plugin';
import { startMeteredServer, type MeteredServer } from '../measure/metered-server';
import { streamingActivities } from './activities';
import { modelScript } from './model-script';
import { streamingPolicy, STREAMING_MODEL } from './policy';
import type { StreamingShape } from './shape';

/** Where the pipelines of one side are started. */
export interface Lane {
  client: Client;
  taskQueue: string;
}

/** Two workers on one server, one without Runahead and one with it. */
export interface Stage {
  plain: Lane;
  runahead: Lane;
  books: RunaheadClient;
  server: MeteredServer;
  /** Ids of the answers that a pipeline was given by its models, by workflow id. */
  answers: ReadonlyMap<string, readonly string[]>;
  /** Waits until the control plane knows what the workers have seen. */
  synchronise: () => Promise<void>;
  stop: () => Promise<void>;
}

/** The two sides differ by the plugin, and by nothing else. */
export async function startStage(shapes: readonly StreamingShape[], say: (line: string) => void): Promise<Stage> {
  const server = await startMeteredServer({ script: modelScript(shapes), models: [STREAMING_MODEL], say });
  const { client, nativeConnection, namespace, model } = server;
  const plugin = new RunaheadPlugin({ policy: streamingPolicy(shapes) });
  const answers = new Map<string, string[]>();
  const onAnswer = (workflowId: string, answerId: string): void => {
    const known = answers.get(workflowId) ?? [];
    answers.set(workflowId, [...known, answerId]);
  };
  const workers: { worker: Worker; finished: Promise<void> }[] = [];
  const start = async (name: string, plugins: RunaheadPlugin[]): Promise<string> => {
    const taskQueue = `streaming-${name}`;
    const worker = await Worker.create({
      connection: nativeConnection,
      namespace,
      taskQueue,
      workflowsPath: require.resolve('./workflows'),
      activities: streamingActivities(shapes, model, onAnswer),
      plugins,
    });
    const finished = worker.run();
    finished.catch(() => undefined);
    workers.push({ worker, finished });
    return taskQueue;
  };
  const stop = async (): Promise<void> => {
    for (const { worker, finished } of workers.splice(0)) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    }
    await server.stop();
  };
  try {
    const plain = { client, taskQueue: await start('plain', []) };
    const withPlugin = new Client({ connection: client.connection, namespace, plugins: [plugin] });
    const runahead = { client: withPlugin, taskQueue: await start('runahead', [plugin]) };
    const books = new RunaheadClient(client);
    return { plain, runahead, books, server, answers, synchronise: () => plugin.synchronise(namespace), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
