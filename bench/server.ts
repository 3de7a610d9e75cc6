import { Connection, type ConnectionOptions } from '@temporalio/client';
import { registerSearchAttributes } from '../speculation/plugin';
import { findTemporalServer, startDevServer } from '../workers/temporal-server';
import type { Progress } from './progress';

/** The Temporal server of the comparison. */
export interface BenchServer {
  connection: Connection;
  namespace: string;
  /** Null when the Temporal configuration names the server. */
  address: string | null;
  /** Null when the server is not ours. */
  uiUrl: string | null;
  stop: () => Promise<void>;
}

/** The configured server; without one, a server of our own, found or fetched. */
export async function startBenchServer(progress: Progress): Promise<BenchServer> {
  const found = await findTemporalServer({ log: progress.say });
  if (found.kind === 'address') {
    const connection = await Connection.connect(found.connectionOptions);
    progress.say(`Temporal server ${found.address}, from ${found.source}`);
    await register(connection, found.namespace, progress);
    return { connection, namespace: found.namespace, address: null, uiUrl: null, stop: () => connection.close() };
  }
  const server = await startDevServer({ path: found.path });
  const options: ConnectionOptions = { address: server.address };
  const connection = await Connection.connect(options);
  progress.say(`Temporal server ${found.serverVersion} on ${server.address}, from ${found.source}`);
  return {
    connection,
    namespace: server.namespace,
    address: server.address,
    uiUrl: server.uiUrl,
    stop: async () => {
      await connection.close();
      await server.stop();
    },
  };
}

async function register(connection: Connection, namespace: string, progress: Progress): Promise<void> {
  try {
    await registerSearchAttributes(connection, namespace);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    progress.say(`Search attributes could not be registered (${reason}); pipelines run without them.`);
  }
}
