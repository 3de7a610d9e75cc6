const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends a child process when this process ends, however it ends (but SIGKILL).
 *
 * @param cleanUp called after that, must not wait for anything
 * @returns forgets the child again
 */
export function endWithParent(pid: number, cleanUp: () => void): () => void {
  const end = (): void => {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
    cleanUp();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // Somebody else shuts down in an orderly way (a worker drains) and needs the server until then; `exit` follows.
    if (process.listenerCount(signal) > 1) return;
    end();
    forget();
    process.kill(process.pid, signal);
  };
  const forget = (): void => {
    process.off('exit', end);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', end);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return forget;
}
