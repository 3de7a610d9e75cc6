import { fork } from './fork';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import type { ForecastCorrection } from './protocol';

/** A correction that came by signal; null if it is none. */
export function readCorrection(input: unknown): ForecastCorrection | null {
  if (typeof input !== 'object' || input === null || !('operation' in input)) return null;
  const { operation } = input;
  if (typeof operation !== 'string' || operation === '') return null;
  return { operation, ...('value' in input && { value: input.value }) };
}

/** Gives up what is assumed about the operation and runs ahead on what somebody has said instead. Part of the engine. */
export function followCorrections(pipeline: Pipeline): void {
  for (const { operation: activityType, value } of pipeline.corrections.splice(0)) {
    const operation = latestRunning(pipeline, activityType);
    if (operation?.briefing == null) continue;
    for (const hypothesis of operation.hypotheses) {
      if (hypothesis.state === 'open') hypothesis.state = 'withdrawn';
    }
    pipeline.dirty = true;
    pipeline.reconsider = true;
    if (value !== undefined) fork(pipeline, operation, { value, source: 'user', rank: 0, costUsd: '0' });
  }
}

function latestRunning(pipeline: Pipeline, activityType: string): Operation | undefined {
  return [...pipeline.journal.values(), ...pipeline.launches.values()].findLast(
    (operation) => operation.activityType === activityType && pipeline.mayFork(operation),
  );
}
