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

/**
 * Waits until a server answers health checks and knows the namespace.
 *
 * @throws Error with the reason when the server ended first or `timeoutMs` passed
 */
export async function waitUntilServing({ address, namespace, timeoutMs, gone }: Serving): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const connection = Connection.lazy({
    address,
    // The default back-off of a second would be most of the start-up time.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': RETRY_MS, 'grpc.max_reconnect_backoff_ms': 4 * RETRY_MS },
  });
  const ended = gone.then((reason) => {
    throw new Error(reason);
  });
  const serving = async (): Promise<void> => {
    for (;;) {
      try {
        await connection.withDeadline(deadline, async () => {
          await connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' });
          await connection.workflowService.describeNamespace({ namespace });
        });
        return;
      } catch (error) {
        if (Date.now() >= deadline) throw error;
        await pause(RETRY_MS);
      }
    }
  };
  try {
    await Promise.race([serving(), ended]);
  } finally {
    await connection.close();
  }
}
