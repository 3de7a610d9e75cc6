import { proxyLocalActivities } from '@temporalio/workflow';
import type { Briefing } from '../forecast/briefing';
import { considerDraft } from './draft';
import { fork } from './fork';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { LOOKUP_ACTIVITY, type LookupRequest, PIPELINE_SETTINGS_ACTIVITY, type PipelineSettings } from './protocol';
import { within } from './run';

interface MemoryReads {
  [LOOKUP_ACTIVITY](request: LookupRequest): Promise<Briefing>;
  [PIPELINE_SETTINGS_ACTIVITY](request: { pipeline: string }): Promise<PipelineSettings>;
}

// A local activity holds back its whole workflow task: these read the worker's memory and answer in a few milliseconds.
const memory = proxyLocalActivities<MemoryReads>({ scheduleToCloseTimeout: '1s', retry: { maximumAttempts: 1 } });

/** Asks what is known about an operation that has just been started, and follows its forecasts. */
export async function lookUp(pipeline: Pipeline, operation: Operation): Promise<void> {
  await pipeline.ready;
  if (!pipeline.mayFork(operation)) return;
  if (pipeline.settings?.forecastable.includes(operation.activityType) !== true) return;
  const { activityType, args } = operation;
  const request: LookupRequest = { pipeline: pipeline.type, activityType, args };
  let briefing: Briefing;
  try {
    briefing = await pipeline.shield.run(() => within(pipeline.engine, () => memory[LOOKUP_ACTIVITY](request)));
  } catch {
    return; // Without an answer there is no forecast, and the operation runs as it would anyway.
  }
  operation.briefing = briefing;
  pipeline.controlKnob(briefing.knob);
  if (!pipeline.mayFork(operation)) return;
  for (const forecast of briefing.forecasts) fork(pipeline, operation, forecast);
  if (briefing.draft !== null) await considerDraft(pipeline, operation, briefing.draft);
}

/** Settings for a pipeline that was started by a client without the plugin; null when the worker has none either. */
export async function lookUpSettings(pipeline: Pipeline): Promise<PipelineSettings | null> {
  try {
    return await pipeline.shield.run(() =>
      within(pipeline.engine, () => memory[PIPELINE_SETTINGS_ACTIVITY]({ pipeline: pipeline.type })),
    );
  } catch {
    return null;
  }
}
