import type { Logger } from '@temporalio/common';

/** Logs a warning the first time that its key is seen. */
export type WarnOnce = (key: string, message: string) => void;

/** Keys come from outside (a model's name, a path in a value), so what is remembered has a bound. */
const MAX_KEYS = 1000;

export function warnOnceInto(log: () => Pick<Logger, 'warn'>): WarnOnce {
  const seen = new Set<string>();
  return (key, message) => {
    if (seen.has(key) || seen.size >= MAX_KEYS) return;
    seen.add(key);
    log().warn(message);
  };
}
