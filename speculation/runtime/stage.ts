import { type ActivityInput, isCancellation, proxySinks, scheduleActivity } from '@temporalio/workflow';
import type { Launch } from './launch';
import type { Pipeline } from './pipeline';
import { COMMIT_STAGE_ACTIVITY, type RunaheadSinks, type StageReference } from './protocol';
import { within } from './run';

const sinks = proxySinks<RunaheadSinks>();

/**
 * Releases what a claimed launch has prepared, in the scope and with the options of the call that claims it. The pipeline goes on only
 * then, as it would after the call itself.
 *
 * @returns false where the call has to be made after all, because the stage is gone or could not be committed
 * @throws CancelledFailure where the scope of the call was left before
 */
export async function commitStage(
  pipeline: Pipeline,
  launch: Launch,
  stage: StageReference,
  { options }: ActivityInput,
): Promise<boolean> {
  const commit = (): Promise<unknown> =>
    scheduleActivity(COMMIT_STAGE_ACTIVITY, [stage], {
      ...options,
      activityId: `commit-${launch.activityId}`,
      summary: `makes ${launch.activityType} visible`.slice(0, 200),
    });
  try {
    await within(pipeline.engine, commit);
    return true;
  } catch (error) {
    if (!isCancellation(error)) return false;
    discardStage(stage);
    throw error;
  }
}

/** Nobody will ask for it any more. What the worker misses is swept up later. */
export function discardStage(stage: StageReference | null): void {
  if (stage !== null) sinks.runahead.discardStages([stage]);
}
