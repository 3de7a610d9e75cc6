const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The first signal is left to the worker, which drains; whatever else listens sees that somebody takes care of it. The second signal
 * ends the process at once.
 */
export async function withOrderlyEnd(body: () => Promise<void>): Promise<void> {
  let signalled = false;
  const onSignal = (): void => {
    if (signalled) process.exit(130);
    signalled = true;
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await body();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
