import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { connect, resolveServer, type ServerFlags } from '../../client/connect';
import { startDevServer } from '../../workers/temporal-server';

/** The server that is measured: the one that is named or configured, else one of its own. */
export interface ScaleServer {
  connection: Connection;
  address: string;
  namespace: string;
  /** Whether it is somebody else's. */
  configured: boolean;
  stop: () => Promise<void>;
}

/** @throws OperatorError when the configured server does not answer */
export async function startScaleServer(flags: ServerFlags, say: (line: string) => void): Promise<ScaleServer> {
  // Before it is asked whether any is configured, because what cannot be read is said here in words.
  const server = resolveServer(flags);
  if (flags.address !== undefined || loadClientConnectConfig().connectionOptions.address !== undefined) {
    const connection = await connect(server);
    const { address, namespace } = server;
    say(`Temporal server ${address}, namespace ${namespace}`);
    return { connection, address, namespace, configured: true, stop: () => connection.close() };
  }
  const own = await startDevServer({ uiPort: false, log: say });
  const { address, namespace } = own;
  const connection = await Connection.connect({ address });
  return {
    connection,
    address,
    namespace,
    configured: false,
    stop: async () => {
      await connection.close();
      await own.stop();
    },
  };
}
