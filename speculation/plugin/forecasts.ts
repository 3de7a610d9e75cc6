import type { ControlState } from '../estimate/control-state';
import { canonicalJson } from '../forecast/canonical-json';
import type { Forecast } from '../forecast/forecast';
import { topForecasts } from '../forecast/history-table';
import { ownEntry } from '../forecast/own-entry';
import type { Trail } from '../forecast/trail';
import { minedForecasts } from '../mining/mined-forecasts';
import { outputMisfit, type Forecaster, type OperationPolicy } from './operation-policy';
import type { WarnOnce } from './warn-once';

/**
 * Guesses at an operation's output from what is in memory, best source first, each value once. A forecaster that fails, and a
 * forecast that does not fit the declared output, is left out with a warning.
 */
export function forecastsOf(
  operation: OperationPolicy,
  args: readonly unknown[],
  trail: Trail,
  state: ControlState,
  warnOnce: WarnOnce,
): Forecast[] {
  const byText = new Map<string, Forecast>();
  for (const forecaster of operation.forecasters) {
    const source = `${operation.activityType}, forecaster "${forecaster.kind}"`;
    try {
      for (const forecast of forecastsFrom(forecaster, operation, args, trail, state)) {
        const text = canonicalJson(forecast.value);
        // A fiber gets what the history can carry, so what JSON cannot say is no forecast.
        const value: unknown = JSON.parse(text);
        const misfit = outputMisfit(operation, value);
        if (misfit !== null) {
          warnOnce(
            `misfit:${source}:${misfit.path}`,
            `${source}: a forecast does not fit the declared output at ${misfit.path} (${misfit.reason}); it is dropped.`,
          );
        } else if (!byText.has(text)) {
          byText.set(text, { ...forecast, value });
        }
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warnOnce(`forecaster:${source}`, `${source} failed and is left out: ${reason}`);
    }
  }
  return [...byText.values()];
}

function forecastsFrom(
  forecaster: Forecaster,
  { activityType, contextKey }: OperationPolicy,
  args: readonly unknown[],
  trail: Trail,
  state: ControlState,
): Forecast[] {
  switch (forecaster.kind) {
    case 'history': {
      const table = ownEntry(state.history, activityType);
      if (table === undefined || contextKey === null) return [];
      return topForecasts(table, contextKey(...args), forecaster.top);
    }
    case 'function':
      return computed(forecaster.forecast, args, 'function');
    case 'verify':
      if (typeof forecaster.pass === 'function') return computed(forecaster.pass as Compute, args, 'verify');
      return [{ value: forecaster.pass, source: 'verify', rank: 0, costUsd: '0' }];
    case 'mined': {
      const patterns = forecaster.patterns(...args);
      if (patterns === undefined) return [];
      return minedForecasts(patterns, activityType, args, trail, forecaster.top).map(
        ({ value, hits, total }, rank) => ({ value, source: 'mined', rank, counts: { hits, total }, costUsd: '0' }),
      );
    }
    case 'draft':
    case 'stream':
      // What these say comes later: from an activity of its own, and from the operation itself.
      return [];
  }
}

type Compute = (...args: unknown[]) => unknown;

function computed(compute: Compute, args: readonly unknown[], source: 'function' | 'verify'): Forecast[] {
  const value = compute(...args);
  if (value instanceof Promise) {
    value.catch(() => undefined);
    throw new TypeError('it returned a promise; a forecast must be there at once');
  }
  return value === undefined ? [] : [{ value, source, rank: 0, costUsd: '0' }];
}
