import type { NativeConnection } from '@temporalio/worker';

/** When those who came before are done, by connection and namespace. */
const lines = new WeakMap<NativeConnection, Map<string, Promise<void>>>();

/**
 * Waits until nobody else in this process serves the control workflow of a namespace on this connection. The SDK refuses a second worker
 * for the same task queue on one connection, and leaves the threads of the refused one behind, which keep the process from ending.
 *
 * @returns how to end the turn; null when the signal came first
 */
export async function controlTurn(
  connection: NativeConnection,
  namespace: string,
  signal: AbortSignal,
): Promise<(() => void) | null> {
  const line = lines.get(connection) ?? new Map<string, Promise<void>>();
  lines.set(connection, line);
  const before = line.get(namespace) ?? Promise.resolve();
  let end: () => void = () => undefined;
  const own = new Promise<void>((resolve) => (end = resolve));
  // Whoever gives up while waiting must not let the next one in before those ahead of it are done.
  line.set(
    namespace,
    before.then(() => own),
  );
  await Promise.race([before, aborted(signal)]);
  if (!signal.aborted) return end;
  end();
  return null;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
