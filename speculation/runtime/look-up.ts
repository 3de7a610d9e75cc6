import { condition, proxyLocalActivities } from '@temporalio/workflow';
import type { Briefing } from '../forecast/briefing';
import { considerDraft } from './draft';
import { fork } from './fork';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { recordPlan } from './plan';
import { LOOKUP_ACTIVITY, type LookupRequest, PIPELINE_SETTINGS_ACTIVITY, type PipelineSettings } from './protocol';
import { startCopies } from './race';
import { nextRound } from './rounds';
import { currentRun, within } from './run';
import { trailOf } from './trail';

interface MemoryReads {
  [LOOKUP_ACTIVITY](request: LookupRequest): Promise<Briefing>;
  [PIPELINE_SETTINGS_ACTIVITY](request: { pipeline: string }): Promise<PipelineSettings>;
}

// A local activity holds back its whole workflow task: these read the worker's memory and answer in a few milliseconds.
const memory = proxyLocalActivities<MemoryReads>({ scheduleToCloseTimeout: '1s', retry: { maximumAttempts: 1 } });

/** Asks what is known about an operation that has just been started. The engine follows the answer, see engine.ts. */
export function lookUp(pipeline: Pipeline, operation: Operation): void {
  if (!pipeline.settingsKnown) {
    pipeline.unasked.push(operation);
    return;
  }
  if (!pipeline.mayFork(operation) || !pipeline.forecastable(operation.activityType)) return;
  const { activityType, args } = operation;
  const request: LookupRequest = {
    pipeline: pipeline.type,
    activityType,
    args,
    ...(pipeline.tenant === undefined ? {} : { tenant: pipeline.tenant }),
    ...(pipeline.planAskedFor ? {} : { plan: true }),
    ...(pipeline.settings?.mined?.includes(activityType) === true && { trail: trailOf(pipeline, operation) }),
  };
  pipeline.planAskedFor = true;
  pipeline.asking.push(operation);
  void reading(pipeline, () => memory[LOOKUP_ACTIVITY](request)).then(
    (briefing) => void (operation.briefing = briefing),
    () => undefined, // Without an answer there is no forecast, and the operation runs as it would anyway.
  );
}

/** Settings for a pipeline that was started by a client without the plugin; none when the worker has not got it either. */
export function lookUpSettings(pipeline: Pipeline): void {
  void reading(pipeline, () => memory[PIPELINE_SETTINGS_ACTIVITY]({ pipeline: pipeline.type })).then(
    (settings) => pipeline.configure(settings),
    () => pipeline.configure(null),
  );
}

/** Runs ahead on the answers, in the order in which they were asked for. */
export async function followAnswers(pipeline: Pipeline): Promise<void> {
  let running = false;
  for (const { operation, forecast } of pipeline.drafted.splice(0)) {
    if (running) await nextRound();
    running = fork(pipeline, operation, forecast);
  }
  for (const operation of pipeline.asking.splice(0)) {
    const { briefing } = operation;
    if (briefing === null) continue;
    pipeline.controlKnob(briefing.knob);
    recordPlan(pipeline, briefing);
    startCopies(pipeline, operation);
    for (const forecast of briefing.forecasts) {
      // One fiber after the other, each as far as it gets.
      if (running) await nextRound();
      running = fork(pipeline, operation, forecast);
    }
    if (briefing.draft !== null && pipeline.mayFork(operation)) {
      void considerDraft(pipeline, operation, briefing.draft);
    }
  }
}

/** The runtime's own local activities are out of reach of the workflow's cancellation. */
function reading<T>(pipeline: Pipeline, read: () => Promise<T>): Promise<T> {
  return pipeline.shield.run(() => within(pipeline.engine, read));
}

/** Keeps count of the local activities under way, the runtime's own and the pipeline's. */
export function counted<T>(pipeline: Pipeline, read: () => Promise<T>): Promise<T> {
  const own = currentRun() === pipeline.engine ? 1 : 0;
  if (own === 0) pipeline.hasLocalActivities = true;
  pipeline.reads += 1;
  pipeline.ownReads += own;
  return read().finally(() => {
    pipeline.reads -= 1;
    pipeline.ownReads -= own;
  });
}

/** A pipeline must not close in the middle of a look-up: its history would lack the answer and would not replay. */
export function readsAnswered(pipeline: Pipeline): Promise<void> {
  return condition(() => pipeline.ownReads === 0);
}
