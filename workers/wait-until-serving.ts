import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

interface Serving {
  address: string;
  namespace: string;
  timeoutMs: number;
  /** Resolves with the reason when the server has ended, so that nobody waits for the dead. */
  gone: Promise<string>;
}

const RETRY_MS = 50;
const CALL_TIMEOUT_MS = 5_000;

/**
 * Waits until a server answers health checks and knows the namespace.
 *
 * @throws Error with the reason when the server ended first or `timeoutMs` passed
 */
export async function waitUntilServing({ address, namespace, timeoutMs, gone }: Serving): Promise<void> {
  const connection = Connection.lazy({
    address,
    // No retries by the SDK: they would go on after the connection is closed.
    interceptors: [],
    // The default back-off of a second would be most of the start-up time.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': RETRY_MS, 'grpc.max_reconnect_backoff_ms': 4 * RETRY_MS },
  });
  const server = { gone: null as string | null };
  void gone.then((reason) => {
    server.gone = reason;
  });
  const deadline = Date.now() + timeoutMs;
  try {
    for (;;) {
      try {
        await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, async () => {
          await connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' });
          await connection.workflowService.describeNamespace({ namespace });
        });
        return;
      } catch (error) {
        if (server.gone !== null) throw new Error(server.gone, { cause: error });
        if (Date.now() >= deadline) throw error;
      }
      await Promise.race([gone, pause(RETRY_MS)]);
    }
  } finally {
    await connection.close();
  }
}
