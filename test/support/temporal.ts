import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { startDevServer, type DevServer, type DevServerOptions } from '../../workers/temporal-server';

/** A real Temporal server of this test file. */
export interface TemporalForTests {
  server: DevServer;
  connection: Connection;
  nativeConnection: NativeConnection;
  client: Client;
}

export interface TemporalHandle {
  /** Starts the server at the first call; the same one afterwards. */
  start: () => Promise<TemporalForTests>;
  /** A task queue name that no other test uses. */
  taskQueue: (name?: string) => string;
}

/**
 * A dev server for the calling test file: started when a test first asks for it, on free ports with a temporary database,
 * stopped after the last test.
 *
 * @example
 * const temporal = useTemporal();
 * test('...', async () => {
 *   const { client, nativeConnection } = await temporal.start();
 *   const taskQueue = temporal.taskQueue();
 *   ...
 * });
 */
export function useTemporal(options: DevServerOptions = {}): TemporalHandle {
  let started: Promise<TemporalForTests> | undefined;
  let queues = 0;
  const start = async (): Promise<TemporalForTests> => {
    quietRuntime();
    const server = await startDevServer({ uiPort: false, ...options });
    const connection = await Connection.connect({ address: server.address });
    const nativeConnection = await NativeConnection.connect({ address: server.address });
    return { server, connection, nativeConnection, client: new Client({ connection, namespace: server.namespace }) };
  };
  afterAll(async () => {
    if (started === undefined) return;
    const { server, connection, nativeConnection } = await started;
    await nativeConnection.close();
    await connection.close();
    await server.stop();
  });
  return {
    start: () => (started ??= start()),
    taskQueue: (name = 'test') => `${name}-${process.pid}-${Date.now()}-${(queues += 1)}`,
  };
}

let quiet = false;

/** The SDK's log would drown the test report; warnings stay. */
function quietRuntime(): void {
  if (quiet) return;
  quiet = true;
  Runtime.install({ telemetryOptions: { logging: { filter: 'WARN' } }, logger: new DefaultLogger('WARN') });
}
