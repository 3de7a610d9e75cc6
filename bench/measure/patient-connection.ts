import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';

const CONNECT_TIMEOUT_MS = 60_000;
const RETRY_MS = 100;

/** Connects to a server that may just have been killed and is coming back. */
export async function patientConnection(address: string): Promise<NativeConnection> {
  const deadline = performance.now() + CONNECT_TIMEOUT_MS;
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await pause(RETRY_MS);
  }
}
