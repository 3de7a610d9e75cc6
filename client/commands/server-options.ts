import { Client, type Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { connect, resolveServer, type ServerFlags } from '../connect';
import { explainFailure } from '../explain-failure';
import { OperatorError } from '../operator-error';

/** Long enough for a busy worker, short enough for a person. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Adds the options that say where the server is. */
export function withServerOptions(command: Command): Command {
  return command
    .option('--address <host:port>', 'Temporal server (default: TEMPORAL_ADDRESS, or localhost:7233)')
    .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, or default)')
    .option('--profile <name>', 'profile of the Temporal configuration file');
}

export interface ClientUse {
  client: Client;
  connection: Connection;
  address: string;
  namespace: string;
  /** Bounds the calls that need an answer from a server or worker. */
  inTime: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * Runs a command with a connected client.
 *
 * @throws OperatorError with one clear line for whatever the server or a worker had to object
 */
export async function useClient<T>(flags: ServerFlags, body: (use: ClientUse) => Promise<T>): Promise<T> {
  const server = resolveServer(flags);
  const { address, namespace } = server;
  const connection = await connect(server);
  const client = new Client({ connection, namespace });
  try {
    return await body({
      client,
      connection,
      address,
      namespace,
      inTime: (call) => client.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, call),
    });
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(explainFailure(error, address, namespace), { cause: error });
  } finally {
    await connection.close();
  }
}
